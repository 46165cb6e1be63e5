// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"github.com/scimproof/scimproof/suites/check"
)

// fallback checks what a user has of whose roles none is known: in Datadog the
// organisation's default role, which is Standard unless changed.
func fallback() []check.Check {
	const (
		breaks = "A stale or misspelt role value in the IdP locks the user out, or leaves rights that the IdP took away."
		fix    = "When no value matches, grant the organisation's default role, and only that."
	)
	joins := func(id, title string, source check.Source, roles func(t *check.T) string) check.Check {
		return because(roleCheck("fallback."+id, title, source, func(t *check.T) {
			joiner(t, roles(t)).has(unnamed(t)...)
		}), breaks, fix)
	}
	return []check.Check{
		tolerant(joins("create.unknown", "a new user none of whose roles is known gets the default role", documented("", behaviour),
			func(*check.T) string { return values(unknown(1)) })),
		tolerant(joins("create.several-unknown", "several unknown roles give the default role once", documented("", behaviour),
			func(*check.T) string { return values(unknown(1), unknown(2), unknown(3)) })),
		tolerant(joins("create.name", "the name of a role is not its value and gives the default role", documented("okta/", "Configure SCIM with Okta: the value is the role's UUID"),
			func(t *check.T) string {
				t.SkipUnless(t.Profile().Roles.Match == "uuid", "names roles by name")
				return values(nameOf(t, t.Roles()[0]))
			})),
		joins("create.absent", "a new user without roles gets the default role", assumed("POST without roles"),
			func(*check.T) string { return "" }),
		joins("create.empty", "a new user with an empty list of roles gets the default role", assumed("roles: []"),
			func(*check.T) string { return "[]" }),

		because(tolerant(roleCheck("fallback.replace", "replacing the roles by unknown ones gives the default role and takes the old ones", documented("", behaviour), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role))
			s.has(role)
			s.patch(`[{"op":"replace","path":"roles","value":` + values(unknown(1)) + `}]`)
			s.has(unnamed(t, role)...)
		})), "A mover keeps the rights of the old job although the IdP took them away.", fix),

		because(tolerant(roleCheck("fallback.put", "PUT with unknown roles only gives the default role", documented("", behaviour), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role))
			s.has(role)
			s.put(values(unknown(1)))
			s.has(unnamed(t, role)...)
		})), breaks, fix),

		because(tolerant(roleCheck("fallback.then-known", "a known role that comes later replaces the default role", documented("", behaviour), func(t *check.T) {
			role := t.Roles()[1]
			s := joiner(t, values(unknown(1)))
			s.has(unnamed(t)...)
			s.patch(`[{"op":"replace","path":"roles","value":` + values(role) + `}]`)
			s.has(role)
		})), "Once fallen back, a user keeps the default role for ever.", "Set the roles anew on each write; the default role is not sticky."),

		because(tolerant(roleCheck("fallback.add-unknown", "adding an unknown role to a user who has a known one changes nothing", assumed("add with only unmatched values"), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role))
			s.has(role)
			s.patch(`[{"op":"add","path":"roles","value":` + values(unknown(1)) + `}]`)
			s.has(role)
		})), "A stale value that Entra adds takes a working user's rights away.", "Fall back only when the whole resulting set names no role."),

		because(roleCheck("fallback.removed-all", "removing all roles gives the default role", assumed("PATCH remove of roles"), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role))
			s.has(role)
			s.patch(`[{"op":"remove","path":"roles"}]`)
			s.has(unnamed(t, role)...)
		}), breaks, fix),

		because(roleCheck("fallback.put-empty", "PUT with an empty list of roles gives the default role", assumed("roles: []"), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role))
			s.has(role)
			s.put("[]")
			s.has(unnamed(t, role)...)
		}), breaks, fix),
	}
}

// nameOf gives the name of the role that a value names.
func nameOf(t *check.T, value string) string {
	for _, r := range t.ProductRoles() {
		if r.ID == value || t.Profile().Roles.Match == "name" && r.Name == value {
			return r.Name
		}
	}
	return "a role by name"
}
