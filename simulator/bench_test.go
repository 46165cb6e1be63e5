// SPDX-License-Identifier: Apache-2.0

//go:build unix

package simulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

// null is a provider that holds nothing: each look-up finds nobody, each write
// is answered with the same id.
func null(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/scim+json")
	switch {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"schemas":[],"id":"2819c223-7f76-453a-919d-413861904646"}`)
	case r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "filter="):
		_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, `{"schemas":[],"id":"2819c223-7f76-453a-919d-413861904646","totalResults":0,"Resources":[]}`)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// populous gives a simulator of so many people and groups at a null provider.
func populous(tb testing.TB, dialect, url string, to http.RoundTripper, people, groups int) *simulator.Simulator {
	tb.Helper()
	s, err := simulator.New(simulator.Options{
		Scenario: simulator.Scenario{Dialect: dialect}, BaseURL: url, Token: token, Transport: to,
		Population: directory.Population{People: people, Groups: groups, Seed: 1},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// spent is time on the wall and of the processors.
type spent struct{ wall, cpu time.Duration }

// watch gives a function that adds to s what was spent since.
func (s *spent) watch(tb testing.TB) func() {
	tb.Helper()
	began, used := time.Now(), cpu(tb)
	return func() {
		s.wall += time.Since(began)
		s.cpu += cpu(tb) - used
	}
}

// turns is a transport that stops the simulation after each so many requests
// and has a plain client send as many, with bodies of the same sizes, one after
// the other: what else the machine does slows both. The plain client pays for no
// collection of garbage; the simulation pays for what both left.
type turns struct {
	tb               testing.TB
	each             int
	plain, simulated spent
	requests         int
	client           *http.Client
	stop             func() // of the watch of the simulation
	queue            []*http.Request
}

// RoundTrip sends a request of the simulation, and may have the plain client
// take its turn before.
func (c *turns) RoundTrip(q *http.Request) (*http.Response, error) {
	if len(c.queue) == c.each {
		c.turn()
	}
	c.requests++
	c.queue = append(c.queue, q)
	return http.DefaultTransport.RoundTrip(q)
}

func (c *turns) turn() {
	c.stop()
	percent := debug.SetGCPercent(-1)
	stop := c.plain.watch(c.tb)
	for _, q := range c.queue {
		c.send(q.Method, q.URL, max(q.ContentLength, 0))
	}
	stop()
	debug.SetGCPercent(percent)
	c.queue = c.queue[:0]
	c.stop = c.simulated.watch(c.tb)
}

// filler is what the plain client's bodies are made of.
var filler = bytes.Repeat([]byte("x"), 1<<16)

func (c *turns) send(method string, to *url.URL, length int64) {
	q, err := http.NewRequestWithContext(c.tb.Context(), method, to.String(), bytes.NewReader(filler[:min(int(length), len(filler))]))
	if err != nil {
		c.tb.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/scim+json")
	reply, err := c.client.Do(q)
	if err != nil {
		c.tb.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, reply.Body)
	_ = reply.Body.Close()
}

// firstCycle measures the first cycle over the loopback network, in turns with
// a plain client. The times of the processors have the provider's part in them.
func firstCycle(tb testing.TB, dialect string, people, groups, each int) *turns {
	tb.Helper()
	web := httptest.NewServer(http.HandlerFunc(null))
	defer web.Close()
	c := &turns{tb: tb, each: each, client: &http.Client{Transport: http.DefaultTransport}}
	s := populous(tb, dialect, web.URL, c, people, groups)
	c.stop = c.simulated.watch(tb)
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	c.turn()
	return c
}

// cpu gives the time that this process has had of the processors: other
// programs do not count in it.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap gives the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below the limit
}

// held gives how many bytes for each person a simulation holds after its first
// cycle besides the directory.
func held(tb testing.TB, dialect string, people, groups int) int64 {
	tb.Helper()
	s := populous(tb, dialect, "http://provider.example/scim/v2", simulator.InProcess(http.HandlerFunc(null)), people, groups)
	before := heap()
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	after := heap()
	runtime.KeepAlive(s)
	return (after - before) / int64(people)
}

// smallCycle gives a function that changes ten people and has the changes
// provisioned, in a directory of so many, and one that gives how often the
// directory was looked at.
func smallCycle(tb testing.TB, dialect string, people int) (cycle func(), visits func() int64) {
	tb.Helper()
	s := populous(tb, dialect, "http://provider.example/scim/v2", simulator.InProcess(http.HandlerFunc(null)), people, 10)
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	n := 0
	return func() {
		n++
		for i := range 10 {
			c := directory.Change{
				Kind: directory.Set, IDs: []string{fmt.Sprintf("p%d", 1+(i*97+n)%people)}, Values: map[string]string{"title": fmt.Sprint(n)},
			}
			if err := s.Change(tb.Context(), c); err != nil {
				tb.Fatal(err)
			}
		}
		if strings.HasPrefix(dialect, "entra") {
			if err := s.Change(tb.Context(), directory.Change{Kind: directory.Cycle}); err != nil {
				tb.Fatal(err)
			}
		}
	}, s.Visits
}

// perCycle gives the time of a cycle in which ten people changed: the least of
// several rounds.
func perCycle(tb testing.TB, cycle func()) time.Duration {
	tb.Helper()
	const rounds, cycles = 8, 20
	least := time.Duration(1<<63 - 1)
	for range rounds {
		began := cpu(tb)
		for range cycles {
			cycle()
		}
		least = min(least, (cpu(tb)-began)/cycles)
	}
	return least
}

// The limits of what a simulation may cost. At the full size they are measured
// by BenchmarkScale.
const (
	leastRate  = 0.35   // of the requests that a plain client sends in the same time
	mostMemory = 3 << 9 // bytes for each person besides the directory: 1.5 KB
	mostGrowth = 1.2    // of a cycle in which ten people changed, from 1,000 people on
)

// TestScale holds the limits in the small, with room for a machine that does
// other things.
func TestScale(t *testing.T) {
	for _, dialect := range []string{"okta-oin", "entra-flag"} {
		t.Run(dialect, func(t *testing.T) {
			const people, groups, tries = 1000, 10, 2
			best := 0.0
			for range tries {
				c := firstCycle(t, dialect, people, groups, 500)
				if c.requests < 2*people {
					t.Fatalf("%d requests for %d people, want two for each", c.requests, people)
				}
				best = max(best, c.plain.cpu.Seconds()/c.simulated.cpu.Seconds())
			}
			t.Logf("the rate is %.2f of a plain client's", best)
			if best < leastRate {
				t.Errorf("the rate is %.2f of a plain client's, want %.2f", best, leastRate)
			}
			if bytes := held(t, dialect, people, groups); bytes > mostMemory {
				t.Errorf("%d bytes for each person, want up to %d", bytes, mostMemory)
			}
		})
	}
}

// TestVisits holds that a cycle in which ten people changed looks at as much of
// a large directory as of a small one, and allocates as often: it walks over
// nothing that grows.
func TestVisits(t *testing.T) {
	for _, dialect := range []string{"okta-oin", "okta-aiw", "entra-legacy", "entra-flag"} {
		t.Run(dialect, func(t *testing.T) {
			cost := func(people int) (visits, allocations float64) {
				const cycles = 10
				cycle, seen := smallCycle(t, dialect, people)
				before := seen()
				allocations = testing.AllocsPerRun(cycles, cycle)
				return float64(seen()-before) / (cycles + 1), allocations
			}
			fewVisits, fewAllocations := cost(200)
			manyVisits, manyAllocations := cost(4000)
			if fewVisits < 10 {
				t.Errorf("%.0f looks at the directory, want one for each who changed", fewVisits)
			}
			if manyVisits > fewVisits*mostGrowth || manyAllocations > fewAllocations*mostGrowth {
				t.Errorf("with 200 people %.0f looks and %.0f allocations, with 4,000 %.0f and %.0f",
					fewVisits, fewAllocations, manyVisits, manyAllocations)
			}
		})
	}
}

// BenchmarkScale measures at the full size: run it with -benchtime 1x and a longer
// -timeout. A million people take 5 GB and some minutes.
func BenchmarkScale(b *testing.B) {
	for _, dialect := range []string{"okta-oin", "entra-flag"} {
		b.Run("first-cycle/"+dialect, func(b *testing.B) {
			const people, groups, each = 100_000, 1000, 5000
			for range b.N {
				c := firstCycle(b, dialect, people, groups, each)
				b.ReportMetric(c.plain.wall.Seconds()/c.simulated.wall.Seconds(), "of-plain-wall")
				b.ReportMetric(c.plain.cpu.Seconds()/c.simulated.cpu.Seconds(), "of-plain-cpu")
				b.ReportMetric(float64(c.requests)/c.simulated.cpu.Seconds(), "requests/cpu-s")
			}
		})
		b.Run("memory/"+dialect, func(b *testing.B) {
			for range b.N {
				b.ReportMetric(float64(held(b, dialect, 100_000, 1000)), "bytes/person")
			}
		})
		for _, people := range []int{1000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("ten-changes/%d/%s", people, dialect), func(b *testing.B) {
				cycle, visits := smallCycle(b, dialect, people)
				runtime.GC()
				before, rounds := visits(), 0
				counted := func() { cycle(); rounds++ }
				b.ResetTimer()
				for range b.N {
					b.ReportMetric(float64(perCycle(b, counted).Microseconds()), "µs/cycle")
				}
				b.ReportMetric(float64(visits()-before)/float64(rounds), "visits/cycle")
			})
		}
	}
}
