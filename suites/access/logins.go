// SPDX-License-Identifier: Apache-2.0

package access

import (
	"github.com/scimproof/scimproof/suites/check"
)

// logins checks what a login through SAML does to what was provisioned.
func logins() []check.Check {
	sso := check.Needs(check.CapLogin, check.CapKeys, check.CapRoles)
	const (
		wins   = "Provisioning SCIM roles together with SAML role mapping: SCIM is the source of truth"
		breaks = "The roles that the IdP provisioned are gone after the next login, or wrong ones are added."
		fix    = "Once SCIM has written a user's roles, leave them alone at login."
	)
	scimWins := func(t *check.T) {
		t.SkipUnless(t.Profile().Access.SSO == "scim", "lets role mappings win over SCIM")
	}
	has := func(t *check.T, p person, roles ...check.ProductRole) {
		var want []string
		for _, r := range roles {
			want = append(want, t.RoleValue(r))
		}
		t.Shows("product user "+p.email, "roles", t.Within().Roles, want, func() any { return t.ProductUser(p.email).Roles })
	}
	return []check.Check{
		alone(because(accessCheck("sso.scim-wins", "a login neither adds nor takes roles that SCIM has written", scimPage(wins), sso, func(t *check.T) {
			scimWins(t)
			given, mapped := t.CreateRole("given"), t.CreateRole("mapped")
			alice := join(t, given)
			has(t, alice, given)
			value := t.Name("department")
			t.MapRole("department", value, mapped.ID)
			t.Login(alice.email, "department", value)
			has(t, alice, given)
		}), breaks, fix)),

		alone(because(accessCheck("sso.no-match", "a login that no role mapping matches is admitted and takes no role that SCIM has written", scimPage(wins), sso, func(t *check.T) {
			scimWins(t)
			given, mapped := t.CreateRole("given"), t.CreateRole("mapped")
			alice := join(t, given)
			t.MapRole("department", t.Name("department"), mapped.ID)
			_, refused := t.Login(alice.email, "department", "another")
			t.Shows("login of "+alice.email, "refusal", t.Within().Users, "", func() any { return refused })
			has(t, alice, given)
		}), "Whoever is provisioned by SCIM is locked out.", fix)),

		because(accessCheck("login.active", "a user who was provisioned is Pending until the first login, and Active after it",
			page("account_management/users/", "Status of a user", check.Documented), check.Needs(check.CapLogin, check.CapProduct), func(t *check.T) {
				t.SkipUnless(t.Profile().Users.Status == "pending", "has no pending users")
				alice := join(t)
				status := func() any { return t.ProductUser(alice.email).Status }
				t.Shows("product user "+alice.email, "status", t.Within().Users, "Pending", status)
				t.Login(alice.email)
				t.Shows("product user "+alice.email, "status", t.Within().Users, "Active", status)
			}), "An administrator cannot see who has never come.", "Keep a new user Pending until the first login."),
	}
}
