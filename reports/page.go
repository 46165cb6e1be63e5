// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// fixFirst is how many findings the first screen names.
const fixFirst = 5

// page is what page.html shows. All of it is text: the template escapes.
type page struct {
	Run       *Run
	Policy    string
	Title     string
	Headline  string
	Lede      string
	Tone      string // good, warn, bad or none
	Cards     []card
	Part      string // what the run is only a part of
	First     []firstCause
	More      int // checks to fix beyond First
	Leftovers []string
	NotRun    []Unrun
	Features  *featureTable
	Sections  []section
	About     [][2]string
	Gates     []gateCard
}

// card answers one verdict.
type card struct {
	Name, Answer, Tone string
	Facts              string
	Note               string
	Bars               []bar
	Picture            string // what the bars show, in words
	Gate               *gateCard
}

// bar is a part of a card's strip, in thousandths of its width.
type bar struct {
	Tone     string
	X, Width int
}

// section is a list of checks under one heading.
type section struct {
	ID, Title, Intro, Tone string
	Collapsed              bool
	Count                  int
	Areas                  []areaGroup
}

// areaGroup is the checks of an area, or of a likely cause.
type areaGroup struct {
	Name    string
	Note    string
	Entries []entry
	Folded  []entry // shown when asked for: they show the same again
}

// firstCause is one of the first things to fix.
type firstCause struct {
	entry
	Others int // checks that fail at the same place
	Place  string
}

// featureTable sets the features against the verdicts.
type featureTable struct {
	Verdicts []string
	Rows     []featureRow
}

type featureRow struct {
	Name  string
	Cells []sheetCell
}

func newPage(r *Run) *page {
	name := visible(cmp.Or(r.Target.Product, r.Target.BaseURL), oneLine)
	p := &page{
		Run: r, Policy: policy(), Title: "SCIM conformance of " + name,
	}
	for _, u := range r.Leftovers() {
		p.Leftovers = append(p.Leftovers, visible(u, oneLine))
	}
	verdicts := r.Verdicts()
	p.Gates = r.gateCards()
	for _, v := range verdicts {
		c := newCard(v)
		for i := range p.Gates {
			if p.Gates[i].ID == "gate-"+v.Name {
				c.Gate = &p.Gates[i]
			}
		}
		p.Cards = append(p.Cards, c)
	}
	p.Headline, p.Tone = r.verdictInWords(verdicts)
	problems := r.urgent(r.with(problem, stale))
	p.Lede = r.lede(problems)
	for i, c := range r.causes(problems) {
		if i >= fixFirst {
			p.More += len(c.Results)
			continue
		}
		p.First = append(p.First, firstCause{r.newEntry(c.Results[0]), len(c.Results) - 1, visible(c.Place, oneLine)})
	}
	p.Part = visible(r.partNote(), oneLine)
	for _, u := range r.notRun("") {
		p.NotRun = append(p.NotRun, Unrun{ID: visible(u.ID, oneLine), Title: visible(u.Title, oneLine), Level: u.Level})
	}
	p.Features = r.featureTable()
	p.Sections = r.sections()
	p.About = r.about()
	return p
}

// verdictInWords answers the question people open the report with.
func (r *Run) verdictInWords(verdicts []Verdict) (text, tone string) {
	if r.Broken() {
		return "No verdict: some checks are broken", "warn"
	}
	var ready, not, open, unknown, others []string
	warned, failed, unfinished := false, false, false
	for _, v := range verdicts {
		warned = warned || v.Result == ConformantWithWarnings
		failed = failed || v.Result == NotConformant
		unfinished = unfinished || v.Result == NotFinished
		idp := v.Name == check.Okta || v.Name == check.Entra
		switch {
		case !idp:
			if v.Result == NotConformant {
				others = append(others, label(v.Name))
			}
		case v.Result == NotConformant:
			not = append(not, label(v.Name))
		case v.Result == NotFinished:
			open = append(open, label(v.Name))
		case v.Result == NothingChecked:
			unknown = append(unknown, label(v.Name))
		default:
			ready = append(ready, label(v.Name))
		}
	}
	tone = "good"
	switch {
	case failed:
		tone = "bad"
	case warned || unfinished:
		tone = "warn"
	}
	switch {
	case len(ready) > 0 && len(not) > 0:
		text = "Ready for " + and(ready) + ", not for " + and(not)
	case len(not) > 0:
		text = "Not ready for " + and(not)
	case len(open) > 0:
		text = "No verdict yet for " + and(open)
	case unfinished && len(ready) == 0:
		text = "No verdict yet"
	case len(ready) > 0 && (len(others) > 0 || unfinished):
		text = "Ready for " + and(ready) + map[bool]string{true: ", with other faults", false: ", the rest is not finished"}[len(others) > 0]
	case len(ready) > 0:
		text = "Ready for " + and(ready)
	case len(others) > 0:
		text = "Not conformant"
	case len(unknown) == len(verdicts) || !anyChecked(verdicts):
		return "Nothing was checked", "none"
	default:
		text = "Conformant"
	}
	if part := r.part(); part != "" {
		if tone == "good" {
			tone = "warn" // a part is no verdict about the whole
		}
		text = part + strings.ToLower(text[:1]) + text[1:]
	}
	return text, tone
}

