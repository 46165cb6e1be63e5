// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// createUsers checks POST /Users, RFC 7644 §3.3.
func createUsers() []check.Check {
	return []check.Check{
		create201, createLocation, createMeta, createStamps, createReadBack, createMinimal, createReadOnly,
		createDuplicate, createDuplicateCase, createDuplicateEffect, createWithoutUserName, createExternalID, createNoExternalID,
	}
}

var create201 = check.Check{
	ID:     "create.user.status",
	Title:  "a create answers 201 with the new user and its id",
	Level:  check.Must,
	Source: check.RFC7644("3.3"),
	Covers: []string{
		"rfc7644-3.3-status-201", "rfc7644-3.3-body", "rfc7643-3.1-id-non-empty", "rfc7643-4.1-user-urn",
		"rfc7643-3-core-top-level", "rfc7643-3.1-id-bulkid",
	},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Okta and Entra ID learn the id from this reply; without it the user is never updated or deactivated.",
	Fix:      "Answer POST /Users with 201 and the whole user: schemas, id, userName, active.",
	Run: func(t *check.T) {
		x := t.Post(scim.UsersEndpoint, user(t, "alice"))
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("id", gomega.Not(gomega.Or(gomega.BeEmpty(), gomega.ContainSubstring("bulkId")))))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.UserURN)))
		t.Expect(x).To(HaveAttribute("userName", Text(x.Request.Body, "userName")))
		t.Expect(x).To(HaveAttribute("active", true))
	},
}

var createLocation = check.Check{
	ID:       "create.user.location",
	Title:    "Location and meta.location of a new user are the same address",
	Level:    check.Must,
	Source:   check.RFC7644("3.3"),
	Covers:   []string{"rfc7644-3.3-location-header", "rfc7644-3.3-meta-location", "rfc7643-3.1-meta-location", "rfc7644-1.3-base-no-query"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that follows Location reads something else, or nothing.",
	Fix:      "Build both from one function: base URL, /Users/ and the id.",
	Run: func(t *check.T) {
		x := t.Post(scim.UsersEndpoint, user(t, "alice"))
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveHeader("Location", gomega.HaveSuffix("/Users/"+Text(x, "id"))))
		t.Expect(x).To(HaveAttribute("meta.location", x.Response.Header.Get("Location")))
	},
}

