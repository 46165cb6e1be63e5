// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

var deleted = of(check.Check{
	ID:     "teams.team.delete",
	Title:  "a deleted group leaves its team empty and unmanaged, or takes it along, as the profile says",
	Source: datadog("Configure SCIM with Okta, delete the group in the target app", datadogOkta, check.Documented),
	Breaks: "Members keep what the team may see, or nobody can change the team any more.",
	Fix:    "On DELETE of a group remove the team's members and its mark; keep the team and what belongs to it.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice, bob)
		before := t.ProductTeam(handle)
		t.Require(t.Delete(g)).To(HaveStatus(204))
		switch t.Profile().Teams.Delete {
		case "unlink":
			shows(t, handle, "members", ids(), members)
			shows(t, handle, "is_managed", false, managed)
			shows(t, handle, "id", before.ID, identity)
		case "delete":
			shows(t, handle, "id", "", identity)
		default:
			shows(t, handle, "members", ids(alice, bob), members)
		}
	},
})

var locked = of(check.Check{
	ID:     "teams.team.locked",
	Title:  "nobody can add a member to a managed team in the product",
	Source: datadog("Manage Teams: membership of managed teams cannot be changed in Datadog", datadogTeams, check.Documented),
	Breaks: "Somebody is in the team whom the IdP does not know of, and no review finds it.",
	Fix:    "Refuse changes of a managed team's members by the product's own API, for administrators too.",
	Run: func(t *check.T) {
		t.SkipUnless(t.Profile().Teams.Locked, "lets the product change managed teams")
		alice, bob := two(t)
		_, handle := synced(t, alice)
		status := t.AddProductTeamMember(t.ProductTeam(handle), bob.ID)
		t.Expect(status).To(gomega.BeNumerically(">=", 400), "the product's answer to an added member")
		shows(t, handle, "members", ids(alice), members)
	},
})

var unknownMember = of(check.Check{
	ID:     "teams.team.unknown-member",
	Title:  "a member whom the product does not know is ignored or refused, as the profile says, and harms nobody",
	Source: datadog("Configure SCIM with Okta, users must exist before they are members", datadogOkta, check.Assumed),
	Breaks: "One stale id in a push empties the team or stops its synchronisation.",
	Fix:    "Leave the id out, or refuse the request with 400 or 404 and change nothing.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice)
		x := t.Patch(g, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"%s"},{"value":"%s"}]}]`, bob.ID, t.UnknownID()))
		if t.Profile().Teams.UnknownMember == "ignore" {
			t.Expect(x).To(HaveStatus(200, 204))
			shows(t, handle, "members", ids(alice, bob), members)
			return
		}
		t.Expect(x).To(HaveStatus(400, 404))
		shows(t, handle, "members", ids(alice), members)
	},
})

var addAgain = of(check.Check{
	ID:     "teams.team.add.again",
	Title:  "a member who is added again is in the team once",
	Source: okta("Redundant adds after a push, recorded by an implementer", check.Reported),
	Breaks: "A repeated push fails, or counts people twice.",
	Fix:    "Keep one membership for each member.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"%s"},{"value":"%s"}]}]`, alice.ID, bob.ID))).
			To(HaveStatus(200, 204))
		shows(t, handle, "members", ids(alice, bob), members)
	},
})

var removeGone = of(check.Check{
	ID:     "teams.team.remove.gone",
	Title:  "removing somebody who is no member leaves the team as it is",
	Source: entra("Infisical issue 6471: removes for members already gone, 2026", check.Reported),
	Breaks: "One departure that is reported twice empties the team.",
	Fix:    "Let a remove that finds nobody change nothing.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"Remove","path":"members","value":[{"value":"%s"}]},{"op":"Replace","path":"displayName","value":"%s"}]`,
			bob.ID, nameOf(g)+"2"))).To(HaveStatus(200, 204))
		if t.Profile().Teams.RenameHandle {
			handle = t.TeamHandle(nameOf(g) + "2")
		}
		shows(t, handle, "name", nameOf(g)+"2", named) // tells that the change has arrived
		shows(t, handle, "members", ids(alice), members)
	},
})
