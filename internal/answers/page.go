// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// write writes the page.
func write(w io.Writer, rows []row) error {
	var b strings.Builder
	b.WriteString("# Requirements and answers\n\nWritten by `make docs`; changes by hand are lost. " +
		"One row for each demand of RFC 7643, RFC 7644 and RFC 9865 that binds a server, as restated in " +
		"[fixtures/requirements](../fixtures/requirements/README.md), and how the reference server answers it. " +
		"A row is *met* by the checks that cover it, all of which the server passes, or by the Go tests named. " +
		"*Not yet shown* says that nobody has looked, or that no test says what came of it.\n\n")
	total(&b, rows)
	source, section := "", ""
	for _, r := range rows {
		if r.Source != source {
			source, section = r.Source, ""
			fmt.Fprintf(&b, "\n## %s\n", strings.Replace(source, "RFC", "RFC ", 1))
		}
		if r.Section != section {
			section = r.Section
			fmt.Fprintf(&b, "\n### §%s\n\n| id | level | requirement | answer |\n|---|---|---|---|\n", section)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.ID, r.Level, cell(r.Text), cell(r.says()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// total writes how often each answer is given at each level.
func total(b *strings.Builder, rows []row) {
	levels := []string{"MUST", "MUST NOT", "STATED", "SHOULD", "SHOULD NOT", "DERIVED", "MAY"}
	counts := map[[2]string]int{}
	for _, r := range rows {
		counts[[2]string{r.answer, r.Level}]++
		counts[[2]string{r.answer, "all"}]++
		counts[[2]string{"all", r.Level}]++
		counts[[2]string{"all", "all"}]++
	}
	columns := slices.Concat(levels, []string{"all"})
	fmt.Fprintf(b, "| answer | %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)))
	for _, a := range []string{met, optional, unmet, outside, unshown, "all"} {
		fmt.Fprintf(b, "| %s |", a)
		for _, l := range columns {
			fmt.Fprintf(b, " %d |", counts[[2]string{a, l}])
		}
		b.WriteString("\n")
	}
}

// says puts the answer into words.
func (r row) says() string {
	switch r.answer {
	case optional, unmet:
		return r.answer + ": " + r.entry.Missing
	case outside:
		return r.answer + ": " + r.entry.Outside
	case unshown:
		return r.answer
	}
	const most = 4 // a row that half the catalogue touches names some of it
	var by []string
	for i, id := range r.checks {
		if i == most {
			by = append(by, fmt.Sprintf("%d more", len(r.checks)-most))
			break
		}
		by = append(by, "`"+id+"`")
	}
	for _, name := range r.entry.Tests {
		by = append(by, "`"+name+"`")
	}
	return met + ": " + strings.Join(by, ", ")
}

// cell keeps text within one cell of a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }
