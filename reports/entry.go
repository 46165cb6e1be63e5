// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// How much of a body a page shows; run.json has the rest. What a finding is
// about is shown in full, as far as anybody reads; what led there, to begin with.
// Of a check that passed the page has the calls alone.
const (
	markedLimit = 64 << 10
	bodyLimit   = 4 << 10
)

// entry is one check as page.html shows it.
type entry struct {
	ID, Title, Outcome, Tone, Level string
	Headline                        string
	Verdicts                        []string // labels of those asked for
	Reason                          string
	Findings                        []check.Finding
	Breaks, Fix                     string
	Source                          Source
	Link                            string
	Evidence                        string
	Covers                          []Requirement
	Waiver                          *Waiver
	Stale                           bool
	Exchanges                       []exchangeView
	Calls                           []exchangeView // of a check that passed, in short
	Picture                         *sequence
	Took                            string
}

type exchangeView struct {
	Number            int
	Name              string
	Answer, Tone      string
	Took              string
	Error             string
	Marked            bool // a finding points into it
	StatusMarked      bool
	Request, Response messageView
}

type messageView struct {
	Start   string // the start line
	Headers []headerView
	Body    []segment
	Note    string
}

type headerView struct {
	Name, Value string
	Marked      bool
}

// segment is a piece of a body; the marked ones are what findings are about.
type segment struct {
	Text   string
	Marked bool
}

func (r *Run) newEntry(x *Result) entry {
	s := r.standing(x)
	e := entry{
		ID: visible(x.ID, oneLine), Title: visible(x.Title, oneLine), Outcome: string(x.Outcome), Level: string(x.Level),
		Reason: visible(x.Reason, manyLines), Breaks: visible(x.Breaks, manyLines), Fix: visible(x.Fix, manyLines),
		Source: x.Source, Link: webAddress(x.Source.URL), Evidence: evidence(x.Source.Evidence), Covers: x.Covers,
		Waiver: x.Waiver, Stale: s == stale, Took: took(x.DurationMS),
	}
	switch s {
	case passed:
		e.Tone = "good"
	case problem:
		e.Tone = "bad"
	case warning, broken, stale:
		e.Tone = "warn"
	default:
		e.Tone = "none"
	}
	if s == broken { // the advice is for providers, and this is not their fault
		e.Breaks, e.Fix = "", ""
	}
	switch s {
	case stale:
		e.Outcome, e.Headline = "stale waiver", "the check passes: remove its waiver"
	case passed:
	default:
		e.Headline = cut(visible(decoded(r.detail(x)), oneLine), 240)
	}
	for _, v := range r.countsIn(x) {
		e.Verdicts = append(e.Verdicts, shortLabel(v))
	}
	for _, f := range x.Findings {
		e.Findings = append(e.Findings, check.Finding{
			LookedAt: visible(decoded(f.LookedAt), oneLine), Where: visible(f.Where, oneLine),
			Got: visible(f.Got, manyLines), Want: visible(f.Want, manyLines), Text: visible(f.Text, manyLines),
		})
	}
	marks := x.marks()
	switch s {
	case passed, stale:
		e.Breaks, e.Fix, e.Evidence = "", "", ""
		for i := range x.Exchanges {
			c := &x.Exchanges[i]
			e.Calls = append(e.Calls, exchangeView{Name: visible(decoded(c.Name()), oneLine), Answer: c.answer(), Tone: c.tone()})
		}
		if area(x.ID) == "flow" {
			e.Picture = x.picture(marks)
		}
	default:
		e.Exchanges = x.views(marks)
		e.Picture = x.picture(marks)
	}
	return e
}

func shortLabel(verdict string) string {
	if verdict == check.RFC {
		return "RFC"
	}
	return visible(label(verdict), oneLine)
}

// marks gives the exchanges that findings are about, and where in them.
func (x *Result) marks() map[*Exchange][]string {
	marks := make(map[*Exchange][]string)
	for _, f := range x.Findings {
		if e := x.exchange(f.LookedAt); e != nil {
			marks[e] = append(marks[e], f.Where)
		}
	}
	return marks
}

// views lays out the exchanges of x, with the places marked that its findings
// are about.
func (x *Result) views(marks map[*Exchange][]string) []exchangeView {
	out := make([]exchangeView, 0, len(x.Exchanges))
	for i := range x.Exchanges {
		e := &x.Exchanges[i]
		out = append(out, e.view(i+1, marks[e]))
	}
	return out
}

func (x *Exchange) view(number int, marks []string) exchangeView {
	v := exchangeView{
		Number: number, Name: visible(x.Name(), oneLine), Answer: x.answer(), Took: took(x.DurationMS),
		Error: visible(x.Error, manyLines), Marked: len(marks) > 0,
	}
	v.StatusMarked = slices.Contains(marks, "status")
	v.Tone = x.tone()
	limit := bodyLimit
	if v.Marked {
		limit = markedLimit
	}
	v.Request = x.Request.view(limit, visible(x.Method+" "+x.URL, oneLine), nil)
	if x.Status != 0 {
		v.Response = x.Response.view(limit, strings.TrimSpace(fmt.Sprintf("%d %s", x.Status, http.StatusText(x.Status))), marks)
	}
	return v
}

// tone is the colour of an answer.
func (x *Exchange) tone() string {
	switch {
	case x.Status == 0 || x.Status >= 500:
		return "bad"
	case x.Status >= 400:
		return "warn"
	}
	return "good"
}

func (m *Message) view(limit int, start string, marks []string) messageView {
	v := messageView{Start: start}
	names := make([]string, 0, len(m.Header))
	for name := range m.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		marked := slices.ContainsFunc(marks, func(where string) bool {
			asked, ok := strings.CutPrefix(where, "header ")
			return ok && strings.EqualFold(asked, name)
		})
		for _, value := range m.Header[name] {
			v.Headers = append(v.Headers, headerView{visible(name, oneLine), visible(value, oneLine), marked})
		}
	}
	body := m.Bytes()
	if m.Base64 != nil {
		v.Note = "The body is not UTF-8; other bytes are shown as \\xff."
	}
	v.Body = segments(body, marks)
	if len(body) > limit {
		v.Note = strings.TrimSpace(fmt.Sprintf("The first %d of %d bytes; run.json has them all. %s", limit, len(body), v.Note))
		v.Body = segments(body[:limit], marks)
	}
	return v
}

// segments cuts a body at the values that marks name.
func segments(body []byte, marks []string) []segment {
	var spans []span
	for _, where := range marks {
		if where == "" || where == "status" || strings.HasPrefix(where, "header ") {
			continue
		}
		if s, ok := locate(body, strings.TrimPrefix(where, "body.")); ok {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	var out []segment
	at := 0
	add := func(end int, marked bool) {
		if end > at {
			out = append(out, segment{visible(string(body[at:end]), manyLines), marked})
			at = end
		}
	}
	for _, s := range spans {
		if s.start >= at {
			add(s.start, false)
			add(s.end, true)
		}
	}
	add(len(body), false)
	return out
}
