// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/idp"
)

// sourceOf gives "Okta, captures …; recorded, seen 2026-05-18".
func sourceOf(s check.Source) string {
	if s.Evidence == check.Standard {
		return s.String()
	}
	return fmt.Sprintf("%s; %s, seen %s", s, s.Evidence, s.Date)
}

// quirkSeen is a quirk with the number of requests in which it shows.
type quirkSeen struct {
	idp.Quirk
	requests int
}

// quirksOf gives the quirks of a report in the order in which they show first.
func quirksOf(r *idp.Report) []quirkSeen {
	var all []quirkSeen
	at := map[string]int{}
	for _, q := range r.Requests {
		for _, k := range q.Quirks {
			i, ok := at[k.Quirk.ID]
			if !ok {
				i = len(all)
				at[k.Quirk.ID] = i
				all = append(all, quirkSeen{Quirk: k.Quirk})
			}
			all[i].requests++
		}
	}
	return all
}

// totals gives "3 requests: 1 clean, 2 with known quirks, 0 with warnings, 0
// with deviations".
func totals(r *idp.Report) string {
	return fmt.Sprintf("%s: %d clean, %d with known quirks, %d with warnings, %d with deviations", count(len(r.Requests), "request"),
		r.Count(idp.Clean), r.Count(idp.Known), r.Count(idp.Warning), r.Count(idp.Deviation))
}

