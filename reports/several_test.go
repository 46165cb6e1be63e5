// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/suites/check"
)

func TestCompare(t *testing.T) {
	at := func(id string, o check.Outcome, l check.Level) check.Result {
		r := sample(o, l)
		r.Check.ID = id
		return r
	}
	m := Meta{Verdicts: []string{check.RFC, check.Okta}, Catalogue: "1"}
	before := New(m, []check.Result{
		at("a.same.passed", check.Passed, check.Must), at("a.was.good", check.Passed, check.Must), at("a.was.skipped", check.Skipped, check.Must),
		at("a.is.bad", check.Failed, check.Must), at("a.was.bad", check.Failed, check.Must), at("a.was.warned", check.Failed, check.Should),
		at("a.still.warned", check.Failed, check.Should), at("a.was.recommended", check.Passed, check.Should),
		at("a.now.skipped", check.Failed, check.Must), at("a.now.waived", check.Failed, check.Must), at("a.is.gone", check.Passed, check.Must),
		at("a.was.waived", check.Passed, check.Must), at("a.now.broken", check.Passed, check.Must), at("a.was.run", check.Passed, check.Must),
	})
	m.Catalogue, m.Waivers, m.NotRun, m.Incomplete = "2", map[string]Waiver{"a.now.waived": {Reason: "known"}, "a.was.waived": {Reason: "old"}},
		[]check.Check{at("a.was.run", check.Passed, check.Must).Check}, "interrupted"
	after := New(m, []check.Result{
		at("a.same.passed", check.Passed, check.Must), at("a.was.good", check.Failed, check.Must), at("a.was.skipped", check.Blocked, check.Must),
		at("a.is.bad", check.Blocked, check.Must), at("a.was.bad", check.Passed, check.Must), at("a.was.warned", check.Passed, check.Should),
		at("a.still.warned", check.Blocked, check.Should), at("a.was.recommended", check.Failed, check.Should),
		at("a.now.skipped", check.Skipped, check.Must), at("a.now.waived", check.Failed, check.Must), at("a.was.waived", check.Passed, check.Must),
		at("a.now.broken", check.Broken, check.Must), at("b.added.good", check.Passed, check.Must), at("b.added.bad", check.Failed, check.Must),
	})
	d := Compare(before, after)
	got := make(map[string]string)
	for _, e := range d.Changes {
		got[e.ID] += string(e.Change)
	}
	want := map[string]string{
		"a.was.good": "new", "a.was.skipped": "new", "a.was.waived": "new", "a.now.broken": "new", "b.added.bad": "new",
		"a.is.bad": "still", "a.was.recommended": "warning", "a.now.skipped": "skipped", "a.was.run": "not-run", "a.now.waived": "waived",
		"a.was.bad": "fixed", "a.was.warned": "fixed", "b.added.good": "added", "a.is.gone": "gone",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if d.Same != 2 {
		t.Errorf("same: got %d, want 2", d.Same)
	}
	if !d.Has(Gone) || d.Has() {
		t.Error("Has does not look at the changes")
	}
	if got := Compare(after, after); got.Has(NewProblem, NewWarning, NewlySkipped, Fixed, Added, Gone) || !got.Has(StillProblem) {
		t.Errorf("a run differs from itself: %+v", got.Counts)
	}
	text := render(t, func(w io.Writer, _ *Run) error { return d.Text(w) }, nil)
	for _, want := range []string{"5 new problems", "the catalogue of checks differs: 1 before, 2 now", "the new run is incomplete: interrupted", "remove its waiver"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

// TestMergeEqualsTheWhole deals a run out, joins the parts in another order, and
// wants every format as if it had never been dealt.
func TestMergeEqualsTheWhole(t *testing.T) {
	whole := everything()
	var order []string
	for _, x := range whole.Results {
		order = append(order, x.ID)
	}
	for _, n := range []int{1, 2, 3, 7, 60} {
		parts := deal(n)
		parts[0], parts[n-1] = parts[n-1], parts[0]
		got, err := Merge(order, parts)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range formats {
			if diff := cmp.Diff(render(t, f.write, whole), render(t, f.write, got)); diff != "" {
				t.Fatalf("%d parts: %s differs (-whole +merged):\n%s", n, f.name, diff)
			}
		}
	}
}

func deal(n int) []Named {
	parts := make([]Named, n)
	for i := range parts {
		r := everything()
		all := r.Results
		r.Shard, r.Results = &Shard{i + 1, n}, nil
		for j, x := range all {
			if j%n == i {
				r.Results = append(r.Results, x)
			}
		}
		parts[i] = Named{fmt.Sprintf("part-%d", i+1), r}
	}
	return parts
}

func TestMergeKeepsWhatWasNotRun(t *testing.T) {
	parts := deal(2)
	gone := parts[1].Run.Results[0]
	parts[1].Run.Results = parts[1].Run.Results[1:]
	parts[1].Run.Incomplete = &Incomplete{"interrupted", []Unrun{{ID: gone.ID, Title: gone.Title, Level: gone.Level, Profiles: gone.Profiles}}}
	got, err := Merge(nil, parts)
	if err != nil {
		t.Fatal(err)
	}
	if got.Incomplete == nil || got.Incomplete.Reason != "part 2/2: interrupted" || got.Totals[0].NotRun != 1 {
		t.Errorf("got %+v, %+v", got.Incomplete, got.Totals[0])
	}
}

func TestMergeErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func([]Named) []Named
		want  string
	}{
		{"nothing", func([]Named) []Named { return nil }, "no run given"},
		{"a whole", func(p []Named) []Named { p[1].Run.Shard = nil; return p }, "part-2 is no part of a run"},
		{"one missing", func(p []Named) []Named { return p[:2] }, "no file has part 3/3; a verdict needs all 3 parts"},
		{"one twice", func(p []Named) []Named { p[2] = p[0]; return p }, "part-1 and part-1 are both part 1/3"},
		{"of another run", func(p []Named) []Named { p[1].Run.Shard.Count = 4; return p }, "part-2 is part 2/4, part-1 is one of 3 parts"},
		{"impossible", func(p []Named) []Named { p[1].Run.Shard.Index = 9; return p }, "part-2 says that it is part 9/3"},
		{"many", func(p []Named) []Named { p[0].Run.Shard.Count = 1 << 40; return p[:1] }, "no file has part 2/1099511627776"},
		{"target", func(p []Named) []Named { p[1].Run.Target.BaseURL = "https://other.example/"; return p }, "base URL differs: https://scim.example.com/scim/v2 in part-1, https://other.example/ in part-2"},
		{"seed", func(p []Named) []Named { p[2].Run.Seed = 8; return p }, "seed differs: 7 in part-1, 8 in part-3"},
		{"catalogue", func(p []Named) []Named { p[2].Run.Catalogue = "x"; return p }, "catalogue differs: 2026.11 in part-1, x in part-3"},
		{"profile", func(p []Named) []Named { p[2].Run.Target.Profile = ""; return p }, "profile differs: datadog in part-1, none in part-3"},
		{"verdicts", func(p []Named) []Named { p[2].Run.Asked = []string{"okta"}; return p }, "verdicts differs: rfc,okta,entra,product in part-1, okta in part-3"},
		{"overlap", func(p []Named) []Named { p[1].Run.Results[0] = p[0].Run.Results[0]; return p }, "is in part-1 and in part-2; parts of one run share no check"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Merge(nil, tt.spoil(deal(3)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestBeside(t *testing.T) {
	m := Beside([]Named{{"all", everything()}, {"good", allPassed()}, {"half", unfinished()}})
	states := make(map[string][]string)
	for _, c := range m.Checks {
		states[c.ID] = c.States
	}
	for id, want := range map[string][]string{
		"must.sample.passed":   {"passed", "passed", "passed"},
		"must.sample.failed":   {"problem", "", "not run"},
		"may.sample.skipped":   {"skipped", "skipped", ""},
		"expired.passed":       {"stale waiver", "", ""},
		"vendor.sample.passed": {"passed", "passed", ""},
	} {
		if diff := cmp.Diff(want, states[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	for _, f := range m.Features {
		if f.Feature != "must" {
			continue
		}
		if got, want := f.Cells[0], (Tally{Checks: 5, Passed: 1, Problems: 2, Broken: 1, Skipped: 1}); got != want {
			t.Errorf("must: got %+v, want %+v", got, want)
		}
		if got, want := f.Cells[1].words(), "1 of 1"; got != want {
			t.Errorf("must, good: got %q, want %q", got, want)
		}
	}
	text := render(t, func(w io.Writer, _ *Run) error { return m.Text(w) }, nil)
	for _, want := range []string{"half: Incomplete: 5 of 8 checks were not run (interrupted).", "! Not finished", "not in this run"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestBadge(t *testing.T) {
	for _, tt := range []struct {
		name, verdict, want string
		run                 *Run
	}{
		{"headline", "", "SCIM: Ready for Okta", allPassed()},
		{"one verdict", check.Okta, "SCIM · Okta: ready", allPassed()},
		{"a part", check.Okta, "SCIM · Okta: Incomplete run: not finished", unfinished()},
		{"broken", "", "SCIM: No verdict: some checks are broken", everything()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, func(w io.Writer, r *Run) error { return Badge(w, r, tt.verdict) }, tt.run)
			if !strings.Contains(got, `aria-label="`+tt.want) {
				t.Errorf("got %s, want %q", got, tt.want)
			}
		})
	}
	if err := Badge(&strings.Builder{}, allPassed(), "opta"); err == nil || !strings.Contains(err.Error(), "it has rfc, okta, entra, product") {
		t.Errorf("got %v, want an error with what is allowed", err)
	}
}
