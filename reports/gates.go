// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites/check"
)

// Readiness says whether a provider may be called ready for the gate of an IdP:
// the OIN, the Entra gallery. It may when its verdict is conformant and every
// case of the gate's tests that can be seen offline holds. What a waiver
// accepts does not hold: the IdP knows of no waivers.
type Readiness struct {
	Verdict string
	Claim   string // "the OIN"
	Ready   bool
	Held    int    // cases that hold
	Against []Case // do not hold
	Unshown []Case // could be seen, and this run did not show them
	Absent  []Case // do not arise: the provider lacks the feature
	Unseen  []Case // nothing offline can show them
}

// Case is one case of a gate, and why it is listed.
type Case struct {
	ID, Text, Why string
	Optional      bool // it is listed, and keeps nobody from being ready
}

// Readiness answers for each verdict asked for that has a gate, in the order
// asked. A run that has none of the gate's checks says nothing of it.
func (r *Run) Readiness() []Readiness {
	all, err := gates.Judged()
	if err != nil {
		panic("reports: " + err.Error()) // embedded data, which tests read
	}
	results := make(map[string]*Result, len(r.Results))
	for i := range r.Results {
		results[r.Results[i].ID] = &r.Results[i]
	}
	var out []Readiness
	for _, v := range r.Verdicts() {
		ready, seen := Readiness{Verdict: v.Name}, false
		for _, g := range all {
			if g.Verdict != v.Name || g.Claim == "" {
				continue
			}
			ready.Claim = g.Claim
			for _, row := range g.Rows {
				seen = ready.add(row, results) || seen
			}
		}
		if !seen {
			continue
		}
		binding := func(c Case) bool { return !c.Optional }
		ready.Ready = (v.Result == Conformant || v.Result == ConformantWithWarnings) && !v.Broken &&
			!slices.ContainsFunc(ready.Against, binding) && !slices.ContainsFunc(ready.Unshown, binding)
		out = append(out, ready)
	}
	return out
}

// add counts a case, and says whether the run has any of its checks. A case
// holds when none of its checks says otherwise and one of them passed.
func (d *Readiness) add(row gates.Row, results map[string]*Result) bool {
	c := Case{ID: row.ID, Text: row.Text, Why: row.Reason, Optional: row.Level == gates.Optional}
	if row.Reason != "" {
		d.Unseen = append(d.Unseen, c)
		return false
	}
	var against, missing []string
	passed, lacking, found := false, false, false
	for _, id := range row.Checks {
		x, ok := results[id]
		found = found || ok
		switch {
		case !ok:
			missing = append(missing, id+" was not run")
		case x.Outcome == check.Passed:
			passed = true
		case x.Outcome == check.Skipped:
			missing = append(missing, id+" was skipped: "+x.Reason)
			lacking = lacking || row.Feature != "" && slices.Contains(x.Needs, row.Feature)
		default:
			against = append(against, fmt.Sprintf("%s is %s", id, x.Outcome))
		}
	}
	switch {
	case len(against) > 0:
		c.Why = strings.Join(against, ", ")
		d.Against = append(d.Against, c)
	case passed:
		d.Held += row.Count()
	case lacking:
		c.Why = strings.Join(missing, "; ")
		d.Absent = append(d.Absent, c)
	default:
		c.Why = strings.Join(missing, "; ")
		d.Unshown = append(d.Unshown, c)
	}
	return found
}

// words say the answer in a sentence.
func (d *Readiness) words() string {
	parts := []string{fmt.Sprintf("%d %s of its tests hold", d.Held, plural(d.Held, "case"))}
	for _, p := range []struct {
		cases []Case
		text  string
	}{
		{d.Against, "do not hold"}, {d.Unshown, "could be seen and were not shown"},
		{d.Absent, "do not arise"}, {d.Unseen, "kinds of case cannot be seen offline"},
	} {
		if len(p.cases) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", len(p.cases), p.text))
		}
	}
	return d.answer() + ": " + strings.Join(parts, ", ")
}

// answer is "Ready for the OIN" or its opposite.
func (d *Readiness) answer() string {
	if d.Ready {
		return "Ready for " + d.Claim
	}
	return "Not ready for " + d.Claim
}

// lists are the cases to show, under their headings.
func (d *Readiness) lists() []caseList {
	all := []caseList{
		{"Do not hold", d.Against}, {"Not shown in this run", d.Unshown},
		{"Do not arise", d.Absent}, {"Cannot be seen offline", d.Unseen},
	}
	return slices.DeleteFunc(all, func(l caseList) bool { return len(l.Cases) == 0 })
}

type caseList struct {
	Title string
	Cases []Case
}

// gateCard is a readiness as page.html shows it.
type gateCard struct {
	ID, Title, Words, Tone string
	Lists                  []caseList
}

func (r *Run) gateCards() []gateCard {
	var cards []gateCard
	for _, d := range r.Readiness() {
		tone := "bad"
		if d.Ready {
			tone = "good"
		}
		cards = append(cards, gateCard{"gate-" + d.Verdict, d.answer(), strings.TrimPrefix(d.words(), d.answer()+": ") + ".", tone, d.lists()})
	}
	return cards
}

// gates writes a line for each gate, and what keeps it shut.
func (c *console) gates(r *Run) {
	for _, d := range r.Readiness() {
		code := red
		if d.Ready {
			code = green
		}
		c.line("\n%s", c.paint(code, d.words()))
		for i, x := range slices.Concat(d.Against, d.Unshown) {
			if i == consoleCases {
				c.line("  … and %d more", len(d.Against)+len(d.Unshown)-i)
				break
			}
			c.line("  %s: %s", x.ID, clean(x.Why))
		}
	}
}

// consoleCases is how many cases of a gate a terminal shows.
const consoleCases = 10

// markdownGates writes each gate with the cases that do not hold, and those that
// nobody can see offline.
func (r *Run) markdownGates(b *strings.Builder) {
	for _, d := range r.Readiness() {
		fmt.Fprintf(b, "\n### %s\n", md(d.words()))
		for _, l := range d.lists() {
			fmt.Fprintf(b, "\n<details><summary>%s (%d)</summary>\n\n", l.Title, len(l.Cases))
			for _, x := range l.Cases {
				fmt.Fprintf(b, "- %s %s: %s\n", mdCode(x.ID), md(x.Text), md(x.Why))
			}
			b.WriteString("\n</details>\n")
		}
	}
}
