// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"slices"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// Answer is what a verdict says.
type Answer string

// The five answers.
const (
	Conformant             Answer = "conformant"
	ConformantWithWarnings Answer = "conformant-with-warnings"
	NotConformant          Answer = "not-conformant"
	NotFinished            Answer = "incomplete"      // nothing failed, and not every check was run
	NothingChecked         Answer = "nothing-checked" // no check of the verdict was put to the test
)

// Verdict is the answer to one question: does the provider hold to the RFCs,
// is it ready for Okta, for Entra ID, does the product do what it promises?
// The counts are of the checks that name the verdict.
type Verdict struct {
	Name   string `json:"name"`
	Result Answer `json:"result"`
	Broken bool   `json:"broken"` // some check of the verdict is broken: do not rely on Result

	Checks   int `json:"checks"`
	Passed   int `json:"passed"`
	Failed   int `json:"failed"`       // make the provider not conformant
	Blocked  int `json:"blocked"`      // likewise: never put to the test
	Warnings int `json:"warnings"`     // a Should failed or blocked
	Optional int `json:"optional"`     // a May failed or blocked: never counts
	Waived   int `json:"waived"`       // failed or blocked, and accepted
	Stale    int `json:"staleWaivers"` // waived and passed: the waiver hides nothing, remove it
	Skipped  int `json:"skipped"`      // does not count
	Errors   int `json:"brokenChecks"` // our fault, never charged to the provider
	NotRun   int `json:"notRun"`       // were to be run, and are not among Checks
	Assumed  int `json:"assumed"`      // of Failed: rest on an assumption where documentation is silent
	Expired  int `json:"expired"`      // of those that did not pass: their waiver has run out
}

// standing is how a result counts, whichever verdict asks.
type standing int

const (
	passed standing = iota
	problem
	warning
	optional
	waived
	stale
	skipped
	broken
)

// standing applies the policy to one result: a Must, Vendor or Product check
// that failed or was blocked is a problem, a Should a warning (a problem with
// Strict), a May nothing. A waived failure does not count until the waiver's
// last day is over; a waived check that passes is a problem, since its waiver
// would hide the next failure.
func (r *Run) standing(x *Result) standing {
	switch {
	case x.Outcome == check.Skipped:
		return skipped
	case x.Outcome == check.Passed && x.Waiver != nil:
		return stale
	case x.Outcome == check.Passed:
		return passed
	case x.Outcome != check.Failed && x.Outcome != check.Blocked:
		return broken
	case x.Waiver != nil && !r.expired(x):
		return waived
	case x.Level == check.May:
		return optional
	case x.Level == check.Should && !r.Strict:
		return warning
	}
	return problem
}

// expired says whether the waiver of x had run out when the run began. The
// clock of the reader has no say: a saved run means the same for ever.
func (r *Run) expired(x *Result) bool {
	return x.Waiver != nil && x.Waiver.Expires != "" && r.Start.UTC().Format(time.DateOnly) > x.Waiver.Expires
}

// Verdicts answers each verdict asked for, in the order asked.
func (r *Run) Verdicts() []Verdict {
	out := make([]Verdict, 0, len(r.Asked))
	for _, name := range r.Asked {
		v := Verdict{Name: name}
		for i := range r.Results {
			if x := &r.Results[i]; slices.Contains(x.Profiles, name) {
				v.add(x, r.standing(x))
				if x.Outcome != check.Passed && r.expired(x) {
					v.Expired++
				}
			}
		}
		v.NotRun = len(r.notRun(name))
		v.conclude()
		out = append(out, v)
	}
	return out
}

// notRun returns the checks of a verdict that were to be run and were not; ""
// is any verdict.
func (r *Run) notRun(verdict string) []Unrun {
	if r.Incomplete == nil {
		return nil
	}
	var out []Unrun
	for _, u := range r.Incomplete.NotRun {
		if verdict == "" || slices.Contains(u.Profiles, verdict) {
			out = append(out, u)
		}
	}
	return out
}

func (v *Verdict) add(x *Result, s standing) {
	v.Checks++
	switch s {
	case passed:
		v.Passed++
	case problem:
		if x.Outcome == check.Blocked {
			v.Blocked++
			return
		}
		v.Failed++
		if x.Source.Evidence == check.Assumed {
			v.Assumed++
		}
	case warning:
		v.Warnings++
	case optional:
		v.Optional++
	case waived:
		v.Waived++
	case stale:
		v.Stale++
	case skipped:
		v.Skipped++
	case broken:
		v.Errors++
	}
}

func (v *Verdict) conclude() {
	v.Broken = v.Errors > 0
	switch {
	case v.Failed+v.Blocked+v.Stale > 0:
		v.Result = NotConformant
	case v.NotRun > 0:
		v.Result = NotFinished
	case v.Checks == v.Skipped+v.Errors:
		v.Result = NothingChecked
	case v.Warnings > 0:
		v.Result = ConformantWithWarnings
	default:
		v.Result = Conformant
	}
}

// Broken says whether any check is broken, which no verdict survives.
func (r *Run) Broken() bool {
	return slices.ContainsFunc(r.Results, func(x Result) bool { return r.standing(&x) == broken })
}

// Leftovers returns the URLs of what the run left on the provider.
func (r *Run) Leftovers() []string {
	var out []string
	for i := range r.Results {
		out = append(out, r.Results[i].Leftovers...)
	}
	return out
}

// Exit codes that a finished run can lead to.
const (
	ExitConformant    = 0
	ExitNotConformant = 1
	ExitBroken        = 2 // a check is broken, the run is incomplete, or nothing at all was checked
	ExitLeftovers     = 4
)

// ExitCode turns the verdicts into the exit code of a program. Broken comes
// before all else; not conformant before leftovers, since a provider that
// cannot delete leaves some. A verdict for which nothing was checked fails a
// run only with Strict, or when no other verdict was checked either.
func (r *Run) ExitCode() int {
	verdicts := r.Verdicts()
	has := func(a Answer) bool {
		return slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Result == a })
	}
	switch {
	case r.Broken():
		return ExitBroken
	case has(NotConformant):
		return ExitNotConformant
	case has(NotFinished):
		return ExitBroken
	case !has(Conformant) && !has(ConformantWithWarnings):
		return ExitBroken
	case r.Strict && has(NothingChecked):
		return ExitNotConformant
	case len(r.Leftovers()) > 0:
		return ExitLeftovers
	}
	return ExitConformant
}
