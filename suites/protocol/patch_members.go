// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// membership is a statement about operations on a group. The group begins with
// the first started of Alice, Bob and Carol; operations is a format in which
// %[1]s, %[2]s and %[3]s are their ids; the group ends with those of want.
type membership struct {
	id, title   string
	section     string
	covers      []string
	profiles    []string
	breaks, fix string
	started     int
	operations  string
	want        []int
	mayRefuse   bool // 400 noTarget is right as well
}

func (m membership) check() check.Check {
	return check.Check{
		ID: m.id, Title: m.title, Level: check.Must, Source: check.RFC7644(m.section), Covers: m.covers,
		Needs: check.Needs(check.CapPatch, check.CapGroup), Profiles: m.profiles, Breaks: m.breaks, Fix: m.fix,
		Run: func(t *check.T) {
			all := []*check.Resource{t.CreateUser(people.Alice), t.CreateUser(people.Bob), t.CreateUser(people.Carol)}
			group := t.CreateGroup("engineering", all[:m.started]...)
			before := exists(t, group)
			x := t.Patch(group, fmt.Sprintf(m.operations, all[0].ID, all[1].ID, all[2].ID))
			if m.mayRefuse {
				t.Expect(x).To(gomega.Or(HaveStatus(200, 204), BeSCIMError(400, "noTarget")))
			} else {
				t.Expect(x).To(HaveStatus(200, 204))
			}
			after := t.Get(group)
			if len(m.want) == 0 {
				t.Expect(after).To(HaveAttributeCount("members", 0))
			} else {
				var ids []any
				for _, i := range m.want {
					ids = append(ids, all[i].ID)
				}
				t.Expect(after).To(HaveAttribute("members.value", ids...))
			}
			t.Expect(after).To(BeSameResourceAs(before, "members"))
		},
	}
}

