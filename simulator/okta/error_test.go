// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/okta"
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
	m := httpmock.NewMockTransport()
	m.RegisterResponder(http.MethodGet, "=~/Users[?]", reply(200, nobody, ""))
	m.RegisterResponder(http.MethodGet, "=~/Users/", reply(200, user, ""))
	m.RegisterResponder(http.MethodPost, "=~/Users$", reply(201, user, ""))
	m.RegisterResponder(http.MethodPut, "=~/Users/", reply(200, user, ""))
	m.RegisterResponder(http.MethodPatch, "=~/Users/", reply(200, user, ""))
	for call, answer := range answers {
		method, path, _ := strings.Cut(call, " ")
		m.RegisterResponder(method, path, answer)
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
	tests := []struct {
		name     string
		scenario string
		call     string
		answer   httpmock.Responder
		want     string
		times    int
	}{
		{"409 on create", assign, "POST =~/Users$", reply(409, scimError, ""), create + "Conflict. " + reported + "because", 1},
		{"400 on create", assign, "POST =~/Users$", reply(400, scimError, ""), create + "Bad Request. " + reported + "because", 1},
		{"empty 201", assign, "POST =~/Users$", reply(201, "", ""), create + "Create new user returned empty user.", 1},
		{"201 without an id", assign, "POST =~/Users$", reply(201, `{"userName":"ada@example.test"}`, ""), create + "Create new user returned no id.", 1},
		{"HTML on create", assign, "POST =~/Users$", reply(200, "<html>", ""), create + `Invalid JSON: Unrecognized token "<"`, 1},
		{"500 in HTML", assign, "POST =~/Users$", reply(500, "Oops!", ""), create + "Internal Server Error. " + reported + `Invalid JSON: Unrecognized token "Oops"`, 1},
		{"502 is not sent again", assign, "POST =~/Users$", reply(502, "", ""), create + "Bad Gateway", 1},
		{"a lost answer", assign, "POST =~/Users$", httpmock.NewErrorResponder(errors.New("EOF")), create + "EOF", 1},
		{"a redirect", assign, "POST =~/Users$", reply(307, "", ""), create + "Temporary Redirect", 1},
		{"a hit without an id", assign, "GET =~/Users[?]", reply(200, `{"totalResults":1,"Resources":[{"userName":"x"}]}`, ""), verify + "the user or group that was found has no id", 1},
		{"404 on a known id", set, "GET =~/Users/", reply(404, scimError, ""), profile + "Not Found. " + reported + "because", 1},
		{"501 on PATCH", one + "changes: [{assign: ada}, {unassign: ada}]\n", "PATCH =~/Users/", reply(501, "", ""), "Error while deactivating user ada@example.test: Not Implemented", 1},
		{"429 for ever", assign, "POST =~/Users$", reply(429, "", "1"), create + "Too Many Requests, 10 attempts", 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mocked(map[string]httpmock.Responder{tt.call: tt.answer})
			calls := 0
			method, _, _ := strings.Cut(tt.call, " ")
			r, err := simulate(t, "okta-oin", tt.scenario, simulator.Options{Transport: m, Record: func(x flow.Exchange) {
				if x.Method == method && !strings.Contains(x.Path, "count=2") {
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
			if r.Converged() {
				t.Error("converged with a task")
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
			m := mocked(map[string]httpmock.Responder{"GET =~/Users[?]": reply(200, tt.body, "")})
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

// TestPolicy holds the schedule of 429 by the page on rate limits.
func TestPolicy(t *testing.T) {
	tests := []struct {
		name     string
		status   int
		after    []string // one for each answer; the last for all that follow
		switches okta.Switches
		want     []time.Duration
	}{
		{"integer", 429, []string{"120"}, okta.Switches{}, slices.Repeat([]time.Duration{2 * time.Minute}, 9)},
		{"zero", 429, []string{"0"}, okta.Switches{}, make([]time.Duration, 9)},
		{"none doubles", 429, []string{""}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"a date", 429, []string{"Wed, 21 Oct 2026 07:28:00 GMT"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"a fraction", 429, []string{"1.5"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"null", 429, []string{"null"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"negative", 429, []string{"-1"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"doubles what was asked for", 429, []string{"60", ""}, okta.Switches{}, append([]time.Duration{time.Minute}, doubling(2*time.Minute, 8)...)},
		{"503", 503, []string{"120"}, okta.Switches{}, nil},
		{"503, switched", 503, []string{"120"}, okta.Switches{RetryServerErrors: true}, doubling(5*time.Minute, 9)},
		{"501, switched", 501, []string{""}, okta.Switches{RetryServerErrors: true}, nil},
		{"silence", 0, []string{""}, okta.Switches{}, nil},
		{"400", 400, []string{"1"}, okta.Switches{RetryServerErrors: true}, nil},
		{"200", 200, []string{"1"}, okta.Switches{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			policy := okta.Policy(tt.switches)
			var got []time.Duration
			last := time.Duration(0)
			for attempt := 1; attempt < 100; attempt++ {
				x := &flow.Exchange{Status: tt.status}
				x.Response.Header = http.Header{"Retry-After": {tt.after[min(attempt, len(tt.after))-1]}}
				wait, again := policy(attempt, last, x)
				if !again {
					break
				}
				got, last = append(got, wait), wait
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v\nwant %v", got, tt.want)
			}
		})
	}
}

func doubling(d time.Duration, n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = d << i
	}
	return all
}

// TestWaits holds that waits pass on the virtual clock, and that what follows
// them is the request as it was.
func TestWaits(t *testing.T) {
	asked := 0
	provider := reference(t)
	provider.answer = func(q request) (int, http.Header, string, bool) {
		if q.Method == http.MethodPost && asked < 3 {
			asked++
			return 429, http.Header{"Retry-After": {"120"}}, "", true
		}
		return 0, nil, "", false
	}
	r := play(t, "okta-oin", one+"changes: [{assign: ada}]\n", provider)
	if !r.Converged() || r.Waited != 6*time.Minute || r.Took != 6*time.Minute {
		t.Errorf("waited %v of %v, tasks %v", r.Waited, r.Took, r.Tasks)
	}
	sent := provider.lines()[2:6]
	if len(slices.Compact(slices.Clone(sent))) != 1 {
		t.Errorf("requests differ: %q", sent)
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
