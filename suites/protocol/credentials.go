// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// credentials checks credentials that are almost right, and what further tokens
// may do, RFC 6750 and RFC 9110 §11.
func credentials() []check.Check {
	return []check.Check{tokenPrefix, tokenLonger, schemeCase, schemeOther, readOnlyWrites, tenantGroups, tenantDoors}
}

// prefix is how much of a token is enough to show that a part of it opens:
// little, since a provider may repeat what it refused.
const prefix = 4

// changed reads users with credentials made of the run's token.
func changed(t *check.T, credentials func(token string) string) *flow.Exchange {
	return t.Credentials(credentials, flow.Request{Method: http.MethodGet, Path: scim.UsersEndpoint + check.Query("count", "1")})
}

var tokenPrefix = check.Check{
	ID:       "auth.token.prefix",
	Title:    "the beginning of the token is refused with 401",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-401", "rfc6750-3.1-invalid-token-401"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Whoever guesses four characters reads and changes the organisation's users.",
	Fix:      "Compare the whole token, in constant time.",
	Run: func(t *check.T) {
		t.Expect(changed(t, func(token string) string { return "Bearer " + token[:min(prefix, len(token)-1)] })).To(HaveStatus(401))
	},
}

var tokenLonger = check.Check{
	ID:       "auth.token.longer",
	Title:    "the token with something behind it is refused with 401",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-401", "rfc6750-3.1-invalid-token-401"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A token is taken for that of another whose token begins alike; what was cut off in a store is never missed.",
	Fix:      "Compare the whole token, in constant time.",
	Run: func(t *check.T) {
		t.Expect(changed(t, func(token string) string { return "Bearer " + token + "x" })).To(HaveStatus(401))
	},
}

var schemeCase = check.Check{
	ID:       "auth.scheme.case",
	Title:    "the word bearer is taken in any letter case",
	Level:    check.Should,
	Source:   check.Source{Name: "RFC 9110", Section: "11.1", Evidence: check.Standard},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client whose library writes bearer is refused with a token that is good.",
	Fix:      "Compare the name of the scheme without regard to letter case.",
	Run: func(t *check.T) {
		read := flow.Request{Method: http.MethodGet, Path: create(t, "alice").Path()}
		t.Expect(t.Credentials(func(token string) string { return "bearer " + token }, read)).To(HaveStatus(200))
	},
}

