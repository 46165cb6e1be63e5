// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/suites/check"
)

func TestJUnitCanBeReadBack(t *testing.T) {
	r := everything()
	var got junitSuites
	if err := xml.Unmarshal([]byte(render(t, JUnit, r)), &got); err != nil {
		t.Fatal(err)
	}
	cases := make(map[string]junitCase)
	tests, failures, errs, skips := 0, 0, 0, 0
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			cases[c.Name] = c
		}
		tests, failures, errs, skips = tests+s.Tests, failures+s.Failures, errs+s.Errors, skips+s.Skipped
	}
	if got.Tests != len(r.Results) || tests != got.Tests || failures != got.Failures || errs != got.Errors || skips != got.Skipped {
		t.Errorf("totals do not add up: %+v", got)
	}
	for i := range r.Results {
		x := &r.Results[i]
		c, ok := cases[x.ID]
		if !ok {
			t.Errorf("%s is missing", x.ID)
			continue
		}
		if got := property(c, "outcome"); got != string(x.Outcome) {
			t.Errorf("%s: got outcome %q, want %q", x.ID, got, x.Outcome)
		}
		s := r.standing(x)
		if (c.Failure != nil) != (s == problem || s == stale) {
			t.Errorf("%s: failure does not agree with its standing, %s", x.ID, s)
		}
		if (c.Error != nil) != (s == broken) {
			t.Errorf("%s: error does not agree with its standing, %s", x.ID, s)
		}
	}
	if text := cases["filter.hostile.reply"].Failure.Message; !strings.Contains(text, `\u001b[31mred`) {
		t.Errorf("control characters are not shown: %q", text)
	}
}

func property(c junitCase, name string) string {
	for _, p := range c.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func TestMarkdownKeepsTextText(t *testing.T) {
	got := md(hostile)
	for _, bad := range []string{"<", ">", "|", "`", "@", "::", "[x](", "www.evil", "\n", "javascript:", "**"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q stands in %s", bad, got)
		}
	}
	for i, line := range strings.Split(render(t, Markdown, everything()), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "@everyone") || strings.Contains(line, "<script") {
			t.Errorf("line %d: %s", i+1, line)
		}
	}
}

func TestSARIF(t *testing.T) {
	r := everything()
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, SARIF, r)), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	seen := make(map[string]sarifResult)
	for _, x := range run.Results {
		if got := run.Tool.Driver.Rules[x.RuleIndex].ID; got != x.RuleID {
			t.Errorf("rule index: got %s, want %s", got, x.RuleID)
		}
		if (x.Kind == "fail") == (x.Level == "none") {
			t.Errorf("%s: kind %s with level %s", x.RuleID, x.Kind, x.Level)
		}
		seen[x.RuleID] = x
	}
	for i := range r.Results {
		x := &r.Results[i]
		_, got := seen[x.ID]
		if want := x.Outcome == check.Failed || x.Outcome == check.Blocked; got != want {
			t.Errorf("%s: is a result: %t, want %t", x.ID, got, want)
		}
	}
	told := make(map[string]bool)
	for _, n := range run.Invocations[0].Notifications {
		if n.Rule != nil {
			told[n.Rule.ID] = true
		}
	}
	if want := r.with(broken, stale); run.Invocations[0].Successful || len(told) != len(want) || !told["waived.passed"] || !told["must.sample.broken"] {
		t.Errorf("got %d notifications, want %d: %+v", len(told), len(want), run.Invocations)
	}
	if len(seen["waived.failed"].Suppressions) != 1 {
		t.Error("the waived failure is not suppressed")
	}
	if len(seen["expired.failed"].Suppressions) != 0 {
		t.Error("an expired waiver suppresses")
	}
}

