// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Chaos says how often which trouble comes over a SCIM request. The zero value
// is none.
type Chaos struct {
	Seed  uint64             `json:"seed"`
	Rates map[string]float64 `json:"rates"`          // by kind of trouble: the part of the requests that get it, 0 to 1
	Delay span               `json:"delay,omitzero"` // of slow; 0: one second
}

// The kinds of trouble.
const (
	tooMany     = "429"                // with Retry-After: 1
	tooManyMute = "429-no-retry-after" // RFC 6585 §4 lets a server leave it out
	unavailable = "503"
	slow        = "slow"
	lostBefore  = "drop-before" // the connection ends before the server does anything
	lostAfter   = "drop-after"  // the connection ends after the server has done everything
	shortPage   = "short-page"  // a page with fewer resources than were asked for, RFC 7644 §3.4.2.4
	staleRead   = "stale-read"  // a GET is answered as it was answered before
)

// chaosHeader names the trouble in the answer, for who looks into the history.
const chaosHeader = "X-Scimproof-Chaos"

// Kinds lists the kinds of trouble in the order in which a draw goes through
// them.
func Kinds() []string {
	return []string{tooMany, tooManyMute, unavailable, slow, lostBefore, lostAfter, shortPage, staleRead}
}

// Evenly spreads a rate over all kinds.
func Evenly(rate float64) map[string]float64 {
	rates := map[string]float64{}
	for _, kind := range Kinds() {
		rates[kind] = rate / float64(len(Kinds()))
	}
	return rates
}

func (c Chaos) valid() error {
	sum := 0.0
	for _, kind := range sortedKeys(c.Rates) {
		rate := c.Rates[kind]
		if !slices.Contains(Kinds(), kind) {
			return wrong("rates: %q is no kind of trouble", kind).allowing(Kinds()...)
		}
		if math.IsNaN(rate) || rate < 0 || rate > 1 {
			return wrong("rates.%s: %v", kind, rate).allowing("0 to 1")
		}
		sum += rate
	}
	if sum > 1+1e-9 {
		return wrong("rates: %v in sum", sum).allowing("up to 1 in sum: a request gets one kind of trouble at most")
	}
	if time.Duration(c.Delay) > maxDelay {
		return wrong("delay: %s", time.Duration(c.Delay)).allowing("up to " + maxDelay.String())
	}
	return nil
}

// chaos draws for each SCIM request. The n-th request since the chaos was set
// gets the n-th draw, whatever it is, so that the same seed gives the same
// sequence.
type chaos struct {
	mu       sync.Mutex
	settings Chaos
	rng      *rand.Rand // nil: no chaos
	requests int
	came     map[string]int
	memory   staleMemory
}

// draw is the trouble of one request.
type draw struct {
	kind  string // "": none
	part  float64
	delay time.Duration
}

func (c *chaos) set(to Chaos) error {
	if err := to.valid(); err != nil {
		return err
	}
	to.Rates = maps.Clone(to.Rates)
	maps.DeleteFunc(to.Rates, func(_ string, rate float64) bool { return rate == 0 })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings, c.requests, c.came, c.rng = to, 0, map[string]int{}, nil
	if len(to.Rates) > 0 {
		c.rng = rand.New(rand.NewPCG(to.Seed, 0)) //nolint:gosec // a sequence to be repeated, no secret
	}
	c.memory.clear(to.Rates[staleRead] > 0)
	return nil
}

func (c *chaos) on() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng != nil
}

func (c *chaos) next() draw {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rng == nil {
		return draw{}
	}
	c.requests++
	at, d := c.rng.Float64(), draw{part: c.rng.Float64(), delay: time.Duration(c.settings.Delay)}
	if d.delay == 0 {
		d.delay = time.Second
	}
	for _, kind := range Kinds() {
		if at -= c.settings.Rates[kind]; at < 0 {
			d.kind = kind
			break
		}
	}
	return d
}

func (c *chaos) count(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.came[kind]++
}

// chaosState is what GET shows.
type chaosState struct {
	Chaos
	Requests int            `json:"requests"` // since it was set
	Came     map[string]int `json:"came"`     // how often each kind came
}

