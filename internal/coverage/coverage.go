// SPDX-License-Identifier: Apache-2.0

// Package coverage says of every requirement and of every case of a gate which
// check, or which rule for IdPs, fails when it does not hold, and of the others
// why there is none.
package coverage

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/idp"
)

// Row is a requirement or a case of a gate.
type Row struct {
	Group  string   `json:"group"` // RFC7644, or a gate: okta-spec
	ID     string   `json:"id"`
	Level  string   `json:"level"` // as printed in a specification; of a gate: must, should, optional
	Party  string   `json:"party,omitempty"`
	Text   string   `json:"text"`
	Cases  int      `json:"cases"` // that the row stands for
	Checks []string `json:"checks,omitempty"`
	Rules  []string `json:"rules,omitempty"` // of scimproof lint
	Reason string   `json:"reason,omitempty"`
}

// Covered says whether anything fails when the row does not hold.
func (r Row) Covered() bool { return len(r.Checks)+len(r.Rules) > 0 }

// Open says whether nothing covers the row, and nobody has said why.
func (r Row) Open() bool { return !r.Covered() && r.Reason == "" }

// Total counts the cases of a group, or those of one level in it.
type Total struct {
	Group   string `json:"group"`
	Level   string `json:"level,omitempty"` // "": all levels
	Title   string `json:"title,omitempty"`
	Cases   int    `json:"cases"`
	Covered int    `json:"covered"`
	Unseen  int    `json:"unseen"` // with the reason
	Open    int    `json:"open"`
}

// Report is the whole coverage: totals first.
type Report struct {
	Totals []Total `json:"totals"`
	Rows   []Row   `json:"rows"`
}

// New measures the catalogue: O(rows + checks).
func New() (*Report, error) {
	r := &Report{Totals: []Total{}, Rows: []Row{}}
	all, err := gates.All()
	if err != nil {
		return nil, err
	}
	if err := r.requirements(drafted(all)); err != nil {
		return nil, err
	}
	for _, g := range all {
		var rows []Row
		for _, w := range g.Rows {
			level := w.Level
			if level == "" {
				level = "must"
			}
			rows = append(rows, Row{Group: g.Name, ID: w.ID, Level: level, Text: w.Text, Cases: w.Count(), Checks: w.Checks, Reason: w.Reason})
		}
		r.add(g.Name, g.Title, rows, false)
	}
	return r, nil
}

// outside says why a row of the specifications without a check has none, where
// its own fields say so.
func outside(q requirements.Requirement) string {
	switch {
	case q.Testable == "no":
		return "cannot be seen from outside"
	case q.Level == "MAY" || q.Level == "OPTIONAL":
		return "a permission: neither answer is a fault"
	case !slices.Contains([]string{"RFC7643", "RFC7644", "RFC9865"}, q.Source) && q.Party != "client":
		return "neither Okta nor Entra ID is known to use this specification, and no check looks at it"
	}
	return ""
}

// drafted gives the rows of the drafts' verdicts, by id of the requirement.
func drafted(all []gates.Gate) map[string]gates.Row {
	rows := map[string]gates.Row{}
	for _, g := range all {
		for _, w := range g.Rows {
			if g.Informative {
				rows[w.ID] = w
			}
		}
	}
	return rows
}

func (r *Report) requirements(drafts map[string]gates.Row) error {
	all, err := requirements.All()
	if err != nil {
		return err
	}
	reasons, err := idp.Reasons()
	if err != nil {
		return err
	}
	checks := map[string][]string{}
	for _, c := range suites.All() {
		for _, id := range c.Covers {
			checks[id] = append(checks[id], c.ID)
		}
	}
	rules := idp.Covers()
	by := map[string][]Row{}
	var groups []string
	for _, q := range all {
		if !slices.Contains(groups, q.Source) {
			groups = append(groups, q.Source)
		}
		row := Row{Group: q.Source, ID: q.ID, Level: q.Level, Party: q.Party, Text: q.Text, Cases: 1, Checks: checks[q.ID], Rules: rules[q.ID]}
		if !row.Covered() {
			draft := drafts[q.ID]
			row.Checks, row.Reason = draft.Checks, cmp.Or(reasons[q.ID], draft.Reason, outside(q))
			if row.Covered() {
				row.Reason = ""
			}
		}
		by[q.Source] = append(by[q.Source], row)
	}
	slices.Sort(groups)
	for _, g := range groups {
		r.add(g, "", by[g], true)
	}
	return nil
}

// levels is the order in which totals are shown.
var levels = [...]string{"MUST", "MUST NOT", "STATED", "SHOULD", "SHOULD NOT", "DERIVED", "MAY"}

// add appends the rows of a group, its total, and one for each level.
func (r *Report) add(group, title string, rows []Row, byLevel bool) {
	sum := func(level string) Total {
		t := Total{Group: group, Level: level, Title: title}
		for _, w := range rows {
			if level != "" && w.Level != level {
				continue
			}
			t.Cases += w.Cases
			switch {
			case w.Covered():
				t.Covered += w.Cases
			case w.Reason != "":
				t.Unseen += w.Cases
			default:
				t.Open += w.Cases
			}
		}
		return t
	}
	r.Totals = append(r.Totals, sum(""))
	if byLevel {
		for _, level := range levels {
			if t := sum(level); t.Cases > 0 {
				r.Totals = append(r.Totals, t)
			}
		}
	}
	r.Rows = append(r.Rows, rows...)
}

// What of a report is shown.
const (
	Totals = "totals"
	Rows   = "rows" // totals, and every row
	Open   = "open" // totals, and the rows that nothing covers and nobody has explained
)

// Only keeps the part of r that what names: totals, rows, open, or a group.
func (r *Report) Only(what string) (*Report, error) {
	keep := func(group func(string) bool, row func(Row) bool) *Report {
		return &Report{
			Totals: slices.DeleteFunc(slices.Clone(r.Totals), func(t Total) bool { return !group(t.Group) }),
			Rows:   slices.DeleteFunc(slices.Clone(r.Rows), func(w Row) bool { return !row(w) }),
		}
	}
	every := func(string) bool { return true }
	switch what {
	case Totals:
		return keep(every, func(Row) bool { return false }), nil
	case Rows:
		return r, nil
	case Open:
		return keep(every, Row.Open), nil
	}
	part := keep(func(g string) bool { return g == what }, func(w Row) bool { return w.Group == what })
	if len(part.Totals) == 0 {
		return nil, fmt.Errorf("--coverage %q: want %s, %s, %s, or one of %v", what, Totals, Rows, Open, r.groups())
	}
	return part, nil
}

func (r *Report) groups() []string {
	var names []string
	for _, t := range r.Totals {
		if t.Level == "" {
			names = append(names, t.Group)
		}
	}
	return names
}
