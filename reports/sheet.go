// SPDX-License-Identifier: Apache-2.0

package reports

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

//go:embed sheet.html
var sheetText string

// sheet is a report of tables, for what is told of several runs. It is made
// once and written as HTML, Markdown or plain text. Its text is raw: each writer
// makes it safe for its own format.
type sheet struct {
	Title    string // of the page
	Headline string
	Lede     string
	Tone     string
	Notes    []string
	Tables   []sheetTable
}

type sheetTable struct {
	ID, Title, Intro, Tone string
	Collapsed              bool
	Head                   []string // of the columns after the first
	Rows                   []sheetRow
}

type sheetRow struct {
	Name  string // for people; empty: ID is enough
	ID    string
	Cells []sheetCell
}

type sheetCell struct{ Text, Tone, Mark string }

// plain is the cell in a format without colours.
func (c sheetCell) plain() string { return strings.TrimSpace(c.Mark + " " + c.Text) }

func (s *sheet) html(w io.Writer) error {
	v := *s
	one := func(t *string, keep layout) { *t = visible(*t, keep) }
	one(&v.Title, oneLine)
	one(&v.Headline, oneLine)
	one(&v.Lede, oneLine)
	v.Notes = nil
	for _, n := range s.Notes {
		v.Notes = append(v.Notes, visible(n, oneLine))
	}
	v.Tables = nil
	for _, t := range s.Tables {
		rows := make([]sheetRow, 0, len(t.Rows))
		for _, r := range t.Rows {
			cells := make([]sheetCell, 0, len(r.Cells))
			for _, c := range r.Cells {
				cells = append(cells, sheetCell{cut(visible(c.Text, oneLine), markdownValue), c.Tone, c.Mark})
			}
			rows = append(rows, sheetRow{visible(r.Name, oneLine), visible(r.ID, oneLine), cells})
		}
		head := make([]string, 0, len(t.Head))
		for _, h := range t.Head {
			head = append(head, visible(h, oneLine))
		}
		t.Head, t.Rows = head, rows
		v.Tables = append(v.Tables, t)
	}
	return writePage(w, "sheet", sheetText, struct {
		*sheet
		Policy string
	}{&v, policy()})
}

// markdown writes the sheet for a job summary, within its size.
func (s *sheet) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n", md(s.Headline), md(s.Lede))
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "\n> %s\n", md(n))
	}
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "\n### %s\n\n|", md(t.Title))
		fmt.Fprint(&b, " |")
		for _, h := range t.Head {
			fmt.Fprintf(&b, " %s |", md(h))
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(t.Head)) + "\n")
		for i, r := range t.Rows {
			var line strings.Builder
			line.WriteString("| " + strings.TrimSpace(md(r.Name)+" "+mdID(r.ID)) + " |")
			for _, c := range r.Cells {
				line.WriteString(" " + md(c.plain()) + " |")
			}
			if b.Len()+line.Len() > markdownSize {
				fmt.Fprintf(&b, "\n… and %d more; the HTML and JSON reports have them all.\n", len(t.Rows)-i)
				break
			}
			b.WriteString(line.String() + "\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	return nil
}

func mdID(id string) string {
	if id == "" {
		return ""
	}
	return mdCode(id)
}

// text writes the sheet for a terminal: a line a row, without the titles.
func (s *sheet) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", clean(s.Headline), clean(s.Lede))
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "note: %s\n", clean(n))
	}
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "\n%s\n", clean(t.Title))
		lines := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.DiscardEmptyColumns)
		if len(t.Head) > 0 {
			row(lines, "", t.Head)
		}
		for _, r := range t.Rows {
			name := r.ID
			if name == "" {
				name = r.Name
			}
			cells := make([]string, 0, len(r.Cells))
			for _, c := range r.Cells {
				cells = append(cells, c.plain())
			}
			row(lines, name, cells)
		}
		if err := lines.Flush(); err != nil {
			return fmt.Errorf("write text: %w", err)
		}
	}
	text := strings.Builder{}
	for line := range strings.Lines(b.String()) {
		text.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}

func row(w io.Writer, name string, cells []string) {
	fmt.Fprintf(w, "  %s", clean(name))
	for _, c := range cells {
		fmt.Fprintf(w, "\t%s", cut(clean(c), 120))
	}
	fmt.Fprintln(w)
}
