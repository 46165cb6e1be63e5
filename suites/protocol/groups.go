// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// createGroups checks POST /Groups, RFC 7643 §4.2.
func createGroups() []check.Check {
	return []check.Check{groupCreate, groupMembers, groupEmpty, groupWithoutName, groupMemberRef}
}

var groupCreate = check.Check{
	ID:       "create.group.status",
	Title:    "a group is created with 201, id, displayName and meta",
	Level:    check.Must,
	Source:   check.RFC7644("3.3"),
	Covers:   []string{"rfc7644-3.3-status-201", "rfc7644-3.2-groups-methods", "rfc7644-3.3.1-resource-type", "rfc7643-4.2-group-urn"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Group push stops at its first request.",
	Fix:      "Answer POST /Groups with 201 and the group: schemas, id, displayName, meta.resourceType Group.",
	Run: func(t *check.T) {
		name := t.Name("engineering")
		x := t.Post(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"displayName":`+quote(name)+`}`)
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("id"))
		t.Expect(x).To(HaveAttribute("displayName", name))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.GroupURN)))
		t.Expect(x).To(HaveAttribute("meta.resourceType", "Group"))
	},
}

var groupMembers = check.Check{
	ID:       "create.group.members",
	Title:    "a group is created with its members",
	Level:    check.Must,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-value", "rfc7643-4.2-members-duplicate"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta pushes a new group with all its members at once; the group stays empty.",
	Fix:      "Store the members of the body of POST /Groups.",
	Run: func(t *check.T) {
		alice, bob := t.CreateUser(people.Alice), t.CreateUser(people.Bob)
		group := t.CreateGroup("engineering", alice, bob)
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", alice.ID, bob.ID))
	},
}

var groupEmpty = check.Check{
	ID:       "create.group.empty",
	Title:    "a group may be without members",
	Level:    check.Must,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-empty"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID and Okta make a group empty and add members afterwards; the group is never made.",
	Fix:      "Take a body without members, or with an empty list.",
	Run: func(t *check.T) {
		x := t.Post(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"displayName":`+quote(t.Name("empty"))+`,"members":[]}`)
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("displayName"))
		t.Expect(x).To(HaveAttributeCount("members", 0))
	},
}

var groupWithoutName = check.Check{
	ID:       "create.group.display-name",
	Title:    "a group without a displayName is refused with 400",
	Level:    check.Must,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-displayname-required"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A nameless team is made that nobody can find again.",
	Fix:      "Answer 400 with scimType invalidValue when displayName is absent or empty.",
	Run: func(t *check.T) {
		t.Expect(t.Post(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"members":[]}`)).To(BeSCIMError(400))
	},
}

var groupMemberRef = check.Check{
	ID:       "create.group.member-ref",
	Title:    "$ref of a member, where it is given, is the address of that user",
	Level:    check.Must,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-ref", "rfc7643-2.3.7-reference-uri"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that follows the reference reads somebody else, or nobody.",
	Fix:      "Build $ref of the base URL, /Users/ and the member's id, or leave it out.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		x := t.Get(t.CreateGroup("engineering", alice))
		t.Expect(x).To(HaveAttribute("members.value", alice.ID))
		for _, ref := range Texts(x, "members.$ref") {
			t.Expect(ref).To(gomega.HaveSuffix("Users/" + alice.ID))
		}
	},
}
