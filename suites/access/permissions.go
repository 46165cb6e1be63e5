// SPDX-License-Identifier: Apache-2.0

package access

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// permissions checks that SCIM asks what the owner of a key may do.
func permissions() []check.Check {
	needs := check.Needs(check.CapKeys)
	source := page("api/latest/scim/", "Every operation requires user_access_invite and user_access_manage; the status is assumed", check.Documented)
	const (
		breaks = "A key that was made for reading dashboards makes and removes users."
		fix    = "Ask for every permission that provisioning needs, on every request, and answer 403."
	)
	asks := func(t *check.T) {
		t.SkipUnless(len(t.Profile().Access.Permissions) > 0, "asks for no permission")
	}
	return []check.Check{
		because(accessCheck("permission.none", "a valid key whose owner may not provision is refused with 403", source, needs, func(t *check.T) {
			asks(t)
			_, key := account(t, t.CreateRole("reader"))
			forbidden(t, key)
			t.Expect(t.As(key, flow.Request{Method: http.MethodGet, Path: scim.ResourceTypesEndpoint})).To(HaveStatus(http.StatusForbidden))
		}), breaks, fix),

		because(accessCheck("permission.partial", "one of the permissions alone is not enough", source, needs, func(t *check.T) {
			asks(t)
			wanted := t.Profile().Access.Permissions
			t.SkipUnless(len(wanted) > 1, "asks for one permission only")
			for _, permission := range wanted {
				_, key := account(t, t.CreateRole("half", permission))
				forbidden(t, key)
			}
		}), breaks, fix),

		because(accessCheck("permission.taken", "a permission that is taken from the owner is missed at once", source, needs, func(t *check.T) {
			asks(t)
			role := provisioner(t)
			_, key := account(t, role)
			works(t, key)
			t.DeleteRole(role)
			forbidden(t, key)
		}), "Taking a role from an account that was taken over changes nothing.", "Look the owner's permissions up on each request, or end what was cached of them."),

		because(accessCheck("audit.actor", "the audit trail says whose key made a user", page("account_management/audit_trail/", "Actor of an event; for SCIM the shape is assumed", check.Documented),
			check.Needs(check.CapKeys, check.CapAudit), func(t *check.T) {
				id, key := account(t, provisioner(t))
				works(t, key)
				email := strings.ToLower(t.Name("bob")) + "@" + people.Domain
				x := t.As(key, flow.Request{Method: http.MethodPost, Path: scim.UsersEndpoint, Body: []byte(user(t, email))})
				made := t.Resource(x)
				t.Shows("audit trail of user "+made.ID, "an event by the account "+id, t.Within().Audit, true, func() any {
					for _, e := range t.Audit(made.ID) {
						if strings.Contains(e.JSON, id) {
							return true
						}
					}
					return false
				})
			}), "Nobody can say which integration made a user.", "Name the owner of the key as the actor of each event."),
	}
}

// forbidden expects SCIM to refuse a key, for reading and for writing, that the
// product calls valid.
func forbidden(t *check.T, k check.ProductKey) {
	t.Await("product with the key", "whether the key is valid", t.Within().Users, true, func() any { return valid(t, k) })
	t.Shows("SCIM with the key", "status of GET /Users", t.Within().Users, http.StatusForbidden, func() any { return t.As(k, list()).Status })
	email := strings.ToLower(t.Name("bob")) + "@" + people.Domain
	x := t.As(k, flow.Request{Method: http.MethodPost, Path: scim.UsersEndpoint, Body: []byte(user(t, email))})
	t.Expect(x).To(HaveStatus(http.StatusForbidden))
}
