// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// canary is a credential that no report may hold.
const canary = "canary-5up3r-s3cret"

// hostile is what a provider might send to the reader of a report.
const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)> "'` + "`|*_[x](javascript:alert(1)) @everyone ::error::no\n" +
	"::set-output name=a::b \x1b[31mred\x1b]0;title\a \u202etxet\u202c \u0085 {{.Run}} </pre></details> ]]> &amp; www.evil.example"

var moment = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

var (
	outcomes = []check.Outcome{check.Passed, check.Skipped, check.Blocked, check.Failed, check.Broken}
	levels   = []check.Level{check.Must, check.Should, check.May, check.Vendor, check.Product}
)

// everything is a run with a result of every outcome at every level, waivers
// of each kind, and hostile text wherever a provider has a say.
func everything() *Run {
	results := make([]check.Result, 0, 40)
	for _, l := range levels {
		for _, o := range outcomes {
			results = append(results, sample(o, l))
		}
	}
	results = append(results, primary(), nastyReply(), waivedResult("waived.failed", check.Failed), waivedResult("waived.passed", check.Passed),
		waivedResult("expired.failed", check.Failed), waivedResult("expired.passed", check.Passed))
	return New(meta(), results)
}

// unfinished is a run in which nothing failed before it was interrupted.
func unfinished() *Run {
	m := meta()
	m.Waivers, m.Incomplete = nil, "interrupted"
	for _, l := range levels {
		m.NotRun = append(m.NotRun, sample(check.Failed, l).Check)
	}
	m.NotRun[0].Title = hostile
	return New(m, []check.Result{sample(check.Passed, check.Must), sample(check.Skipped, check.Vendor), sample(check.Passed, check.Product)})
}

// allPassed is a run with nothing to fix.
func allPassed() *Run {
	m := meta()
	m.Waivers = nil
	return New(m, []check.Result{
		sample(check.Passed, check.Must), sample(check.Passed, check.Vendor), sample(check.Passed, check.Product), sample(check.Skipped, check.May),
	})
}

func meta() Meta {
	return Meta{
		Tool: Tool{"scimproof", "1.0.0-test"}, Catalogue: "2026.11",
		Target: Target{BaseURL: "https://admin:" + canary + "@scim.example.com/scim/v2", Product: "Example Works", Profile: "datadog"},
		Seed:   7, RunID: "k3v9q2", Start: moment, End: moment.Add(4200 * time.Millisecond),
		Requirements: map[string]string{"rfc7644-3.5.2.2-path-required": "A remove operation without a path fails with 400 and noTarget."},
		Waivers: map[string]Waiver{
			"waived.failed":  {Reason: "accepted until the next release", Expires: "2027-01-31"},
			"waived.passed":  {Reason: "fixed meanwhile"},
			"expired.failed": {Reason: "to be mended in October", Expires: "2026-10-31"},
			"expired.passed": {Reason: "mended in October", Expires: "2026-10-31"},
		},
	}
}

func sample(o check.Outcome, l check.Level) check.Result {
	c := check.Check{
		ID: fmt.Sprintf("%s.sample.%s", l, o), Title: fmt.Sprintf("A %s check that is %s", l, o), Level: l,
		Source: source(l), Profiles: verdictsOf(l), Needs: []string{check.CapPatch},
		Breaks: "Okta shows the person as provisioned, and the person cannot log in.",
		Fix:    "Answer 400 with scimType noTarget before touching the resource.",
	}
	if l == check.Must {
		c.Covers = []string{"rfc7644-3.5.2.2-path-required", "unknown-requirement"}
	}
	r := check.Result{Check: c, Outcome: o, Start: moment, Duration: 12345 * time.Microsecond}
	switch o {
	case check.Skipped:
		r.Reason = "the provider does not offer patch"
		return r
	case check.Blocked:
		r.Reason = "POST /Users answered 500, so no user could be made"
	case check.Broken:
		r.Reason = "panic: index out of range [3] with length 2"
	case check.Failed:
		r.Findings = []check.Finding{{LookedAt: "PATCH /Users/2819c223", Where: "status", Got: "200", Want: "400 with scimType noTarget"}}
	}
	r.Exchanges = []flow.Exchange{exchange("PATCH", "/Users/2819c223", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove"}]}`, 200, `{"id":"2819c223","active":true}`)}
	return r
}

