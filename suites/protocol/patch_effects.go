// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// patchEffects checks what a PATCH means beyond its operations: uniqueness,
// time stamps, references and replies.
func patchEffects() []check.Check {
	return []check.Check{patchDuplicate, patchModified, patchOrder, patchManager, patchGroupReply, patchValueType}
}

var patchDuplicate = check.Check{
	ID:       "patch.user.duplicate",
	Title:    "a PATCH to a taken userName is refused and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-unique", "rfc7644-3.12-scimtype-uniqueness"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Two people share a login, and one of them signs in as the other.",
	Fix:      "Test uniqueness on PATCH as on create; answer 409 (or 400) with scimType uniqueness.",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		before := exists(t, bob)
		x := t.Patch(bob, `[{"op":"replace","path":"userName","value":`+quote(userName(alice))+`}]`)
		t.Expect(x).To(BeSCIMErrorWith([]int{http.StatusConflict, http.StatusBadRequest}, scim.Uniqueness, scim.Mutability))
		t.Expect(t.Get(bob)).To(BeUnchangedSince(before))
	},
}

var patchModified = check.Check{
	ID:       "patch.user.last-modified",
	Title:    "a change moves lastModified",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-last-modified", "rfc7643-3.1-meta-lastmodified-moves"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads what changed since its last run never sees the change.",
	Fix:      "Set meta.lastModified with every change, and leave meta.created alone.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before, n := exists(t, alice), 0
		t.Precondition(before).To(HaveAttribute("meta.lastModified"))
		changed := func() any {
			n++
			x := t.Patch(alice, `[{"op":"replace","path":"title","value":"Engineer `+strconv.Itoa(n)+`"}]`)
			t.Precondition(x).To(HaveStatus(http.StatusOK, http.StatusNoContent))
			return t.Get(alice)
		}
		moved := HaveAttribute("meta.lastModified", gomega.Not(gomega.Equal(Text(before, "meta.lastModified"))))
		t.Eventually(changed, 1500*time.Millisecond).Should(moved) // a time stamp may count whole seconds
		t.Expect(t.Get(alice)).To(HaveAttribute("meta.created", Text(before, "meta.created")))
	},
}

var patchOrder = check.Check{
	ID:       "patch.message.order",
	Title:    "Operations may stand before schemas",
	Level:    check.Must,
	Source:   check.RFC7643("2.3.8"),
	Covers:   []string{"rfc7643-2.3.8-order"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID writes Operations first; every one of its updates is refused.",
	Fix:      "Read the whole message before looking for schemas.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		body := `{"Operations":[{"value":"Director","path":"title","op":"replace"}],"schemas":["` + scim.PatchOpURN + `"]}`
		x := t.Send(flow.Request{Method: http.MethodPatch, Path: alice.Path(), Body: []byte(body)})
		t.Expect(x).To(HaveStatus(200, 204))
		t.Expect(t.Get(alice)).To(HaveAttribute("title", "Director"))
	},
}

var patchManager = check.Check{
	ID:       "patch.manager.object",
	Title:    "a manager is set, returned as an object and cleared",
	Level:    check.Must,
	Source:   check.RFC7643("4.3"),
	Covers:   []string{"rfc7643-4.3-manager", "rfc7643-4.3-manager-value"},
	Needs:    check.Needs(check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID does not find the manager it set, and sends it again in every cycle.",
	Fix:      "Store manager.value, return it as an object, and unassign it on remove.",
	Run: func(t *check.T) {
		alice, carol := create(t, "alice"), create(t, "carol")
		path := scim.EnterpriseUserURN + ":manager"
		x := t.Patch(alice, `[{"op":"add","path":"`+path+`","value":{"value":`+quote(carol.ID)+`}}]`)
		t.Expect(x).To(HaveStatus(200, 204))
		t.Expect(t.Get(alice)).To(HaveAttribute(path+".value", carol.ID))
		t.Expect(t.Patch(alice, `[{"op":"remove","path":"`+path+`"}]`)).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(HaveAttribute("id", alice.ID))
		t.Expect(after).To(NotHaveAttribute(path))
	},
}

var patchGroupReply = check.Check{
	ID:       "patch.group.reply",
	Title:    "a PATCH of a group answers the group or 204 without a body",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-success-200", "rfc7644-3.5.2-success-204"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Okta reads the group from a 200, and stores what it finds there.",
	Fix:      "Answer 200 with the group as it is now, or 204 and nothing.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering")
		x := t.Patch(group, `[{"op":"add","path":"members","value":[{"value":`+quote(t.CreateUser(people.Alice).ID)+`}]}]`)
		t.Require(x).To(HaveStatus(200, 204))
		if x.Status == http.StatusNoContent {
			t.Expect(x).To(BeEmptyBody())
			return
		}
		t.Expect(x).To(HaveAttribute("id", group.ID))
		t.Expect(x).To(HaveAttribute("displayName", displayName(group)))
	},
}

var patchValueType = check.Check{
	ID:       "patch.value.type",
	Title:    "a PATCH with a value of the wrong type is refused with 400 and changes nothing",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-scimtype-invalidvalue", "rfc7643-2-receiver-validates"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A leaver whose active was set to a word that nobody reads keeps access, and the IdP is told that all is well.",
	Fix:      "Check the value of each operation against the attribute's type; answer 400 invalidValue.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		t.Expect(t.Patch(alice, `[{"op":"replace","path":"active","value":"maybe"}]`)).To(BeSCIMError(400, scim.InvalidValue, scim.InvalidSyntax))
		t.Expect(t.Patch(alice, `[{"op":"add","path":"emails","value":5}]`)).To(BeSCIMError(400, scim.InvalidValue, scim.InvalidSyntax))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}
