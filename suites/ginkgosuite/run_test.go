// SPDX-License-Identifier: Apache-2.0

package ginkgosuite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

// row is what two runs of one check must have in common.
type row struct {
	ID       string
	Outcome  check.Outcome
	Reason   string
	Findings []string
}

// made is what no two runs have in common: ids, names, ports and times.
var made = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|scimproof-[a-z0-9]+-|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[0-9:.]+Z|W/"[^"]*"`)

func rows(results []check.Result) []row {
	var all []row
	for _, r := range results {
		one := row{ID: r.Check.ID, Outcome: r.Outcome, Reason: made.ReplaceAllString(r.Reason, "…")}
		for _, f := range r.Findings {
			one.Findings = append(one.Findings, f.Where)
		}
		all = append(all, one)
	}
	return all
}

// byHand judges the checks as suites.Run does.
func byHand(p *check.Provider, checks []check.Check) []check.Result {
	var results []check.Result
	for _, c := range checks {
		results = append(results, check.Judge(context.Background(), c, p))
	}
	return results
}

// spoil breaks a reply in a way that makes checks of several areas fail.
func spoil() fault.Fault {
	return fault.Fault{Name: "test.no-active", Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadRequest)
					return
				}
				body = bytes.ReplaceAll(body, []byte(`"False"`), []byte(`"True"`))
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			}
			next.ServeHTTP(w, r)
		})
	}}
}

func TestBothDoorsGiveTheSameResults(t *testing.T) {
	tests := []struct {
		name   string
		faults []fault.Fault
		jobs   int
		fails  bool
	}{
		{name: "a provider that is right, one at a time", jobs: 1},
		{name: "a provider that is right, eight at a time", jobs: 8},
		{name: "a provider that is wrong, eight at a time", faults: []fault.Fault{spoil()}, jobs: 8, fails: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := rows(byHand(open(t, reference(t, test.faults...)), suites.All()))
			var streamed []check.Result
			got, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{
				Checks: suites.All(), Provider: open(t, reference(t, test.faults...)), Jobs: test.jobs,
				OnResult: func(r check.Result) { streamed = append(streamed, r) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rows(got)); diff != "" {
				t.Errorf("results (-plain +ginkgo):\n%s", diff)
			}
			if diff := cmp.Diff(rows(got), rows(streamed)); diff != "" {
				t.Errorf("results as they came (-returned +streamed):\n%s", diff)
			}
			if failed := strings.Contains(fmt.Sprint(rows(got)), string(check.Failed)); failed != test.fails {
				t.Errorf("got failed %v, want %v", failed, test.fails)
			}
		})
	}
}

func TestRunStopsWhenCancelledAndLeavesNothing(t *testing.T) {
	at := reference(t)
	p := open(t, at)
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("enough")
	n := 0
	results, err := ginkgosuite.Run(ctx, ginkgosuite.Config{
		Checks: suites.All(), Provider: p, Jobs: 4,
		OnResult: func(check.Result) {
			if n++; n == 40 {
				cancel(stop)
			}
		},
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the cause", err)
	}
	if len(results) < 40 || len(results) == len(suites.All()) {
		t.Errorf("got %d results, want 40 and some that were under way", len(results))
	}
	for _, r := range results {
		if len(r.Leftovers) > 0 {
			t.Errorf("%s left %v", r.Check.ID, r.Leftovers)
		}
	}
	left := check.Judge(context.Background(), check.Check{ID: "left.over", Run: func(t *check.T) {
		x := t.List("/Groups", "filter", `displayName sw "scimproof-"`)
		t.Expect(x.Status).To(gomega.Equal(200))
		t.Expect(strings.Contains(string(x.Response.Body), `"totalResults":0`)).To(gomega.BeTrue())
	}}, p)
	if left.Outcome != check.Passed {
		t.Errorf("groups are left: %s %v", left.Reason, left.Findings)
	}
}

func TestRunTwiceInOneProcess(t *testing.T) {
	p := open(t, reference(t))
	checks, err := suites.Select(suites.All(), "/^id:lifecycle/")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		results, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{Checks: checks, Provider: p, Jobs: 2})
		if err != nil || len(results) != len(checks) {
			t.Fatalf("got %d results, %v, want %d", len(results), err, len(checks))
		}
		for _, r := range results {
			if r.Outcome != check.Passed {
				t.Errorf("%s: %s %s %v", r.Check.ID, r.Outcome, r.Reason, r.Findings)
			}
		}
	}
}

func TestRunWithoutProvider(t *testing.T) {
	if _, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{Checks: suites.All()}); err == nil {
		t.Error("got no error, want one")
	}
}

// Select reads what Ginkgo reads.
func TestSelectAgreesWithGinkgo(t *testing.T) {
	expressions := []string{
		"level:must", "LEVEL:MUST && !needs:patch", "level:must || level:vendor && profile:okta",
		"(level:must || level:vendor) && profile:okta", "!(level:must, level:should)", "!!level:must",
		"/^id:patch/ && !/no-path/", "/rfc 7644/", "profile: containsAny {okta, entra}", "profile: containsAll {okta, entra} || level:product",
		"profile: consistsOf {rfc}", "profile: isSubsetOf { RFC , okta }", "needs: isEmpty && level:must", "!needs: isEmpty",
		"(needs: isEmpty) || source:rfc 7643", "source: containsAny rfc 7643 && level:must", "id:lifecycle.leaver.entra-flag",
	}
	for _, expression := range expressions {
		t.Run(expression, func(t *testing.T) {
			matches, err := types.ParseLabelFilter(expression)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for _, c := range suites.All() {
				if matches(suites.Labels(c)) {
					want = append(want, c.ID)
				}
			}
			chosen, err := suites.Select(suites.All(), expression)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range chosen {
				got = append(got, c.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("selected (-ginkgo +select):\n%s", diff)
			}
		})
	}
	for _, wrong := range []string{"level:must &&", "(level:must", "level:must)", "level: must", "|| level:must", "/(/", "level:must & level:may"} {
		_, ginkgoErr := types.ParseLabelFilter(wrong)
		_, err := suites.Select(nil, wrong)
		if (ginkgoErr == nil) != (err == nil) {
			t.Errorf("%q: got %v, Ginkgo says %v", wrong, err, ginkgoErr)
		}
	}
}

// Every label is one that Ginkgo takes; it ends the process on another.
func TestLabelsAreGinkgosLabels(t *testing.T) {
	for _, c := range suites.All() {
		for _, l := range suites.Labels(c) {
			if _, err := types.ValidateAndCleanupLabel(l, types.CodeLocation{}); err != nil {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
	}
}
