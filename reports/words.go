// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// String names a standing as the reports do.
func (s standing) String() string {
	return [...]string{"passed", "problem", "warning", "optional", "waived", "stale waiver", "skipped", "broken"}[s]
}

// label is what people call a verdict.
func label(verdict string) string {
	switch verdict {
	case check.RFC:
		return "RFC 7643 and 7644"
	case check.Okta:
		return "Okta"
	case check.Entra:
		return "Entra ID"
	case check.ProductBehaviour:
		return "Product"
	case "ipsie-al1", "ipsie-al2":
		return "IPSIE " + strings.ToUpper(verdict[len("ipsie-"):]) + " (draft)"
	case "interop":
		return "SCIM interoperability profile (draft)"
	}
	return verdict
}

// words say the answer as people do: "conformant, with warnings".
func (a Answer) words() string {
	return strings.ReplaceAll(strings.ReplaceAll(string(a), "-with-", ", with "), "-", " ")
}

// counts gives "2 failed, 1 blocked, 40 passed", without what is zero.
func (v Verdict) counts() string {
	parts := make([]string, 0, 9)
	for _, c := range []struct {
		n    int
		text string
	}{
		{v.Failed, "failed"}, {v.Blocked, "blocked"}, {v.Errors, "broken"}, {v.Stale, "stale " + plural(v.Stale, "waiver")},
		{v.Warnings, plural(v.Warnings, "warning")}, {v.Passed, "passed"}, {v.Waived, "waived"},
		{v.Optional, "optional"}, {v.Skipped, "skipped"}, {v.NotRun, "not run"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.text))
		}
	}
	if len(parts) == 0 {
		return "no checks"
	}
	return strings.Join(parts, ", ")
}

// note says how many failures rest on an assumption and how many waivers have
// run out, or "".
func (v Verdict) note() string {
	var parts []string
	switch v.Assumed {
	case 0:
	case 1:
		parts = append(parts, "1 failure rests on an assumption, because documentation is silent")
	default:
		parts = append(parts, fmt.Sprintf("%d failures rest on assumptions, because documentation is silent", v.Assumed))
	}
	if v.Expired > 0 {
		parts = append(parts, fmt.Sprintf("%d %s expired", v.Expired, map[bool]string{true: "waiver has", false: "waivers have"}[v.Expired == 1]))
	}
	return strings.Join(parts, "; ")
}

// partNote says that a run is a part of what was asked for, and which, or "".
func (r *Run) partNote() string {
	var parts []string
	if n := len(r.notRun("")); n > 0 {
		parts = append(parts, fmt.Sprintf("Incomplete: %d of %d checks were not run (%s).", n, n+len(r.Results), strings.TrimSuffix(r.Incomplete.Reason, ".")))
	}
	if r.Shard != nil {
		parts = append(parts, fmt.Sprintf("Part %d of %d: the verdict is that of this part. `scimproof report merge` joins the parts.", r.Shard.Index, r.Shard.Count))
	}
	if r.Selection != "" {
		parts = append(parts, fmt.Sprintf("Only checks that match %s were chosen: the verdict is about these.", r.Selection))
	}
	return strings.Join(parts, " ")
}

// expiry says that the waiver of x has run out, or "".
func (r *Run) expiry(x *Result) string {
	if !r.expired(x) {
		return ""
	}
	return fmt.Sprintf("the waiver expired on %s (%s)", x.Waiver.Expires, x.Waiver.Reason)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// area is the first word of a check's id.
func area(id string) string {
	a, _, _ := strings.Cut(id, ".")
	return a
}

// headline says in one line what was wrong with x: its first finding, or the
// reason it was not judged.
func (x *Result) headline() string {
	switch {
	case len(x.Findings) > 0:
		return x.Findings[0].String()
	case x.Reason != "":
		return x.Reason
	}
	return "no details were recorded"
}

// telling returns the exchange that x's first finding is about, or the last
// one; nil if none was made.
func (x *Result) telling() *Exchange {
	if len(x.Findings) > 0 {
		if e := x.exchange(x.Findings[0].LookedAt); e != nil {
			return e
		}
	}
	if n := len(x.Exchanges); n > 0 {
		return &x.Exchanges[n-1]
	}
	return nil
}

// exchange returns the last exchange with that name, as the one that a finding
// is most likely about. Findings of flows have the name of the step before it:
// "look up ada: GET /Users".
func (x *Result) exchange(name string) *Exchange {
	for i := len(x.Exchanges) - 1; i >= 0; i-- {
		if e := &x.Exchanges[i]; e.Name() == name || strings.HasSuffix(name, ": "+e.Name()) {
			return e
		}
	}
	return nil
}

// line gives "GET /Users/1 → 200 (12 ms)".
func (x *Exchange) line() string {
	return fmt.Sprintf("%s → %s (%s)", x.Name(), x.answer(), took(x.DurationMS))
}

func (x *Exchange) answer() string {
	if x.Status == 0 {
		return "no answer"
	}
	return fmt.Sprint(x.Status)
}

// took rounds a duration to what people read: "0.4 ms", "12 ms", "3.1 s".
func took(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

// took is how long the run lasted.
func (r *Run) took() string { return took(float64(r.End.Sub(r.Start)) / float64(time.Millisecond)) }

// with returns the results of the given standings, in the catalogue's order.
func (r *Run) with(wanted ...standing) []*Result {
	var out []*Result
	for i := range r.Results {
		if x := &r.Results[i]; slices.Contains(wanted, r.standing(x)) {
			out = append(out, x)
		}
	}
	return out
}

// urgent sorts results so that what to fix first comes first: failed before
// blocked, since a blocked check is often freed by another's repair; then what
// counts in more of the verdicts asked for; then firm levels before soft ones.
// The catalogue's order breaks ties.
func (r *Run) urgent(results []*Result) []*Result {
	outcomes := []check.Outcome{check.Broken, check.Failed, check.Blocked, check.Passed, check.Skipped}
	levels := []check.Level{check.Must, check.Vendor, check.Product, check.Should, check.May}
	out := slices.Clone(results)
	slices.SortStableFunc(out, func(a, b *Result) int {
		return cmp.Or(
			cmp.Compare(slices.Index(outcomes, a.Outcome), slices.Index(outcomes, b.Outcome)),
			cmp.Compare(len(r.countsIn(b)), len(r.countsIn(a))),
			cmp.Compare(slices.Index(levels, a.Level), slices.Index(levels, b.Level)),
		)
	})
	return out
}

// countsIn returns the verdicts asked for that x counts in.
func (r *Run) countsIn(x *Result) []string {
	var out []string
	for _, v := range r.Asked {
		if slices.Contains(x.Profiles, v) {
			out = append(out, v)
		}
	}
	return out
}

// evidence says in words how we know what a check demands.
func evidence(e check.Evidence) string {
	switch e {
	case check.Standard:
		return "A published standard says so."
	case check.Documented:
		return "The vendor's own documentation says so."
	case check.Recorded:
		return "Published traffic shows it."
	case check.Reported:
		return "It has been reported, without the bytes."
	case check.Assumed:
		return "An assumption: documentation is silent, and the profile chooses. Weigh a failure accordingly."
	}
	return ""
}
