// SPDX-License-Identifier: Apache-2.0

package ginkgosuite_test

import (
	"cmp"
	"context"
	"flag"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

var (
	latency = flag.Duration("latency", 0, "hold each request for so long")
	jobs    = flag.Int("speed-jobs", 8, "judge `N` checks at a time")
	limit   = flag.Duration("limit", 0, "how long the catalogue may take; 0: for ever")
)

// mostRequests is how many requests a check may send on average.
const mostRequests = 10

// TestSpeed holds how many requests the catalogue sends, and with -limit how long
// it takes against a provider that holds each request for -latency.
func TestSpeed(t *testing.T) {
	target := reference(t)
	var requests atomic.Int64
	slow := slowed{http.DefaultTransport.(*http.Transport).Clone(), *latency, &requests}
	slow.base.MaxIdleConnsPerHost = 2 * *jobs
	target.Client = &http.Client{Transport: slow}
	target.Product = datadog.New(strings.TrimSuffix(target.BaseURL, "/scim/v2"), adminKey, adminKey, target.Client)
	provider := open(t, target)
	for _, part := range []struct {
		name   string
		checks []check.Check
		limit  time.Duration
	}{{"all", suites.All(), *limit}, {"quick", suites.Quick(suites.All()), *limit / 10}} {
		requests.Store(0)
		begun := time.Now()
		results, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{Checks: part.checks, Provider: provider, Jobs: *jobs})
		if err != nil {
			t.Fatal(err)
		}
		took, n := time.Since(begun), requests.Load()
		average := float64(n) / float64(len(part.checks))
		t.Logf("%s: %d checks, %d requests, %.1f a check, %v with %d jobs and %v of latency",
			part.name, len(results), n, average, took.Round(time.Millisecond), *jobs, *latency)
		if average > mostRequests {
			t.Errorf("%s: %.1f requests a check on average, want at most %d; most send\n%s", part.name, average, mostRequests, busiest(results))
		}
		if part.limit > 0 && took > part.limit {
			t.Errorf("%s: took %v, want at most %v; most requests send\n%s", part.name, took, part.limit, busiest(results))
		}
	}
}

// slowed counts requests and holds each for a while.
type slowed struct {
	base    *http.Transport
	latency time.Duration
	n       *atomic.Int64
}

func (s slowed) RoundTrip(r *http.Request) (*http.Response, error) {
	s.n.Add(1)
	if s.latency > 0 {
		select {
		case <-time.After(s.latency):
		case <-r.Context().Done():
		}
	}
	return s.base.RoundTrip(r)
}

// busiest names the checks that sent most.
func busiest(results []check.Result) string {
	results = slices.Clone(results)
	slices.SortFunc(results, func(a, b check.Result) int { return cmp.Compare(len(b.Exchanges), len(a.Exchanges)) })
	var lines []string
	for _, r := range results[:min(len(results), 15)] {
		lines = append(lines, r.Check.ID+" "+r.Duration.Round(time.Millisecond).String())
	}
	return strings.Join(lines, "\n")
}