var schemeOther = check.Check{
	ID:       "auth.scheme.other",
	Title:    "the token under the name of another scheme is refused with 401",
	Level:    check.Should,
	Source:   check.Source{Name: "RFC 9110", Section: "11.4", Evidence: check.Standard},
	Covers:   []string{"rfc7644-3.12-401"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "What guards bearer tokens at a gateway lets the same token by under another name.",
	Fix:      "Take credentials of the schemes that are offered, and answer 401 to others.",
	Run: func(t *check.T) {
		for _, scheme := range []string{"Basic", "Digest", "Negotiate"} {
			t.Expect(changed(t, func(token string) string { return scheme + " " + token })).To(HaveStatus(400, 401))
		}
	},
}

var readOnlyWrites = check.Check{
	ID:       "auth.token.read-only-writes",
	Title:    "a token that may only read neither creates a user nor changes one by PATCH or in bulk",
	Level:    check.Should,
	Source:   check.RFC7644("2"),
	Needs:    check.Needs(check.CapReadOnly, check.CapPatch),
	Covers:   []string{"rfc7644-3.12-403"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A report that was given a token to read with can give itself an account.",
	Fix:      "Ask for the right to write on every method and endpoint, POST and /Bulk included.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		reading := func(method, path, body string) *flow.Exchange {
			return t.Using(check.CapReadOnly, flow.Request{Method: method, Path: path, Body: []byte(body)})
		}
		t.Expect(reading(http.MethodPost, scim.UsersEndpoint, user(t, "bob"))).To(HaveStatus(403))
		t.Expect(reading(http.MethodPatch, alice.Path(), retitle())).To(HaveStatus(403))
		if t.Has(check.CapBulk) {
			inBulkRefused(t, check.CapReadOnly, alice)
		}
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

// retitle is a PATCH of a title.
func retitle() string {
	return `{"schemas":["` + scim.PatchOpURN + `"],"Operations":[{"op":"replace","path":"title","value":"Emperor"}]}`
}

// inBulkRefused sends a removal of r in a bulk request by another token, and
// expects the request or its operation to be refused.
func inBulkRefused(t *check.T, token string, r *check.Resource) {
	x := t.Using(token, flow.Request{Method: http.MethodPost, Path: "/Bulk", Body: []byte(
		`{"schemas":["` + scim.BulkRequestURN + `"],"Operations":[{"method":"DELETE","path":` + quote(r.Path()) + `}]}`)})
	if x.Status == http.StatusOK {
		t.Expect(Text(x, "Operations.status")).To(gomega.BeElementOf("403", "404"), "the status of the operation")
		return
	}
	t.Expect(x).To(HaveStatus(400, 403, 404, 501))
}

var tenantGroups = check.Check{
	ID:       "auth.tenant.groups",
	Title:    "the token of another tenant neither reads, finds, changes nor removes a group",
	Level:    check.Must,
	Source:   check.RFC7644("6.1"),
	Covers:   []string{"rfc7644-6.1-access-control"},
	Needs:    check.Needs(check.CapTenant, check.CapGroup, check.CapFilter, check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "One customer sees the teams of another, and puts people into them.",
	Fix:      "Take the tenant from the token, and look for ids within it alone.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		g := t.CreateGroup("engineering", alice)
		before := exists(t, g)
		foreign := func(method, path, body string) *flow.Exchange {
			return t.Using(check.CapTenant, flow.Request{Method: method, Path: path, Body: []byte(body)})
		}
		t.Expect(foreign(http.MethodGet, g.Path(), "")).To(HaveStatus(403, 404))
		t.Expect(foreign(http.MethodPatch, g.Path(), `{"schemas":["`+scim.PatchOpURN+`"],"Operations":[{"op":"remove","path":"members"}]}`)).To(HaveStatus(403, 404))
		t.Expect(foreign(http.MethodDelete, g.Path(), "")).To(HaveStatus(403, 404))
		found := foreign(http.MethodGet, scim.GroupsEndpoint+check.Query("filter", fmt.Sprintf("displayName eq %q", displayName(g))), "")
		t.Expect(found).To(HaveStatus(200, 400, 403))
		t.Expect(idsOn(found)).To(gomega.BeEmpty())
		t.Expect(t.Get(g)).To(BeUnchangedSince(before))
	},
}

var tenantDoors = check.Check{
	ID:       "auth.tenant.doors",
	Title:    "PATCH, .search and bulk requests with the token of another tenant come to no user either",
	Level:    check.Must,
	Source:   check.RFC7644("6.1"),
	Covers:   []string{"rfc7644-6.1-access-control"},
	Needs:    check.Needs(check.CapTenant, check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "One customer reads and changes the people of another by the door that was forgotten.",
	Fix:      "Bind the look-up of ids to the tenant below all methods and endpoints, not in each.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		foreign := func(method, path, body string) *flow.Exchange {
			return t.Using(check.CapTenant, flow.Request{Method: method, Path: path, Body: []byte(body)})
		}
		t.Expect(foreign(http.MethodPatch, alice.Path(), retitle())).To(HaveStatus(403, 404))
		for _, path := range []string{"/.search", scim.UsersEndpoint + "/.search"} {
			found := foreign(http.MethodPost, path, `{"schemas":["`+scim.SearchRequestURN+`"],"filter":`+quote(is(alice))+`}`)
			t.Expect(strings.Contains(string(found.Response.Body), alice.ID)).To(gomega.BeFalse(), "the answer to "+path+" holds the user's id")
		}
		if t.Has(check.CapBulk) {
			inBulkRefused(t, check.CapTenant, alice)
		}
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}