// part begins a sentence about a run that is only a part of what could be run;
// "" is the whole.
func (r *Run) part() string {
	switch {
	case r.Incomplete != nil:
		return "Incomplete run: "
	case r.Shard != nil:
		return fmt.Sprintf("Part %d of %d: ", r.Shard.Index, r.Shard.Count)
	case r.Selection != "":
		return "Of the checks chosen: "
	}
	return ""
}

func anyChecked(verdicts []Verdict) bool {
	for _, v := range verdicts {
		if v.Result != NothingChecked {
			return true
		}
	}
	return false
}

func (r *Run) lede(problems []*Result) string {
	failed, blocked, stale := 0, 0, 0
	for _, x := range problems {
		switch x.Outcome {
		case check.Failed:
			failed++
		case check.Blocked:
			blocked++
		default:
			stale++
		}
	}
	var parts []string
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d checks failed", failed, len(r.Results)))
	}
	if blocked > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be put to the test", blocked))
	}
	if stale > 0 {
		parts = append(parts, fmt.Sprintf("%d %s out of date", stale, map[bool]string{true: "waiver is", false: "waivers are"}[stale == 1]))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%d checks, %d passed.", len(r.Results), len(r.with(passed)))
	}
	return and(parts) + "."
}

// and joins words: "a, b and c".
func and(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}

func newCard(v Verdict) card {
	c := card{Name: label(v.Name), Facts: v.counts(), Note: v.note()}
	answers := [...]string{"Conformant", "With warnings", "Not conformant"}
	switch v.Name {
	case check.Okta, check.Entra:
		answers = [...]string{"Ready", "Ready, with warnings", "Not ready"}
	case check.ProductBehaviour:
		answers = [...]string{"As promised", "With warnings", "Not as promised"}
	}
	switch v.Result {
	case Conformant:
		c.Answer, c.Tone = answers[0], "good"
	case ConformantWithWarnings:
		c.Answer, c.Tone = answers[1], "warn"
	case NotConformant:
		c.Answer, c.Tone = answers[2], "bad"
	case NotFinished:
		c.Answer, c.Tone = "Not finished", "warn"
	default:
		c.Answer, c.Tone = "Nothing checked", "none"
	}
	if v.Broken {
		c.Answer, c.Tone = "Broken checks", "warn"
	}
	c.Picture = v.counts()
	at := 0
	for _, part := range []struct {
		tone string
		n    int
	}{
		{"bad", v.Failed + v.Blocked + v.Stale}, {"warn", v.Warnings + v.Errors},
		{"good", v.Passed}, {"none", v.Waived + v.Optional + v.Skipped + v.NotRun},
	} {
		if part.n > 0 {
			width := part.n * 1000 / (v.Checks + v.NotRun)
			width = max(width, 12) // what is there can be seen
			c.Bars = append(c.Bars, bar{part.tone, at, width})
			at += width
		}
	}
	return c
}

