// SPDX-License-Identifier: Apache-2.0

//go:build unix

package simulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
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
func populous(tb testing.TB, dialect, url string, to http.Handler, people, groups int) *simulator.Simulator {
	tb.Helper()
	s, err := simulator.New(simulator.Options{
		Scenario: simulator.Scenario{Dialect: dialect}, BaseURL: url, Token: token, Handler: to,
		Population: directory.Population{People: people, Groups: groups, Seed: 1},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// sent counts the requests that reach a provider, by method and path's kind,
// and the bytes of their bodies.
type sent struct {
	reads, writes int
	bytes         int64
	next          http.Handler
}

func (c *sent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		c.reads++
	} else {
		c.writes++
		c.bytes += r.ContentLength
	}
	c.next.ServeHTTP(w, r)
}

// firstCycle measures the first cycle over the loopback network, then a plain
// client that sends as many requests with bodies of the same size, one after
// the other. Both times are of the processors, the provider's part in them.
func firstCycle(tb testing.TB, dialect string, people, groups int) (simulated, plain time.Duration, requests int) {
	tb.Helper()
	count := &sent{next: http.HandlerFunc(null)}
	web := httptest.NewServer(count)
	defer web.Close()
	s := populous(tb, dialect, web.URL, nil, people, groups)
	began := cpu(tb)
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	simulated = cpu(tb) - began
	reads, writes := count.reads, count.writes
	body := bytes.Repeat([]byte("x"), int(count.bytes)/max(writes, 1))
	client := &http.Client{Transport: http.DefaultTransport}
	send := func(method, path string, body []byte) {
		q, err := http.NewRequestWithContext(tb.Context(), method, web.URL+path, bytes.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/scim+json")
		reply, err := client.Do(q)
		if err != nil {
			tb.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, reply.Body)
		_ = reply.Body.Close()
	}
	began = cpu(tb)
	for i := range max(reads, writes) {
		if i < reads {
			send(http.MethodGet, "/Users?filter=userName%20eq%20%22somebody%40example.test%22", nil)
		}
		if i < writes {
			send(http.MethodPost, "/Users", body)
		}
	}
	return simulated, cpu(tb) - began, reads + writes
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
	s := populous(tb, dialect, "http://provider.example/scim/v2", http.HandlerFunc(null), people, groups)
	before := heap()
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	after := heap()
	runtime.KeepAlive(s)
	return (after - before) / int64(people)
}

// smallCycle gives a function that changes ten people and has the changes
// provisioned, in a directory of so many.
func smallCycle(tb testing.TB, dialect string, people int) func() {
	tb.Helper()
	s := populous(tb, dialect, "http://provider.example/scim/v2", http.HandlerFunc(null), people, 10)
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
	}
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
				simulated, plain, requests := firstCycle(t, dialect, people, groups)
				if requests < 2*people {
					t.Fatalf("%d requests for %d people, want two for each", requests, people)
				}
				best = max(best, plain.Seconds()/simulated.Seconds())
			}
			t.Logf("the rate is %.2f of a plain client's", best)
			if best < leastRate {
				t.Errorf("the rate is %.2f of a plain client's, want %.2f", best, leastRate)
			}
			if bytes := held(t, dialect, people, groups); bytes > mostMemory {
				t.Errorf("%d bytes for each person, want up to %d", bytes, mostMemory)
			}
			const room = 1.5
			few, many := perCycle(t, smallCycle(t, dialect, 1000)), perCycle(t, smallCycle(t, dialect, 20_000))
			t.Logf("a cycle costs %v with 1,000 people, %v with 20,000", few, many)
			if growth := many.Seconds() / few.Seconds(); growth > mostGrowth*room {
				t.Errorf("a cycle costs %v with 1,000 people and %v with 20,000: %.2f times as much", few, many, growth)
			}
		})
	}
}

// BenchmarkScale measures at the full size: run it with -benchtime 1x.
func BenchmarkScale(b *testing.B) {
	for _, dialect := range []string{"okta-oin", "entra-flag"} {
		b.Run("first-cycle/"+dialect, func(b *testing.B) {
			const people, groups = 100_000, 1000
			for range b.N {
				simulated, plain, requests := firstCycle(b, dialect, people, groups)
				b.ReportMetric(plain.Seconds()/simulated.Seconds(), "of-plain-rate")
				b.ReportMetric(float64(requests)/simulated.Seconds(), "requests/cpu-s")
				b.ReportMetric(float64(held(b, dialect, people, groups)), "bytes/person")
			}
		})
		for _, people := range []int{1000, 100_000} {
			b.Run(fmt.Sprintf("ten-changes/%d/%s", people, dialect), func(b *testing.B) {
				cycle := smallCycle(b, dialect, people)
				b.ResetTimer()
				for range b.N {
					b.ReportMetric(float64(perCycle(b, cycle).Microseconds()), "µs/cycle")
				}
			})
		}
	}
}
