// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/scimproof/scimproof/suites/check"
)

// outputFlags say how much is printed.
type outputFlags struct {
	verbose, quiet, noColor bool
}

func (o *outputFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print a line for everything that is done")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing but errors; the exit code tells the verdict")
	f.BoolVar(&o.noColor, "no-color", false, "print without colours")
	c.MarkFlagsMutuallyExclusive("verbose", "quiet")
}

// stdout is where results go, stderr where it is told what happens meanwhile.
func (o *outputFlags) stdout(p *program) io.Writer { return unless(o.quiet, p.stdout) }
func (o *outputFlags) stderr(p *program) io.Writer { return unless(o.quiet, p.stderr) }

func unless(quiet bool, w io.Writer) io.Writer {
	if quiet {
		return io.Discard
	}
	return w
}

// color says whether w shows colours (https://no-color.org).
func (o *outputFlags) color(p *program) bool {
	off, _ := p.env("NO_COLOR")
	return !o.noColor && off == "" && terminal(p.stdout)
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress tells on w how far a run is: one line that is written over on a
// terminal; elsewhere a line now and then, and one for each check that did not
// pass.
type progress struct {
	w       io.Writer
	total   int
	over    bool // write over the last line
	verbose bool
	done    int
	failed  int
}

func (o *outputFlags) progress(p *program, total int) *progress {
	return &progress{w: o.stderr(p), total: total, over: !o.quiet && !o.verbose && terminal(p.stderr), verbose: o.verbose}
}

// every is how many checks pass without a line where nothing is written over.
const every = 50

// add notes one result.
func (g *progress) add(r check.Result) {
	g.done++
	bad := r.Outcome == check.Failed || r.Outcome == check.Blocked || r.Outcome == check.Broken
	if bad {
		g.failed++
	}
	switch {
	case g.over:
		fmt.Fprintf(g.w, "\r\x1b[K%d/%d, %d not passed  %s", g.done, g.total, g.failed, r.Check.ID)
	case g.verbose || bad:
		fmt.Fprintf(g.w, "%d/%d %-7s %s\n", g.done, g.total, r.Outcome, r.Check.ID)
	case g.done%every == 0 && g.done < g.total:
		fmt.Fprintf(g.w, "%d/%d\n", g.done, g.total)
	}
}

// end leaves the cursor at the start of an empty line.
func (g *progress) end() {
	if g.over && g.done > 0 {
		fmt.Fprint(g.w, "\r\x1b[K")
	}
}
