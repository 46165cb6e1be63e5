// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"testing"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

func TestVerdict(t *testing.T) {
	with := func(s check.Source, r check.Result) check.Result { r.Check.Source = s; return r }
	ok := sample(check.Passed, check.Must)
	for _, tt := range []struct {
		name   string
		in     []check.Result
		strict bool
		waive  bool
		rfc    Answer
		okta   Answer
		exit   int
	}{
		{"all passed", []check.Result{ok}, false, false, Conformant, Conformant, 0},
		{"must failed", []check.Result{ok, sample(check.Failed, check.Must)}, false, false, NotConformant, NotConformant, 1},
		{"must blocked", []check.Result{ok, sample(check.Blocked, check.Must)}, false, false, NotConformant, NotConformant, 1},
		{"should failed", []check.Result{ok, sample(check.Failed, check.Should)}, false, false, ConformantWithWarnings, ConformantWithWarnings, 0},
		{"should failed, strict", []check.Result{ok, sample(check.Failed, check.Should)}, true, false, NotConformant, NotConformant, 1},
		{"should blocked", []check.Result{ok, sample(check.Blocked, check.Should)}, false, false, ConformantWithWarnings, ConformantWithWarnings, 0},
		{"may failed, strict", []check.Result{ok, sample(check.Failed, check.May)}, true, false, Conformant, Conformant, 0},
		{"vendor failed", []check.Result{ok, sample(check.Failed, check.Vendor)}, false, false, Conformant, NotConformant, 1},
		{"product failed is not asked for", []check.Result{ok, sample(check.Failed, check.Product)}, false, false, Conformant, Conformant, 0},
		{"skipped does not count", []check.Result{ok, sample(check.Skipped, check.Must)}, false, false, Conformant, Conformant, 0},
		{"only skipped", []check.Result{sample(check.Skipped, check.Must)}, false, false, NothingChecked, NothingChecked, 2},
		{"nothing", nil, false, false, NothingChecked, NothingChecked, 2},
		{"one verdict unchecked", []check.Result{sample(check.Passed, check.Vendor)}, false, false, NothingChecked, Conformant, 0},
		{"one verdict unchecked, strict", []check.Result{sample(check.Passed, check.Vendor)}, true, false, NothingChecked, Conformant, 1},
		{"broken before failed", []check.Result{sample(check.Failed, check.Must), sample(check.Broken, check.May)}, false, false, NotConformant, NotConformant, 2},
		{"broken though waived", []check.Result{ok, sample(check.Broken, check.May)}, false, true, NotConformant, NotConformant, 2},
		{"waived failure", []check.Result{sample(check.Failed, check.Must)}, false, true, Conformant, Conformant, 0},
		{"waived yet passes", []check.Result{ok}, false, true, NotConformant, NotConformant, 1},
		{"leftovers", []check.Result{{Check: ok.Check, Outcome: check.Passed, Leftovers: []string{"/Users/1"}}}, false, false, Conformant, Conformant, 4},
		{"leftovers after a failure", []check.Result{{Check: ok.Check, Outcome: check.Failed, Leftovers: []string{"/Users/1"}}}, false, false, NotConformant, NotConformant, 1},
		{"assumed fails all the same", []check.Result{with(source(check.Product), sample(check.Failed, check.Must))}, false, false, NotConformant, NotConformant, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := Meta{Verdicts: []string{check.RFC, check.Okta}, Strict: tt.strict, Waivers: map[string]Waiver{}}
			if tt.waive {
				for _, r := range tt.in {
					m.Waivers[r.Check.ID] = Waiver{Reason: "known"}
				}
			}
			r := New(m, tt.in)
			if got := r.Totals[0].Result; got != tt.rfc {
				t.Errorf("rfc: got %s, want %s", got, tt.rfc)
			}
			if got := r.Totals[1].Result; got != tt.okta {
				t.Errorf("okta: got %s, want %s", got, tt.okta)
			}
			if got := r.ExitCode(); got != tt.exit {
				t.Errorf("exit code: got %d, want %d", got, tt.exit)
			}
		})
	}
}

