// SPDX-License-Identifier: Apache-2.0

package console

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// row is one request of the history, without its bodies.
type row struct {
	Number   int64
	Method   string
	Path     string
	Status   int
	Error    string // why there was no answer, or no whole one
	Start    time.Time
	Duration time.Duration
	Chaos    string // the trouble that came
	Agent    string // User-Agent
	Said     *Said  // nil: nobody judges
}

// Good says whether the answer is one of success.
func (r row) Good() bool { return r.Status >= 200 && r.Status < 300 }

// view is the history of an organisation at one moment, judged.
type view struct {
	turn    int64
	Rows    []row // in the order in which they began
	Gone    int64
	Dialect string
	Why     string
	Hosts   []string // the origins by which clients found the server, the last first
	cost    time.Duration
}

// views makes the views of one organisation, one at a time, and keeps the last.
type views struct {
	mu   sync.Mutex
	last *view
}

// viewOf returns the history of an organisation. It is made anew only if there
// was a change: O(exchanges × rules). Bodies are not kept.
func (c *Console) viewOf(tenant string) *view {
	kept, _ := c.views.LoadOrStore(tenant, new(views))
	vs := kept.(*views)
	vs.mu.Lock()
	defer vs.mu.Unlock()
	turn := c.admin.Turn()
	if vs.last == nil || vs.last.turn != turn {
		vs.last = c.look(tenant)
		vs.last.turn = turn
	}
	return vs.last
}

func (c *Console) look(tenant string) *view {
	begin := time.Now()
	seen, gone := c.admin.Seen(tenant)
	v := &view{Gone: gone, Rows: make([]row, len(seen))}
	exchanges := make([]flow.Exchange, len(seen))
	for i, s := range seen {
		x := s.Exchange()
		exchanges[i] = x
		v.Rows[i] = row{
			Number: s.Number, Method: x.Method, Path: x.Path, Status: x.Status, Error: x.Error, Start: x.Start, Duration: x.Duration,
			Chaos: x.Response.Header.Get("X-Scimproof-Chaos"), Agent: x.Request.Header.Get("User-Agent"),
		}
		v.found(s.Origin())
	}
	slices.Reverse(v.Hosts)
	if c.judge != nil {
		j := c.judge(exchanges)
		v.Dialect, v.Why = j.Dialect, j.Why
		for i := range v.Rows[:min(len(v.Rows), len(j.Said))] {
			v.Rows[i].Said = &j.Said[i]
		}
	}
	v.cost = time.Since(begin)
	return v
}

// found keeps by which names clients found the server: a few, the last one last.
func (v *view) found(origin string) {
	const most = 5
	v.Hosts = append(slices.DeleteFunc(v.Hosts, func(h string) bool { return h == origin }), origin)
	if len(v.Hosts) > most {
		v.Hosts = v.Hosts[1:]
	}
}

// Count gives the number of requests with a verdict.
func (v *view) Count(of Verdict) int {
	n := 0
	for _, r := range v.Rows {
		if r.Said != nil && r.Said.Verdict == of {
			n++
		}
	}
	return n
}

// Judged says whether somebody judges.
func (v *view) Judged() bool { return v.Dialect != "" }

// Last returns the request that began last, or nil.
func (v *view) Last() *row {
	if len(v.Rows) == 0 {
		return nil
	}
	return &v.Rows[len(v.Rows)-1]
}

// Refused counts the requests that had no token that somebody has.
func (v *view) Refused() int {
	n := 0
	for _, r := range v.Rows {
		if r.Status == 401 {
			n++
		}
	}
	return n
}

// Remote lists the names that are not of this machine.
func (v *view) Remote() (names []string) {
	for _, h := range v.Hosts {
		_, host, _ := strings.Cut(h, "://")
		if !strings.HasPrefix(host, "127.") && !strings.HasPrefix(host, "localhost") && !strings.HasPrefix(host, "[::1]") {
			names = append(names, host)
		}
	}
	return names
}

// odd is a rule that was broken, or a quirk that showed, and in how many requests.
type odd struct {
	Finding  *Finding
	Quirk    *Quirk
	Requests []int64 // numbers
	Verdict  Verdict
}

// Odd lists what is odd, the worst first, each rule and quirk once, with the
// newest place in which it shows.
func (v *view) Odd() []odd {
	at := map[string]int{}
	var all []odd
	add := func(key string, n int64, o odd) {
		i, there := at[key]
		if !there {
			i = len(all)
			at[key] = i
			all = append(all, o)
		}
		if !slices.Contains(all[i].Requests[max(0, len(all[i].Requests)-1):], n) {
			all[i].Requests = append(all[i].Requests, n)
		}
		all[i].Finding, all[i].Quirk = o.Finding, o.Quirk
	}
	for _, r := range v.Rows {
		if r.Said == nil {
			continue
		}
		for i := range r.Said.Findings {
			f := &r.Said.Findings[i]
			add("rule "+f.Rule, r.Number, odd{Finding: f, Verdict: f.Verdict})
		}
		for i := range r.Said.Quirks {
			add("quirk "+r.Said.Quirks[i].ID, r.Number, odd{Quirk: &r.Said.Quirks[i], Verdict: Known})
		}
	}
	slices.SortStableFunc(all, func(a, b odd) int {
		return slices.Index(verdicts(), b.Verdict) - slices.Index(verdicts(), a.Verdict)
	})
	return all
}
