// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"fmt"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// assigned checks roles sent with a new user, in every form that an IdP is
// documented to write them.
func assigned() []check.Check {
	form := func(id, title string, source check.Source, verdict string, write func(a, b string) string) check.Check {
		c := roleCheck("create."+id, title, source, func(t *check.T) {
			known := t.Roles()
			joiner(t, write(known[0], known[1])).has(known[0], known[1])
		})
		if verdict == "" {
			return c
		}
		return in(c, verdict)
	}
	return []check.Check{
		because(roleCheck("create.one", "a role sent with a new user is granted", documented("", behaviour), func(t *check.T) {
			role := t.Roles()[0]
			joiner(t, values(role)).has(role)
		}), "A joiner starts without the rights of the job.", "Match each roles[].value with the roles of the organisation and grant those that match."),

		because(form("several", "every one of several roles sent with a new user is granted", documented("", behaviour), "",
			func(a, b string) string { return values(a, b) }),
			"A joiner with two jobs gets the rights of one.", "Read roles as a multi-valued attribute (RFC 7643 §4.1.2): grant all values, not the first."),

		because(form("okta-slots", "roles in Okta's typed slots are all granted", documented("okta/", "Configure SCIM with Okta, several roles"), check.Okta,
			func(a, b string) string {
				return fmt.Sprintf(`[{"type":"slot1","value":%q},{"type":"slot2","value":%q}]`, a, b)
			}),
			"An Okta administrator who maps one attribute a role sees only one of them granted.", "Ignore type when matching, and keep every value."),

		because(in(roleCheck("create.okta-primary", "a role marked primary, as Okta writes a single role, is granted",
			documented("okta/", "Configure SCIM with Okta, roles attribute"), func(t *check.T) {
				role := t.Roles()[0]
				joiner(t, fmt.Sprintf(`[{"primary":true,"value":%q}]`, role)).has(role)
			}), check.Okta),
			"Okta's documented external name roles.^[primary==true].value grants nothing.", "Accept primary in a role and match by value."),

		because(form("entra-complex", "roles as Entra's AppRoleAssignmentsComplex posts them are granted", entraRoles("AppRoleAssignmentsComplex"), check.Entra,
			entraForm("displayName")),
			"Joiners from Entra have no role.", "Accept primary, type and displayName in a role and match by value."),

		because(form("entra-assertive", "roles as Entra's AssertiveAppRoleAssignmentsComplex posts them are granted", entraRoles("AssertiveAppRoleAssignmentsComplex"), check.Entra,
			entraForm("display")),
			"Joiners from Entra have no role.", "Accept primary, type and display in a role and match by value."),

		because(tolerant(roleCheck("create.partly-unknown", "of several roles only the known ones are granted", documented("", behaviour), func(t *check.T) {
			known := t.Roles()
			joiner(t, values(unknown(1), known[0], unknown(2))).has(known[0])
		})), "One stale role value in the IdP keeps a joiner from all rights, or grants what nobody asked for.",
			"Grant the values that match and log the others; do not fall back while one matches."),

		because(roleCheck("create.unknown-answer", "a user with an unknown role is refused or made, as the profile says", documented("", behaviour), func(t *check.T) {
			name, x := post(t, values(unknown(1)))
			if t.Profile().Roles.Unmatched == "ignore" {
				t.Expect(x).To(HaveStatus(201))
				return
			}
			t.Require(x).To(BeSCIMError(400, scim.InvalidValue))
			t.Shows("product user "+name, "id", t.Within().Users, "", func() any { return t.ProductUser(name).ID })
		}), "A typing error in the IdP stops a joiner where it should not, or goes unnoticed where it should.",
			"Answer 400 with scimType invalidValue before anything is made, or ignore what names no role."),

		because(roleCheck("create.repeated", "a role that is sent twice is granted once", assumed("the same value twice"), func(t *check.T) {
			role := t.Roles()[0]
			s := joiner(t, values(role, role))
			s.has(role)
			t.Expect(t.Get(s.r)).To(HaveAttributeCount("roles", 1))
		}), "Two groups that grant one role make a user with a double role.", "Collapse equal values before granting."),

		because(in(roleCheck("create.text-array", "roles as an array of texts is granted or refused clearly",
			documented("okta/", "Configure SCIM with Okta, troubleshooting: 'roles' should be object"), func(t *check.T) {
				_, x := post(t, fmt.Sprintf(`[%q]`, t.Roles()[0]))
				t.Require(x).To(HaveStatus(200, 201, 400))
				if x.Status == 400 {
					t.Expect(x).To(BeSCIMError(400, scim.InvalidValue, scim.InvalidSyntax))
				}
			}), check.Okta),
			"Okta's template sends roles as an array of texts; the administrator sees a server error that says nothing.",
			"Answer 400 with a detail such as \"'roles' should be object\", or read each text as a value."),
	}
}

// entraForm writes two roles as Entra posts them, with the name under a member.
func entraForm(name string) func(a, b string) string {
	return func(a, b string) string {
		const role = `{"primary":false,"type":"WindowsAzureActiveDirectoryRole",%q:%q,"value":%q}`
		return "[" + fmt.Sprintf(role, name, "First", a) + "," + fmt.Sprintf(role, name, "Second", b) + "]"
	}
}
