// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`

	duration float64
}

type junitCase struct {
	Name       string          `xml:"name,attr"`
	Class      string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failure    *junitProblem   `xml:"failure"`
	Error      *junitProblem   `xml:"error"`
	Skipped    *junitProblem   `xml:"skipped"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitProblem struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the run for CI systems: a suite an area, a case a check. A case
// is a failure only if it makes the provider not conformant, so that CI and
// the exit code agree; a warning, what is optional and what is waived are
// skipped cases that say so. The outcome itself stands in the properties.
func JUnit(w io.Writer, r *Run) error {
	out := junitSuites{Name: "scimproof", Time: xmlSeconds(float64(r.End.Sub(r.Start).Microseconds()) / 1000)}
	at := make(map[string]int)
	add := func(area string, c junitCase, ms float64) {
		n, ok := at[area]
		if !ok {
			n = len(out.Suites)
			at[area] = n
			out.Suites = append(out.Suites, r.junitSuite(area))
		}
		out.Suites[n].add(c, ms)
	}
	for i := range r.Results {
		x := &r.Results[i]
		add(area(x.ID), r.junitCase(x), x.DurationMS)
	}
	for _, u := range r.notRun("") {
		add(area(u.ID), r.junitUnrun(&u), 0)
	}
	for i := range out.Suites {
		s := &out.Suites[i]
		s.Time = xmlSeconds(s.duration)
		out.Tests += s.Tests
		out.Failures += s.Failures
		out.Errors += s.Errors
		out.Skipped += s.Skipped
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", xml.Header, text); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

// junitUnrun is a case that was not run: an error, so that no CI system takes a
// part for the whole.
func (r *Run) junitUnrun(u *Unrun) junitCase {
	return junitCase{
		Name: visible(u.ID, oneLine), Class: "scimproof." + visible(area(u.ID), oneLine), Time: xmlSeconds(0),
		Properties: xmlProperties("title", u.Title, "outcome", "not run", "standing", "not run", "level", string(u.Level),
			"verdicts", strings.Join(u.Profiles, ",")),
		Error: &junitProblem{Type: "not run", Message: "not run: " + visible(r.Incomplete.Reason, oneLine)},
	}
}

func (r *Run) junitSuite(name string) junitSuite {
	return junitSuite{
		Name: visible(name, oneLine), Timestamp: r.Start.Format("2006-01-02T15:04:05"),
		Properties: xmlProperties("target", r.Target.BaseURL, "profile", r.Target.Profile, "runId", r.RunID,
			"tool", r.Tool.Name+" "+r.Tool.Version, "catalogue", r.Catalogue),
	}
}

func (s *junitSuite) add(c junitCase, ms float64) {
	s.Cases = append(s.Cases, c)
	s.duration += ms
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func (r *Run) junitCase(x *Result) junitCase {
	s := r.standing(x)
	c := junitCase{
		Name: visible(x.ID, oneLine), Class: "scimproof." + visible(area(x.ID), oneLine), Time: xmlSeconds(x.DurationMS),
		Properties: xmlProperties("title", x.Title, "outcome", string(x.Outcome), "standing", s.String(), "level", string(x.Level),
			"source", x.Source.Text, "evidence", string(x.Source.Evidence), "verdicts", strings.Join(x.Profiles, ",")),
	}
	p := &junitProblem{Type: string(x.Outcome) + " " + string(x.Level), Message: visible(x.headline(), oneLine), Text: x.plain()}
	if gone := r.expiry(x); gone != "" {
		p.Message = visible(gone, oneLine) + ": " + p.Message
	}
	switch s {
	case passed:
		return c
	case problem:
		c.Failure = p
	case stale:
		c.Failure = &junitProblem{Type: s.String(), Message: "the check passes: remove its waiver (" + visible(x.Waiver.Reason, oneLine) + ")"}
	case broken:
		c.Error = p
	case skipped:
		c.Skipped = &junitProblem{Message: visible(x.Reason, oneLine)}
	case warning, optional:
		c.Skipped = &junitProblem{Message: s.String() + ": " + p.Message, Text: p.Text}
	case waived:
		c.Skipped = &junitProblem{Message: "waived (" + visible(x.Waiver.Reason, oneLine) + "): " + p.Message, Text: p.Text}
	}
	if x.Outcome == check.Failed || x.Outcome == check.Blocked {
		c.Out = x.transcript()
	}
	return c
}

// plain tells a result in plain text, for formats that have nothing better.
func (x *Result) plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s (%s)\n", x.Title, x.Source.Text, x.Source.Evidence)
	if x.Reason != "" {
		fmt.Fprintf(&b, "Reason: %s\n", x.Reason)
	}
	for _, f := range x.Findings {
		fmt.Fprintf(&b, "- %s\n", visible(f.String(), oneLine))
	}
	if x.Breaks != "" {
		fmt.Fprintf(&b, "Breaks: %s\n", x.Breaks)
	}
	if x.Fix != "" {
		fmt.Fprintf(&b, "Fix: %s\n", x.Fix)
	}
	return visible(b.String(), manyLines)
}

// transcript has a line for each exchange.
func (x *Result) transcript() string {
	var b strings.Builder
	for i := range x.Exchanges {
		b.WriteString(visible(x.Exchanges[i].line(), oneLine) + "\n")
	}
	return b.String()
}

// xmlProperties makes properties of name, value pairs, without empty values.
func xmlProperties(pairs ...string) []junitProperty {
	var out []junitProperty
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, junitProperty{pairs[i], visible(pairs[i+1], oneLine)})
		}
	}
	return out
}

func xmlSeconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
