// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/check/statsd"
)

const (
	token    = flow.Secret("matrix-token-0123456789abcdef")
	adminKey = flow.Secret("matrix-admin-0123456789abcdef")
)

// others are the further tokens of the judged server.
var others = check.Tokens{
	ReadOnly: "matrix-reader-0123456789abcdef", Expired: "matrix-expired-0123456789abcde", Tenant: "matrix-tenant-0123456789abcdef",
}

var (
	update = flag.Bool("update", false, "write into matrix.txt what the checks find")
	full   = flag.Bool("full", false, "judge every check against every fault, not a part")
	only   = flag.String("faults", "", "judge only the faults that match this `REGEXP`")
	part   = flag.Int("part", time.Now().YearDay()%parts, "of the checks that a fault should pass, judge the `N`-th of 16 parts; by default each day another")
)

// parts is how many parts the checks fall into that a fault should pass.
const parts = 16

// TestMatrix holds that the intact server has no finding, that every fault is
// caught by a check and every check is failed by a fault, and that each fault
// fails the checks that matrix.txt says and no others.
//
// Against each fault it judges the checks of its row, the checks that no row
// names yet, and one of 16 parts of the others, each day another. With -full
// (make matrix) it judges all. With -update (make golden) it writes matrix.txt.
func TestMatrix(t *testing.T) {
	if raceDetector {
		t.Skip("the matrix is about results, not races, and is ten times slower under the race detector: run it without -race")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // hundreds of short-lived servers
	catalogue := suites.All()
	for _, r := range judge(t, catalogue) {
		if r.Outcome != check.Passed && r.Outcome != check.Skipped {
			t.Errorf("intact server: %s is %s: %s %v", r.Check.ID, r.Outcome, r.Reason, r.Findings)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	m := newMatrix(t, catalogue)
	m.judgeAll(t)
	if *update {
		m.write(t)
	}
	m.total(t)
	t.Logf("%d faults, %d checks, %d of %d pairs judged, %d findings", len(m.faults), len(catalogue), m.pairs, len(fault.All())*len(catalogue), m.findings)
}

// judge plants faults in a new server and judges the catalogue against it.
func judge(t *testing.T, catalogue []check.Check, faults ...fault.Fault) []check.Result {
	t.Helper()
	metrics, err := statsd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = metrics.Close() }()
	server, err := refserver.New(refserver.Options{Token: token, AdminKey: adminKey, Profile: hasty(), StatsD: metrics.Address(), Faults: faults, Tokens: []refserver.Token{
		{Secret: others.ReadOnly, Rights: refserver.ReadOnly},
		{Secret: others.Expired, Expires: time.Unix(1, 0)},
		{Secret: others.Tenant, Tenant: "neighbour"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client := &http.Client{Transport: inProcess{server}}
	provider, err := check.Open(context.Background(), check.Target{
		BaseURL: "http://127.0.0.1/scim/v2", Token: token, Tokens: others, Profile: hasty(), Client: client, Timeout: 5 * time.Second,
		Product: datadog.New("http://127.0.0.1", adminKey, adminKey, client), Metrics: metrics, Login: server,
	})
	if err != nil {
		return refused(err)
	}
	results := make([]check.Result, len(catalogue))
	next := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range next {
				results[i] = check.Judge(context.Background(), catalogue[i], provider)
			}
		})
	}
	for _, i := range costliestFirst(catalogue) {
		next <- i
	}
	close(next)
	wg.Wait()
	return results
}

// costliestFirst gives the places of the catalogue in the order to judge them:
// checks that read the whole audit trail or search the product's users go first,
// while both are short. The outcome of a check does not hang on the order.
func costliestFirst(catalogue []check.Check) []int {
	order := make([]int, len(catalogue))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) int {
		switch needs := catalogue[i].Needs; {
		case slices.Contains(needs, check.CapAudit):
			return 0
		case slices.ContainsFunc(needs, func(n string) bool {
			return n == check.CapMetrics || n == check.CapProduct || n == check.CapTeams || n == check.CapRoles
		}):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	return order
}

// refused stands for a provider that cannot even be opened: the command says so
// and ends with exit code 3, which catches a fault as well as any check does.
func refused(err error) []check.Result {
	return []check.Result{{Check: check.Check{ID: fault.Open}, Outcome: check.Failed, Reason: err.Error()}}
}

// hasty is the Datadog profile with no patience: nothing in this process takes
// longer to show. It tells of paging by cursor, so that that is checked.
func hasty() *profiles.Profile {
	p := *profiles.Datadog()
	p.Within = profiles.Within{Users: "40ms", Roles: "40ms", Teams: "40ms", Audit: "40ms"}
	p.Wire.Pagination = true
	return &p
}

// inProcess is an http.RoundTripper that calls a handler.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
	in.Header = r.Header.Clone()
	in.ContentLength = r.ContentLength
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, in)
	reply := rec.Result()
	reply.Request = r
	return reply, nil
}
