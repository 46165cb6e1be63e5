// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
)

// mapped checks what a login does to those whose roles SCIM has not written:
// mappings of SAML attributes to roles, and people who are made at login.
func mapped() []check.Check {
	sso := check.Needs(check.CapLogin, check.CapKeys, check.CapRoles)
	source := page("account_management/saml/mapping/", "Map SAML attributes to Datadog roles", check.Documented)
	return []check.Check{
		alone(because(accessCheck("sso.mapped", "a login gives the roles that are mapped and takes the others, where SCIM has written none", source, sso, func(t *check.T) {
			alice, role := unwritten(t), t.CreateRole("mapped")
			value := t.Name("department")
			t.MapRole("department", value, role.ID)
			_, refused := t.Login(alice.email, "department", value)
			admitted(t, alice, refused)
			alice.has(t, t.RoleValue(role))
		}), "People whom SCIM gives no roles have those of their first day for ever.", "Apply role mappings at each login, except to those whose roles SCIM has written.")),

		alone(because(accessCheck("sso.unmapped", "a login that no role mapping matches is refused and takes all roles, where SCIM has written none", source, sso, func(t *check.T) {
			alice, role := unwritten(t), t.CreateRole("mapped")
			t.MapRole("department", t.Name("department"), role.ID)
			_, refused := t.Login(alice.email, "department", "another")
			t.Expect(refused).NotTo(gomega.BeEmpty(), "why the login was refused")
			alice.has(t)
		}), "Somebody who lost every group in the IdP comes in with the old roles.", "Refuse a login to which no mapping applies, and take the roles away.")),

		alone(because(accessCheck("sso.case", "a role mapping matches by letter case", source, sso, func(t *check.T) {
			alice, role := unwritten(t), t.CreateRole("mapped")
			value := t.Name("department")
			t.MapRole("department", value, role.ID)
			_, refused := t.Login(alice.email, "department", strings.ToUpper(value))
			t.Expect(refused).NotTo(gomega.BeEmpty(), "why the login was refused")
			alice.has(t)
		}), "A department whose name differs in letter case gives the rights of another.", "Compare the attribute and its value byte by byte.")),

		alone(because(accessCheck("login.first", "somebody of a domain that is set up for it is made at the first login, active and with the default role",
			page("account_management/saml/", "Just-in-Time provisioning", check.Documented), append(sso, check.CapOrganisation), func(t *check.T) {
				domain := t.Name("jit") + ".example"
				email := "ada@" + domain
				_, refused := t.Login(email)
				t.Precondition(refused).NotTo(gomega.BeEmpty())
				t.MakeAtLogin(domain)
				_, refused = t.Login(email)
				ada := person{email: email}
				admitted(t, ada, refused)
				t.Shows("product user "+email, "status", t.Within().Users, "Active", func() any { return t.ProductUser(email).Status })
				var want []string
				if standard := t.DefaultRole(); standard != "" {
					want = []string{standard}
				}
				ada.has(t, want...)
			}), "People come before the IdP's next cycle and find the door closed.", "Make the user at the first login in a listed domain, with the organisation's default role.")),

		because(accessCheck("permission.scope", "a key whose scopes lack what provisioning needs is refused with 403", keysPage("Scopes"), check.Needs(check.CapKeys), func(t *check.T) {
			wanted := t.Profile().Access.Permissions
			t.SkipUnless(len(wanted) > 0, "asks for no permission")
			id := t.CreateServiceAccount(provisioner(t))
			works(t, t.CreateKey(id, wanted...))
			forbidden(t, t.CreateKey(id, "teams_read"))
		}), "A key that was narrowed to reading dashboards makes and removes users.", "Ask the key for the scope as well as its owner for the permission."),
	}
}

// alone says that no other check may be judged meanwhile: a role mapping is for
// everybody who logs in.
func alone(c check.Check) check.Check {
	c.Alone = true
	return c
}

// unwritten makes a person without a word of roles.
func unwritten(t *check.T) person {
	email := strings.ToLower(t.Name("alice")) + "@" + people.Domain
	r := t.Create(scim.UsersEndpoint, fmt.Sprintf(`{"schemas":[%q],"userName":%q,"active":true,"name":{"formatted":"Alice Liddell"},`+
		`"emails":[{"primary":true,"value":%[2]q,"type":"work"}]}`, scim.UserURN, email))
	return person{r, email}
}

// admitted expects a login not to be refused.
func admitted(t *check.T, p person, refused string) {
	t.Shows("login of "+p.email, "refusal", 0, "", func() any { return refused })
}

// has expects the product to give a person exactly these roles, in time.
func (p person) has(t *check.T, want ...string) {
	t.Shows("product user "+p.email, "roles", t.Within().Roles, want, func() any { return t.ProductUser(p.email).Roles })
}
