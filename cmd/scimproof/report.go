// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites"
)

func (p *program) report() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Write, compare and join saved runs",
		Long: `Work on saved runs: the run.json that check writes. RUN is such a file, a directory
that holds one, or - for standard input. Nothing is sent to a provider.`,
		Args: verbOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.reportRender(), p.reportDiff(), p.reportMerge(), p.reportMatrix(), p.reportBadge())
	return c
}

// destination says in which formats something is written, and where.
type destination struct {
	format words
	file   string
	output outputFlags
}

func (d *destination) register(c *cobra.Command) {
	f := c.Flags()
	f.Var(&d.format, "format", "how to write it")
	f.StringVarP(&d.file, "output", "o", "", "write to `FILE` instead of standard output")
	d.output.register(c)
}

// write writes in the one format asked for; by names the writers.
func (d *destination) write(p *program, by map[string]func(io.Writer) error) error {
	if len(d.format.chosen) != 1 {
		return fmt.Errorf("--format %s: one format at a time; allowed: %s", &d.format, strings.Join(d.format.allowed, ", "))
	}
	return p.writeTo(d.file, &d.output, by[d.format.chosen[0]])
}

// writeTo writes to a file, whole or not at all, or to standard output.
func (p *program) writeTo(file string, output *outputFlags, write func(io.Writer) error) error {
	if file == "" {
		return write(output.stdout(p))
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := replaceFile(file, b.Bytes()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

func (p *program) reportRender() *cobra.Command {
	names := append(formatNames(), "text")
	format := words{what: "format", allowed: names, chosen: []string{"text"}}
	var dir string
	var output outputFlags
	c := &cobra.Command{
		Use:   "render RUN",
		Short: "Write a saved run in any format",
		Example: `  scimproof report render conformance-report
  scimproof report render run.json --format md >> "$GITHUB_STEP_SUMMARY"
  scimproof report render run.json --format html,junit,sarif --report reports`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := p.loadRun(args[0])
			if err != nil {
				return err
			}
			text := func(w io.Writer) error { return reports.Console(w, run, output.color(p)) }
			if dir == "" {
				if len(format.chosen) != 1 {
					return fmt.Errorf("--format %s: several formats need --report DIR to write them to", &format)
				}
				for _, f := range formats() {
					if f.name == format.chosen[0] {
						return f.write(output.stdout(p), run)
					}
				}
				return text(output.stdout(p))
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("--report: %w", err)
			}
			files, err := save(dir, format.chosen, run)
			if err != nil {
				return err
			}
			if slices.Contains(format.chosen, "text") {
				if err := text(output.stdout(p)); err != nil {
					return err
				}
			}
			for _, f := range files {
				fmt.Fprintln(output.stdout(p), f)
			}
			return nil
		},
	}
	f := c.Flags()
	f.Var(&format, "format", "how to write it")
	f.StringVar(&dir, "report", "", "write files to `DIR`, under the names that check gives them, instead of one format to standard output")
	output.register(c)
	return c
}

func (p *program) reportMerge() *cobra.Command {
	format := words{what: "format", allowed: formatNames(), chosen: []string{"html", "json", "junit"}}
	var dir string
	var output outputFlags
	c := &cobra.Command{
		Use:   "merge RUN…",
		Short: "Join the parts that check --shard made into one run, and give its verdict",
		Long: `Join the parts of one run, each made by check --shard I/N with the same settings, write
the reports of the whole and print its verdict.

Exit codes: those of check.`,
		Example: `  scimproof report merge part-1/run.json part-2/run.json part-3/run.json`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			parts, err := p.loadRuns(args)
			if err != nil {
				return err
			}
			var order []string
			for _, c := range suites.All() {
				order = append(order, c.ID)
			}
			run, err := reports.Merge(order, parts)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("--report: %w", err)
			}
			files, err := save(dir, format.chosen, run)
			if err != nil {
				return err
			}
			if err := reports.Console(output.stdout(p), run, output.color(p), files...); err != nil {
				return err
			}
			return conclude(run.ExitCode())
		},
	}
	f := c.Flags()
	f.Var(&format, "format", "the reports to write")
	f.StringVar(&dir, "report", "conformance-report", "write the reports to `DIR`")
	output.register(c)
	return c
}