// patchMembers checks PATCH of group members, RFC 7644 §3.5.2.
func patchMembers() []check.Check {
	wide, entra := check.Profiles("rfc", "okta", "entra"), check.Profiles("rfc", "entra")
	all := []membership{
		{
			id: "patch.members.add", title: "add of a member keeps those who are there", section: "3.5.2.1", profiles: wide,
			covers: []string{"rfc7644-3.5.2.1-multivalued-appends", "rfc7644-3.5.2-path-form-attr"},
			breaks: "Each person who joins a group throws the others out.",
			fix:    "Append the member to the list.", started: 1,
			operations: `[{"op":"add","path":"members","value":[{"value":"%[2]s"},{"value":"%[3]s"}]}]%.0[1]s`, want: []int{0, 1, 2},
		},
		{
			id: "patch.members.add-same", title: "add of somebody who is a member already changes nothing", section: "3.5.2.1", profiles: wide,
			covers: []string{"rfc7644-3.5.2.1-idempotent-no-change", "rfc7644-3.5.2.1-idempotent-success", "rfc7643-4.2-members-duplicate"},
			breaks: "Entra ID repeats adds; the group lists people twice, or the request fails in every cycle.",
			fix:    "Skip members who are there, and answer as to any other add.", started: 2,
			operations: `[{"op":"add","path":"members","value":[{"value":"%[1]s"}]}]%.0[2]s%.0[3]s`, want: []int{0, 1},
		},
		{
			id: "patch.members.remove", title: "remove with a filter takes one member out", section: "3.5.2.2", profiles: wide,
			covers: []string{"rfc7644-3.5.2.2-filter-matching", "rfc7644-3.5.2-path-form-valuepath-value"},
			breaks: "One person who leaves a group takes everybody along, or stays in.",
			fix:    "Evaluate members[value eq \"id\"] and remove that member alone.", started: 3,
			operations: `[{"op":"remove","path":"members[value eq \"%[2]s\"]"}]%.0[1]s%.0[3]s`, want: []int{0, 2},
		},
		{
			id: "patch.members.remove-absent", title: "remove of somebody who is no member takes nobody out", section: "3.5.2.2", profiles: wide,
			covers: []string{"rfc7644-3.5.2.2-absent-member-ok"},
			breaks: "A remove that is repeated after a timeout empties the group or ends in a server error.",
			fix:    "Leave the group alone; answer with success (§3.5.2.2), or with 400 noTarget (§3.12).", started: 1, mayRefuse: true,
			operations: `[{"op":"remove","path":"members[value eq \"%[2]s\"]"}]%.0[1]s%.0[3]s`, want: []int{0},
		},
		{
			id: "patch.members.remove-all", title: "remove of members empties the group", section: "3.5.2.2", profiles: check.Profiles("rfc"),
			covers: []string{"rfc7644-3.5.2.2-multivalued-all"},
			breaks: "A group that was emptied keeps its members and their access.",
			fix:    "Remove all members when the path has no filter and there is no value.", started: 2,
			operations: `[{"op":"remove","path":"members"}]%.0[1]s%.0[2]s%.0[3]s`,
		},
		{
			id: "patch.members.replace", title: "replace of members sets the membership", section: "3.5.2.3", profiles: wide,
			covers: []string{"rfc7644-3.5.2.3-multivalued-all"},
			breaks: "Okta pushes a group anew, and those who left it stay.",
			fix:    "Make the members of the operation the members of the group.", started: 2,
			operations: `[{"op":"replace","path":"members","value":[{"value":"%[2]s"},{"value":"%[3]s"}]}]%.0[1]s`, want: []int{1, 2},
		},
		{
			id: "patch.members.replace-empty", title: "replace of members with an empty list empties the group", section: "3.5.2.3",
			profiles: check.Profiles("rfc", "okta"),
			covers:   []string{"rfc7644-3.5.2.3-multivalued-all", "rfc7643-2.5-null-unassigns"},
			breaks:   "The last member never leaves the team.",
			fix:      "Take an empty array for no members, not for no change.", started: 2,
			operations: `[{"op":"replace","path":"members","value":[]}]%.0[1]s%.0[2]s%.0[3]s`,
		},
		{
			id: "patch.members.mixed", title: "one PATCH removes and adds members", section: "3.5.2", profiles: wide,
			covers: []string{"rfc7644-3.5.2-sequential"},
			breaks: "Okta sends removes and one add together; half of the change is lost.",
			fix:    "Apply every operation of the request, in order.", started: 2,
			operations: `[{"op":"remove","path":"members[value eq \"%[1]s\"]"},{"op":"remove","path":"members[value eq \"%[2]s\"]"},` +
				`{"op":"add","path":"members","value":[{"value":"%[3]s"},{"value":"%[1]s"}]}]`, want: []int{0, 2},
		},
		{
			id: "patch.members.add-many", title: "several adds of one request all count", section: "3.5.2", profiles: entra,
			covers: []string{"rfc7644-3.5.2-sequential", "rfc7644-3.5.2.1-multivalued-appends"},
			breaks: "Of several people who join at once, only the last is let in.",
			fix:    "Let each operation see the result of the one before.", started: 0,
			operations: `[{"op":"add","path":"members","value":[{"value":"%[1]s"}]},{"op":"add","path":"members","value":[{"value":"%[2]s"}]},` +
				`{"op":"add","path":"members","value":[{"value":"%[3]s"}]}]`, want: []int{0, 1, 2},
		},
	}
	var checks []check.Check
	for _, m := range all {
		checks = append(checks, m.check())
	}
	return append(checks, patchRename, patchConcurrent)
}

var patchRename = check.Check{
	ID:       "patch.group.rename",
	Title:    "a rename leaves the members alone",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.3"),
	Covers:   []string{"rfc7644-3.5.2.3-single", "rfc7644-3.5.2.3-others-unaffected"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A renamed team loses everybody in it.",
	Fix:      "Write displayName and nothing else, with a path and without.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering", t.CreateUser(people.Alice))
		before := exists(t, group)
		one, two := t.Name("platform"), t.Name("systems")
		t.Expect(t.Patch(group, `[{"op":"replace","path":"displayName","value":`+quote(one)+`}]`)).To(HaveStatus(200, 204))
		t.Expect(t.Get(group)).To(HaveAttribute("displayName", one))
		t.Expect(t.Patch(group, `[{"op":"replace","value":{"displayName":`+quote(two)+`}}]`)).To(HaveStatus(200, 204))
		after := t.Get(group)
		t.Expect(after).To(HaveAttribute("displayName", two))
		t.Expect(after).To(BeSameResourceAs(before, "displayName"))
	},
}

var patchConcurrent = check.Check{
	ID:       "patch.members.concurrent",
	Title:    "members who are added at the same time all get in",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-concurrent-members"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID adds members one by one, several at a time; some are told yes and are not in the group.",
	Fix:      "Insert memberships as rows, or read and write the group in one transaction.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering")
		var ids []any
		var adds []func()
		for range 6 {
			member := create(t, "member")
			ids = append(ids, member.ID)
		}
		for _, id := range ids {
			adds = append(adds, func() { t.Patch(group, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":%q}]}]`, id)) })
		}
		t.AtOnce(adds...)
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", ids...))
	},
}
