// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

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
	checks  []check.Check
	over    bool // write over the last line
	width   int  // columns of the terminal
	verbose bool
	elapsed func() time.Duration
	done    int
	failed  int
}

// progress begins to tell how the run of checks goes.
func (o *outputFlags) progress(p *program, checks []check.Check) *progress {
	start := time.Now()
	g := &progress{w: o.stderr(p), checks: checks, verbose: o.verbose, elapsed: func() time.Duration { return time.Since(start) }}
	g.over, g.width = !o.quiet && !o.verbose && terminal(p.stderr), 80
	if f, ok := p.stderr.(*os.File); ok && g.over {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			g.width = w
		}
	}
	g.line()
	return g
}

// every is how many checks pass without a line where nothing is written over.
const every = 50

// add notes one result. They come in the order of the checks.
func (g *progress) add(r check.Result) {
	g.done++
	bad := r.Outcome == check.Failed || r.Outcome == check.Blocked || r.Outcome == check.Broken
	if bad {
		g.failed++
	}
	switch {
	case g.over:
		g.line()
	case g.verbose || bad:
		fmt.Fprintf(g.w, "%d/%d %-7s %s\n", g.done, len(g.checks), r.Outcome, r.Check.ID)
	case g.done%every == 0 && g.done < len(g.checks):
		fmt.Fprintf(g.w, "%d/%d\n", g.done, len(g.checks))
	}
}

// line writes the line of a terminal: counts, the time that is left, and the
// check whose result is waited for. It keeps within one line, or it could not be
// written over.
func (g *progress) line() {
	if !g.over || g.done == len(g.checks) {
		return
	}
	text := fmt.Sprintf("%d/%d, %d not passed%s  %s", g.done, len(g.checks), g.failed, g.left(), g.checks[g.done].ID)
	fmt.Fprintf(g.w, "\r\x1b[K%s", text[:min(len(text), max(g.width-1, 0))])
}

// left tells how long the rest takes if it goes on as it went, once that can be
// guessed.
func (g *progress) left() string {
	const enough = 20
	if g.done < enough {
		return ""
	}
	rest := g.elapsed() / time.Duration(g.done) * time.Duration(len(g.checks)-g.done)
	return fmt.Sprintf(", about %v left", max(rest.Round(time.Second), time.Second))
}

// end leaves the cursor at the start of an empty line.
func (g *progress) end() {
	if g.over {
		fmt.Fprint(g.w, "\r\x1b[K")
	}
}