func (r *Run) featureTable() *featureTable {
	rows := r.features()
	if len(rows) == 0 {
		return nil
	}
	t := &featureTable{}
	for _, v := range r.Asked {
		t.Verdicts = append(t.Verdicts, visible(label(v), oneLine))
	}
	for _, f := range rows {
		row := featureRow{Name: visible(f.Feature, oneLine)}
		for _, c := range f.Cells {
			tone := c.tone()
			cell := sheetCell{Text: c.words(), Tone: tone, Mark: mark(tone)}
			if c.Checks == 0 {
				cell = sheetCell{Tone: "none"}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// sections lists everything, what needs a hand first.
func (r *Run) sections() []section {
	var out []section
	for _, s := range []struct {
		section
		of []standing
	}{
		{section{ID: "broken", Title: "Broken checks", Tone: "warn", Intro: "These checks could not do their work. The fault is ours or the machine's, never the provider's, and no verdict can be relied on until they run."}, []standing{broken}},
		{section{ID: "to-fix", Title: "To fix", Tone: "bad", Intro: "Each of these keeps the provider from conforming in the verdicts named beside it. Checks that fail at the same place stand together."}, []standing{problem, stale}},
		{section{ID: "warnings", Title: "Warnings", Tone: "warn", Intro: "Recommendations that the provider does not follow. They fail a strict run only."}, []standing{warning}},
		{section{ID: "optional", Title: "Optional, not offered", Tone: "none", Intro: "Nobody has to do these. They never count."}, []standing{optional}},
		{section{ID: "waived", Title: "Waived", Tone: "none", Intro: "Known failures that were accepted. They are run and reported, not counted."}, []standing{waived}},
		{section{ID: "passed", Title: "Passed", Tone: "good", Collapsed: true, Intro: "To keep this page small it lists the requests of these checks without headers and bodies; run.json has them all."}, []standing{passed}},
		{section{ID: "skipped", Title: "Skipped", Tone: "none", Collapsed: true, Intro: "Not put to the test, for the reason given. They do not count."}, []standing{skipped}},
	} {
		results := r.with(s.of...)
		if len(results) == 0 {
			continue
		}
		s.Count = len(results)
		s.Areas = r.areas(results)
		if s.ID == "to-fix" {
			s.Areas = r.byCause(results)
		}
		out = append(out, s.section)
	}
	return out
}

// areas groups results by the area of the catalogue, in its order.
func (r *Run) areas(results []*Result) []areaGroup {
	var out []areaGroup
	at := make(map[string]int)
	for _, x := range results {
		n, ok := at[area(x.ID)]
		if !ok {
			n = len(out)
			at[area(x.ID)] = n
			out = append(out, areaGroup{Name: visible(area(x.ID), oneLine)})
		}
		out[n].Entries = append(out[n].Entries, r.newEntry(x))
	}
	return out
}

// sameCause is how many checks of one cause are shown at once.
const sameCause = 3

// byCause groups results by their likely cause, the most urgent first. Those that
// stand alone follow, by area.
func (r *Run) byCause(results []*Result) []areaGroup {
	var out []areaGroup
	var alone []*Result
	for _, c := range r.causes(r.urgent(results)) {
		if len(c.Results) == 1 {
			alone = append(alone, c.Results...)
			continue
		}
		g := areaGroup{Name: visible(c.Place, oneLine), Note: fmt.Sprintf("%d checks, one likely cause", len(c.Results))}
		for i, x := range c.Results {
			if i < sameCause {
				g.Entries = append(g.Entries, r.newEntry(x))
			} else {
				g.Folded = append(g.Folded, r.newEntry(x))
			}
		}
		out = append(out, g)
	}
	return append(out, r.areas(alone)...)
}

func (r *Run) about() [][2]string {
	var out [][2]string
	for _, row := range [][2]string{
		{"Base URL", r.Target.BaseURL},
		{"Product", r.Target.Product},
		{"Profile", r.Target.Profile},
		{"Verdicts asked for", strings.Join(r.Asked, ", ")},
		{"Strict", map[bool]string{true: "yes"}[r.Strict]},
		{"Selection", r.Selection},
		{"Started", r.Start.UTC().Format(time.RFC3339)},
		{"Took", r.took()},
		{"Run", r.RunID},
		{"Seed", fmt.Sprint(r.Seed)},
		{"Made by", strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)},
		{"Catalogue", r.Catalogue},
	} {
		if row[1] != "" {
			out = append(out, [2]string{row[0], visible(row[1], oneLine)})
		}
	}
	return out
}
