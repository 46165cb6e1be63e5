// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"io"
	"time"
)

// JSON writes the matrix for programs.
func (m *Matrix) JSON(w io.Writer) error { return encode(w, m) }

// HTML writes the matrix as one page that needs nothing else.
func (m *Matrix) HTML(w io.Writer) error { return m.sheet().html(w) }

// Markdown writes the matrix for a job summary or a comment.
func (m *Matrix) Markdown(w io.Writer) error { return m.sheet().markdown(w) }

// Text writes the matrix for a terminal.
func (m *Matrix) Text(w io.Writer) error { return m.sheet().text(w) }

func (m *Matrix) sheet() *sheet {
	names := make([]string, 0, len(m.Columns))
	for _, c := range m.Columns {
		names = append(names, c.Name)
	}
	s := &sheet{Title: "SCIM conformance, side by side", Headline: and(names)}
	for _, c := range m.Columns {
		if c.Note != "" {
			s.Notes = append(s.Notes, c.Name+": "+c.Note)
		}
	}
	s.Notes = append(s.Notes, m.Notes...)
	differ := sheetTable{ID: "differences", Tone: "warn", Head: names, Intro: "Checks on which the runs do not agree."}
	all := sheetTable{ID: "checks", Tone: "none", Head: names, Collapsed: true}
	for i := range m.Checks {
		c := &m.Checks[i]
		r := sheetRow{Name: c.Title, ID: c.ID, Cells: stateCells(c.States)}
		if c.differing() {
			differ.Rows = append(differ.Rows, r)
		}
		all.Rows = append(all.Rows, r)
	}
	s.Lede = fmt.Sprintf("%d %s in %d features; the runs do not agree on %d.", len(m.Checks), plural(len(m.Checks), "check"), len(m.Features), len(differ.Rows))
	s.Tables = []sheetTable{m.verdictTable(), m.featureTable(names)}
	if len(differ.Rows) > 0 {
		differ.Title = fmt.Sprintf("Differences (%d)", len(differ.Rows))
		s.Tables = append(s.Tables, differ)
	}
	all.Title = fmt.Sprintf("All checks (%d)", len(all.Rows))
	s.Tables = append(s.Tables, all, m.aboutTable(names))
	return s
}

func (m *Matrix) verdictTable() sheetTable {
	t := sheetTable{ID: "verdicts", Title: "Verdicts", Tone: "none"}
	for _, c := range m.Columns {
		t.Head = append(t.Head, c.Name)
	}
	for _, name := range m.verdicts() {
		r := sheetRow{Name: label(name)}
		for i := range m.Columns {
			v := m.Columns[i].verdict(name)
			if v.Name == "" {
				r.Cells = append(r.Cells, sheetCell{Text: "not asked for", Tone: "none"})
				continue
			}
			c := newCard(v)
			r.Cells = append(r.Cells, sheetCell{Text: c.Answer + ": " + c.Facts, Tone: c.Tone, Mark: mark(c.Tone)})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func (m *Matrix) featureTable(names []string) sheetTable {
	t := sheetTable{ID: "features", Title: "Features", Tone: "none", Head: names, Intro: "Checks passed, of those put to the test."}
	for _, f := range m.Features {
		r := sheetRow{Name: f.Feature}
		for _, cell := range f.Cells {
			tone := cell.tone()
			r.Cells = append(r.Cells, sheetCell{Text: cell.words(), Tone: tone, Mark: mark(tone)})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func (m *Matrix) aboutTable(names []string) sheetTable {
	t := sheetTable{ID: "about", Title: "About the runs", Tone: "none", Head: names}
	for _, f := range []struct {
		name string
		of   func(MatrixColumn) string
	}{
		{"Base URL", func(c MatrixColumn) string { return c.Target.BaseURL }},
		{"Product", func(c MatrixColumn) string { return c.Target.Product }},
		{"Profile", func(c MatrixColumn) string { return c.Target.Profile }},
		{"Catalogue", func(c MatrixColumn) string { return c.Catalogue }},
		{"Started", func(c MatrixColumn) string { return c.Start.UTC().Format(time.RFC3339) }},
	} {
		r := sheetRow{Name: f.name}
		for _, c := range m.Columns {
			r.Cells = append(r.Cells, sheetCell{Text: cmp.Or(f.of(c), "–")})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// mark is the sign of a tone, for those who see no colours.
func mark(tone string) string {
	switch tone {
	case "good":
		return "✓"
	case "warn":
		return "!"
	case "bad":
		return "✕"
	}
	return "–"
}

// stateCells colours how one check counts in each run.
func stateCells(states []string) []sheetCell {
	out := make([]sheetCell, 0, len(states))
	for _, s := range states {
		c := sheetCell{Text: cmp.Or(s, "not in this run"), Tone: "none", Mark: mark("none")}
		switch s {
		case passed.String():
			c.Tone = "good"
		case problem.String(), stale.String():
			c.Tone = "bad"
		case warning.String(), broken.String():
			c.Tone = "warn"
		}
		c.Mark = mark(c.Tone)
		out = append(out, c)
	}
	return out
}
