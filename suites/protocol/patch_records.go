// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"time"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// patchRecords checks operations on whole values of multi-valued attributes,
// RFC 7644 §3.5.2.
func patchRecords() []check.Check {
	rfc := check.Profiles("rfc")
	members := []membership{
		{
			id: "patch.members.remove-some", title: "remove sees the members that an operation before it added", section: "3.5.2", profiles: rfc,
			covers: []string{"rfc7644-3.5.2-sequential", "rfc7644-3.5.2.2-filter-matching"},
			breaks: "Of two people who leave together one stays in the group.",
			fix:    "Evaluate the filter of each operation on the members as the one before left them.", started: 2,
			operations: `[{"op":"add","path":"members","value":[{"value":"%[3]s"}]},` +
				`{"op":"remove","path":"members[value eq \"%[2]s\" or value eq \"%[3]s\"]"}]%.0[1]s`, want: []int{0},
		},
		{
			id: "patch.members.replace-fewer", title: "replace of members keeps just those it names", section: "3.5.2.3", profiles: rfc,
			covers: []string{"rfc7644-3.5.2.3-multivalued-all"},
			breaks: "A group that shrinks to one person loses this one too, or nobody.",
			fix:    "Make the members of the operation the members of the group.", started: 3,
			operations: `[{"op":"replace","path":"members","value":[{"value":"%[2]s"}]}]%.0[1]s%.0[3]s`, want: []int{1},
		},
	}
	var checks []check.Check
	for _, m := range members {
		checks = append(checks, m.check())
	}
	return append(checks, patchRemoveList, patchWholeRecord, patchPrimaryOnce, patchMemberTurned, patchMembersModified, patchSchemasCore)
}

// taken says that an operation was answered as done.
func taken(x *flow.Exchange) bool {
	return x.Status == http.StatusOK || x.Status == http.StatusNoContent
}

