// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// read checks GET of one resource, RFC 7644 §3.4.1.
func read() []check.Check {
	return []check.Check{readUser, readUnknown, readUnknownGroup, readGroup, readInactive, readListed, readGroups, readContentLocation}
}

var readUser = check.Check{
	ID:     "read.user.whole",
	Title:  "GET of a user answers one user with schemas, id and meta",
	Level:  check.Must,
	Source: check.RFC7644("3.4.1"),
	Covers: []string{
		"rfc7644-3.4.1-get-200", "rfc7644-3.1-resource-schemas", "rfc7643-3-schemas-required", "rfc7643-3-schemas-unique",
		"rfc7643-2.1-schemas-present", "rfc7643-3-schemas-non-empty", "rfc7643-3.3-base-schema", "rfc7643-3.3-base-schema-included",
	},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A reply that is a list, or lacks the id, stops the IdP's update of this user.",
	Fix:      "Answer GET /Users/{id} with the user itself, each schema once in schemas.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		x := t.Get(alice)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttributeCount(`schemas[value eq "`+scim.UserURN+`"]`, 1))
		t.Expect(x).To(HaveAttribute("meta.resourceType", "User"))
		t.Expect(x).To(NotHaveAttribute("Resources"))
		t.Expect(x).To(HaveUniqueNames())
	},
}

var readUnknown = check.Check{
	ID:       "read.user.unknown",
	Title:    "GET of an unknown user answers 404 with a detail",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.1"),
	Covers:   []string{"rfc7644-3.4.1-get-unknown-404", "rfc7644-3.12-404", "rfc7644-3.12-status-equals"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "The IdP cannot tell a user that is gone from a provider that is down, and goes on retrying.",
	Fix:      "Answer 404 with the Error schema, status \"404\" as a string and a detail.",
	Run: func(t *check.T) {
		x := t.Get(nowhere(t, scim.UsersEndpoint))
		t.Expect(x).To(BeSCIMError(404))
		t.Expect(x).To(HaveAttribute("detail"))
	},
}

var readUnknownGroup = check.Check{
	ID:       "read.group.unknown",
	Title:    "GET of an unknown group answers 404",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.1"),
	Covers:   []string{"rfc7644-3.4.1-get-unknown-404"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A group that was removed at the provider is never made again.",
	Fix:      "Answer 404 with a SCIM error for an id that no group has.",
	Run:      func(t *check.T) { t.Expect(t.Get(nowhere(t, scim.GroupsEndpoint))).To(BeSCIMError(404)) },
}

var readGroup = check.Check{
	ID:       "read.group.user-id",
	Title:    "the id of a user is no id of a group",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-id-unique"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A request for a group changes a user.",
	Fix:      "Look an id up among the resources of the endpoint's type only.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		t.Expect(t.Get(&check.Resource{Endpoint: scim.GroupsEndpoint, ID: alice.ID})).To(BeSCIMError(404))
	},
}

var readInactive = check.Check{
	ID:       "read.user.inactive",
	Title:    "an inactive user is read and found like any other",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-active", "rfc7643-2.3.2-boolean-type"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Somebody who returns is not found, created again, and refused with 409 in every cycle.",
	Fix:      "Keep deactivated users visible by id and by filter, with active false.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"active":false`)
		x := t.Get(alice)
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("active", false))
		t.Expect(find(t, scim.UsersEndpoint, is(alice))).To(HaveOnlyResources(alice.ID))
	},
}

var readListed = check.Check{
	ID:       "read.user.listed",
	Title:    "a listed user carries what a read one does",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-minimum-plus-default", "rfc7644-3.4-default-attributes", "rfc7644-3.4.2-list-schema"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta's acceptance suite wants id, userName, names, active and an e-mail address of each user in the list.",
	Fix:      "Return the same default attributes in lists as for one resource.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := find(t, scim.UsersEndpoint, is(alice))
		t.Require(x).To(BeListResponse(1))
		for _, path := range []string{"schemas", "id", "meta"} {
			t.Expect(x).To(HaveAttribute("Resources[0]." + path))
		}
		t.Expect(x).To(HaveAttribute("Resources[0].userName", userName(alice)))
		t.Expect(x).To(HaveAttribute("Resources[0].name.familyName", "Liddell"))
		t.Expect(x).To(HaveAttribute("Resources[0].active", true))
		t.Expect(x).To(HaveAttribute("Resources[0].emails.value", gomega.Equal(userName(alice))))
	},
}

var readGroups = check.Check{
	ID:       "read.user.groups",
	Title:    "a user shows the groups it is a member of",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-4.1.2-groups-value"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads a person's access from the person sees none.",
	Fix:      "Compute groups from the memberships, with each group's id as value.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		group := t.CreateGroup("engineering", alice)
		t.Expect(t.Get(alice)).To(HaveAttribute("groups.value", group.ID))
	},
}

var readContentLocation = check.Check{
	ID:       "read.user.content-location",
	Title:    "Content-Location, where it is sent, is meta.location",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-meta-content-location"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client or cache files the user under an address where it is not.",
	Fix:      "Send meta.location as Content-Location, or leave the header out.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice"))
		t.Precondition(x).To(HaveAttribute("meta.location"))
		if got := x.Response.Header.Get("Content-Location"); got != "" {
			t.Expect(x).To(HaveAttribute("meta.location", gomega.HaveSuffix(got))) // which may be without scheme and host
		}
	},
}
