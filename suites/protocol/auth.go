// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// authentication checks who is let in, RFC 7644 §2 and RFC 6750 §3.
func authentication() []check.Check {
	return []check.Check{authMissing, authWrong, authEmpty, authError, authChallenge, authWrite}
}

// as reads users with another Authorization header; none: without one.
func as(t *check.T, credentials ...string) *flow.Exchange {
	return t.Send(flow.Request{
		Method: http.MethodGet, Path: scim.UsersEndpoint + check.Query("count", "1"),
		Header: http.Header{"Authorization": credentials},
	})
}

var authMissing = check.Check{
	ID:       "auth.token.missing",
	Title:    "a request without credentials is refused with 401",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-401", "rfc7644-2-map-client-policy"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Anybody on the network reads and changes the organisation's users.",
	Fix:      "Refuse a request without an Authorization header before anything else looks at it.",
	Run:      func(t *check.T) { t.Expect(as(t)).To(HaveStatus(401)) },
}

var authWrong = check.Check{
	ID:       "auth.token.wrong",
	Title:    "a wrong bearer token is refused with 401",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-401", "rfc6750-3.1-invalid-token-401", "rfc6750-2.1-header-supported"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A revoked token goes on working; Okta's connection test takes bad credentials for good ones.",
	Fix:      "Compare the whole token in constant time and answer 401 when it is not one of yours.",
	Run:      func(t *check.T) { t.Expect(as(t, "Bearer scimproof-wrong-token")).To(HaveStatus(401)) },
}

var authEmpty = check.Check{
	ID:       "auth.token.empty",
	Title:    "a bearer token that is empty, null or undefined is refused",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-401", "rfc6750-3.1-invalid-token-401"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A provider whose own token is not set, or a client whose token is not, lets everybody in.",
	Fix:      "Refuse an empty token before comparing, and do not start without a configured one.",
	Run: func(t *check.T) {
		t.Expect(as(t, "Bearer")).To(HaveStatus(400, 401)) // RFC 6750 §3.1: invalid_request, or no credentials
		t.Expect(as(t, "Bearer null")).To(HaveStatus(401))
		t.Expect(as(t, "Bearer undefined")).To(HaveStatus(401))
	},
}

var authError = check.Check{
	ID:       "auth.token.error-body",
	Title:    "a 401 has a SCIM error body with a detail",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-json-body", "rfc7644-3.12-schema", "rfc7644-3.12-status-string", "rfc7644-3.1-message-urn"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta's acceptance suite asserts the Error schema, the status \"401\" and a detail on bad credentials.",
	Fix:      "Send the same Error body from the authentication layer as from the rest, also where a gateway answers.",
	Run: func(t *check.T) {
		x := as(t, "Bearer scimproof-wrong-token")
		t.Expect(x).To(BeSCIMError(401))
		t.Expect(x).To(HaveAttribute("detail"))
	},
}

var authChallenge = check.Check{
	ID:       "auth.challenge.bearer",
	Title:    "a 401 names the authentication scheme in WWW-Authenticate",
	Level:    check.Must,
	Source:   check.RFC7644("2"),
	Covers:   []string{"rfc7644-2-www-authenticate", "rfc6750-3-www-authenticate", "rfc9110-11.6.1-401-challenge"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot learn which credentials are wanted.",
	Fix:      "Send WWW-Authenticate with every 401, for instance Bearer realm=\"scim\".",
	Run: func(t *check.T) {
		t.Expect(as(t)).To(HaveHeader("WWW-Authenticate", gomega.MatchRegexp(`^[A-Za-z]+`)))
	},
}

var authWrite = check.Check{
	ID:       "auth.write.refused",
	Title:    "a write without credentials is refused and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("2"),
	Covers:   []string{"rfc7644-2-map-client-policy", "rfc7644-3.12-401"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Anybody on the network removes users.",
	Fix:      "Put authentication in front of every method, not of GET alone.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		x := t.Send(flow.Request{Method: http.MethodDelete, Path: alice.Path(), Header: http.Header{"Authorization": nil}})
		t.Expect(x).To(HaveStatus(401))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}
