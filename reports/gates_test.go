// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites/check"
)

// gateRun is a run in which every check of Okta's gates came to outcome, but
// for those that are named.
func gateRun(t *testing.T, outcome check.Outcome, but map[string]check.Outcome, waive ...string) *Readiness {
	t.Helper()
	all, err := gates.All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var results []check.Result
	for _, g := range all {
		for _, row := range g.Rows {
			for _, id := range row.Checks {
				if g.Verdict != check.Okta || seen[id] {
					continue
				}
				seen[id] = true
				c := check.Check{ID: id, Level: check.Vendor, Profiles: []string{check.Okta}}
				if row.Feature != "" {
					c.Needs = []string{row.Feature}
				}
				r := check.Result{Check: c, Outcome: outcome}
				if o, ok := but[id]; ok {
					r.Outcome = o
				}
				if o, ok := but["needs "+row.Feature]; ok {
					r.Outcome = o
				}
				results = append(results, r)
			}
		}
	}
	m := Meta{Verdicts: []string{check.Okta}, Waivers: map[string]Waiver{}}
	for _, id := range waive {
		m.Waivers[id] = Waiver{Reason: "known"}
	}
	ready := New(m, results).Readiness()
	if len(ready) != 1 {
		t.Fatalf("got %d answers, want 1", len(ready))
	}
	return &ready[0]
}

func TestReadiness(t *testing.T) {
	one := func(id string, o check.Outcome) map[string]check.Outcome { return map[string]check.Outcome{id: o} }
	for _, tt := range []struct {
		name    string
		but     map[string]check.Outcome
		waive   []string
		ready   bool
		against int
		unshown int
		absent  bool
	}{
		{name: "all passed", ready: true},
		{name: "one failed", but: one("media.get.content-type", check.Failed), ready: false},
		{name: "a case failed", but: one("lifecycle.create.empty-values", check.Failed), against: 1},
		{name: "a case blocked", but: one("lifecycle.create.empty-values", check.Blocked), against: 1},
		{name: "a waiver opens no gate", but: one("lifecycle.create.empty-values", check.Failed), waive: []string{"lifecycle.create.empty-values"}, against: 1},
		{name: "only an optional case failed", but: one("page.group.fast", check.Failed), waive: []string{"page.group.fast"}, ready: true, against: 1},
		{name: "a case was skipped", but: one("filter.user-name.case", check.Skipped), unshown: 1},
		{name: "the provider has no groups", but: one("needs group", check.Skipped), ready: true, absent: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := gateRun(t, check.Passed, tt.but, tt.waive...)
			if d.Ready != tt.ready || len(d.Against) != tt.against || len(d.Unshown) != tt.unshown || (len(d.Absent) > 0) != tt.absent {
				t.Errorf("got ready %t, against %v, unshown %v, %d absent", d.Ready, d.Against, d.Unshown, len(d.Absent))
			}
			if len(d.Unseen) == 0 {
				t.Error("the cases that nobody can see are not listed")
			}
		})
	}
}

// What was not run says nothing of a gate.
func TestNoReadinessWithoutItsChecks(t *testing.T) {
	if got := allPassed().Readiness(); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestGatesAreShown(t *testing.T) {
	all, err := gates.All()
	if err != nil {
		t.Fatal(err)
	}
	unseen := ""
	for _, g := range all {
		if i := slices.IndexFunc(g.Rows, func(r gates.Row) bool { return r.Reason != "" }); unseen == "" && i >= 0 {
			unseen = g.Rows[i].ID
		}
	}
	c := check.Check{ID: "lifecycle.create.empty-values", Level: check.Vendor, Profiles: []string{check.Okta}}
	r := New(Meta{Verdicts: []string{check.Okta}}, []check.Result{{Check: c, Outcome: check.Failed}})
	var console, page, summary bytes.Buffer
	for _, err := range []error{Console(&console, r, false), HTML(&page, r), Markdown(&summary, r)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"console": console.String(), "HTML": page.String(), "Markdown": summary.String()} {
		if !strings.Contains(text, "Not ready for the OIN") || !strings.Contains(text, "okta-manual-update-empty-values") {
			t.Errorf("%s does not say why the gate is shut", name)
		}
		if name != "console" && !strings.Contains(text, unseen) {
			t.Errorf("%s does not list %s, which nobody can see", name, unseen)
		}
	}
}
