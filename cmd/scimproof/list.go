// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/internal/coverage"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func (p *program) list() *cobra.Command {
	format := &words{what: "format", allowed: []string{"text", "json", "md"}, chosen: []string{"text"}}
	var expression, covered string
	var faults, flows bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the checks, the embedded flows, or the faults that serve can plant",
		Example: `  scimproof list --select 'level:must && profile:okta'
  scimproof list --faults
  scimproof list --flows --format json
  scimproof list --coverage`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if len(format.chosen) != 1 {
				return errors.New("--format: list writes one format at a time")
			}
			if faults {
				return listFaults(p.stdout, format.chosen[0])
			}
			if flows {
				return listFlows(p.stdout, format.chosen[0])
			}
			if covered != "" {
				return listCoverage(p.stdout, format.chosen[0], covered)
			}
			checks, err := selected(expression)
			if err != nil {
				return err
			}
			return listChecks(p.stdout, format.chosen[0], checks)
		},
	}
	f := c.Flags()
	f.Var(format, "format", "how to write the list")
	f.BoolVar(&faults, "faults", false, "list the faults instead of the checks")
	f.BoolVar(&flows, "flows", false, "list the embedded flows instead of the checks")
	f.StringVar(&covered, "coverage", "", "list what covers the requirements and the gates of Okta and Microsoft: totals, rows, open, or the `GROUP` of one total")
	f.Lookup("coverage").NoOptDefVal = coverage.Totals
	f.StringVar(&expression, "select", "", selectHelp)
	c.MarkFlagsMutuallyExclusive("faults", "flows", "coverage", "select")
	return c
}

const selectHelp = "only the checks that `EXPR` matches, a Ginkgo label filter over id:, level:, needs:, source:, profile:"

// listed is a check as programs read it.
type listed struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Level    check.Level    `json:"level"`
	Source   string         `json:"source"`
	Evidence check.Evidence `json:"evidence"`
	URL      string         `json:"url,omitempty"`
	Covers   []string       `json:"covers,omitempty"`
	Needs    []string       `json:"needs,omitempty"`
	Profiles []string       `json:"profiles"`
	Breaks   string         `json:"breaks"`
	Fix      string         `json:"fix"`
	Fault    string         `json:"fault,omitempty"` // which proves that the check can fail
}

func listedOf(c check.Check, proof map[string]string) listed {
	return listed{
		c.ID, c.Title, c.Level, c.Source.String(), c.Source.Evidence, c.Source.URL,
		c.Covers, c.Needs, c.Profiles, c.Breaks, c.Fix, proof[c.ID],
	}
}

func listChecks(w io.Writer, format string, checks []check.Check) error {
	switch format {
	case "json":
		all, proof := make([]listed, 0, len(checks)), fault.Proof()
		for _, c := range checks {
			all = append(all, listedOf(c, proof))
		}
		return writeJSON(w, all)
	case "md":
		return checksPage(w, checks)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range checks {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.ID, c.Level, strings.Join(c.Profiles, ","), c.Title)
	}
	fmt.Fprintf(t, "%d checks, catalogue version %s\n", len(checks), suites.Version)
	return t.Flush()
}

// table is a list that is not of checks: its first column is what a flag takes.
type table struct {
	columns []string // lower-case words: headings, and names in JSON
	rows    [][]string
}

func (t table) write(w io.Writer, format string) error {
	switch format {
	case "json":
		all := make([]map[string]string, 0, len(t.rows))
		for _, row := range t.rows {
			object := make(map[string]string, len(row))
			for i, text := range row {
				object[t.columns[i]] = text
			}
			all = append(all, object)
		}
		return writeJSON(w, all)
	case "md":
		var b strings.Builder
		fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
		for _, row := range t.rows {
			b.WriteString("|")
			for _, text := range row {
				b.WriteString(" " + cell(text) + " |")
			}
			b.WriteString("\n")
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		fmt.Fprintln(tabs, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return tabs.Flush()
}

func listFaults(w io.Writer, format string) error {
	t := table{columns: []string{"name", "breaks", "source"}}
	for _, f := range fault.All() {
		t.rows = append(t.rows, []string{f.Name, f.Breaks, f.Source})
	}
	return t.write(w, format)
}

func listFlows(w io.Writer, format string) error {
	flows, err := fixtures.AllFlows()
	if err != nil {
		return err
	}
	t := table{columns: []string{"name", "dialect", "provenance", "source"}}
	for _, f := range flows {
		t.rows = append(t.rows, []string{f.Name, f.Dialect, f.Provenance.Kind, f.Provenance.Source})
	}
	return t.write(w, format)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// checksPage writes docs/checks.md.
func checksPage(w io.Writer, checks []check.Check) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Checks\n\nWritten by `make docs` from the catalogue; changes by hand are lost. %d checks,\ncatalogue version %s. `scimproof explain ID` also shows what a check sends.\n", len(checks), suites.Version)
	area, proof := "", fault.Proof()
	for _, c := range checks {
		if a, _, _ := strings.Cut(c.ID, "."); a != area {
			area = a
			fmt.Fprintf(&b, "\n## %s\n", area)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", c.ID, strings.TrimSuffix(c.Title, "."))
		fmt.Fprintf(&b, "- %s, %s (%s); counts in %s\n", c.Level, sourceLink(c.Source), c.Source.Evidence, strings.Join(c.Profiles, ", "))
		if len(c.Needs) > 0 {
			fmt.Fprintf(&b, "- needs %s\n", strings.Join(c.Needs, ", "))
		}
		if len(c.Covers) > 0 {
			fmt.Fprintf(&b, "- covers `%s`\n", strings.Join(c.Covers, "`, `"))
		}
		fmt.Fprintf(&b, "- breaks: %s\n- fix: %s\n", c.Breaks, c.Fix)
		if name := proof[c.ID]; name != "" {
			fmt.Fprintf(&b, "- proved by the fault `%s`\n", name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sourceLink(s check.Source) string {
	if s.URL == "" {
		return s.String()
	}
	return "[" + s.String() + "](" + s.URL + ")"
}

// cell keeps text within one cell of a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

// selected returns the checks that expression selects, in the order of the
// catalogue. None at all is an error, since nobody means that.
func selected(expression string) ([]check.Check, error) {
	all := suites.All()
	if expression == "" {
		return all, nil
	}
	checks, err := suites.Select(all, expression)
	if err != nil {
		return nil, fmt.Errorf("--select: %w", err)
	}
	if len(checks) == 0 {
		return nil, fmt.Errorf("--select %q selects no check; `scimproof list` shows the ids, and their levels and sources", expression)
	}
	return checks, nil
}
