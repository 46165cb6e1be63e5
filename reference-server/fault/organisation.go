// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
)

// organisationFaults break the settings of the organisation and what a login
// makes of them.
func organisationFaults() []Fault {
	return []Fault{
		{Name: "settings-ignored", Breaks: "The default role and the domains of just-in-time logins are what they always were, whatever is set.", Wrap: instead(
			called(http.MethodPatch, "/org/saml_configurations"),
			func(rw http.ResponseWriter, _ *http.Request) { writeJSON(rw, http.StatusOK, object{}) })},
		{Name: "sso-mappings-ignored", Breaks: "Role mappings are accepted and do nothing at login.", Wrap: instead(
			called(http.MethodPost, "/authn_mappings"),
			func(rw http.ResponseWriter, _ *http.Request) {
				writeJSON(rw, http.StatusCreated, object{"data": object{"type": "authn_mappings", "id": "44444444-0000-4000-8000-000000000000"}})
			})},
		{Name: "access-scopes-ignored", Breaks: "A key may do all that its owner may, whatever its scopes are.", Wrap: received(
			called(http.MethodPost, "/application_keys"), func(o object) {
				data, _ := o["data"].(object)
				if a, ok := data["attributes"].(object); ok {
					delete(a, "scopes")
				}
			})},
	}
}