func source(l check.Level) check.Source {
	switch l {
	case check.Vendor:
		return check.Source{Name: "Okta", Section: "SCIM 2.0 protocol reference", URL: "https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/", Date: "2026-03-10", Evidence: check.Documented}
	case check.Product:
		return check.Source{Name: "Datadog", Section: "roles with SCIM", URL: "javascript:alert(1)", Date: "2026-03-10", Evidence: check.Assumed}
	}
	return check.RFC7644("3.5.2.2")
}

func verdictsOf(l check.Level) []string {
	switch l {
	case check.Vendor:
		return check.Profiles(check.Okta)
	case check.Product:
		return check.Profiles(check.ProductBehaviour)
	}
	return check.Profiles(check.RFC, check.Okta, check.Entra)
}

func exchange(method, path, sent string, status int, got string) flow.Exchange {
	return flow.Exchange{
		Method: method, URL: "https://scim.example.com/scim/v2" + path, Path: path,
		Request: flow.Message{Header: http.Header{
			"Authorization": {"Bearer " + canary}, "Content-Type": {"application/scim+json"}, "Accept": {"application/scim+json"},
		}, Body: []byte(sent)},
		Status:   status,
		Response: flow.Message{Header: http.Header{"Content-Type": {"application/scim+json;charset=utf-8"}, "Etag": {`W/"1"`}}, Body: []byte(got)},
		Start:    moment.Add(time.Second), Duration: 3210 * time.Microsecond,
	}
}

// primary is a failure deep in a body, so that the place can be marked.
func primary() check.Result {
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223","userName":"alice@example.test",` +
		`"emails":[{"value":"alice@example.test","type":"work","primary":"true"}],"active":true,"meta":{"resourceType":"User","version":"W/\"1\""}}`
	return check.Result{
		Check: check.Check{
			ID: "lifecycle.joiner.primary-boolean", Title: "A new person's e-mail address comes back with primary as a boolean", Level: check.Must,
			Source: check.RFC7643("2.4"), Profiles: check.Profiles(check.RFC, check.Okta, check.Entra),
			Breaks: "Entra ID compares the value that comes back with its own; it patches the address again in every cycle.",
			Fix:    "Store primary as a boolean, and accept the string \"true\" only when reading.",
		},
		Outcome: check.Failed,
		Findings: []check.Finding{
			{LookedAt: "GET /Users/2819c223", Where: "body.emails[0].primary", Got: `"true" (string)`, Want: "true (boolean)"},
			{LookedAt: "GET /Users/2819c223", Where: "header ETag", Got: `W/"1"`, Want: "the meta.version of the reply to POST"},
		},
		Exchanges: []flow.Exchange{
			exchange("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"alice@example.test","emails":[{"value":"alice@example.test","type":"work","primary":true}],"active":true}`, 201, body),
			exchange("GET", "/Users/2819c223", "", 200, body),
		},
		Start: moment, Duration: 18 * time.Millisecond,
	}
}

// nastyReply is a failure in which everything the provider says is an attack.
func nastyReply() check.Result {
	r := sample(check.Failed, check.Must)
	r.Check.ID, r.Check.Title = "filter.hostile.reply", "A reply is text, whatever it says"
	r.Findings = []check.Finding{{LookedAt: "GET /Users", Where: "body." + hostile, Got: hostile, Want: "an error reply", Text: hostile}}
	x := exchange("GET", "/Users", hostile, 200, hostile+"\x00\xff\xfe token "+canary)
	x.Response.Header.Set("X-Hostile", hostile)
	x.Response.Header.Set("Set-Cookie", "session="+canary)
	dead := exchange("GET", "/Users?"+strings.Repeat("long", 80), "", 0, "")
	dead.Response, dead.Error = flow.Message{}, "read reply: connection reset: "+hostile
	r.Exchanges = []flow.Exchange{x, dead}
	r.Leftovers = []string{"https://scim.example.com/scim/v2/Users/" + hostile}
	return r
}

func waivedResult(id string, o check.Outcome) check.Result {
	r := sample(o, check.Must)
	r.Check.ID, r.Check.Title = id, "A waived check that is "+string(o)
	return r
}
