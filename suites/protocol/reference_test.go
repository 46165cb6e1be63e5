// SPDX-License-Identifier: Apache-2.0

package protocol_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/protocol"
)

// notHere are the checks of what the reference server does not have.
var notHere = []string{
	"cursor.previous.back",                               // it gives no previousCursor
	"cursor.error.expired",                               // its cursors live longer than a check waits
	"me.read.location",                                   // the token of the test speaks for no user
	"replace.immutable.first", "replace.immutable.other", // the User schema has no such attribute
}

// TestReferenceServer runs every check against the reference server, which
// passes them under each profile: the neutral address hides the product.
func TestReferenceServer(t *testing.T) {
	for _, profile := range []*profiles.Profile{profiles.RFC(), profiles.Datadog()} {
		t.Run(profile.Name, func(t *testing.T) {
			const token = "a-token-of-the-test"
			others := check.Tokens{ReadOnly: "a-token-that-may-only-read", Expired: "a-token-that-was-good-once", Tenant: "a-token-of-another-tenant"}
			profile.Wire.Pagination = true // so that it is checked
			handler, err := refserver.New(refserver.Options{Token: token, Profile: profile, Tokens: []refserver.Token{
				{Secret: others.ReadOnly, Rights: refserver.ReadOnly},
				{Secret: others.Expired, Expires: time.Unix(1, 0)},
				{Secret: others.Tenant, Tenant: "neighbour"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(handler)
			defer server.Close()
			p, err := check.Open(t.Context(), check.Target{BaseURL: server.URL + "/scim/v2", Token: token, Tokens: others, Profile: profile})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range protocol.Checks() {
				t.Run(c.ID, func(t *testing.T) {
					r := check.Judge(t.Context(), c, p)
					if r.Outcome == check.Passed {
						return
					}
					if r.Outcome == check.Skipped && slices.Contains(notHere, c.ID) {
						return
					}
					t.Errorf("%s: %s", r.Outcome, r.Reason)
					for _, f := range r.Findings {
						t.Error(f)
					}
					for _, left := range r.Leftovers {
						t.Error("left behind: ", left)
					}
				})
			}
		})
	}
}

// TestNoCheckPassesOnNonsense runs every check against providers that answer
// everything alike: none may pass, and none may break.
func TestNoCheckPassesOnNonsense(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
	}{
		{name: "empty object", status: 200, body: `{}`},
		{name: "empty list", status: 200, body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`},
		{name: "created", status: 201, body: `{"id":"1"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			p, err := check.Open(t.Context(), check.Target{BaseURL: server.URL, Token: "a-token-of-the-test"})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range protocol.Checks() {
				r := check.Judge(t.Context(), c, p)
				if r.Outcome == check.Broken {
					t.Errorf("%s: broken: %s", c.ID, r.Reason)
				}
				if r.Outcome == check.Passed {
					t.Errorf("%s: passed", c.ID)
				}
			}
		})
	}
}
