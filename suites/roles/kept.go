// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"github.com/scimproof/scimproof/suites/check"
)

// kept checks writes that must leave the roles alone.
func kept() []check.Check {
	keeps := func(id, title string, source check.Source, breaks, fix string, write func(s subject)) check.Check {
		return because(roleCheck("kept."+id, title, source, func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0], known[1]))
			s.has(known[0], known[1])
			write(s)
			s.has(known[0], known[1])
		}), breaks, fix)
	}
	return []check.Check{
		keeps("patch-title", "PATCH of the title leaves the roles alone", check.RFC7644("3.5.2"),
			"A new job title takes a user's rights away.", "Change roles only where the request names roles.",
			func(s subject) { s.patch(`[{"op":"Replace","path":"title","value":"Staff Engineer"}]`) }),

		in(keeps("patch-pathless", "PATCH without a path leaves the roles alone when its value does not name them", check.RFC7644("3.5.2.3"),
			"Entra's combined update takes a user's rights away.", "Change only the attributes that the value names.",
			func(s subject) {
				s.patch(`[{"op":"replace","value":{"title":"Staff Engineer","name.familyName":"Hargreaves"}}]`)
			}), check.Entra),

		because(roleCheck("kept.put-absent", "PUT without roles leaves the roles as the profile promises", assumed("PUT without roles"), func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0], known[1]))
			s.has(known[0], known[1])
			s.put("")
			if t.Profile().Roles.Absent == "keep" {
				s.has(known[0], known[1])
				return
			}
			s.has(unnamed(t, known[0], known[1])...)
		}), "A profile push from Okta, which does not map roles by default, takes everybody's rights away.",
			"Treat roles that a PUT does not name as not asserted (RFC 7644 §3.5.1 lets a provider choose), or document that they are cleared."),

		in(keeps("leaver-returner", "a returner has the roles of before", assumed("roles of a disabled user: the users API was recorded to keep them, SCIM is inferred"),
			"Somebody who comes back from leave has no rights until the next role change in the IdP.", "Keep the roles of a disabled user.",
			func(s subject) {
				s.patch(`[{"op":"replace","value":{"active":false}}]`)
				s.patch(`[{"op":"replace","value":{"active":true}}]`)
			}), check.Okta),
	}
}
