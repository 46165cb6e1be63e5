// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"slices"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// Change is what became of a check from one run to the next.
type Change string

// The changes, in the order reports show them.
const (
	NewProblem   Change = "new"     // counts as a problem, or is broken, and did not before
	StillProblem Change = "still"   // a problem in both runs
	NewWarning   Change = "warning" // a warning now, passed or not counted before
	NewlySkipped Change = "skipped" // put to the test before, not now
	NotRunNow    Change = "not-run" // the new run ended before it
	NewlyWaived  Change = "waived"
	Fixed        Change = "fixed" // a problem or a warning before, passed now
	Added        Change = "added" // not in the old run, and no problem in the new one
	Gone         Change = "gone"  // not in the new run
)

// Changes lists all kinds of change.
func Changes() []Change {
	return []Change{NewProblem, StillProblem, NewWarning, NewlySkipped, NotRunNow, NewlyWaived, Fixed, Added, Gone}
}

// Diff is what changed between two runs.
type Diff struct {
	Old     DiffSide    `json:"old"`
	New     DiffSide    `json:"new"`
	Notes   []string    `json:"notes"` // why the two may not be compared check by check
	Counts  []DiffCount `json:"counts"`
	Changes []DiffEntry `json:"changes"` // by kind, then as urgent, then as the catalogue has them
	Same    int         `json:"same"`    // checks of which there is nothing to tell
}

// DiffSide names a run.
type DiffSide struct {
	Target    Target    `json:"target"`
	Tool      Tool      `json:"tool"`
	Catalogue string    `json:"catalogue"`
	RunID     string    `json:"runId"`
	Start     time.Time `json:"start"`
	Totals    []Verdict `json:"totals"`
}

// DiffCount is how many checks changed in one way.
type DiffCount struct {
	Change Change `json:"change"`
	Checks int    `json:"checks"`
}

// DiffEntry is one check that changed.
type DiffEntry struct {
	Change   Change      `json:"change"`
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Level    check.Level `json:"level"`
	Verdicts []string    `json:"verdicts"`
	Old      string      `json:"old,omitempty"` // how it counted: "passed", "problem", "warning", …
	New      string      `json:"new,omitempty"`
	Detail   string      `json:"detail,omitempty"` // what is wrong with it now, in a line
}

// Compare tells what changed from one run to a later one. It takes time in
// O(n log n) of the checks.
func Compare(before, after *Run) *Diff {
	d := &Diff{Old: side(before), New: side(after), Notes: diffNotes(before, after)}
	old := make(map[string]*Result, len(before.Results))
	for i := range before.Results {
		old[before.Results[i].ID] = &before.Results[i]
	}
	unrun := make(map[string]bool)
	for _, u := range after.notRun("") {
		unrun[u.ID] = true
	}
	seen := make(map[string]bool, len(after.Results))
	found := make(map[Change][]DiffEntry)
	add := func(c Change, r *Run, x *Result, was, is string) {
		e := DiffEntry{Change: c, ID: x.ID, Title: x.Title, Level: x.Level, Verdicts: append([]string{}, r.countsIn(x)...), Old: was, New: is}
		if r == after && severity(r.standing(x)) > 0 {
			e.Detail = r.detail(x)
		}
		found[c] = append(found[c], e)
	}
	for _, x := range after.urgent(pointers(after.Results)) {
		seen[x.ID] = true
		now := after.standing(x)
		o := old[x.ID]
		switch {
		case o == nil && severity(now) == 2:
			add(NewProblem, after, x, "", now.String())
		case o == nil:
			add(Added, after, x, "", now.String())
		default:
			was := before.standing(o)
			if c := became(was, now); c != "" {
				add(c, after, x, was.String(), now.String())
			} else {
				d.Same++
			}
		}
	}
	for i := range before.Results {
		x := &before.Results[i]
		switch was := before.standing(x).String(); {
		case unrun[x.ID]:
			add(NotRunNow, before, x, was, "not run")
		case !seen[x.ID]:
			add(Gone, before, x, was, "")
		}
	}
	d.Changes = []DiffEntry{}
	for _, c := range Changes() {
		d.Counts = append(d.Counts, DiffCount{c, len(found[c])})
		d.Changes = append(d.Changes, found[c]...)
	}
	return d
}

// Has says whether any check changed in one of the ways.
func (d *Diff) Has(wanted ...Change) bool {
	return slices.ContainsFunc(d.Changes, func(e DiffEntry) bool { return slices.Contains(wanted, e.Change) })
}

// became tells a change of standing; "" is none worth telling.
func became(was, is standing) Change {
	switch {
	case severity(is) == 2 && severity(was) == 2:
		return StillProblem
	case severity(is) == 2:
		return NewProblem
	case is == warning && was != warning:
		return NewWarning
	case is == skipped && was != skipped:
		return NewlySkipped
	case is == waived && was != waived:
		return NewlyWaived
	case is == passed && severity(was) > 0:
		return Fixed
	}
	return ""
}

// severity orders standings: 2 fails a run, 1 warns, 0 neither.
func severity(s standing) int {
	switch s {
	case problem, stale, broken:
		return 2
	case warning:
		return 1
	}
	return 0
}

// detail says in a line what is wrong with x.
func (r *Run) detail(x *Result) string {
	switch {
	case r.standing(x) == stale:
		return "the check passes: remove its waiver"
	case r.expired(x):
		return r.expiry(x) + ": " + x.headline()
	}
	return x.headline()
}

func side(r *Run) DiffSide {
	return DiffSide{Target: r.Target, Tool: r.Tool, Catalogue: r.Catalogue, RunID: r.RunID, Start: r.Start, Totals: r.Verdicts()}
}

// diffNotes says what keeps two runs from being compared like for like.
func diffNotes(before, after *Run) []string {
	notes := []string{}
	differ := func(what, a, b string) {
		if a != b {
			notes = append(notes, what+" differs: "+quoted(a)+" before, "+quoted(b)+" now")
		}
	}
	differ("the base URL", before.Target.BaseURL, after.Target.BaseURL)
	differ("the profile", before.Target.Profile, after.Target.Profile)
	if before.Catalogue != after.Catalogue {
		differ("the catalogue of checks", before.Catalogue, after.Catalogue)
		notes = append(notes, "added and gone checks may come of that, and not of the provider")
	}
	differ("the selection", before.Selection, after.Selection)
	if !slices.Equal(before.Asked, after.Asked) {
		notes = append(notes, "the verdicts asked for differ: checks that count in others alone are added or gone")
	}
	for _, r := range []struct {
		name string
		*Run
	}{{"the old run", before}, {"the new run", after}} {
		if n := len(r.notRun("")); n > 0 {
			notes = append(notes, r.name+" is incomplete: "+r.Incomplete.Reason)
		}
		if r.Shard != nil {
			notes = append(notes, r.name+" is part "+r.Shard.String()+" of a run")
		}
	}
	return notes
}

func quoted(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func pointers(results []Result) []*Result {
	out := make([]*Result, len(results))
	for i := range results {
		out[i] = &results[i]
	}
	return out
}
