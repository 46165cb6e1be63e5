// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// replaceUsers checks PUT, RFC 7644 §3.5.1.
func replaceUsers() []check.Check {
	return []check.Check{
		putStatus, putPersisted, putMultiValued, putOmitted, putEcho, putActive, putReadOnly, putOtherID,
		putUnknown, putWithoutUserName, putDuplicate, putExtension, putGroups,
	}
}

// edited gives what r was made with, after replacements of old by new text.
func edited(r *check.Resource, oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(string(r.Sent))
}

var putStatus = check.Check{
	ID:       "replace.user.status",
	Title:    "a PUT answers 200 with the whole user",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-status-200", "rfc7644-3.5-put-required", "rfc7644-3.2-users-methods"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta updates every profile by PUT and reads the result from the reply.",
	Fix:      "Answer PUT with 200 and the user as it is stored now.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Put(alice, edited(alice, "Liddell", "Hargreaves"))
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(HaveAttribute("name.familyName", "Hargreaves"))
	},
}

var putPersisted = check.Check{
	ID:       "replace.user.persisted",
	Title:    "what a PUT wrote is read back",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-replaces-values"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Profile changes in Okta do not reach the application, though it reports success.",
	Fix:      "Store the body of a PUT before answering it.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		t.Precondition(t.Put(alice, edited(alice, "Liddell", "Hargreaves", "Engineer", "Director"))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute("name.familyName", "Hargreaves"))
		t.Expect(t.Get(alice)).To(HaveAttribute("title", "Director"))
	},
}

var putMultiValued = check.Check{
	ID:       "replace.user.multi-valued",
	Title:    "a PUT replaces all values of a multi-valued attribute",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-replaces-values"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Old addresses pile up beside the new one.",
	Fix:      "Take the values of the body for all there are.",
	Run: func(t *check.T) {
		alice := create(t, "alice", two(t))
		work, home := mails(alice)
		t.Precondition(t.Put(alice, edited(alice, `,{"value":"`+home+`","type":"home"}`, ""))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute("emails.value", work))
	},
}

var putOmitted = check.Check{
	ID:       "replace.user.omitted",
	Title:    "an attribute that a PUT leaves out is cleared",
	Level:    check.May,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-omitted-cleared-or-default"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A title that was removed in the directory stays in the application.",
	Fix:      "Clear readWrite attributes that the body lacks, or give them their default.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		t.Precondition(t.Put(alice, edited(alice, `,"title":"Engineer"`, ""))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(NotHaveAttribute("title"))
	},
}

var putEcho = check.Check{
	ID:       "replace.user.echo",
	Title:    "a PUT of what was read changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-readonly-ignored", "rfc7644-3.1-readonly-not-an-error"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta reads the user, changes one field and sends all of it back: id, meta and groups included.",
	Fix:      "Take your own representation back; drop what is readOnly without complaint.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		before := exists(t, alice)
		t.Expect(t.Put(alice, string(before.Response.Body))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(BeSameResourceAs(before))
	},
}

var putActive = check.Check{
	ID:       "replace.user.active",
	Title:    "a PUT deactivates and reactivates",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-replaces-values", "rfc7643-4.1.1-active"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta apps that were made with the wizard deactivate by PUT; leavers keep their access.",
	Fix:      "Store active from the body of a PUT, and keep the id.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		t.Expect(t.Put(alice, edited(alice, `"active":true`, `"active":false`))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute("active", false))
		t.Expect(t.Put(alice, string(alice.Sent))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute("active", true))
	},
}

var putReadOnly = check.Check{
	ID:       "replace.user.read-only",
	Title:    "meta in a PUT is ignored",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-readonly-ignored", "rfc7643-3.1-meta-readonly", "rfc7643-7-mutability-readonly"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "A client moves a resource's history, or is refused for sending what it read.",
	Fix:      "Drop readOnly attributes from the body before replacing.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		body := edited(alice, `"active":true`, `"active":true,"meta":{"resourceType":"Group","created":"2001-01-01T00:00:00Z"}`)
		t.Expect(t.Put(alice, body)).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(BeSameResourceAs(before))
	},
}

var putOtherID = check.Check{
	ID:       "replace.user.other-id",
	Title:    "a different id in a PUT is ignored or refused",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-id-stable", "rfc7644-3.5.1-readonly-ignored"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "The IdP loses the user under the id it knows.",
	Fix:      "Take the id from the path alone.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Put(alice, edited(alice, `"active":true`, `"active":true,"id":"`+t.UnknownID()+`"`))
		t.Expect(x).To(HaveStatus(200, 400, 409))
		t.Expect(t.Get(alice)).To(HaveAttribute("id", alice.ID))
	},
}

