// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/json"
	"encoding/xml"
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
	if run.Invocations[0].Successful || len(run.Invocations[0].Notifications) != len(r.with(broken)) {
		t.Errorf("broken checks are not notifications: %+v", run.Invocations)
	}
	if len(seen["waived.failed"].Suppressions) != 1 {
		t.Error("the waived failure is not suppressed")
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
	text := render(t, formats[5].write, everything())
	for _, v := range []string{check.RFC, check.Okta, check.Entra, check.ProductBehaviour} {
		if n := strings.Count(text, "? "+v); n != 1 {
			t.Errorf("%s: got %d lines, want 1", v, n)
		}
	}
	if !strings.Contains(text, "conformance-report/index.html") {
		t.Error("the summary does not say where the report is")
	}
}