// TestSARIFIsWhatCodeScanningTakes holds the rules of GitHub's documentation,
// "SARIF support for code scanning", as seen on 2026-03-10: properties that are
// required, places as relative URIs, and limits of numbers.
func TestSARIFIsWhatCodeScanningTakes(t *testing.T) {
	for name, r := range map[string]*Run{"everything": everything(), "unfinished": unfinished(), "nothing": New(Meta{}, nil)} {
		var log struct {
			Schema  string `json:"$schema"`
			Version string
			Runs    []struct {
				Tool struct {
					Driver struct {
						Name  string
						Rules []struct {
							ID                                      string
							ShortDescription, FullDescription, Help struct{ Text string }
						}
					}
				}
				Results []struct {
					RuleID    string
					Level     string
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct{ URI string }
							Region           struct{ StartLine int }
						}
					}
					PartialFingerprints map[string]string
				}
			}
		}
		if err := json.Unmarshal([]byte(render(t, SARIF, r)), &log); err != nil {
			t.Fatal(err)
		}
		if log.Version != "2.1.0" || log.Schema == "" || len(log.Runs) != 1 {
			t.Errorf("%s: got version %q, schema %q, %d runs", name, log.Version, log.Schema, len(log.Runs))
		}
		run := log.Runs[0]
		if n := len(run.Results); n > 25000 {
			t.Errorf("%s: got %d results, at most 25000 are taken", name, n)
		}
		ids := make(map[string]bool)
		for _, rule := range run.Tool.Driver.Rules {
			if rule.ID == "" || rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" || rule.Help.Text == "" || ids[rule.ID] {
				t.Errorf("%s: rule %q is twice or lacks a text", name, rule.ID)
			}
			ids[rule.ID] = true
		}
		prints := make(map[string]bool)
		for _, x := range run.Results {
			if !ids[x.RuleID] || x.Message.Text == "" || len(x.Locations) != 1 {
				t.Errorf("%s: %s has no rule, message or place", name, x.RuleID)
				continue
			}
			place := x.Locations[0].PhysicalLocation
			u, err := url.Parse(place.ArtifactLocation.URI)
			if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || u.RawQuery != "" || path.IsAbs(u.Path) || strings.Contains(u.Path, "..") {
				t.Errorf("%s: %s stands in %q, want a relative path", name, x.RuleID, place.ArtifactLocation.URI)
			}
			if place.Region.StartLine < 1 {
				t.Errorf("%s: %s has no line", name, x.RuleID)
			}
			for _, p := range x.PartialFingerprints {
				if prints[p] {
					t.Errorf("%s: two results have the fingerprint %s", name, p)
				}
				prints[p] = true
			}
		}
	}
}

// TestMarkdownFitsAJobSummary holds GitHub's limit of 1 MiB for a run in which
// everything fails at length.
func TestMarkdownFitsAJobSummary(t *testing.T) {
	r := everything()
	for i := range 1500 {
		x := r.Results[0]
		x.ID, x.Title, x.Outcome = fmt.Sprintf("filter.long.n%d", i), strings.Repeat("<", 4000), check.Failed
		for range 40 {
			x.Findings = append(x.Findings, check.Finding{LookedAt: "GET /Users", Got: strings.Repeat("|", 5000), Want: "|"})
		}
		r.Results = append(r.Results, x)
	}
	for name, write := range map[string]func(io.Writer, *Run) error{
		"summary": Markdown,
		"diff":    func(w io.Writer, r *Run) error { return Compare(New(meta(), nil), r).Markdown(w) },
		"matrix":  func(w io.Writer, r *Run) error { return Beside([]Named{{"a", r}, {"b", r}}).Markdown(w) },
	} {
		text := render(t, write, r)
		if len(text) > 1<<20 {
			t.Errorf("%s: got %d bytes, at most %d are shown", name, len(text), 1<<20)
		}
		if !strings.Contains(text, " more") {
			t.Errorf("%s does not say that it leaves something out", name)
		}
	}
}

func TestLocate(t *testing.T) {
	const body = `{ "id" : "1", "Emails": [ {"type":"home","value":"h"}, {"type":"work","value":"w"} ],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"b"}}, "active": true }`
	for _, tt := range []struct{ path, want string }{
		{"id", `"1"`},
		{"active", "true"},
		{"emails[1].value", `"w"`},
		{`emails[type eq "work"].value`, `"w"`},
		{"emails.value", `"h"`},
		{"emails[0]", `{"type":"home","value":"h"}`},
		{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", `"b"`},
		{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager", `{"value":"b"}`},
		{"emails[7].value", ""},
		{"emails[type", ""},
		{"nickName", ""},
		{"id.value", ""},
		{"idx", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			got := ""
			if s, ok := locate([]byte(body), tt.path); ok {
				got = body[s.start:s.end]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if _, ok := locate([]byte(`{"id":`), "id"); ok {
		t.Error("found a value in broken JSON")
	}
}

func TestConsoleAnswersEachVerdictOnce(t *testing.T) {
	text := render(t, byName("txt"), everything())
	for _, v := range []string{check.RFC, check.Okta, check.Entra, check.ProductBehaviour} {
		if n := strings.Count(text, "? "+v); n != 1 {
			t.Errorf("%s: got %d lines, want 1", v, n)
		}
	}
	if !strings.Contains(text, "conformance-report/index.html") {
		t.Error("the summary does not say where the report is")
	}
}
