// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// JSON writes the comparison for programs.
func (d *Diff) JSON(w io.Writer) error { return encode(w, d) }

// HTML writes the comparison as one page that needs nothing else.
func (d *Diff) HTML(w io.Writer) error { return d.sheet().html(w) }

// Markdown writes the comparison for a job summary or a comment.
func (d *Diff) Markdown(w io.Writer) error { return d.sheet().markdown(w) }

// Text writes the comparison for a terminal.
func (d *Diff) Text(w io.Writer) error { return d.sheet().text(w) }

type changeTable struct {
	change             Change
	title, intro, tone string
}

// changeTables say what the reports call the kinds of change.
func changeTables() []changeTable {
	return []changeTable{
		{NewProblem, "New problems", "These did not count against the provider before, and do now.", "bad"},
		{StillProblem, "Still problems", "", "bad"},
		{NewWarning, "New warnings", "", "warn"},
		{NewlySkipped, "Newly skipped", "Put to the test before, not now: the provider may have stopped offering something.", "warn"},
		{NotRunNow, "Not run now", "The new run ended before it came to these.", "warn"},
		{NewlyWaived, "Newly waived", "", "none"},
		{Fixed, "Fixed", "", "good"},
		{Added, "Added", "The old run does not have these.", "none"},
		{Gone, "Gone", "The new run does not have these.", "none"},
	}
}

func (d *Diff) sheet() *sheet {
	s := &sheet{
		Title:    "SCIM conformance of " + cmp.Or(d.New.Target.Product, d.New.Target.BaseURL) + ", compared",
		Headline: d.headline(),
		Lede: fmt.Sprintf("Run %s of %s against run %s of %s. %d %s as before.", d.New.RunID, d.New.Start.UTC().Format(time.DateTime),
			d.Old.RunID, d.Old.Start.UTC().Format(time.DateTime), d.Same, plural(d.Same, "check")),
		Notes: d.Notes,
	}
	s.Tables = append(s.Tables, d.verdictTable())
	for _, t := range changeTables() {
		table := sheetTable{
			ID: string(t.change), Intro: t.intro, Tone: t.tone, Head: []string{"Before", "Now", "Verdicts", "Found"},
			Collapsed: t.change == Added || t.change == Gone,
		}
		for _, e := range d.Changes {
			if e.Change == t.change {
				table.Rows = append(table.Rows, sheetRow{Name: e.Title, ID: e.ID, Cells: []sheetCell{
					{Text: cmp.Or(e.Old, "–")}, {Text: cmp.Or(e.New, "–"), Tone: t.tone}, {Text: strings.Join(e.Verdicts, ", ")}, {Text: decoded(e.Detail)},
				}})
			}
		}
		if len(table.Rows) > 0 {
			table.Title = fmt.Sprintf("%s (%d)", t.title, len(table.Rows))
			s.Tables = append(s.Tables, table)
		}
	}
	return s
}

// verdictTable sets the verdicts of the two runs side by side.
func (d *Diff) verdictTable() sheetTable {
	m := Matrix{Columns: []MatrixColumn{{Totals: d.Old.Totals}, {Totals: d.New.Totals}}}
	t := m.verdictTable()
	t.Head = []string{"Before", "Now"}
	return t
}

// headline says what counts: what got worse.
func (d *Diff) headline() string {
	n := make(map[Change]int)
	for _, c := range d.Counts {
		n[c.Change] = c.Checks
	}
	var worse []string
	for _, c := range []struct {
		Change
		text string
	}{{NewProblem, "new " + plural(n[NewProblem], "problem")}, {NewWarning, "new " + plural(n[NewWarning], "warning")}, {NewlySkipped, "newly skipped"}, {NotRunNow, "not run"}} {
		if n[c.Change] > 0 {
			worse = append(worse, fmt.Sprintf("%d %s", n[c.Change], c.text))
		}
	}
	out := cmp.Or(and(worse), "Nothing got worse")
	if n[Fixed] > 0 {
		out += fmt.Sprintf("; %d fixed", n[Fixed])
	}
	if n[StillProblem] > 0 {
		out += fmt.Sprintf("; %d still", n[StillProblem])
	}
	return out
}
