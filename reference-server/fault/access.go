// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

// accessFaults break who may provision, and what a login does to roles.
func accessFaults() []Fault {
	return []Fault{
		{Name: "keys-survive", Breaks: "The application keys of somebody who is disabled go on working.", Profile: func(p *profiles.Profile) { p.Access.Keys = "survive" }},
		{Name: "keys-restored", Breaks: "The application keys of a leaver work again when the person returns.", Profile: func(p *profiles.Profile) { p.Access.Keys = "suspend" }},
		{Name: "keys-of-accounts-stop", Breaks: "When a person is disabled, the keys of service accounts stop too.", Wrap: accountsStop()},
		{Name: "keys-never-revoked", Breaks: "Revoking an application key is answered with success and does nothing.", Wrap: instead(
			called(http.MethodDelete, "/application_keys/"),
			func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })},
		{Name: "keys-always-valid", Breaks: "Every key is said to be valid.", Wrap: answering(shown("/api/v2/validate_keys"), http.StatusUnauthorized, http.StatusOK)},
		{Name: "access-any-key", Breaks: "Any valid key may provision, whatever its owner may.", Profile: func(p *profiles.Profile) { p.Access.Permissions = nil }},
		{Name: "access-half-enough", Breaks: "One of the permissions that provisioning needs is enough.", Profile: func(p *profiles.Profile) {
			p.Access.Permissions = p.Access.Permissions[:min(1, len(p.Access.Permissions))]
		}},
		{Name: "sso-mapping-wins", Breaks: "A login replaces the roles that SCIM has written by those of the role mappings.", Profile: func(p *profiles.Profile) { p.Access.SSO = "mapping" }},
		{Name: "login-stays-pending", Breaks: "A user stays Pending after having logged in.", Wrap: editing(shown("/api/v2/users"), func(o object) {
			eachData(o, func(a object) {
				if a["status"] == "Active" {
					a["status"] = "Pending"
				}
			})
		})},
		{Name: "audit-no-actor", Breaks: "The audit trail does not say who did it.", Wrap: editing(called(http.MethodPost, "/audit/events/search"), func(o object) {
			eachData(o, func(a object) {
				if inner, ok := a["attributes"].(object); ok {
					delete(inner, "usr")
				}
			})
		})},
	}
}

// called touches requests to the product API whose path holds part.
func called(method, part string) when {
	return func(r *http.Request) bool {
		e, _ := endpoint(r)
		return e == "" && r.Method == method && strings.Contains(r.URL.Path, part)
	}
}

// accountsStop refuses, once somebody was disabled through SCIM, all keys that
// were used until then, but the one that was seen first.
func accountsStop() wrapper {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var first string
		stopped := map[string]bool{} // by key, whether somebody was disabled since it was used first
		refused := func(r *http.Request) bool {
			if e, _ := endpoint(r); e == "" {
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			token := r.Header.Get("Authorization")
			if first == "" {
				first = token
			}
			if r.Method == http.MethodPatch && strings.Contains(string(body(r)), `"active":false`) {
				for used := range stopped {
					stopped[used] = true
				}
			}
			if token != first && !stopped[token] {
				stopped[token] = false
			}
			return stopped[token]
		}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if refused(r) {
				refuse(rw, http.StatusUnauthorized, "", "a valid bearer token is required")
				return
			}
			next.ServeHTTP(rw, r)
		})
	}
}
