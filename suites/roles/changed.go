// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"fmt"

	"github.com/scimproof/scimproof/suites/check"
)

// changed checks changes of roles: the mover.
func changed() []check.Check {
	// moves makes a user with the first known role and sends operations; want
	// says which of the two known roles are left.
	moves := func(id, title string, source check.Source, operations func(a, b string) string, want func(a, b string) []string) check.Check {
		return roleCheck("patch."+id, title, source, func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0]))
			s.has(known[0])
			s.patch(operations(known[0], known[1]))
			s.has(want(known[0], known[1])...)
		})
	}
	second := func(_, b string) []string { return []string{b} }
	both := func(a, b string) []string { return []string{a, b} }
	const (
		stays = "A mover keeps the rights of the old job."
		lost  = "A mover does not get the rights of the new job."
	)
	return []check.Check{
		because(moves("replace", "replace of roles leaves only the new ones", documented("", behaviour),
			func(_, b string) string { return `[{"op":"replace","path":"roles","value":` + values(b) + `}]` }, second),
			stays, "Set the roles to the values of a replace, taking away what is not among them."),

		because(in(moves("replace-pathless", "replace without a path, with roles in its value, leaves only the new ones", check.RFC7644("3.5.2.3"),
			func(_, b string) string { return `[{"op":"replace","value":{"roles":` + values(b) + `}}]` }, second), check.Okta),
			stays, "Treat each member of a value without a path as a replace of that attribute."),

		because(moves("add", "add of a role keeps the others", documented("okta/", "Configure SCIM with Okta, stale roles may stay"),
			func(_, b string) string { return `[{"op":"add","path":"roles","value":` + values(b) + `}]` }, both),
			"A user who gets a second job loses the first.", "Append to roles on add (RFC 7644 §3.5.2.1)."),

		because(moves("add-repeated", "add of a role that is there changes nothing", check.RFC7644("3.5.2.1"),
			func(a, _ string) string { return `[{"op":"add","path":"roles","value":` + values(a) + `}]` },
			func(a, _ string) []string { return []string{a} }),
			"Entra, which only ever adds, makes double roles.", "Do nothing when the value is there."),

		because(tolerant(moves("replace-partly-unknown", "replace by a known and an unknown role leaves the known one", documented("", behaviour),
			func(_, b string) string {
				return `[{"op":"replace","path":"roles","value":` + values(b, unknown(1)) + `}]`
			}, second)),
			lost, "Grant the values that match; the others are logged and do not matter."),

		because(in(moves("entra-json-text", "a role written as JSON in a text, as Entra sends it without the flag, is granted", entraRoles("AppRoleAssignmentsComplex"),
			func(_, b string) string {
				return `[{"op":"Add","path":"roles","value":[{"value":` + quote(fmt.Sprintf(`{"id":"18d14569-c3bd-439b-9a66-3a2aee01d14f","value":%q,"displayName":"Second"}`, b)) + `}]}]`
			}, both), check.Entra),
			"Every role change from Entra without aadOptscim062020 is lost.", "If a role's value is the text of a JSON object, use the member value of that object."),

		because(in(moves("entra-assertive", "replace as Entra's AssertiveAppRoleAssignmentsComplex sends it leaves only the new ones", entraRoles("AssertiveAppRoleAssignmentsComplex"),
			func(_, b string) string {
				return fmt.Sprintf(`[{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Second","value":%q}]}]`, b)
			}, second), check.Entra),
			stays, "Set the roles to the values of a replace, ignoring type, primary and display."),

		because(in(roleCheck("patch.entra-primary", `the path roles[primary eq "True"].value changes the primary role`, entraRoles("SingleAppRoleAssignment"), func(t *check.T) {
			known := t.Roles()
			s := joiner(t, fmt.Sprintf(`[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":%q}]`, known[0]))
			s.has(known[0])
			s.patch(fmt.Sprintf(`[{"op":"Replace","path":"roles[primary eq \"True\"].value","value":%q}]`, known[1]))
			s.has(known[1])
		}), check.Entra),
			"A role change from Entra's single-role mapping fails.", `Let "True" as text equal the boolean true in a value filter, and keep primary with a role.`),

		because(roleCheck("patch.remove-one", "remove with a value filter takes just that role", check.RFC7644("3.5.2.2"), func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0], known[1]))
			s.has(known[0], known[1])
			s.patch(fmt.Sprintf(`[{"op":"remove","path":"roles[value eq \"%s\"]"}]`, known[0]))
			s.has(known[1])
		}), stays, "Remove the values that the filter matches, and no others."),

		because(in(roleCheck("put.change", "PUT with other roles leaves only those", documented("", behaviour), func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0]))
			s.has(known[0])
			s.put(values(known[1]))
			s.has(known[1])
		}), check.Okta),
			"Okta sends every profile change as PUT: a mover keeps the rights of the old job.", "Set the roles to those of the PUT."),
	}
}
