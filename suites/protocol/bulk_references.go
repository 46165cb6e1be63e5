// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// bulkReferences checks references by bulkId, RFC 7644 §3.7.1 and §3.7.2.
func bulkReferences() []check.Check {
	return []check.Check{referenceGroup, referencePatch, referenceForward, referenceExtension, referenceCircle, referenceUnknown}
}

// groupOf writes a group with a member, which may be a reference.
func groupOf(name, member string) string {
	return `{"schemas":["` + scim.GroupURN + `"],"displayName":` + quote(name) + `,"members":[{"value":` + quote(member) + `}]}`
}

// managedBy writes the member of a user that names the manager.
func managedBy(reference string) string {
	return `"` + scim.EnterpriseUserURN + `":{"manager":{"value":` + quote(reference) + `}}`
}

// manager leads to the manager of a user.
const manager = scim.EnterpriseUserURN + ":manager.value"

var referenceGroup = check.Check{
	ID:       "bulk.reference.member",
	Title:    "a bulkId among the members of a new group becomes the id of the new user",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.2"),
	Covers:   []string{"rfc7644-3.7.2-replace", "rfc7644-3.7.2-prefix", "rfc7644-3.7-bulkid-may"},
	Needs:    check.Needs(check.CapBulk, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Users and groups that are imported together end up apart.",
	Fix:      "Put the id of what an operation has created in the place of \"bulkId:\" and its bulkId.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice")),
			creating("g", scim.GroupsEndpoint, groupOf(t.Name("guild"), "bulkId:a")))
		alice, guild := made(t, x, scim.UsersEndpoint, "a"), made(t, x, scim.GroupsEndpoint, "g")
		t.Expect(t.Get(guild)).To(HaveAttribute("members.value", alice.ID))
	},
}

var referencePatch = check.Check{
	ID:       "bulk.reference.patch",
	Title:    "a user that a bulk request creates can join a group by a PATCH in the same request",
	Level:    check.Must,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-preserve-intent", "rfc7644-3.7.2-replace"},
	Needs:    check.Needs(check.CapBulk, check.CapGroup, check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "New people are missing in the groups they were put into.",
	Fix:      "Resolve references in the operations of a PATCH too, after what they refer to was created.",
	Run: func(t *check.T) {
		guild := t.CreateGroup("guild")
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice")),
			changing(http.MethodPatch, guild, patching(`{"op":"add","path":"members","value":[{"value":"bulkId:a"}]}`)))
		t.Expect(x).To(haveCode(done(http.MethodPatch), "200", "204"))
		t.Expect(t.Get(guild)).To(HaveAttribute("members.value", made(t, x, scim.UsersEndpoint, "a").ID))
	},
}

var referenceForward = check.Check{
	ID:       "bulk.reference.forward",
	Title:    "a reference to an operation further down is resolved, or refused",
	Level:    check.Should,
	Source:   check.RFC7644("3.7.2"),
	Covers:   []string{"rfc7644-3.7.2-forward-reference"},
	Needs:    check.Needs(check.CapBulk, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A group is created without the members that the client named.",
	Fix:      "Do the operation that is referred to first, or answer the other with an error.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("g", scim.GroupsEndpoint, groupOf(t.Name("guild"), "bulkId:a")),
			creating("a", scim.UsersEndpoint, user(t, "alice")))
		alice := made(t, x, scim.UsersEndpoint, "a")
		t.Require(x).To(haveCode(named("g"), "201", "400", "409"))
		if Text(x, named("g")+".location") == "" {
			t.Expect(x).To(HaveAttribute(named("g") + ".response"))
			return
		}
		t.Expect(t.Get(made(t, x, scim.GroupsEndpoint, "g"))).To(HaveAttribute("members.value", alice.ID))
	},
}

var referenceExtension = check.Check{
	ID:       "bulk.reference.extension",
	Title:    "a bulkId in an extension becomes the id of the new user",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.2"),
	Covers:   []string{"rfc7644-3.7.2-extensions"},
	Needs:    check.Needs(check.CapBulk, check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "People who are imported together have no manager.",
	Fix:      "Look for references everywhere in data, not in members alone.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice")),
			creating("b", scim.UsersEndpoint, user(t, "bob", managedBy("bulkId:a"))))
		alice, bob := made(t, x, scim.UsersEndpoint, "a"), made(t, x, scim.UsersEndpoint, "b")
		t.Expect(t.Get(bob)).To(HaveAttribute(manager, alice.ID))
	},
}

var referenceCircle = check.Check{
	ID:       "bulk.reference.circle",
	Title:    "users that name each other as managers are both created, or refused with 409",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.1"),
	Covers:   []string{"rfc7644-3.7.1-circular-try", "rfc7644-3.7.1-circular-409"},
	Needs:    check.Needs(check.CapBulk, check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A circle in the data hangs an import, or leaves half of it.",
	Fix:      "Create both before resolving the references; where that cannot be, answer 409.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice", managedBy("bulkId:b"))),
			creating("b", scim.UsersEndpoint, user(t, "bob", managedBy("bulkId:a"))))
		if both := Texts(x, "Operations.location"); len(both) == 0 {
			t.Expect(x).To(haveCode(named("a"), "409"))
			t.Expect(x).To(haveCode(named("b"), "409"))
			return
		}
		alice, bob := made(t, x, scim.UsersEndpoint, "a"), made(t, x, scim.UsersEndpoint, "b")
		t.Expect(t.Get(alice)).To(HaveAttribute(manager, bob.ID))
		t.Expect(t.Get(bob)).To(HaveAttribute(manager, alice.ID))
	},
}

var referenceUnknown = check.Check{
	ID:       "bulk.reference.unknown",
	Title:    "a reference to a bulkId that no operation has is an error of its operation",
	Level:    check.Should,
	Source:   check.RFC7644("3.7.2"),
	Covers:   []string{"rfc7644-3.7.2-unresolved"},
	Needs:    check.Needs(check.CapBulk, check.CapGroup, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A group has a member that nobody is, or lacks one without a word.",
	Fix:      "Refuse an operation whose references cannot be resolved.",
	Run: func(t *check.T) {
		name := t.Name("guild")
		x := bulk(t, creating("g", scim.GroupsEndpoint, groupOf(name, "bulkId:nobody")))
		t.Expect(x).To(HaveAttribute(named("g")+".status", gomega.WithTransform(codeOf, gomega.HavePrefix("4"))))
		t.Expect(find(t, scim.GroupsEndpoint, "displayName eq "+quote(name))).To(BeListResponse(0))
	},
}
