// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Limits of a history. Zero fields mean the defaults.
type Limits struct {
	Exchanges int // 1,000
	Bytes     int // 32 MiB in sum
	Body      int // 1 MiB of each body; a longer one is cut, and the exchange says so
}

// history keeps the last SCIM exchanges. What is kept has no secrets:
// credentials are left out, and bodies that could hold a password or a known
// secret are redacted before they are kept. Those that cannot are kept as they
// are, which costs a copy. What is shown goes through the whole of the redactor
// once more, which also knows secrets by their encodings.
type history struct {
	limits   Limits
	redactor *flow.Redactor
	secrets  [][]byte

	mu    sync.Mutex
	seq   int64
	ring  []*recording // in the order of their end, the oldest first
	bytes int
	gone  int64 // exchanges that had to make room
	turn  int64 // grows with each change
	eyes  map[chan struct{}]bool
}

func newHistory(l Limits, secrets []flow.Secret) *history {
	h := &history{
		limits: Limits{
			Exchanges: cmp.Or(l.Exchanges, 1000), Bytes: cmp.Or(l.Bytes, 32<<20), Body: cmp.Or(l.Body, 1<<20),
		},
		redactor: flow.NewRedactor(secrets...),
	}
	for _, s := range secrets {
		if s != "" {
			h.secrets = append(h.secrets, []byte(s.Reveal()))
		}
	}
	return h
}

// field is one header line.
type field struct{ name, value string }

// recording is one exchange. While it is under way it is the writer of the
// answer and the body of the request.
type recording struct {
	http.ResponseWriter
	source io.ReadCloser // the body of the request
	limit  int
	whole  bool // there was an answer to the end

	seq                        int64
	tenant                     string // whom it concerns
	start                      time.Time
	duration                   time.Duration
	method, base, path, origin string
	sent, received             []field
	request, response          []byte
	cut                        bool
	status                     int
}

// begin puts a recording between a client and who answers it.
func (h *history) begin(rw http.ResponseWriter, r *http.Request, tenant, base, rest string) *recording {
	h.mu.Lock()
	h.seq++
	seq := h.seq
	h.mu.Unlock()
	rec := &recording{
		ResponseWriter: rw, limit: h.limits.Body, seq: seq, tenant: tenant, start: time.Now(),
		method: r.Method, base: base, path: rest, origin: r.Host, sent: fields(r.Header),
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		rec.path += "?" + r.URL.RawQuery
	}
	if r.TLS != nil {
		rec.origin = "https://" + rec.origin
	} else {
		rec.origin = "http://" + rec.origin
	}
	if r.Body != nil && r.Body != http.NoBody {
		rec.source = r.Body
		r.Body = (*requestBody)(rec)
	}
	return rec
}

// end keeps a recording.
func (h *history) end(rec *recording) {
	rec.duration = time.Since(rec.start)
	if rec.received == nil && (rec.whole || rec.status != 0) {
		rec.received = fields(rec.Header())
	}
	if rec.whole && rec.status == 0 {
		rec.status = http.StatusOK
	}
	rec.ResponseWriter, rec.source = nil, nil
	if strings.ContainsAny(rec.path, "?%") {
		rec.path = h.redactor.Text(rec.path)
	}
	rec.request, rec.response = h.redacted(rec.request), h.redacted(rec.response)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring = append(h.ring, rec)
	h.bytes += rec.size()
	for len(h.ring) > h.limits.Exchanges || h.bytes > h.limits.Bytes && len(h.ring) > 0 {
		h.bytes -= h.ring[0].size()
		h.ring[0] = nil
		h.ring = h.ring[1:]
		h.gone++
	}
	h.tell()
}

// redacted returns a body without secrets.
func (h *history) redacted(b []byte) []byte {
	if len(b) == 0 || !h.suspicious(b) {
		return b
	}
	return h.redactor.Body(b)
}

// suspicious says whether a body may hold a secret: the word password, a
// known secret, or an escape that could spell either.
func (h *history) suspicious(b []byte) bool {
	if bytes.Contains(b, []byte(`\u`)) {
		return true
	}
	for _, s := range h.secrets {
		if bytes.Contains(b, s) {
			return true
		}
	}
	return holdsPassword(b)
}

