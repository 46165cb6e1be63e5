// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Limits keep a summary below the size that CI systems accept; the HTML report
// has everything. A job summary of GitHub may have 1 MiB, its comments 64 KiB;
// markdownSize is for the first, and no list runs beyond it.
const (
	markdownResults  = 50
	markdownFindings = 5
	markdownValue    = 300
	markdownSize     = 1000 << 10
)

// Markdown writes a job summary: the verdicts, then what to fix, then warnings.
// Text from the provider is written so that it can neither format, link,
// mention anybody, nor speak to the CI system.
func Markdown(w io.Writer, r *Run) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## SCIM conformance of %s\n\n", md(cmp.Or(r.Target.Product, r.Target.BaseURL)))
	fmt.Fprintf(&b, "%s · profile %s · run %s · %s %s\n\n", mdCode(r.Target.BaseURL), mdCode(r.Target.Profile),
		mdCode(r.RunID), md(r.Tool.Name), md(r.Tool.Version))
	if note := r.partNote(); note != "" {
		fmt.Fprintf(&b, "> **%s**\n\n", md(note))
	}
	b.WriteString("| | Verdict | Passed | Failed | Blocked | Warnings | Waived | Skipped | Not run |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, v := range r.Verdicts() {
		answer := v.Result.words()
		if v.Broken {
			answer += " (broken checks: do not rely on it)"
		}
		fmt.Fprintf(&b, "| %s | **%s** | %d | %d | %d | %d | %d | %d | %d |\n", md(label(v.Name)), answer,
			v.Passed, v.Failed, v.Blocked, v.Warnings, v.Waived, v.Skipped, v.NotRun)
	}
	r.markdownSection(&b, "Broken checks (the fault is ours, or the machine's)", broken)
	r.markdownSection(&b, "To fix", problem, stale)
	r.markdownSection(&b, "Warnings", warning)
	r.markdownSection(&b, "Waived", waived)
	r.markdownGates(&b)
	var missing []string
	for _, u := range r.notRun("") {
		missing = append(missing, u.ID)
	}
	markdownList(&b, "Not run", missing)
	markdownList(&b, "Left behind on the provider", r.Leftovers())
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	return nil
}

// markdownList writes a list of names under a heading.
func markdownList(b *strings.Builder, title string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for i, name := range names {
		if i == markdownResults {
			fmt.Fprintf(b, "\n… and %d more.\n", len(names)-i)
			return
		}
		fmt.Fprintf(b, "- %s\n", mdCode(name))
	}
}

func (r *Run) markdownSection(b *strings.Builder, title string, wanted ...standing) {
	results := r.urgent(r.with(wanted...))
	if len(results) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for i, x := range results {
		at := b.Len()
		if i < markdownResults {
			r.markdownResult(b, x)
		}
		if i == markdownResults || b.Len() > markdownSize {
			text := b.String()[:at]
			b.Reset()
			b.WriteString(text)
			fmt.Fprintf(b, "\n… and %d more in the HTML report.\n", len(results)-i)
			return
		}
	}
}

func (r *Run) markdownResult(b *strings.Builder, x *Result) {
	fmt.Fprintf(b, "- **%s** %s\n", md(x.Title), mdCode(x.ID))
	fmt.Fprintf(b, "  - %s, %s · %s (%s)\n", md(string(x.Outcome)), md(string(x.Level)), md(x.Source.Text), md(string(x.Source.Evidence)))
	if x.Reason != "" {
		fmt.Fprintf(b, "  - reason: %s\n", mdCode(x.Reason))
	}
	for i, f := range x.Findings {
		if i == markdownFindings {
			fmt.Fprintf(b, "  - … and %d more findings\n", len(x.Findings)-i)
			break
		}
		fmt.Fprintf(b, "  - %s\n", mdCode(f.String()))
	}
	if e := x.telling(); e != nil {
		fmt.Fprintf(b, "  - exchange: %s\n", mdCode(e.line()))
	}
	if x.Waiver != nil {
		fmt.Fprintf(b, "  - waiver: %s\n", md(cmp.Or(r.expiry(x), x.Waiver.Reason)))
		if r.standing(x) == stale {
			b.WriteString("  - the check passes now: remove the waiver\n")
		}
	}
	if r.standing(x) == broken {
		return
	}
	if x.Breaks != "" {
		fmt.Fprintf(b, "  - breaks: %s\n", md(x.Breaks))
	}
	if x.Fix != "" {
		fmt.Fprintf(b, "  - fix: %s\n", md(x.Fix))
	}
}

// md escapes text for a Markdown paragraph, list item or table cell. Entities
// are used throughout: unlike a backslash they also hold inside HTML.
func md(s string) string {
	var b strings.Builder
	for _, c := range cut(visible(s, oneLine), markdownValue) {
		if strings.ContainsRune("&<>@|`*_[]#~\\$!:", c) {
			fmt.Fprintf(&b, "&#%d;", c)
		} else {
			b.WriteRune(c)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www&#46;")
}

// mdCode puts text in a code element, where hosts look for no mentions or links.
func mdCode(s string) string { return "<code>" + md(s) + "</code>" }
