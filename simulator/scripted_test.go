// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

// scripted is the reference server on the loopback network, and a function that
// says what its next answers are.
func scripted(t *testing.T) (url string, script func(replies string)) {
	t.Helper()
	control, err := refserver.NewControl(refserver.Options{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = control.Close() })
	a, err := admin.New(admin.Options{Server: control, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(a.Provider())
	t.Cleanup(web.Close)
	return web.URL + "/scim/v2", func(replies string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1"+admin.Path+"/replies", strings.NewReader(`{"replies":[`+replies+`]}`))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if a.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("script %s: %d %s", replies, w.Code, w.Body)
		}
	}
}

// TestScripted holds, for answers that come once over a real connection, what
// the administrator of each dialect reads ("" where nothing fails), and that a
// retry of Okta's and the next cycles of Entra ID's mend it.
func TestScripted(t *testing.T) {
	const (
		create = `{"method":"POST","path":"/Users",`
		read   = `{"method":"GET","path":"/Users/",`
	)
	tests := []struct {
		name, reply string
		okta, entra string
		waited      time.Duration // of Okta
	}{
		{"429, an integer", create + `"status":429,"headers":{"Retry-After":"120"}}`, "", "StatusCode: 429", 2 * time.Minute},
		{"429, zero", create + `"status":429,"headers":{"Retry-After":"0"}}`, "", "StatusCode: 429", 0},
		{"429, negative", create + `"status":429,"headers":{"Retry-After":"-5"}}`, "", "StatusCode: 429", 5 * time.Minute},
		{"429, a date", create + `"status":429,"headers":{"Retry-After":"Wed, 21 Oct 2026 07:28:00 GMT"}}`, "", "StatusCode: 429", 5 * time.Minute},
		{"429, absent", create + `"status":429,"body":"slow down"}`, "", "StatusCode: 429", 5 * time.Minute},
		{"409 for who is there", create + `"status":409,"work":true}`, "Error while creating user ada@example.test: Conflict", "StatusCode: Conflict", 0},
		{"500", create + `"status":500}`, "Internal Server Error", "StatusCode: 500", 0},
		{"502", create + `"status":502,"body":"<html>"}`, `Bad Gateway. Errors reported by remote server: Invalid JSON: Unrecognized token "<"`, "StatusCode: 502", 0},
		{"503 with Retry-After", create + `"status":503,"headers":{"Retry-After":"2"}}`, "Service Unavailable", "StatusCode: 503", 0},
		{"504", create + `"status":504}`, "Gateway Timeout", "StatusCode: 504", 0},
		{"HTML after the work", create + `"status":200,"body":"<html>","work":true}`, `Invalid JSON: Unrecognized token "<"`, "the body is not JSON", 0},
		{"nothing after the work", create + `"status":201,"work":true}`, "Create new user returned empty user.", "the body is not JSON", 0},
		{"half an answer", create + `"work":true,"raw":"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{\"id\":"}`, "unexpected EOF", "StatusCode: Conflict", 0},
		{"lost before the work", create + `"drop":"before"}`, "EOF", "", 0},
		{"lost after the work", create + `"drop":"after"}`, "EOF", "StatusCode: Conflict", 0},
		{"a redirect", create + `"status":307,"headers":{"Location":"/elsewhere"}}`, "Temporary Redirect", "StatusCode: 307", 0},
		{"404 for a known id", read + `"status":404}`, "Error while trying to push profile update for ada@example.test: Not Found", "StatusCode: 404", 0},
		{"HTML for a known id", read + `"status":200,"body":"<html>"}`, "Invalid JSON", "the body is not JSON", 0},
		{"another id", read + `"status":200,"body":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"other\",\"userName\":\"ada@example.test\"}"}`, "", "", 0},
		{"a lost update", `{"method":"PUT","path":"/Users/","drop":"after"},{"method":"PATCH","path":"/Users/","drop":"after"}`, "EOF", "EOF", 0},
	}
	for _, tt := range tests {
		for dialect, want := range map[string]string{"okta-oin": tt.okta, "entra-flag": tt.entra} {
			t.Run(tt.name+"/"+dialect, func(t *testing.T) {
				url, script := scripted(t)
				wire := &http.Transport{DisableCompression: true, DisableKeepAlives: true} // net/http asks again on a connection that it kept
				s, err := simulator.New(simulator.Options{Scenario: simulator.Scenario{Dialect: dialect}, BaseURL: url, Token: token, Transport: wire})
				if err != nil {
					t.Fatal(err)
				}
				okta := dialect == "okta-oin"
				act := func(changes ...directory.Change) {
					t.Helper()
					if !okta {
						changes = append(changes, directory.Change{Kind: directory.Cycle})
					}
					for _, c := range changes {
						if err := s.Change(t.Context(), c); err != nil {
							t.Fatal(err)
						}
					}
				}
				if err := s.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				ada := &directory.Person{ID: "ada", UserName: "ada@example.test", GivenName: "Ada", FamilyName: "Test"}
				arrive := []directory.Change{{Kind: directory.Join, Person: ada}, {Kind: directory.Assign, IDs: []string{"ada"}}}
				if !strings.HasPrefix(tt.reply, create) {
					act(arrive...)
					arrive = []directory.Change{{Kind: directory.Set, IDs: []string{"ada"}, Values: map[string]string{"title": "Engineer"}}}
				}
				script(tt.reply)
				act(arrive...)
				tasks := s.Tasks()
				if want == "" && len(tasks) > 0 || want != "" && (len(tasks) != 1 || !strings.Contains(tasks[0].Message, want)) {
					t.Errorf("got tasks %v, want %q", tasks, want)
				}
				if okta {
					act(directory.Change{Kind: directory.Retry})
				}
				r, err := s.Settle(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if okta && r.Waited != tt.waited || !okta && r.Waited != 0 {
					t.Errorf("waited %v, want %v", r.Waited, tt.waited)
				}
				if !r.Converged() {
					t.Errorf("tasks %v, differences %v", r.Tasks, r.Differences)
				}
			})
		}
	}
}