var putUnknown = check.Check{
	ID:       "replace.user.unknown",
	Title:    "a PUT creates nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-no-create", "rfc7644-3.2-put-no-create"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "A user that was removed comes back under an id that the client chose.",
	Fix:      "Answer 404 to PUT of an id that is not there.",
	Run: func(t *check.T) {
		nobody := nowhere(t, scim.UsersEndpoint)
		t.Expect(t.Put(nobody, user(t, "alice"))).To(BeSCIMError(404))
		t.Expect(t.Get(nobody)).To(HaveStatus(404))
	},
}

var putWithoutUserName = check.Check{
	ID:       "replace.user.user-name",
	Title:    "a PUT without a userName is refused and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-non-empty", "rfc7643-4.1.1-username-required"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A wrong mapping takes the login away from an account.",
	Fix:      "Answer 400 when a required attribute is missing, before anything is written.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		t.Expect(t.Put(alice, edited(alice, `"userName":`+quote(userName(alice))+`,`, ""))).To(BeSCIMError(400))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var putDuplicate = check.Check{
	ID:       "replace.user.duplicate",
	Title:    "a PUT with a taken userName is refused and changes nothing",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-conflict", "rfc7643-4.1.1-username-unique"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Two people share a login, and one of them signs in as the other.",
	Fix:      "Test uniqueness on replace as on create; answer 409 (or 400) with scimType uniqueness.",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		before := exists(t, bob)
		x := t.Put(bob, edited(bob, `"userName":`+quote(userName(bob)), `"userName":`+quote(userName(alice))))
		t.Expect(x).To(BeSCIMErrorWith([]int{http.StatusConflict, http.StatusBadRequest}, scim.Uniqueness, scim.Mutability))
		t.Expect(t.Get(bob)).To(BeUnchangedSince(before))
	},
}

var putExtension = check.Check{
	ID:       "replace.user.extension",
	Title:    "a PUT replaces extension attributes",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-extension-replaced"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "People keep the department they came from.",
	Fix:      "Replace the extension's object like other attributes, and keep its URN in schemas.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		t.Precondition(t.Put(alice, edited(alice, `"Research"`, `"Sales"`))).To(HaveStatus(200))
		x := t.Get(alice)
		t.Expect(x).To(HaveAttribute(scim.EnterpriseUserURN+":department", "Sales"))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.EnterpriseUserURN)))
	},
}

var putGroups = check.Check{
	ID:       "replace.user.groups",
	Title:    "groups in a PUT of a user makes no member",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-4.1.2-groups-readonly", "rfc7644-3.5.1-readonly-ignored"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Whoever may edit users makes them members of any group.",
	Fix:      "Ignore groups in the body of a user; membership changes go through /Groups.",
	Run: func(t *check.T) {
		alice, group := create(t, "alice"), t.CreateGroup("engineering")
		x := t.Put(alice, edited(alice, `"active":true`, `"active":true,"groups":[{"value":`+quote(group.ID)+`}]`))
		t.Expect(x).To(HaveStatus(200))
		t.Expect(t.Get(group)).To(HaveAttributeCount("members", 0))
		t.Expect(t.Get(alice)).To(NotHaveAttribute("groups"))
	},
}

// replaceGroups checks PUT of groups.
func replaceGroups() []check.Check { return []check.Check{putMembers, putNoMembers} }

var putMembers = check.Check{
	ID:       "replace.group.members",
	Title:    "a PUT of a group sets name and membership",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-replaces-values", "rfc7644-3.2-groups-methods"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta apps that were made with the wizard push groups by PUT; leavers stay in the team.",
	Fix:      "Make the members of the body the members of the group, no more and no fewer.",
	Run: func(t *check.T) {
		alice, bob := t.CreateUser(people.Alice), t.CreateUser(people.Bob)
		group := t.CreateGroup("engineering", alice)
		name := t.Name("platform")
		body := edited(group, quote(displayName(group)), quote(name), quote(alice.ID), quote(bob.ID))
		t.Expect(t.Put(group, body)).To(HaveStatus(200))
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", bob.ID))
		t.Expect(t.Get(group)).To(HaveAttribute("displayName", name))
	},
}

var putNoMembers = check.Check{
	ID:       "replace.group.empty",
	Title:    "a PUT with an empty member list empties the group",
	Level:    check.Must,
	Source:   check.RFC7643("2.5"),
	Covers:   []string{"rfc7643-2.5-null-unassigns", "rfc7644-3.5.1-replaces-values"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "The last member never leaves the team.",
	Fix:      "Take an empty array for no members, not for no change.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		group := t.CreateGroup("engineering", alice)
		t.Expect(t.Put(group, edited(group, `{"value":`+quote(alice.ID)+`}`, ""))).To(HaveStatus(200))
		t.Expect(t.Get(group)).To(HaveAttributeCount("members", 0))
	},
}
