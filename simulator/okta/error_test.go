// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator"
)

const one = `
directory:
  people: [{id: ada, userName: ada@example.test, givenName: Ada, familyName: Test}]
`

const (
	nobody = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`
	user   = `{"id":"7","userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"value":"ada@example.test","type":"work","primary":true}],` +
		`"displayName":"Ada Test","locale":"en-US","active":true,"groups":[]}`
	scimError = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"because","status":"400"}`
)

// reply answers with a status, a body and a Retry-After, if that is not "".
func reply(status int, body, after string) httpmock.Responder {
	r := httpmock.NewStringResponse(status, body)
	if after != "" {
		r.Header.Set("Retry-After", after)
	}
	return httpmock.ResponderFromResponse(r)
}

// mocked is a provider of which each request is answered as the test says: the
// probe, the look-up and the GETs by default as a friendly one does.
func mocked(answers map[string]httpmock.Responder) *httpmock.MockTransport {
	m := httpmock.NewMockTransport() // of several that match, it takes the first
	for call, answer := range answers {
		method, path, _ := strings.Cut(call, " ")
		m.RegisterResponder(method, path, answer)
	}
	for _, d := range []struct{ method, path, body string }{
		{http.MethodGet, "=~/Users[?]", nobody},
		{http.MethodGet, "=~/Users/", user},
		{http.MethodPost, "=~/Users$", user},
		{http.MethodPut, "=~/Users/", user},
		{http.MethodPatch, "=~/Users/", user},
	} {
		if answers[d.method+" "+d.path] == nil {
			status := map[bool]int{true: http.StatusCreated, false: http.StatusOK}[d.method == http.MethodPost]
			m.RegisterResponder(d.method, d.path, reply(status, d.body, ""))
		}
	}
	return m
}

// TestTasks holds what an administrator reads, and that nothing but a 429 is
// sent again.
func TestTasks(t *testing.T) {
	assign := one + "changes: [{assign: ada}]\n"
	set := one + "changes: [{assign: ada}, {set: {person: ada, familyName: Hill}}]\n"
	const (
		create   = "Automatic provisioning of user ada@example.test to app SCIM app failed: Error while creating user ada@example.test: "
		verify   = "Automatic provisioning of user ada@example.test to app SCIM app failed: Error while verifying if user ada@example.test exists: "
		profile  = "Error while trying to push profile update for ada@example.test: "
		reported = "Errors reported by remote server: "
	)
	leave := one + "changes: [{assign: ada}, {unassign: ada}]\n"
	const deactivate = "Error while deactivating user ada@example.test: "
	lost := httpmock.NewErrorResponder(errors.New("EOF"))
	tests := []struct {
		name     string
		scenario string
		call     string
		answer   httpmock.Responder
		want     string
		times    int
	}{
		{"500 on look-up", assign, "GET =~/Users[?]filter", reply(500, "", ""), verify + "Internal Server Error", 1},
		{"503 with Retry-After on look-up", assign, "GET =~/Users[?]filter", reply(503, scimError, "120"), verify + "Service Unavailable. " + reported + "because", 1},
		{"HTML on look-up", assign, "GET =~/Users[?]filter", reply(200, "<html>", ""), verify + `Invalid JSON: Unrecognized token "<"`, 1},
		{"nothing on look-up", assign, "GET =~/Users[?]filter", reply(200, "", ""), verify + "Invalid JSON: No content", 1},
		{"a redirect on look-up", assign, "GET =~/Users[?]filter", reply(302, "", ""), verify + "Found", 1},
		{"503 with Retry-After", assign, "POST =~/Users$", reply(503, "<html>", "120"), create + "Service Unavailable. " + reported + `Invalid JSON: Unrecognized token "<"`, 1},
		{"504", assign, "POST =~/Users$", reply(504, "", ""), create + "Gateway Timeout", 1},
		{"500 with an error", assign, "POST =~/Users$", reply(500, scimError, ""), create + "Internal Server Error. " + reported + "because", 1},
		{"409 without a body", assign, "POST =~/Users$", reply(409, "", ""), create + "Conflict", 1},
		{"an id that is a number", assign, "POST =~/Users$", reply(201, `{"id":7}`, ""), create + "Create new user returned no id.", 1},
		{"HTML on GET", set, "GET =~/Users/", reply(200, "<html>", ""), profile + `Invalid JSON: Unrecognized token "<"`, 1},
		{"404 on PUT", set, "PUT =~/Users/", reply(404, scimError, ""), profile + "Not Found. " + reported + "because", 1},
		{"a lost answer to PUT", set, "PUT =~/Users/", lost, profile + "EOF", 1},
		{"502 on PUT", set, "PUT =~/Users/", reply(502, "Bad", ""), profile + "Bad Gateway. " + reported + `Invalid JSON: Unrecognized token "Bad"`, 1},
		{"a redirect on PUT", set, "PUT =~/Users/", reply(308, "", ""), profile + "Permanent Redirect", 1},
		{"404 on PATCH", leave, "PATCH =~/Users/", reply(404, "", ""), deactivate + "Not Found", 1},
		{"a lost answer to PATCH", leave, "PATCH =~/Users/", lost, deactivate + "EOF", 1},
		{"409 on create", assign, "POST =~/Users$", reply(409, scimError, ""), create + "Conflict. " + reported + "because", 1},
		{"400 on create", assign, "POST =~/Users$", reply(400, scimError, ""), create + "Bad Request. " + reported + "because", 1},
		{"empty 201", assign, "POST =~/Users$", reply(201, "", ""), create + "Create new user returned empty user.", 1},
		{"201 without an id", assign, "POST =~/Users$", reply(201, `{"userName":"ada@example.test"}`, ""), create + "Create new user returned no id.", 1},
		{"HTML on create", assign, "POST =~/Users$", reply(200, "<html>", ""), create + `Invalid JSON: Unrecognized token "<"`, 1},
		{"500 in HTML", assign, "POST =~/Users$", reply(500, "Oops!", ""), create + "Internal Server Error. " + reported + `Invalid JSON: Unrecognized token "Oops"`, 1},
		{"502 is not sent again", assign, "POST =~/Users$", reply(502, "", ""), create + "Bad Gateway", 1},
		{"a lost answer", assign, "POST =~/Users$", httpmock.NewErrorResponder(errors.New("EOF")), create + "EOF", 1},
		{"a redirect", assign, "POST =~/Users$", reply(307, "", ""), create + "Temporary Redirect", 1},
		{"a hit without an id", assign, "GET =~/Users[?]filter", reply(200, `{"totalResults":1,"Resources":[{"userName":"x"}]}`, ""), verify + "the user or group that was found has no id", 1},
		{"404 on a known id", set, "GET =~/Users/", reply(404, scimError, ""), profile + "Not Found. " + reported + "because", 1},
		{"501 on PATCH", leave, "PATCH =~/Users/", reply(501, "", ""), deactivate + "Not Implemented", 1},
		{"429 for ever", assign, "POST =~/Users$", reply(429, "", "1"), create + "Too Many Requests, 10 attempts", 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mocked(map[string]httpmock.Responder{tt.call: tt.answer})
			calls := 0
			method, _, _ := strings.Cut(tt.call, " ")
			r, err := simulate(t, "okta-oin", tt.scenario, simulator.Options{Transport: m, Record: func(x flow.Exchange) {
				if x.Method == method && !strings.HasSuffix(x.Path, "count=2") {
					calls++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Tasks) != 1 || r.Tasks[0].Message != tt.want || r.Tasks[0].Subject != "person ada" {
				t.Fatalf("tasks %q\nwant %q", r.Tasks, tt.want)
			}
			if method == http.MethodGet && tt.scenario == set {
				calls-- // the look-up
			}
			if calls != tt.times || r.Tasks[0].Attempts != tt.times {
				t.Errorf("%d calls, %d attempts; want %d", calls, r.Tasks[0].Attempts, tt.times)
			}
			if r.Converged() || tt.times == 1 && r.Waited != 0 {
				t.Errorf("converged %v with a task, waited %v", r.Converged(), r.Waited)
			}
		})
	}
}

// TestLists holds which lists Okta takes: counters are numbers, and names of
// members may be in lower case.
func TestLists(t *testing.T) {
	const hit = `{"id":"7","userName":"ada@example.test","active":true}`
	tests := []struct {
		name, body, want string
	}{
		{"as the RFC has it", `{"totalResults":1,"Resources":[` + hit + `]}`, "PUT"},
		{"in lower case", `{"totalresults":1,"startindex":1,"itemsperpage":1,"resources":[` + hit + `]}`, "PUT"},
		{"more a page than there are", `{"totalResults":0,"itemsPerPage":100,"Resources":[]}`, "POST"},
		{"a counter that is a text", `{"totalResults":"1","Resources":[` + hit + `]}`, "task"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mocked(map[string]httpmock.Responder{"GET =~/Users[?]filter": reply(200, tt.body, "")})
			r, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}]\n", simulator.Options{Transport: m})
			if err != nil {
				t.Fatal(err)
			}
			calls := m.GetCallCountInfo()
			got := "task"
			switch {
			case calls["PUT =~/Users/"] == 1:
				got = "PUT"
			case calls["POST =~/Users$"] == 1:
				got = "POST"
			}
			if got != tt.want || (got == "task") != (len(r.Tasks) > 0) {
				t.Errorf("got %s, tasks %v, want %s", got, r.Tasks, tt.want)
			}
		})
	}
}

// TestRetry holds that a retry, and nothing else, mends a task: with a look-up,
// which finds what a lost answer left behind.
func TestRetry(t *testing.T) {
	lost := true
	provider := reference(t)
	provider.answer = func(q request) (int, http.Header, string, bool) {
		if q.Method == http.MethodPost && lost {
			lost = false
			return http.StatusServiceUnavailable, nil, "", true
		}
		return 0, nil, "", false
	}
	r := play(t, "okta-oin", one+"changes: [{assign: ada}, {retry: {}}]\n", provider)
	if !r.Converged() {
		t.Errorf("tasks %v, differences %v", r.Tasks, r.Differences)
	}
	posts := 0
	for i, q := range provider.sent {
		if q.Method == http.MethodPost {
			posts++
			if !strings.HasPrefix(provider.sent[i-1].Path, "/Users?filter") {
				t.Errorf("POST after %s", provider.sent[i-1].Path)
			}
		}
	}
	if posts != 2 {
		t.Errorf("%d creations, want 2", posts)
	}
}

// TestConflictThenLink holds that a 409 on create stops the job, and that the
// retry links to the user whom its look-up finds.
func TestConflictThenLink(t *testing.T) {
	found := `{"totalResults":1,"Resources":[` + user + `]}`
	m := mocked(map[string]httpmock.Responder{
		"GET =~/Users[?]filter": reply(200, nobody, "").Then(reply(200, found, "")),
		"POST =~/Users$":        reply(409, scimError, ""),
	})
	var sent []string
	r, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}, {retry: {}}]\n", simulator.Options{Transport: m, Record: func(x flow.Exchange) {
		path, _, _ := strings.Cut(x.Path, "?")
		sent = append(sent, x.Method+" "+path)
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /Users", "GET /Users", "POST /Users", "GET /Users", "GET /Users/7", "PUT /Users/7"}
	if !slices.Equal(sent, want) || len(r.Tasks) > 0 {
		t.Errorf("sent %q with tasks %v, want %q", sent, r.Tasks, want)
	}
}

// TestIDChanges holds that whom a look-up finds under another id than before is
// linked anew, and written there.
func TestIDChanges(t *testing.T) {
	other := strings.Replace(user, `"7"`, `"8"`, 1)
	found := `{"totalResults":1,"Resources":[` + other + `]}`
	m := mocked(map[string]httpmock.Responder{
		"GET =~/Users[?]filter": reply(200, nobody, "").Then(reply(200, found, "")),
		"GET =~/Users/8":        reply(200, other, ""),
	})
	var writes []string
	r, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}, {unassign: ada}, {assign: ada}, {set: {person: ada, familyName: Hill}}]\n",
		simulator.Options{Transport: m, Record: func(x flow.Exchange) {
			if x.Method != http.MethodGet {
				writes = append(writes, x.Method+" "+x.Path)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"POST /Users", "PATCH /Users/7", "PUT /Users/8", "PUT /Users/8"}; !slices.Equal(writes, want) || len(r.Tasks) > 0 {
		t.Errorf("wrote %q with tasks %v, want %q", writes, r.Tasks, want)
	}
}

// TestTarget holds what is said of a target that does not let anybody in.
func TestTarget(t *testing.T) {
	tests := []struct {
		name    string
		answer  httpmock.Responder
		refused bool
	}{
		{"nobody there", httpmock.NewErrorResponder(errors.New("connection refused")), false},
		{"wrong token", reply(401, scimError, ""), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(tt.answer)
			_, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}]\n", simulator.Options{Transport: m})
			var target *simulator.TargetError
			if !errors.As(err, &target) || target.Refused != tt.refused {
				t.Errorf("got %v", err)
			}
			if m.GetTotalCallCount() != 1 {
				t.Errorf("%d requests, want 1", m.GetTotalCallCount())
			}
		})
	}
}