// lintText writes reports for a person: a line for each request, what is wrong
// below it, then each quirk once.
func lintText(w io.Writer, judged []idp.Report, verbose bool) error {
	var b strings.Builder
	for i := range judged {
		r := &judged[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: judged as %s (%s)\n", printable(r.Name), r.Dialect, printable(r.Why))
		for _, q := range r.Requests {
			fmt.Fprintf(&b, "%4d  %-9s  %s\n", q.Number, q.Verdict, printable(line(q, verbose)))
			for _, f := range q.Findings {
				fmt.Fprintf(&b, "      ✗ %s: %s (%s)\n", f.Rule.ID, f.Rule.Holds, sourceOf(f.Rule.Source))
				fmt.Fprintf(&b, "        %s: got %s, want %s\n", printable(f.Where), printable(cut(f.Got, verbose)), printable(cut(f.Want, verbose)))
			}
			if q.More > 0 {
				fmt.Fprintf(&b, "      … and %s more of these\n", count(q.More, "place"))
			}
		}
		if quirks := quirksOf(r); len(quirks) > 0 {
			b.WriteString("known quirks, and what to do to live with them:\n")
			for _, k := range quirks {
				fmt.Fprintf(&b, "  · %s (%s): %s\n    %s\n", k.ID, count(k.requests, "request"), k.Does, k.Live)
				if verbose {
					fmt.Fprintf(&b, "    %s\n", sourceOf(k.Source))
				}
			}
		}
		fmt.Fprintln(&b, totals(r))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// line gives the request, what it was for, the status, and the quirks in it.
func line(q idp.Judged, verbose bool) string {
	s := q.Method + " " + cut(q.Path, verbose)
	if q.Status != 0 {
		s += fmt.Sprintf(" → %d", q.Status)
	}
	var ids []string
	for _, k := range q.Quirks {
		ids = append(ids, k.Quirk.ID)
	}
	if len(ids) > 0 {
		s += "  [" + strings.Join(ids, " ") + "]"
	}
	return s
}

// cut shortens what is too long for a line.
func cut(s string, verbose bool) string {
	const most = 100
	if runes := []rune(s); !verbose && len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// The shape of --format json. Every list is there, if empty.
type (
	lintReport struct {
		Name     string              `json:"name"`
		Dialect  string              `json:"dialect"`
		Why      string              `json:"why"`
		Totals   map[idp.Verdict]int `json:"totals"`
		Requests []lintRequest       `json:"requests"`
	}
	lintRequest struct {
		Number   int           `json:"number"`
		Name     string        `json:"name,omitempty"`
		Method   string        `json:"method"`
		Path     string        `json:"path"`
		Status   int           `json:"status,omitempty"`
		Verdict  idp.Verdict   `json:"verdict"`
		Findings []lintFinding `json:"findings"`
		More     int           `json:"more,omitempty"`
		Quirks   []lintQuirk   `json:"quirks"`
	}
	lintFinding struct {
		Rule   string      `json:"rule"`
		Holds  string      `json:"holds"`
		Level  check.Level `json:"level"`
		Source string      `json:"source"`
		Covers []string    `json:"covers,omitempty"`
		Where  string      `json:"where"`
		Got    string      `json:"got"`
		Want   string      `json:"want"`
	}
	lintQuirk struct {
		ID       string         `json:"id"`
		Does     string         `json:"does"`
		Live     string         `json:"live"`
		Source   string         `json:"source"`
		Evidence check.Evidence `json:"evidence"`
		Where    []string       `json:"where"`
		Excuses  []lintFinding  `json:"excuses,omitempty"`
	}
)

// lintJSON writes reports for a program.
func lintJSON(w io.Writer, judged []idp.Report) error {
	all := make([]lintReport, len(judged))
	for i := range judged {
		r := &judged[i]
		all[i] = lintReport{Name: r.Name, Dialect: r.Dialect, Why: r.Why, Totals: map[idp.Verdict]int{}, Requests: []lintRequest{}}
		for _, v := range idp.Verdicts() {
			all[i].Totals[v] = r.Count(v)
		}
		for _, q := range r.Requests {
			quirks := []lintQuirk{}
			for _, k := range q.Quirks {
				shown := lintQuirk{ID: k.Quirk.ID, Does: k.Quirk.Does, Live: k.Quirk.Live, Source: k.Quirk.Source.String(), Evidence: k.Quirk.Source.Evidence, Where: k.Where}
				if len(k.Breaches) > 0 {
					shown.Excuses = findings(k.Breaches)
				}
				quirks = append(quirks, shown)
			}
			all[i].Requests = append(all[i].Requests, lintRequest{
				Number: q.Number, Name: q.Name, Method: q.Method, Path: q.Path, Status: q.Status, Verdict: q.Verdict,
				Findings: findings(q.Findings), More: q.More, Quirks: quirks,
			})
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

func findings(all []idp.Finding) []lintFinding {
	list := make([]lintFinding, len(all))
	for i, f := range all {
		list[i] = lintFinding{f.Rule.ID, f.Rule.Holds, f.Rule.Level, sourceOf(f.Rule.Source), f.Rule.Covers, f.Where, f.Got, f.Want}
	}
	return list
}

// lintMarkdown writes reports for a pull request or an issue.
func lintMarkdown(w io.Writer, judged []idp.Report) error {
	var b strings.Builder
	for i := range judged {
		r := &judged[i]
		fmt.Fprintf(&b, "## %s\n\nJudged as %s (%s). %s.\n\n| # | verdict | request | rules and quirks |\n|--:|---|---|---|\n", mdText(r.Name), r.Dialect, mdText(r.Why), totals(r))
		for _, q := range r.Requests {
			var notes []string
			for _, f := range q.Findings {
				notes = append(notes, fmt.Sprintf("**%s**: %s; %s: got %s, want %s", f.Rule.ID, mdText(f.Rule.Holds), mdText(f.Where), code(f.Got), code(f.Want)))
			}
			for _, k := range q.Quirks {
				notes = append(notes, k.Quirk.ID)
			}
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", q.Number, q.Verdict, code(q.Method+" "+q.Path), strings.Join(notes, "<br>"))
		}
		if quirks := quirksOf(r); len(quirks) > 0 {
			b.WriteString("\n| known quirk | what it does | what a provider has to do | source |\n|---|---|---|---|\n")
			for _, k := range quirks {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", k.ID, mdText(k.Does), mdText(k.Live), mdText(sourceOf(k.Source)))
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mdText makes text harmless in a table: what Markdown or HTML could read is
// written as entities.
func mdText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "\\", "&#92;").Replace(printable(cut(s, false)))
}

// code shows bytes as they are.
func code(s string) string { return "<code>" + mdText(s) + "</code>" }