// holdsPassword says whether the word password is in b, in any letter case.
func holdsPassword(b []byte) bool {
	const word = "password"
	for _, w := range []byte("wW") {
		for at := 0; ; at++ {
			i := bytes.IndexByte(b[at:], w)
			if i < 0 {
				break
			}
			if at += i; at >= 4 && at+4 <= len(b) && strings.EqualFold(string(b[at-4:at+4]), word) {
				return true
			}
		}
	}
	return false
}

// fields returns what may be kept of a header.
func fields(h http.Header) []field {
	list := make([]field, 0, len(h))
	for name, values := range h {
		if flow.Credential(name) {
			continue
		}
		for _, v := range values {
			list = append(list, field{name, v})
		}
	}
	return list
}

// size is what a recording takes, roughly.
func (rec *recording) size() int {
	n := 512 + len(rec.path) + len(rec.request) + len(rec.response)
	for _, f := range rec.sent {
		n += len(f.name) + len(f.value) + 32
	}
	return n
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recording) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// WriteHeader sends and keeps the status.
func (rec *recording) WriteHeader(status int) {
	if rec.status == 0 && status >= 200 {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recording) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	rec.response = rec.keep(rec.response, b)
	return rec.ResponseWriter.Write(b)
}

func (rec *recording) keep(kept, b []byte) []byte {
	if room := rec.limit - len(kept); len(b) > room {
		rec.cut = true
		b = b[:room]
	}
	return append(kept, b...)
}

// requestBody is a recording as the body of its request.
type requestBody recording

func (q *requestBody) Read(p []byte) (int, error) {
	n, err := q.source.Read(p)
	q.request = (*recording)(q).keep(q.request, p[:n])
	return n, err
}

// Close closes the body.
func (q *requestBody) Close() error { return q.source.Close() }

// exchange returns a recording as others know it.
func (h *history) exchange(rec *recording) flow.Exchange {
	path := h.redactor.Text(rec.path)
	x := flow.Exchange{
		Method: rec.method, URL: rec.origin + rec.base + path, Path: path,
		Request: flow.Message{Header: h.header(rec.sent), Body: h.redactor.Body(rec.request)},
		Start:   rec.start, Duration: rec.duration,
	}
	switch {
	case !rec.whole:
		x.Error = "the connection was dropped"
	case rec.cut:
		x.Error = "a body was too long to be kept whole"
	}
	if rec.whole || rec.status != 0 {
		x.Status = rec.status
		x.Response = flow.Message{Header: h.header(rec.received), Body: h.redactor.Body(rec.response)}
	}
	return x
}

func (h *history) header(list []field) http.Header {
	out := make(http.Header, len(list))
	for _, f := range list {
		out[f.name] = append(out[f.name], f.value)
	}
	return h.redactor.Header(out)
}

// whose says whether an exchange is of those that somebody asks for.
type whose func(*recording) bool

func everyone(*recording) bool { return true }

// since returns the exchanges that began after a number and a time, in the
// order in which they began.
func (h *history) since(of whose, seq int64, t time.Time) (list []*recording, gone int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, rec := range h.ring {
		if of(rec) && rec.seq > seq && !rec.start.Before(t) {
			list = append(list, rec)
		}
	}
	slices.SortFunc(list, func(a, b *recording) int { return cmp.Compare(a.seq, b.seq) })
	return list, h.gone
}

func (h *history) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ring)
}

// clear forgets exchanges. What had to make room is no news once all are gone.
func (h *history) clear(of whose) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring = slices.DeleteFunc(h.ring, of)
	h.bytes = 0
	for _, rec := range h.ring {
		h.bytes += rec.size()
	}
	if len(h.ring) == 0 {
		h.gone = 0
	}
	h.tell()
}

// tell lets those who watch know of a change. It waits for nobody: who has not
// looked since the last change still has that word.
func (h *history) tell() {
	h.turn++
	for eye := range h.eyes {
		select {
		case eye <- struct{}{}:
		default:
		}
	}
}

func (h *history) watch() (changed <-chan struct{}, stop func()) {
	eye := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.eyes == nil {
		h.eyes = map[chan struct{}]bool{}
	}
	h.eyes[eye] = true
	return eye, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.eyes, eye)
	}
}
