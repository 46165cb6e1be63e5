// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

var createMembers = of(check.Check{
	ID:     "teams.team.create.members",
	Title:  "members sent with a new group are the members of its team",
	Source: datadog("Configure SCIM with Okta, managed teams", datadogOkta, check.Documented),
	Breaks: "Okta's custom apps send all members with the create: their team stays empty.",
	Fix:    "Carry the members of a create over to the team.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		carol := t.CreateUser(people.Carol)
		g := group(t, alice, bob, carol)
		shows(t, t.TeamHandle(nameOf(g)), "members", ids(alice, bob, carol), members)
	},
})

var createHandle = of(check.Check{
	ID:     "teams.team.create.handle",
	Title:  "the handle of a team follows from the group's name, whatever characters that has",
	Source: datadog("Manage Teams: characters of a team handle", datadogTeams, check.Assumed),
	Breaks: "Mentions of the team, links and monitors go to nobody.",
	Fix:    "Derive the handle in lower case, with the profile's separator for every other character.",
	Run: func(t *check.T) {
		name := t.Name("crew") + " Ärzte & Crew (EU)"
		t.Require(t.Post("/Groups", fmt.Sprintf(oktaCreate, name))).To(HaveStatus(201))
		shows(t, t.TeamHandle(name), "name", name, named)
	},
})

var adoptMembers = of(check.Check{
	ID:     "teams.team.adopt.members",
	Title:  "an adopted team has the members of the group and nobody else",
	Source: datadog("Manage Teams: membership of a managed team belongs to the IdP", datadogTeams, check.Assumed),
	Breaks: "Somebody whom the IdP never put there keeps what the team may see.",
	Fix:    "Replace the members of an adopted team by those of the group.",
	Run: func(t *check.T) {
		t.SkipUnless(t.Profile().Teams.Adopt == "handle", "does not adopt teams by handle")
		alice, bob := two(t)
		name := t.Name("there")
		team := t.CreateProductTeam(name, t.TeamHandle(name))
		t.Precondition(t.AddProductTeamMember(team, bob.ID)).To(gomega.BeNumerically("<", 300))
		t.CreateGroup(name, alice)
		shows(t, team.Handle, "members", ids(alice), members)
	},
})

var adoptAgain = of(check.Check{
	ID:     "teams.team.adopt.again",
	Title:  "a group that is deleted and pushed again takes its old team over",
	Source: datadog("Configure SCIM with Okta, existing teams are matched by handle", datadogOkta, check.Documented),
	Breaks: "Unlinking a group in Okta and linking it again fails, or makes a second team.",
	Fix:    "Adopt the team that the deleted group left behind.",
	Run: func(t *check.T) {
		t.SkipUnless(t.Profile().Teams.Delete == "unlink", "does not leave a team behind")
		alice, bob := two(t)
		g, handle := synced(t, alice)
		before := t.ProductTeam(handle)
		t.Require(t.Delete(g)).To(HaveStatus(204))
		x := t.Post("/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":[{"value":%q}]}`, nameOf(g), bob.ID))
		t.Require(x).To(HaveStatus(201))
		shows(t, handle, "id", before.ID, identity)
		shows(t, handle, "members", ids(bob), members)
	},
})

var removeNobody = of(check.Check{
	ID:     "teams.team.remove.nobody",
	Title:  "a removal that names nobody leaves the team as it is",
	Source: entra("suna issue 7297: Remove with an empty list, 2026", check.Reported),
	Breaks: "One odd request empties the whole team.",
	Fix:    "With an empty list of values remove nobody, or answer 400.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice, bob)
		t.Expect(t.Patch(g, `[{"op":"Remove","path":"members","value":[]}]`)).To(HaveStatus(200, 204, 400))
		shows(t, handle, "members", ids(alice, bob), members)
	},
})