func (c *chaos) show() chaosState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return chaosState{c.settings, c.requests, maps.Clone(c.came)}
}

func (a *Admin) getChaos(*http.Request) (any, error) { return a.chaos.show(), nil }

// putChaos sets the chaos and begins its sequence anew.
func (a *Admin) putChaos(r *http.Request) (any, error) {
	body, err := read[struct {
		Chaos
		Rate *float64 `json:"rate"`
	}](r)
	if err != nil {
		return nil, err
	}
	if (body.Rate == nil) == (body.Rates == nil) {
		return nil, wrong("body: say rate or rates").allowing(`{"rate":0.05,"seed":7}`, `{"rates":{"429":0.1,"drop-after":0.01},"seed":7}`)
	}
	if body.Rate != nil {
		body.Rates = Evenly(*body.Rate)
		if *body.Rate < 0 || *body.Rate > 1 {
			return nil, wrong("rate: %v", *body.Rate).allowing("0 to 1")
		}
	}
	if err := a.chaos.set(body.Chaos); err != nil {
		return nil, err
	}
	return a.chaos.show(), nil
}

// serve answers a SCIM request as the draw has it. Trouble that does not suit
// the request does not come.
func (c *chaos) serve(rw http.ResponseWriter, r *http.Request, own http.Handler) {
	d := c.next()
	if c.memory.on.Load() {
		own = c.memory.remembering(own)
	}
	came := func() {
		c.count(d.kind)
		rw.Header().Set(chaosHeader, d.kind)
	}
	switch d.kind {
	case tooMany:
		came()
		rw.Header().Set("Retry-After", "1")
		trouble(rw, http.StatusTooManyRequests)
		return
	case tooManyMute:
		came()
		trouble(rw, http.StatusTooManyRequests)
		return
	case unavailable:
		came()
		trouble(rw, http.StatusServiceUnavailable)
		return
	case slow:
		came()
		wait(rw, r, d.delay)
	case lostBefore:
		came()
		drop()
	case lostAfter:
		came()
		own.ServeHTTP(&nowhere{header: http.Header{}}, r)
		drop()
	case shortPage:
		if short := shortened(r, d.part); short != nil {
			came()
			r = short
		}
	case staleRead:
		if old := c.memory.stale(r); old != nil {
			came()
			old.send(rw)
			return
		}
	}
	own.ServeHTTP(rw, r)
}

// trouble answers with a SCIM error, RFC 7644 §3.12.
func trouble(rw http.ResponseWriter, status int) {
	rw.Header().Set("Content-Type", "application/scim+json")
	rw.WriteHeader(status)
	_, _ = rw.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"` + strconv.Itoa(status) +
		`","detail":"chaos: ` + http.StatusText(status) + `"}`)) // a client that has gone
}

// fullPage is how many resources a page has at most when nobody asks.
const fullPage = 100

// shortened returns the request with a count below the one that it has, and nil
// if it asks for no page or for one that cannot be shorter.
func shortened(r *http.Request, part float64) *http.Request {
	path := r.URL.EscapedPath()
	if r.Method != http.MethodGet || !strings.HasSuffix(path, "/Users") && !strings.HasSuffix(path, "/Groups") {
		return nil
	}
	count, kept := fullPage, []string{}
	for item := range strings.SplitSeq(r.URL.RawQuery, "&") {
		switch name, value, _ := strings.Cut(item, "="); {
		case name == "count":
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil
			}
			count = min(n, fullPage)
		case name == "cursor": // bound to the query, RFC 9865
			return nil
		case item != "":
			kept = append(kept, item)
		}
	}
	if count < 2 {
		return nil
	}
	short := r.Clone(r.Context())
	short.URL.RawQuery = strings.Join(append(kept, "count="+strconv.Itoa(1+int(part*float64(count-1)))), "&")
	return short
}

// forget drops what is kept for stale reads: it is of a server that is gone.
func (c *chaos) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.memory.clear(c.settings.Rates[staleRead] > 0)
}
