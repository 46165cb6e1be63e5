// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	datadogOkta  = "https://docs.datadoghq.com/account_management/scim/okta/"
	datadogTeams = "https://docs.datadoghq.com/account_management/teams/manage/"
)

func datadog(section, page string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Datadog", Section: section, URL: page, Date: "2026-11-23", Evidence: evidence}
}

// of makes a check of the product out of what sets it apart.
func of(c check.Check) check.Check {
	c.Level = check.Product
	c.Needs = check.Needs(check.CapTeams, check.CapGroup)
	c.Profiles = check.Profiles(check.ProductBehaviour)
	return c
}

// shows asserts that the team of a handle comes to have a property.
func shows(t *check.T, handle, where string, want any, property func(check.ProductTeam) any) {
	t.Shows("product team "+handle, where, t.Within().Teams, want,
		func() any { return property(t.ProductTeam(handle)) })
}

func managed(team check.ProductTeam) any  { return team.Managed }
func members(team check.ProductTeam) any  { return team.Members }
func named(team check.ProductTeam) any    { return team.Name }
func identity(team check.ProductTeam) any { return team.ID }

// synced makes a group with these members and waits for its team, without which
// nothing about the team can be put to the test.
func synced(t *check.T, users ...*check.Resource) (g *check.Resource, handle string) {
	g = group(t, users...)
	handle = t.TeamHandle(nameOf(g))
	t.Await("product team "+handle, "members", t.Within().Teams, ids(users...), func() any { return t.ProductTeam(handle).Members })
	return g, handle
}

func create(f form) check.Check {
	return of(check.Check{
		ID:     "teams.team.create." + f.name,
		Title:  fmt.Sprintf("a group pushed by %s becomes a managed team with its name", f.name),
		Source: datadog("Configure SCIM with Okta, managed teams", datadogOkta, check.Documented),
		Breaks: "The group is pushed and no team appears, or one that anybody can change.",
		Fix:    "Make a team of each new group, marked as managed by the IdP, its handle derived from the name.",
		Run: func(t *check.T) {
			name := t.Name("pushed")
			t.Require(t.Post("/Groups", fmt.Sprintf(f.create, name))).To(HaveStatus(201))
			handle := t.TeamHandle(name)
			shows(t, handle, "is_managed", true, managed)
			shows(t, handle, "name", name, named)
		},
	})
}

var adopt = of(check.Check{
	ID:     "teams.team.adopt",
	Title:  "a group whose handle a team already has adopts that team",
	Source: datadog("Configure SCIM with Okta, existing teams are matched by handle", datadogOkta, check.Documented),
	Breaks: "The team's dashboards and monitors stay with the old team, and a second one appears.",
	Fix:    "Look a team up by the handle derived from the group's name before making one.",
	Run: func(t *check.T) {
		t.SkipUnless(t.Profile().Teams.Adopt == "handle", "does not adopt teams by handle")
		name := t.Name("there")
		handle := t.TeamHandle(name)
		before := t.CreateProductTeam(name, handle)
		t.Require(t.Post("/Groups", fmt.Sprintf(oktaCreate, name))).To(HaveStatus(201))
		shows(t, handle, "is_managed", true, managed)
		shows(t, handle, "id", before.ID, identity)
	},
})

func add(f form) check.Check {
	return of(check.Check{
		ID:     "teams.team.add." + f.name,
		Title:  fmt.Sprintf("a member added in the form of %s joins the team", f.name),
		Source: datadog("User Provisioning with SCIM, Managed Teams", datadogOkta, check.Documented),
		Breaks: "The group shows the member and the team does not.",
		Fix:    "Carry each change of a group's members over to its team.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g, handle := synced(t, alice)
			t.Require(f.add(t, g, []*check.Resource{alice}, bob)).To(HaveStatus(200, 204))
			shows(t, handle, "members", ids(alice, bob), members)
		},
	})
}

func remove(f form) check.Check {
	return of(check.Check{
		ID:     "teams.team.remove." + f.name,
		Title:  fmt.Sprintf("a member removed in the form of %s leaves the team and the others stay", f.name),
		Source: datadog("User Provisioning with SCIM, Managed Teams", datadogOkta, check.Documented),
		Breaks: "Somebody keeps what the team may see, or the whole team is emptied by one departure.",
		Fix:    "Carry each change of a group's members over to its team; a remove with a list of values removes only these.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g, handle := synced(t, alice, bob)
			t.Require(f.remove(t, g, []*check.Resource{alice, bob}, alice)).To(HaveStatus(200, 204))
			shows(t, handle, "members", ids(bob), members)
		},
	})
}

var pushNow = of(check.Check{
	ID:     "teams.team.replace.okta-oin",
	Title:  `Okta's "push now" replaces the members of the team`,
	Source: okta("SCIM 2.0 protocol reference, replace of members", check.Documented),
	Breaks: "The way out of a team that has drifted does not lead out.",
	Fix:    "Take replace of members as the whole list.",
	Run: func(t *check.T) {
		alice, bob := two(t)
		g, handle := synced(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"replace","path":"members","value":[{"value":"%[1]s","display":"%[1]s"}]}]`, bob.ID))).
			To(HaveStatus(200, 204))
		shows(t, handle, "members", ids(bob), members)
	},
})

func rename(f form) check.Check {
	return of(check.Check{
		ID:     "teams.team.rename." + f.name,
		Title:  fmt.Sprintf("a rename in the form of %s renames the same team", f.name),
		Source: datadog("Managed teams: name, handle and membership belong to the IdP", datadogTeams, check.Assumed),
		Breaks: "The team keeps its old name, or a second team appears under the new one.",
		Fix:    "Rename the team that is linked to the group; let its handle follow only where the profile says so.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g, handle := synced(t, alice, bob)
			before := t.ProductTeam(handle)
			name := t.Name("renamed")
			t.Require(f.rename(t, g, []*check.Resource{alice, bob}, name)).To(HaveStatus(200, 204))
			if t.Profile().Teams.RenameHandle {
				handle = t.TeamHandle(name)
			}
			shows(t, handle, "name", name, named)
			shows(t, handle, "id", before.ID, identity)
			shows(t, handle, "members", ids(alice, bob), members)
		},
	})
}

func empty(f form) check.Check {
	return of(check.Check{
		ID:     "teams.team.empty." + f.name,
		Title:  fmt.Sprintf("a list of no members in the form of %s empties the team", f.name),
		Source: f.source,
		Breaks: "The last member keeps what the team may see.",
		Fix:    "Take an empty list as no members, for the team too.",
		Run: func(t *check.T) {
			alice, bob := two(t)
			g, handle := synced(t, alice, bob)
			t.Require(f.empty(t, g)).To(HaveStatus(200, 204))
			shows(t, handle, "members", ids(), members)
			shows(t, handle, "is_managed", true, managed)
		},
	})
}
