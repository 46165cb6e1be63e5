// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// shown checks what SCIM shows of the roles that the product granted.
func shown() []check.Check {
	return []check.Check{
		because(roleCheck("shown.granted", "a user shows the roles granted, by value", check.RFC7643("4.1.2"), func(t *check.T) {
			known := t.Roles()
			s := joiner(t, values(known[0], known[1]))
			x := t.Get(s.r)
			t.Expect(x).To(HaveAttributeCount("roles", 2))
			t.Expect(x).To(HaveAttribute(fmt.Sprintf("roles[value eq %q].value", known[0]), known[0]))
			t.Expect(x).To(HaveAttribute(fmt.Sprintf("roles[value eq %q].value", known[1]), known[1]))
		}), "Entra compares what it reads with what it wants: it sends the same change in every cycle.", "Return the granted roles with their values."),

		because(tolerant(roleCheck("shown.unmatched", "a value that names no role is not shown", documented("", behaviour), func(t *check.T) {
			known := t.Roles()[0]
			s := joiner(t, values(known, unknown(1)))
			t.Expect(t.Get(s.r)).NotTo(HaveAttribute(fmt.Sprintf("roles[value eq %q]", unknown(1))))
			t.Expect(t.Get(s.r)).To(HaveAttribute(fmt.Sprintf("roles[value eq %q].value", known), known))
		})), "The IdP shows an administrator a right that the user does not have.", "Return what was granted, not what was sent."),

		because(tolerant(roleCheck("shown.fallback", "a user who fell back shows the default role", documented("", behaviour), func(t *check.T) {
			want := unnamed(t)
			s := joiner(t, values(unknown(1)))
			x := t.Get(s.r)
			t.Expect(x).To(HaveAttributeCount("roles", len(want)))
			for _, id := range want {
				t.Expect(x).To(HaveAttribute(fmt.Sprintf("roles[value eq %q].value", id), id))
			}
		})), "Nobody sees from the IdP that a user fell back.", "Return the default role once it is granted."),

		because(roleCheck("shown.display", "the display of a role is the role's name, whatever the client sent", check.Source{
			Name: "Datadog", Section: "SCIM API, User schema: roles[].display is readOnly",
			URL: "https://docs.datadoghq.com/api/latest/scim/", Date: "2026-11-23", Evidence: check.Documented,
		}, func(t *check.T) {
			role := t.Roles()[0]
			name, x := post(t, fmt.Sprintf(`[{"value":%q,"display":"Emperor"}]`, role))
			t.Require(x).To(HaveStatus(201))
			t.Expect(x).To(HaveAttribute("userName", gomega.BeEquivalentTo(name)))
			t.Expect(x).To(HaveAttribute(fmt.Sprintf("roles[value eq %q].display", role), nameOf(t, role)))
		}), "A client can make a role look like another.", "Fill display from the role; ignore what is sent."),
	}
}