var createMeta = check.Check{
	ID:     "create.user.meta",
	Title:  "a new user has meta with resourceType, created and lastModified",
	Level:  check.Must,
	Source: check.RFC7643("3.1"),
	Covers: []string{
		"rfc7644-3.3.1-resource-type", "rfc7643-3.1-meta-assigned", "rfc7643-3.1-meta-created", "rfc7643-2.3.5-datetime-valid",
		"rfc7643-2.3.5-datetime-both", "rfc7643-2.3.5-datetime-json",
	},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that syncs by lastModified skips the user.",
	Fix:      "Return meta with resourceType User, and created and lastModified as 2026-01-31T12:00:00Z.",
	Run: func(t *check.T) {
		const dateTime = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`
		x := t.Get(create(t, "alice"))
		t.Expect(x).To(HaveAttribute("meta.resourceType", "User"))
		t.Expect(x).To(HaveAttribute("meta.created", gomega.MatchRegexp(dateTime)))
		t.Expect(x).To(HaveAttribute("meta.lastModified", gomega.MatchRegexp(dateTime)))
	},
}

var createStamps = check.Check{
	ID:       "create.user.stamps",
	Title:    "lastModified of an untouched user equals created",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-meta-lastmodified-equal"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that looks for changes by lastModified reads every new user twice.",
	Fix:      "Take the time once when the user is created, and store it in both fields.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice"))
		t.Precondition(x).To(HaveAttribute("meta.created"))
		t.Expect(x).To(HaveAttribute("meta.lastModified", Text(x, "meta.created")))
	},
}

var createReadBack = check.Check{
	ID:       "create.user.read-back",
	Title:    "what was sent is read back",
	Level:    check.Must,
	Source:   check.RFC7644("3.3"),
	Covers:   []string{"rfc7644-3.1-server-state", "rfc7644-3.4.1-get-200", "rfc7643-3.1-id-stable"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Attributes that are lost are sent again in every cycle, or never arrive.",
	Fix:      "Store name, emails and active as they are sent, and return them by GET.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Get(alice)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(HaveAttribute("name.givenName", "Alice"))
		t.Expect(x).To(HaveAttribute("name.familyName", "Liddell"))
		t.Expect(x).To(HaveAttribute(`emails[type eq "work"].value`, userName(alice)))
		t.Expect(x).To(HaveAttribute(`emails[type eq "work"].primary`, true))
	},
}

var createMinimal = check.Check{
	ID:       "create.user.minimal",
	Title:    "a user is created of a userName alone",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-required", "rfc7643-2.2-default-required"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID leaves out what a person does not have; those without a surname or mail cannot be provisioned.",
	Fix:      "Require userName alone; take the rest as optional, as the core schema has it.",
	Run: func(t *check.T) {
		name := t.Name("minimal") + "@" + people.Domain
		x := t.Post(scim.UsersEndpoint, `{"schemas":["`+scim.UserURN+`"],"userName":`+quote(name)+`}`)
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("userName", name))
	},
}

var createReadOnly = check.Check{
	ID:       "create.user.read-only",
	Title:    "id and meta that a client sends are ignored",
	Level:    check.Must,
	Source:   check.RFC7644("3.3"),
	Covers:   []string{"rfc7644-3.3-readonly-ignored", "rfc7643-3.1-id-assigned", "rfc7643-3.1-meta-ignored"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID sends meta with every create and is refused; or a client picks another resource's id.",
	Fix:      "Drop id, meta and other readOnly attributes from the body before the user is made.",
	Run: func(t *check.T) {
		id := t.UnknownID()
		x := t.Post(scim.UsersEndpoint, user(t, "alice", `"id":"`+id+`"`,
			`"meta":{"resourceType":"Group","created":"2001-01-01T00:00:00Z","location":"https://elsewhere.example/1"}`))
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("id", gomega.Not(gomega.Equal(id))))
		t.Expect(x).To(HaveAttribute("meta.resourceType", "User"))
		t.Expect(x).To(HaveAttribute("meta.created", gomega.Not(gomega.HavePrefix("2001"))))
	},
}

var createDuplicate = check.Check{
	ID:     "create.user.duplicate",
	Title:  "a second user of the same userName is refused with 409 uniqueness",
	Level:  check.Must,
	Source: check.RFC7644("3.3"),
	Covers: []string{
		"rfc7644-3.3-conflict-409", "rfc7644-3.3-conflict-uniqueness", "rfc7643-4.1.1-username-unique", "rfc7643-7-uniqueness-server",
		"rfc7643-7-uniqueness-server-no-two",
		"rfc7644-3.12-409",
	},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A create that is repeated after a timeout makes a second account; with another status Okta does not link the user.",
	Fix:      "Answer 409 with scimType uniqueness when the userName is taken.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		t.Expect(t.Post(scim.UsersEndpoint, string(alice.Sent))).To(BeSCIMError(409, scim.Uniqueness))
	},
}

var createDuplicateCase = check.Check{
	ID:       "create.user.duplicate-case",
	Title:    "a userName that differs in letter case alone is taken",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-case", "rfc7643-4.1.1-username-unique"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "One person gets two accounts when the IdP changes the case of a login.",
	Fix:      "Compare userName without regard to case in the uniqueness index.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		name := userName(alice)
		body := strings.ReplaceAll(string(alice.Sent), `"userName":"`+name, `"userName":"S`+name[1:])
		t.Expect(t.Post(scim.UsersEndpoint, body)).To(BeSCIMError(409, scim.Uniqueness))
	},
}

var createDuplicateEffect = check.Check{
	ID:       "create.user.duplicate-effect",
	Title:    "a refused create leaves the existing user alone",
	Level:    check.Should,
	Source:   check.RFC7644("3.3"),
	Covers:   []string{"rfc7644-3.3-conflict-no-effect"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A conflict overwrites somebody's profile, or leaves a second account behind.",
	Fix:      "Test uniqueness inside the transaction that creates, and write nothing when it fails.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		before := exists(t, alice)
		body := strings.Replace(string(alice.Sent), "Engineer", "Intruder", 1)
		t.Precondition(t.Post(scim.UsersEndpoint, body)).To(HaveStatus(409))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
		t.Expect(find(t, scim.UsersEndpoint, is(alice))).To(HaveOnlyResources(alice.ID))
	},
}

var createWithoutUserName = check.Check{
	ID:       "create.user.user-name",
	Title:    "a user without a userName is refused with 400",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-required", "rfc7644-3.12-400", "rfc7643-7-attr-required-enforced"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "An account that nobody can sign in with is made by a wrong mapping.",
	Fix:      "Answer 400 with scimType invalidValue when userName is absent or empty.",
	Run: func(t *check.T) {
		name := quote(t.Name("nobody") + "@" + people.Domain)
		x := t.Post(scim.UsersEndpoint, `{"schemas":["`+scim.UserURN+`"],"displayName":"Nobody","emails":[{"value":`+name+`,"type":"work"}]}`)
		t.Expect(x).To(BeSCIMError(400))
	},
}

var createExternalID = check.Check{
	ID:       "create.user.external-id",
	Title:    "externalId is kept as it was sent",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-externalid-readwrite", "rfc7643-3.1-externalid-case", "rfc7643-7-attr-caseexact-preserve"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID matches by externalId; without it the next cycle does not find the user it made.",
	Fix:      "Store externalId with its letter case and return it.",
	Run: func(t *check.T) {
		id := t.Name("external") + "-AbC"
		alice := create(t, "alice", `"externalId":`+quote(id))
		t.Expect(t.Get(alice)).To(HaveAttribute("externalId", id))
	},
}

var createNoExternalID = check.Check{
	ID:       "create.user.no-external-id",
	Title:    "the provider makes no externalId up",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-externalid-not-by-server"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "An IdP takes the made-up value for its own key and links the wrong person.",
	Fix:      "Leave externalId unassigned until a client sends one.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice"))
		t.Require(x).To(HaveAttribute("userName"))
		t.Expect(x).To(NotHaveAttribute("externalId"))
	},
}

// post creates a user and hands back the exchange: the statement under test.
func post(t *check.T, members ...string) *flow.Exchange {
	return t.Post(scim.UsersEndpoint, user(t, "alice", members...))
}
