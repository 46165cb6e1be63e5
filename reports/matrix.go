// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"fmt"
	"slices"
	"time"
)

// Matrix lays runs side by side: providers, or versions of one.
type Matrix struct {
	Columns  []MatrixColumn `json:"columns"`
	Features []MatrixRow    `json:"features"` // areas of the catalogue
	Checks   []MatrixCheck  `json:"checks"`
	Notes    []string       `json:"notes"`
}

// MatrixColumn is one run.
type MatrixColumn struct {
	Name      string    `json:"name"`
	Target    Target    `json:"target"`
	Catalogue string    `json:"catalogue"`
	Start     time.Time `json:"start"`
	Totals    []Verdict `json:"totals"`
	Note      string    `json:"note,omitempty"` // what the run is only a part of
}

// MatrixRow is one feature in all runs.
type MatrixRow struct {
	Feature string  `json:"feature"`
	Cells   []Tally `json:"cells"`
}

// MatrixCheck is one check in all runs. A state is how the check counts in a
// run: "passed", "problem", …, "not run"; "" where the run does not have it.
type MatrixCheck struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	States []string `json:"states"`
}

// Tally counts the checks of a feature, in one run or one verdict.
type Tally struct {
	Checks   int `json:"checks"`
	Passed   int `json:"passed"`
	Problems int `json:"problems"` // failed, blocked, needlessly waived
	Warnings int `json:"warnings"`
	Broken   int `json:"broken"`
	Skipped  int `json:"skipped"` // or not run
	Others   int `json:"others"`  // waived or optional: do not count
}

func (t *Tally) add(s standing) {
	t.Checks++
	switch s {
	case passed:
		t.Passed++
	case problem, stale:
		t.Problems++
	case warning:
		t.Warnings++
	case broken:
		t.Broken++
	case skipped:
		t.Skipped++
	default:
		t.Others++
	}
}

// tone is the colour of a tally.
func (t Tally) tone() string {
	switch {
	case t.Problems > 0:
		return "bad"
	case t.Warnings+t.Broken > 0:
		return "warn"
	case t.Passed > 0:
		return "good"
	}
	return "none"
}

// words says "12 of 14", what stands in a cell.
func (t Tally) words() string {
	if n := t.Checks - t.Skipped - t.Others; n > 0 {
		return fmt.Sprintf("%d of %d", t.Passed, n)
	}
	return "not tested"
}

// features tallies the run by feature and verdict asked for, in the order of
// the catalogue.
func (r *Run) features() []MatrixRow {
	at := make(map[string]int)
	var out []MatrixRow
	add := func(id string, verdicts []string, s standing) {
		n, ok := at[area(id)]
		if !ok {
			n = len(out)
			at[area(id)] = n
			out = append(out, MatrixRow{Feature: area(id), Cells: make([]Tally, len(r.Asked))})
		}
		for i, v := range r.Asked {
			if slices.Contains(verdicts, v) {
				out[n].Cells[i].add(s)
			}
		}
	}
	for i := range r.Results {
		x := &r.Results[i]
		add(x.ID, x.Profiles, r.standing(x))
	}
	for _, u := range r.notRun("") {
		add(u.ID, u.Profiles, skipped)
	}
	return out
}

// Beside lays runs side by side. Rows stand in the order of the first run;
// what only later runs have follows. It takes time in O(checks × runs).
func Beside(runs []Named) *Matrix {
	m := &Matrix{Notes: []string{}, Features: []MatrixRow{}, Checks: []MatrixCheck{}}
	feature, row := make(map[string]int), make(map[string]int)
	add := func(column int, id, title, state string, s standing) {
		f, ok := feature[area(id)]
		if !ok {
			f = len(m.Features)
			feature[area(id)] = f
			m.Features = append(m.Features, MatrixRow{area(id), make([]Tally, len(runs))})
		}
		m.Features[f].Cells[column].add(s)
		n, ok := row[id]
		if !ok {
			n = len(m.Checks)
			row[id] = n
			m.Checks = append(m.Checks, MatrixCheck{id, title, make([]string, len(runs))})
		}
		m.Checks[n].States[column] = state
	}
	for i, named := range runs {
		r := named.Run
		m.Columns = append(m.Columns, MatrixColumn{
			Name: named.Name, Target: r.Target, Catalogue: r.Catalogue,
			Start: r.Start, Totals: r.Verdicts(), Note: r.partNote(),
		})
		for j := range r.Results {
			x := &r.Results[j]
			s := r.standing(x)
			add(i, x.ID, x.Title, s.String(), s)
		}
		for _, u := range r.notRun("") {
			add(i, u.ID, u.Title, "not run", skipped)
		}
		if r.Catalogue != runs[0].Run.Catalogue {
			m.Notes = append(m.Notes, fmt.Sprintf("%s was checked with catalogue %s, %s with %s: a check that only one has says nothing of the other.",
				named.Name, quoted(r.Catalogue), runs[0].Name, quoted(runs[0].Run.Catalogue)))
		}
	}
	return m
}

// verdicts lists the verdicts of all columns, each once.
func (m *Matrix) verdicts() []string {
	var out []string
	for _, c := range m.Columns {
		for _, v := range c.Totals {
			if !slices.Contains(out, v.Name) {
				out = append(out, v.Name)
			}
		}
	}
	return out
}

// verdict gives a column's answer to a verdict; the zero Verdict where it was
// not asked for.
func (c *MatrixColumn) verdict(name string) Verdict {
	for _, v := range c.Totals {
		if v.Name == name {
			return v
		}
	}
	return Verdict{}
}

// differing says whether the runs do not agree on the check.
func (c *MatrixCheck) differing() bool {
	return slices.ContainsFunc(c.States, func(s string) bool { return s != c.States[0] })
}
