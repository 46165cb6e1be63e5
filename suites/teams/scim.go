// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

func scimAdd(f form) check.Check {
	return check.Check{
		ID:       "teams.group.add." + f.name,
		Title:    fmt.Sprintf("a member added in the form of %s joins those who are there", f.name),
		Level:    check.Vendor,
		Source:   f.source,
		Needs:    check.Needs(check.CapGroup),
		Profiles: check.Profiles(f.idp),
		Breaks:   "A new member of the group gets nothing, or the others lose what they had.",
		Fix:      "Take add of an array to members without regard to letter case; leave the members that are there.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g := group(t, alice)
			before := t.Get(g)
			t.Require(f.add(t, g, []*check.Resource{alice}, bob)).To(HaveStatus(200, 204))
			after := t.Get(g)
			t.Expect(after).To(HaveAttribute("members.value", values(alice, bob)...))
			t.Expect(after).To(BeSameResourceAs(before, "members"))
		},
	}
}

func scimRemove(f form) check.Check {
	return check.Check{
		ID:       "teams.group.remove." + f.name,
		Title:    fmt.Sprintf("a member removed in the form of %s goes and the others stay", f.name),
		Level:    check.Vendor,
		Source:   f.source,
		Needs:    check.Needs(check.CapGroup),
		Profiles: check.Profiles(f.idp),
		Breaks:   "Somebody keeps access after leaving the group, or everybody loses it at once.",
		Fix:      `Take remove of members[value eq "…"], and of members with a list in value as just those; only a bare path empties the group.`,
		Run: func(t *check.T) {
			alice, bob := two(t)
			g := group(t, alice, bob)
			before := t.Get(g)
			t.Precondition(before).To(HaveAttribute("members.value", values(alice, bob)...))
			t.Require(f.remove(t, g, []*check.Resource{alice, bob}, bob)).To(HaveStatus(200, 204))
			after := t.Get(g)
			t.Expect(after).To(HaveAttribute("members.value", alice.ID))
			t.Expect(after).To(BeSameResourceAs(before, "members"))
		},
	}
}

func scimRename(f form) check.Check {
	return check.Check{
		ID:       "teams.group.rename." + f.name,
		Title:    fmt.Sprintf("a rename in the form of %s changes the name and keeps the members", f.name),
		Level:    check.Vendor,
		Source:   f.source,
		Needs:    check.Needs(check.CapGroup),
		Profiles: check.Profiles(f.idp),
		Breaks:   "Okta sends the rename before each change of members: a refusal stops those too.",
		Fix:      "Take a replace without a path; ignore the id within its value when it is the group's own.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g := group(t, alice, bob)
			before := t.Get(g)
			name := t.Name("renamed")
			t.Require(f.rename(t, g, []*check.Resource{alice, bob}, name)).To(HaveStatus(200, 204))
			after := t.Get(g)
			t.Expect(after).To(HaveAttribute("displayName", name))
			t.Expect(after).To(BeSameResourceAs(before, "displayName"))
		},
	}
}

func scimEmpty(f form) check.Check {
	return check.Check{
		ID:       "teams.group.empty." + f.name,
		Title:    fmt.Sprintf("a list of no members in the form of %s empties the group", f.name),
		Level:    check.Vendor,
		Source:   f.source,
		Needs:    check.Needs(check.CapGroup),
		Profiles: check.Profiles(f.idp),
		Breaks:   "The last member keeps access after leaving the group.",
		Fix:      "Take an empty array as no members, not as no change.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g := group(t, alice, bob)
			t.Require(f.empty(t, g)).To(HaveStatus(200, 204))
			t.Expect(t.Get(g)).To(NotHaveAttribute("members"))
		},
	}
}

var scimAddAgain = check.Check{
	ID:       "teams.group.add.again",
	Title:    "a member who is added again is a member once",
	Level:    check.Vendor,
	Source:   entra("Implementers' reports of redundant adds (Bitwarden, Scimitar), 2026", check.Reported),
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles(check.Okta, check.Entra),
	Breaks:   "Both IdPs repeat adds; a refusal or a double stops the group's synchronisation.",
	Fix:      "Answer success and keep one entry for each member.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"%s"},{"value":"%s"}]}]`, alice.ID, bob.ID))).
			To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", values(alice, bob)...))
	},
}

var scimRemoveGone = check.Check{
	ID:       "teams.group.remove.gone",
	Title:    "removing somebody who is no member succeeds and changes nothing",
	Level:    check.Vendor,
	Source:   entra("Infisical issue 6471: removes for members already gone, 2026", check.Reported),
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles(check.Okta, check.Entra),
	Breaks:   "A repeated remove fails for ever and holds up the group.",
	Fix:      "Answer success where the member is gone already.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice)
		before := t.Get(g)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"Remove","path":"members","value":[{"value":"%s"}]}]`, bob.ID))).To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(BeSameResourceAs(before))
	},
}