func TestVerdictCountsAssumptions(t *testing.T) {
	r := New(Meta{Verdicts: []string{check.ProductBehaviour}}, []check.Result{sample(check.Failed, check.Product)})
	if got := r.Totals[0].Assumed; got != 1 {
		t.Errorf("assumed: got %d, want 1", got)
	}
	if got, want := newCard(r.Totals[0]).Note, "1 failure rests on an assumption, because documentation is silent"; got != want {
		t.Errorf("note: got %q, want %q", got, want)
	}
}

func TestEveryResultIsCountedOnce(t *testing.T) {
	for _, v := range everything().Totals {
		sum := v.Passed + v.Failed + v.Blocked + v.Warnings + v.Optional + v.Waived + v.Stale + v.Skipped + v.Errors
		if sum != v.Checks || sum == 0 {
			t.Errorf("%s: got %d counted, want %d", v.Name, sum, v.Checks)
		}
	}
}

func TestNewSortsByCatalogue(t *testing.T) {
	a, b, c := sample(check.Passed, check.Must), sample(check.Failed, check.May), sample(check.Failed, check.Should)
	r := New(Meta{Order: []string{b.Check.ID, a.Check.ID}}, []check.Result{c, a, b})
	for i, want := range []string{b.Check.ID, a.Check.ID, c.Check.ID} {
		if got := r.Results[i].ID; got != want {
			t.Errorf("result %d: got %s, want %s", i, got, want)
		}
	}
}

func TestWaiverHoldsThroughItsLastDay(t *testing.T) {
	for _, tt := range []struct {
		start   string
		outcome check.Outcome
		level   check.Level
		want    standing
	}{
		{"2027-01-31T23:59:00Z", check.Failed, check.Must, waived},
		{"2027-02-01T00:01:00Z", check.Failed, check.Must, problem},
		{"2027-02-01T00:59:00+02:00", check.Failed, check.Must, waived}, // still January in UTC
		{"2027-02-01T00:01:00Z", check.Failed, check.Should, warning},
		{"2027-02-01T00:01:00Z", check.Passed, check.Must, stale},
	} {
		start, err := time.Parse(time.RFC3339, tt.start)
		if err != nil {
			t.Fatal(err)
		}
		in := sample(tt.outcome, tt.level)
		r := New(Meta{Start: start, Verdicts: []string{check.RFC}, Waivers: map[string]Waiver{in.Check.ID: {Reason: "known", Expires: "2027-01-31"}}}, []check.Result{in})
		if got := r.standing(&r.Results[0]); got != tt.want {
			t.Errorf("%s at %s: got %s, want %s", in.Check.ID, tt.start, got, tt.want)
		}
		if got, want := r.Totals[0].Expired, tt.want == problem || tt.want == warning; (got == 1) != want {
			t.Errorf("%s at %s: got %d expired, want %t", in.Check.ID, tt.start, got, want)
		}
	}
}

func TestAPartIsNoVerdict(t *testing.T) {
	ok, failed, soft := sample(check.Passed, check.Must), sample(check.Failed, check.Must), sample(check.Failed, check.Should)
	for _, tt := range []struct {
		name   string
		in     []check.Result
		notRun []check.Check
		want   Answer
		exit   int
	}{
		{"passed so far", []check.Result{ok}, []check.Check{failed.Check}, NotFinished, ExitBroken},
		{"warned so far", []check.Result{ok, soft}, []check.Check{failed.Check}, NotFinished, ExitBroken},
		{"failed so far", []check.Result{failed}, []check.Check{ok.Check}, NotConformant, ExitNotConformant},
		{"nothing so far", nil, []check.Check{ok.Check}, NotFinished, ExitBroken},
		{"what is missing counts elsewhere", []check.Result{ok}, []check.Check{sample(check.Passed, check.Product).Check}, Conformant, ExitConformant},
		{"all was run", []check.Result{ok}, nil, Conformant, ExitConformant},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := New(Meta{Verdicts: []string{check.RFC}, NotRun: tt.notRun, Incomplete: "interrupted"}, tt.in)
			if got := r.Totals[0].Result; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := r.ExitCode(); got != tt.exit {
				t.Errorf("exit code: got %d, want %d", got, tt.exit)
			}
			if (r.Incomplete == nil) != (len(tt.notRun) == 0) {
				t.Errorf("incomplete: got %v", r.Incomplete)
			}
		})
	}
}
