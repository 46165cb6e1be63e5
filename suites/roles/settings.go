// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"github.com/scimproof/scimproof/suites/check"
)

// settled checks what the fallback does where the organisation has another
// default role than the usual one, or none. Datadog documents three forms: the
// default role, no role for a new user, and the roles of before for one who is
// there. They are one rule about a default role that may be missing.
func settled() []check.Check {
	organised := func(id, title string, source check.Source, breaks, fix string, run func(*check.T)) check.Check {
		c := because(tolerant(roleCheck("fallback."+id, title, source, run)), breaks, fix)
		c.Needs = append(c.Needs, check.CapKeys, check.CapOrganisation)
		c.Alone = true // the default role is everybody's
		return c
	}
	falls := func(t *check.T) {
		t.SkipUnless(t.Profile().Roles.None == "default", "knows no default role")
	}
	return []check.Check{
		organised("chosen", "the default role is the one that an administrator chose, not a fixed one", documented("", behaviour+": Standard unless changed"),
			"An organisation that chose a smaller default role gives more to everybody whose role is stale.",
			"Read the organisation's setting at each fallback.",
			func(t *check.T) {
				falls(t)
				chosen := t.CreateRole("chosen")
				t.UseDefaultRole(chosen)
				joiner(t, values(unknown(1))).has(t.RoleValue(chosen))
			}),

		organised("no-default.create", "without a default role a new user none of whose roles is known has no role",
			documented("okta/", "Configure SCIM with Okta: without a default role the user has none"),
			"Somebody new gets a role that nobody gave.", "Where no default role is set, grant nothing.",
			func(t *check.T) {
				falls(t)
				t.WithoutDefaultRole()
				joiner(t, values(unknown(1))).has()
			}),

		organised("no-default.update", "without a default role a change to unknown roles leaves the roles of before",
			documented("entra/", "Configure SCIM with Microsoft Entra ID: without a default role the update is skipped"),
			"A stale role value in the IdP takes all rights from somebody at work.", "Where no default role is set, skip a role change that names no role.",
			func(t *check.T) {
				falls(t)
				t.WithoutDefaultRole()
				role := t.Roles()[0]
				s := joiner(t, values(role))
				s.has(role)
				s.patch(`[{"op":"replace","path":"roles","value":` + values(unknown(1)) + `}]`)
				s.has(role)
			}),
	}
}

// ownRole is the base of a check with a role that an administrator made.
func ownRole() []check.Check {
	c := because(roleCheck("create.custom", "a role that the organisation made is granted beside a built-in one", documented("", behaviour+": built-in and custom roles"), func(t *check.T) {
		builtIn, own := t.Roles()[0], t.RoleValue(t.CreateRole("own"))
		joiner(t, values(builtIn, own)).has(builtIn, own)
	}), "Rights that were made for a team never reach its people.", "Match role values with all roles of the organisation, not with a fixed list.")
	c.Needs = append(c.Needs, check.CapKeys)
	return []check.Check{c}
}
