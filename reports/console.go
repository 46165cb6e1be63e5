// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// What a terminal shows of a long list; nobody scrolls further.
const (
	consoleResults  = 20
	consoleFindings = 5
)

// Console writes the summary for a terminal: a line for each verdict, then what
// to fix, most pressing first, each with one exchange. The files are those
// written; the last line names them. What the provider sent cannot move the
// cursor or colour the screen.
func Console(w io.Writer, r *Run, color bool, files ...string) error {
	c := console{color: color, width: 8}
	for _, name := range r.Asked {
		c.width = max(c.width, len(name))
	}
	c.head(r)
	for _, v := range r.Verdicts() {
		c.verdict(v)
	}
	if note := r.partNote(); note != "" {
		c.line("\n%s", c.paint(yellow, clean(note)))
	}
	c.gates(r)
	c.section(r, "Broken checks (not the provider's fault)", broken)
	c.section(r, "Fix first", problem, stale)
	c.section(r, "Warnings", warning)
	c.unrun(r)
	if left := r.Leftovers(); len(left) > 0 {
		c.title(fmt.Sprintf("Left behind on the provider (%d)", len(left)))
		for _, u := range left {
			c.line("  %s", clean(u))
		}
	}
	if len(files) > 0 {
		c.line("")
		c.line("Every exchange is in %s", clean(strings.Join(files, ", ")))
	}
	if _, err := io.WriteString(w, c.b.String()); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

type console struct {
	b     strings.Builder
	color bool
	width int // of the names of verdicts
}

// Colours of ISO 6429 that are readable on light and dark screens.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (c *console) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

func (c *console) title(s string) { c.line("\n%s", c.paint(bold, s)) }

func (c *console) paint(code, s string) string {
	if !c.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (c *console) head(r *Run) {
	c.line("%s · %s · profile %s · %d checks in %s", clean(strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version)),
		clean(r.Target.BaseURL), clean(cmp.Or(r.Target.Profile, "none")), len(r.Results), r.took())
	c.line("")
}

func (c *console) verdict(v Verdict) {
	mark, code := "✗", red
	switch v.Result {
	case Conformant:
		mark, code = "✓", green
	case ConformantWithWarnings:
		mark, code = "!", yellow
	case NotFinished:
		mark, code = "…", yellow
	case NothingChecked:
		mark, code = "–", dim
	}
	answer := v.Result.words()
	if v.Broken {
		answer, mark, code = answer+" (broken)", "?", yellow
	}
	line := fmt.Sprintf("%s %-*s  %s", c.paint(code, mark), c.width, clean(v.Name), c.paint(code, fmt.Sprintf("%-26s", answer)))
	c.line("%s  %s", line, v.counts())
	if note := v.note(); note != "" {
		c.line("            %s", c.paint(dim, note))
	}
}

func (c *console) section(r *Run, title string, wanted ...standing) {
	results := r.urgent(r.with(wanted...))
	if len(results) == 0 {
		return
	}
	c.title(fmt.Sprintf("%s (%d)", title, len(results)))
	for i, x := range results {
		if i == consoleResults {
			c.line("\n  … and %d more", len(results)-i)
			return
		}
		c.result(r, x)
	}
}

// unrun lists what an incomplete run did not come to.
func (c *console) unrun(r *Run) {
	missing := r.notRun("")
	if len(missing) == 0 {
		return
	}
	c.title(fmt.Sprintf("Not run (%d)", len(missing)))
	for i, u := range missing {
		if i == consoleResults {
			c.line("  … and %d more", len(missing)-i)
			return
		}
		c.line("  %s", clean(u.ID))
	}
}

func (c *console) result(r *Run, x *Result) {
	code := red
	if s := r.standing(x); s == warning || s == broken || s == stale {
		code = yellow
	}
	outcome := string(x.Outcome)
	if r.standing(x) == stale {
		outcome = "passes, yet is waived"
	}
	note := fmt.Sprintf("%s · %s · %s", x.Level, clean(x.Source.Text), strings.Join(r.countsIn(x), ", "))
	if x.Source.Evidence == check.Assumed {
		note += " · rests on an assumption"
	}
	c.line("\n  %s  %s", c.paint(code, outcome), c.paint(bold, clean(x.ID)))
	c.line("  %s", clean(x.Title))
	c.line("  %s", c.paint(dim, note))
	if x.Reason != "" {
		c.line("    %s", clean(x.Reason))
	}
	for i, f := range x.Findings {
		if i == consoleFindings {
			c.line("    … and %d more findings", len(x.Findings)-i)
			break
		}
		c.line("    %s", clean(f.String()))
	}
	if gone := r.expiry(x); gone != "" && r.standing(x) != stale {
		c.line("    %s", clean(gone))
	}
	if e := x.telling(); e != nil && r.standing(x) != stale {
		c.line("    %s", c.paint(dim, clean(e.line())))
	}
	switch s := r.standing(x); {
	case s == stale:
		c.line("    remove the waiver: %s", clean(x.Waiver.Reason))
	case s != broken && x.Fix != "":
		c.line("    fix: %s", clean(x.Fix))
	}
}

// clean makes text safe for one line of a terminal, and short enough. In a log
// of GitHub, Azure or TeamCity it is no command either.
func clean(s string) string {
	s = cut(visible(s, oneLine), 400)
	if strings.HasPrefix(strings.TrimSpace(s), "::") {
		s = `\` + strings.TrimSpace(s)
	}
	return commands.Replace(s)
}

var commands = strings.NewReplacer("##[", `#\#[`, "##vso[", `#\#vso[`, "##teamcity[", `#\#teamcity[`)
