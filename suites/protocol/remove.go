// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// remove checks DELETE, RFC 7644 §3.6.
func remove() []check.Check {
	return []check.Check{
		deleteStatus, deleteGet, deleteAgain, deletePut, deletePatch, deleteList, deleteRecreate, deleteUnknown,
		deleteMember, deleteGroup,
	}
}

// gone makes a user and removes it again.
func gone(t *check.T) *check.Resource {
	alice := create(t, "alice")
	t.Precondition(t.Delete(alice)).To(HaveStatus(200, 202, 204))
	return alice
}

var deleteStatus = check.Check{
	ID:       "delete.user.status",
	Title:    "a DELETE answers 204 without a body",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-status-204", "rfc9110-15.3.5-204-no-body"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID takes another answer for a failure and repeats the DELETE.",
	Fix:      "Answer 204 with no body.",
	Run: func(t *check.T) {
		x := t.Delete(create(t, "alice"))
		t.Expect(x).To(HaveStatus(204))
		t.Expect(x).To(BeEmptyBody())
	},
}

var deleteGet = check.Check{
	ID:       "delete.user.get",
	Title:    "a deleted user is not found any more",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-gone-get"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "An account that was removed is still there.",
	Fix:      "Answer 404 to GET of a deleted id at once.",
	Run:      func(t *check.T) { t.Expect(t.Get(gone(t))).To(BeSCIMError(404)) },
}

var deleteAgain = check.Check{
	ID:       "delete.user.again",
	Title:    "a second DELETE answers 404",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-gone-delete"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Microsoft's validator deletes twice and wants to be told that nothing was there.",
	Fix:      "Answer 404 to DELETE of an id that is not there.",
	Run:      func(t *check.T) { t.Expect(t.Delete(gone(t))).To(BeSCIMError(404)) },
}

var deletePut = check.Check{
	ID:       "delete.user.put",
	Title:    "a PUT does not bring a deleted user back",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-gone-put", "rfc7644-3.5.1-no-create"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "An update that was under way revives an account nobody knows of.",
	Fix:      "Answer 404 to PUT of a deleted id.",
	Run: func(t *check.T) {
		alice := gone(t)
		t.Expect(t.Put(alice, string(alice.Sent))).To(BeSCIMError(404))
		t.Expect(t.Get(alice)).To(HaveStatus(404))
	},
}

var deletePatch = check.Check{
	ID:       "delete.user.patch",
	Title:    "a PATCH of a deleted user answers 404",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-gone-patch"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "The IdP believes that it updates an account.",
	Fix:      "Answer 404 to PATCH of a deleted id.",
	Run: func(t *check.T) {
		t.Expect(t.Patch(gone(t), `[{"op":"replace","path":"active","value":true}]`)).To(BeSCIMError(404))
	},
}

var deleteList = check.Check{
	ID:       "delete.user.list",
	Title:    "a deleted user is in no list any more",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-omit-from-queries"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "The IdP finds the account, links it, and every request after that fails with 404.",
	Fix:      "Leave deleted resources out of every query.",
	Run: func(t *check.T) {
		alice := gone(t)
		t.Expect(find(t, scim.UsersEndpoint, is(alice))).To(HaveOnlyResources())
		t.Expect(find(t, scim.UsersEndpoint, "id eq "+quote(alice.ID))).To(HaveOnlyResources())
	},
}

var deleteRecreate = check.Check{
	ID:       "delete.user.recreate",
	Title:    "a deleted user's userName is free again",
	Level:    check.Should,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-no-conflict"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Somebody who returns cannot be given an account: 409 in every cycle.",
	Fix:      "Leave deleted users out of the uniqueness test, or bring the account back on create.",
	Run: func(t *check.T) {
		x := t.Post(scim.UsersEndpoint, string(gone(t).Sent))
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("active", true))
	},
}

var deleteUnknown = check.Check{
	ID:       "delete.user.unknown",
	Title:    "a DELETE of an unknown id answers 404",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-404"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "A client is told that it removed something which was never there.",
	Fix:      "Answer 404 with a SCIM error.",
	Run:      func(t *check.T) { t.Expect(t.Delete(nowhere(t, scim.UsersEndpoint))).To(BeSCIMError(404)) },
}

var deleteMember = check.Check{
	ID:       "delete.user.member",
	Title:    "a deleted user is no member of a group any more",
	Level:    check.Should,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-member-of-groups"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Groups list members that lead nowhere, and a new account of the same id would have their access.",
	Fix:      "Remove a user's memberships together with the user.",
	Run: func(t *check.T) {
		alice, bob := t.CreateUser(people.Alice), t.CreateUser(people.Bob)
		group := t.CreateGroup("engineering", alice, bob)
		t.Precondition(t.Delete(alice)).To(HaveStatus(200, 202, 204))
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", bob.ID))
	},
}

var deleteGroup = check.Check{
	ID:       "delete.group.members-stay",
	Title:    "a deleted group is gone and its members are not",
	Level:    check.Must,
	Source:   check.RFC7644("3.6"),
	Covers:   []string{"rfc7644-3.6-status-204", "rfc7644-3.6-gone-get"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A team that is dissolved takes its people's accounts along, or is never dissolved.",
	Fix:      "Remove the group and its memberships, never the users.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		group := t.CreateGroup("engineering", alice)
		before := exists(t, alice)
		t.Expect(t.Delete(group)).To(HaveStatus(204))
		t.Expect(t.Get(group)).To(BeSCIMError(404))
		t.Expect(t.Get(alice)).To(gomega.And(HaveStatus(200), BeSameResourceAs(before, "groups")))
	},
}