var patchRemoveList = check.Check{
	ID:       "patch.remove.value-list",
	Title:    "remove of a multi-valued attribute with a value takes away what it names, or is refused with 400",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.2"),
	Covers:   []string{"rfc7644-3.5.2.2-value-with-remove"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client takes one address away this way: all of them are gone, or none.",
	Fix:      "Remove just the values in value, or answer 400.",
	Run: func(t *check.T) {
		alice := create(t, "alice", two(t))
		work, home := mails(alice)
		x := t.Patch(alice, `[{"op":"remove","path":"emails","value":[{"value":`+quote(work)+`,"type":"work"}]}]`)
		if taken(x) {
			t.Expect(t.Get(alice)).To(HaveAttribute("emails.value", home))
			return
		}
		t.Expect(x).To(BeSCIMError(400))
		t.Expect(t.Get(alice)).To(HaveAttribute("emails.value", work, home))
	},
}

var patchWholeRecord = check.Check{
	ID:       "patch.replace.whole-record",
	Title:    "replace with a filter alone leaves nothing of the value it replaces, and its siblings alone",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.3"),
	Covers:   []string{"rfc7644-3.5.2.3-valuepath-record"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Somebody moves, and the new town stands beside the old street; or an address that nobody named changes.",
	Fix:      "Put the new value in the place of the one that the filter finds. Change no other value.",
	Run: func(t *check.T) {
		alice := create(t, "alice", two(t),
			`"addresses":[{"type":"work","streetAddress":"1 Old Street","locality":"Oslo"},{"type":"home","locality":"Tromso"}]`)
		t.Precondition(t.Get(alice)).To(HaveAttribute(`addresses[type eq "work"].streetAddress`, "1 Old Street"))
		work, _ := mails(alice)
		x := t.Patch(alice, `[{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","locality":"Bergen"}},`+
			`{"op":"replace","path":"emails[type eq \"home\"]","value":{"type":"home","value":"new@home.example"}}]`)
		t.Expect(x).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(HaveAttribute(`addresses[type eq "work"].locality`, "Bergen"))
		t.Expect(after).To(NotHaveAttribute(`addresses[type eq "work"].streetAddress`))
		t.Expect(after).To(HaveAttribute(`addresses[type eq "home"].locality`, "Tromso"))
		t.Expect(after).To(HaveAttribute(`emails[primary eq true].value`, work))
	},
}

var patchPrimaryOnce = check.Check{
	ID:       "patch.primary.record",
	Title:    "a value that is written whole as primary is the only one",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-primary-reset", "rfc7643-2.4-primary-once"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A person has two primary addresses, and mail goes to the wrong one.",
	Fix:      "When an operation writes a value with primary true, set it to false on the attribute's other values.",
	Run: func(t *check.T) {
		for _, operation := range []string{
			`{"op":"replace","path":"emails[type eq \"home\"]","value":{"type":"home","value":"new@home.example","primary":true}}`,
			`{"op":"add","path":"emails","value":[{"type":"other","value":"new@home.example","primary":true}]}`,
			`{"op":"add","path":"emails[type eq \"other\"]","value":{"value":"new@home.example","primary":true}}`,
		} {
			alice := create(t, "alice", two(t))
			if x := t.Patch(alice, "["+operation+"]"); !taken(x) {
				t.Expect(x).To(BeSCIMError(400)) // what add makes of a filter that finds nothing is left open
				continue
			}
			t.Expect(t.Get(alice)).To(HaveAttribute("emails[primary eq true].value", "new@home.example"))
		}
	},
}

var patchMemberTurned = check.Check{
	ID:       "patch.members.record",
	Title:    "replace of one member by another takes effect or is refused with 400",
	Level:    check.Should,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-immutable"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client swaps two people, is told that all is well, and the wrong one keeps the access.",
	Fix:      "Answer 400 mutability: the parts of a member are immutable. Or take the one out and the other in.",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		group := t.CreateGroup("engineering", alice)
		x := t.Patch(group, `[{"op":"replace","path":"members[value eq \"`+alice.ID+`\"]","value":{"value":`+quote(bob.ID)+`}}]`)
		if taken(x) {
			t.Expect(t.Get(group)).To(HaveAttribute("members.value", bob.ID))
			return
		}
		t.Expect(x).To(BeSCIMErrorWith([]int{400}, scim.Mutability, scim.InvalidValue, scim.InvalidPath))
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", alice.ID))
	},
}

var patchMembersModified = check.Check{
	ID:       "patch.members.last-modified",
	Title:    "a new member moves lastModified of the group, and one who is there does not",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.1"),
	Covers:   []string{"rfc7644-3.5.2-last-modified", "rfc7644-3.5.2.1-idempotent-timestamp"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads which groups changed since its last run never sees who joined.",
	Fix:      "Count the members when you decide whether an operation changed the group.",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		group := t.CreateGroup("engineering", alice)
		before := exists(t, group)
		t.Precondition(before).To(HaveAttribute("meta.lastModified"))
		stamp := Text(before, "meta.lastModified")
		add := func(r *check.Resource) string {
			return `[{"op":"add","path":"members","value":[{"value":` + quote(r.ID) + `}]}]`
		}
		t.Expect(t.Patch(group, add(alice))).To(HaveStatus(200, 204))
		t.Expect(t.Get(group)).To(HaveAttribute("meta.lastModified", stamp))
		changed := func() any { // a time stamp may count whole seconds
			t.Patch(group, `[{"op":"remove","path":"members[value eq \"`+bob.ID+`\"]"}]`)
			t.Precondition(t.Patch(group, add(bob))).To(HaveStatus(200, 204))
			return t.Get(group)
		}
		t.Eventually(changed, 1500*time.Millisecond).Should(HaveAttribute("meta.lastModified", gomega.Not(gomega.Equal(stamp))))
	},
}

var patchSchemasCore = check.Check{
	ID:       "patch.schemas.core",
	Title:    "a user's schemas name the User schema whatever an operation writes to them",
	Level:    check.Must,
	Source:   check.RFC7643("3"),
	Covers:   []string{"rfc7644-3.5.2-schemas-modified"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A user without a schema cannot be read by any client.",
	Fix:      "Answer 400 to schemas that do not name the schema of the resource, or keep it in the list.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		for _, operation := range []string{
			`{"op":"replace","path":"schemas","value":["urn:scimproof:none"]}`, `{"op":"remove","path":"schemas"}`,
			`{"op":"replace","path":"schemas","value":["` + scim.EnterpriseUserURN + `"]}`,
		} {
			if x := t.Patch(alice, "["+operation+"]"); !taken(x) {
				t.Expect(x).To(BeSCIMError(400))
			}
			t.Expect(t.Get(alice)).To(HaveAttribute("schemas", gomega.ContainElement(scim.UserURN)))
		}
	},
}
