// SPDX-License-Identifier: Apache-2.0

package access

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// keys checks when the key that SCIM goes by stops, and when it must not.
func keys() []check.Check {
	own := check.Needs(check.CapKeys, check.CapLogin, check.CapRoles)
	byAccount := check.Needs(check.CapKeys)
	return []check.Check{
		because(accessCheck("key.leaver", "the application keys of a person stop when they are deactivated", keysPage("Disabling a user's account"), own, func(t *check.T) {
			t.SkipUnless(t.Profile().Access.Keys != "survive", "lets the keys of a leaver live")
			alice, key := owner(t)
			leave(t, alice)
			stops(t, key)
		}), "Somebody who has left still provisions, and reads the whole directory.", "Revoke all application keys of a user at once when the user is disabled."),

		because(accessCheck("key.leaver-deleted", "the application keys of a person stop when they are deleted", keysPage("Disabling a user's account"), own, func(t *check.T) {
			t.SkipUnless(t.Profile().Access.Keys != "survive", "lets the keys of a leaver live")
			alice, key := owner(t)
			t.Require(t.Delete(alice.Resource)).To(HaveStatus(204))
			stops(t, key)
		}), "Somebody who has left still provisions, and reads the whole directory.", "Revoke all application keys of a user at once when the user is deleted."),

		because(accessCheck("key.returner", "the keys of a leaver stay revoked when the person returns", page("account_management/scim/", "Using a service account with SCIM: permanently breaks", check.Assumed), own, func(t *check.T) {
			t.SkipUnless(t.Profile().Access.Keys == "revoke", "gives a returner the old keys back")
			alice, key := owner(t)
			leave(t, alice)
			stops(t, key)
			t.Require(t.Patch(alice.Resource, `[{"op":"replace","value":{"active":true}}]`)).To(HaveStatus(200, 204))
			t.Await("product user "+alice.email, "disabled", t.Within().Users, false, func() any { return t.ProductUser(alice.email).Status == "Disabled" })
			t.Expect(t.As(key, list())).To(HaveStatus(http.StatusUnauthorized))
			t.Shows("product with the key", "whether the key is valid", t.Within().Users, false, func() any { return valid(t, key) })
		}), "A key that leaked before its owner left works again when the owner is back.", "Delete the keys of a disabled user; do not merely suspend them."),

		because(accessCheck("key.service-account", "the key of a service account survives people leaving", scimPage("Using a service account with SCIM"),
			check.Needs(check.CapKeys, check.CapRoles), func(t *check.T) {
				role := provisioner(t)
				_, key := account(t, role)
				works(t, key)
				alice := join(t, role)
				leave(t, alice)
				t.Await("product user "+alice.email, "status", t.Within().Users, "Disabled", func() any { return t.ProductUser(alice.email).Status })
				t.Expect(t.As(key, list())).To(HaveStatus(http.StatusOK))
				t.Shows("product with the key", "whether the key is valid", t.Within().Users, true, func() any { return valid(t, key) })
			}), "Provisioning ends for the whole organisation on the day that somebody leaves.", "Tie the keys of a service account to that account alone."),

		because(accessCheck("key.disabled-account", "the keys of a service account stop when it is disabled", page("account_management/org_settings/service_accounts/", "Disable service accounts", check.Assumed), byAccount, func(t *check.T) {
			t.SkipUnless(t.Profile().Access.Keys != "survive", "lets the keys of disabled accounts live")
			id, key := account(t, provisioner(t))
			works(t, key)
			t.DisableServiceAccount(id)
			stops(t, key)
		}), "Disabling an account that was taken over does not lock the intruder out.", "Refuse the keys of an owner who is disabled."),

		because(accessCheck("key.revoked", "a revoked key is refused with 401", keysPage("Remove an application key"), byAccount, func(t *check.T) {
			_, key := account(t, provisioner(t))
			works(t, key)
			t.RevokeKey(key)
			stops(t, key)
		}), "A key that leaked goes on working after it was revoked.", "Look the key up on each request, or end what was cached of it."),

		because(accessCheck("key.query", "a key in the query of a URL opens nothing", check.Source{Name: "RFC 6750", Section: "5.3", Evidence: check.Standard}, byAccount, func(t *check.T) {
			_, key := account(t, provisioner(t))
			works(t, key)
			t.Expect(t.InQuery(key, flow.Request{Method: http.MethodGet, Path: scim.UsersEndpoint})).To(HaveStatus(http.StatusUnauthorized))
		}), "Keys stand in the log of every proxy on the way, and in the history of browsers.", "Take credentials from the Authorization header alone."),

		because(accessCheck("key.unknown", "a key that nobody has is refused with 401", page("api/latest/scim/", "Authentication", check.Assumed), byAccount, func(t *check.T) {
			key := check.ProductKey{Secret: flow.Secret(uuid.NewString())}
			stops(t, key)
		}), "Anybody can provision.", "Answer 401 to a bearer token that is no application key."),
	}
}
