// SPDX-License-Identifier: Apache-2.0

package coverage

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error {
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tabs, "group\tlevel\tcases\tcovered\tunseen\topen\t")
	for _, t := range r.Totals {
		fmt.Fprintf(tabs, "%s\t%s\t%d\t%d\t%d\t%d\t\n", t.Group, cmp.Or(t.Level, "all"), t.Cases, t.Covered, t.Unseen, t.Open)
	}
	if err := tabs.Flush(); err != nil {
		return fmt.Errorf("write coverage: %w", err)
	}
	var b strings.Builder
	for i, row := range r.Rows {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s  %s  %s\n    %s\n", row.ID, row.Level, row.Text, row.by(func(s string) string { return s }))
	}
	if len(r.Rows) == 0 {
		b.WriteString("\nunseen: nothing can show it, with the reason; open: nobody has said why not.\n" +
			"--coverage=rows shows every row, --coverage=open those that are open, --coverage=GROUP one group.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes docs/coverage.md.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Coverage\n\nWritten by `make docs`; changes by hand are lost. What fails when a requirement, or a case of a gate, " +
		"does not hold: checks, and rules of `scimproof lint` for what binds an IdP. *Unseen* is what nothing can show, with the reason; " +
		"*open* is what nobody has covered or explained. How the reference server answers each requirement is in [requirements.md](requirements.md).\n\n" +
		"| group | level | cases | covered | unseen | open |\n|---|---|--:|--:|--:|--:|\n")
	for _, t := range r.Totals {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d |\n", cell(cmp.Or(t.Title, t.Group)), cmp.Or(t.Level, "**all**"), t.Cases, t.Covered, t.Unseen, t.Open)
	}
	group := ""
	for _, row := range r.Rows {
		if row.Group != group {
			group = row.Group
			fmt.Fprintf(&b, "\n## %s\n\n| id | level | what | covered by |\n|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.ID, row.Level, cell(row.Text), cell(row.by(func(s string) string { return "`" + s + "`" })))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// by says what covers a row, or why nothing does.
func (r Row) by(name func(string) string) string {
	var parts []string
	for _, id := range r.Checks {
		parts = append(parts, name(id))
	}
	for _, id := range r.Rules {
		parts = append(parts, "lint "+name(id))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case r.Reason != "":
		return "unseen: " + r.Reason
	}
	return "open"
}

// cell keeps text within one cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}
