// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reports"
)

func (p *program) reportDiff() *cobra.Command {
	d := &destination{format: words{what: "format", allowed: []string{"text", "html", "json", "md"}, chosen: []string{"text"}}}
	const anything, nothing = "any", "none"
	failOn := words{what: "change", allowed: []string{anything, nothing}, chosen: []string{string(reports.NewProblem)}}
	for _, c := range reports.Changes() {
		failOn.allowed = append(failOn.allowed, string(c))
	}
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Tell what changed from one saved run to a later one",
		Long: `Tell which checks became a problem, stayed one, were fixed, are skipped now, and so on,
from one saved run to a later one. A team whose provider is not perfect yet can keep CI
on, and be told only what got worse.

Exit codes: 0 nothing changed in a way that --fail-on names, 1 something did, 2 wrong
usage or a file that cannot be read.`,
		Example: `  scimproof report diff main/run.json conformance-report/run.json
  scimproof report diff old.json new.json --fail-on new,warning,skipped --format md`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(failOn.chosen) > 1 && (slices.Contains(failOn.chosen, anything) || slices.Contains(failOn.chosen, nothing)) {
				return fmt.Errorf("--fail-on %s: any and none stand alone", &failOn)
			}
			runs, err := p.loadRuns(args)
			if err != nil {
				return err
			}
			diff := reports.Compare(runs[0].Run, runs[1].Run)
			err = d.write(p, map[string]func(io.Writer) error{"text": diff.Text, "html": diff.HTML, "json": diff.JSON, "md": diff.Markdown})
			if err != nil {
				return err
			}
			var wanted []reports.Change
			for _, word := range failOn.chosen {
				wanted = append(wanted, reports.Change(word))
			}
			if failOn.chosen[0] == anything {
				wanted = reports.Changes()
			}
			if diff.Has(wanted...) {
				return conclude(reports.ExitNotConformant)
			}
			return nil
		},
	}
	d.register(c)
	c.Flags().Var(&failOn, "fail-on", "changes that make the exit code 1")
	return c
}

func (p *program) reportMatrix() *cobra.Command {
	d := &destination{format: words{what: "format", allowed: []string{"html", "json", "md", "text"}, chosen: []string{"text"}}}
	c := &cobra.Command{
		Use:   "matrix RUN…",
		Short: "Lay saved runs side by side: providers, or versions of one",
		Long: `Lay saved runs side by side, one column each: verdicts, features, and every check.
A run is called as its file is; NAME=RUN calls it otherwise.`,
		Example: `  scimproof report matrix v1=old/run.json v2=new/run.json --format html -o matrix.html`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			runs, err := p.loadRuns(args)
			if err != nil {
				return err
			}
			m := reports.Beside(runs)
			return d.write(p, map[string]func(io.Writer) error{"text": m.Text, "html": m.HTML, "json": m.JSON, "md": m.Markdown})
		},
	}
	d.register(c)
	return c
}

func (p *program) reportBadge() *cobra.Command {
	var verdict, file string
	var output outputFlags
	c := &cobra.Command{
		Use:   "badge RUN",
		Short: "Write an SVG badge of a saved run",
		Example: `  scimproof report badge conformance-report -o scim.svg
  scimproof report badge run.json --verdict okta -o okta.svg`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := p.loadRun(args[0])
			if err != nil {
				return err
			}
			return p.writeTo(file, &output, func(w io.Writer) error { return reports.Badge(w, run, verdict) })
		},
	}
	f := c.Flags()
	f.StringVar(&verdict, "verdict", "", "the answer to one `VERDICT` instead of the headline")
	f.StringVarP(&file, "output", "o", "", "write to `FILE` instead of standard output")
	output.register(c)
	return c
}
