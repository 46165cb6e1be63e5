// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

func newResult(m Meta, in *check.Result) Result {
	c := in.Check
	out := Result{
		ID: c.ID, Title: c.Title, Level: c.Level, Source: newSource(c.Source),
		Profiles: slices.Clone(c.Profiles), Needs: slices.Clone(c.Needs), Breaks: c.Breaks, Fix: c.Fix,
		Outcome: in.Outcome, Reason: in.Reason, Findings: slices.Clone(in.Findings),
		Leftovers: slices.Clone(in.Leftovers), DurationMS: millis(in.Duration),
	}
	if out.Profiles == nil {
		out.Profiles = []string{}
	}
	for _, id := range c.Covers {
		out.Covers = append(out.Covers, Requirement{ID: id, Text: m.Requirements[id]})
	}
	if w, ok := m.Waivers[c.ID]; ok {
		out.Waiver = &w
	}
	for i := range in.Exchanges {
		out.Exchanges = append(out.Exchanges, newExchange(&in.Exchanges[i]))
	}
	return out
}

func newIncomplete(m Meta) *Incomplete {
	if len(m.NotRun) == 0 {
		return nil
	}
	out := &Incomplete{Reason: cmp.Or(m.Incomplete, "the run ended early")}
	for _, c := range m.NotRun {
		out.NotRun = append(out.NotRun, Unrun{ID: c.ID, Title: c.Title, Level: c.Level, Profiles: append([]string{}, c.Profiles...)})
	}
	return out
}

func newSource(s check.Source) Source {
	out := Source{Text: s.String(), Name: s.Name, Section: s.Section, URL: s.URL, Date: s.Date, Evidence: s.Evidence}
	if number, ok := strings.CutPrefix(s.Name, "RFC "); ok && s.URL == "" {
		out.URL = "https://www.rfc-editor.org/rfc/rfc" + number + "#section-" + s.Section
	}
	return out
}

func newExchange(x *flow.Exchange) Exchange {
	return Exchange{
		Method: x.Method, URL: x.URL, Path: x.Path, Request: newMessage(x.Request),
		Status: x.Status, Response: newMessage(x.Response), Error: x.Error,
		Start: x.Start.UTC(), DurationMS: millis(x.Duration),
	}
}

func newMessage(m flow.Message) Message {
	out := Message{Header: m.Header.Clone()}
	if utf8.Valid(m.Body) {
		out.Body = string(m.Body)
	} else {
		out.Base64 = slices.Clone(m.Body)
	}
	return out
}

// Bytes returns the body as it was on the wire.
func (m Message) Bytes() []byte {
	if m.Base64 != nil {
		return m.Base64
	}
	return []byte(m.Body)
}

// millis keeps microseconds: more would be noise in a file that people diff.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
