// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Guess says which dialect the requests of a flow are in, and by what that
// shows. Without a sign it is [RFC].
func Guess(f flow.Flow) (dialect, why string) {
	all := make([]*request, len(f.Steps))
	for i := range f.Steps {
		all[i] = fromStep(i+1, &f.Steps[i])
	}
	return guess(all)
}

// guess looks for the sign of a vendor first: Okta says its name, Entra ID
// sends a header of its own, or no User-Agent at all while it writes + for a
// blank. Then PATCH tells the kinds of each apart.
func guess(all []*request) (dialect, why string) {
	vendor := ""
	for _, q := range all {
		if vendor, why = vendorOf(q); vendor != "" {
			break
		}
	}
	switch vendor {
	case "okta":
		dialect, more := oktaKind(all)
		return dialect, why + "; " + more
	case "entra":
		dialect, more := entraKind(all)
		return dialect, why + "; " + more
	}
	return RFC, "no sign of Okta or Entra ID"
}

func vendorOf(q *request) (vendor, why string) {
	agent := q.header.Get("User-Agent")
	switch {
	case strings.HasPrefix(strings.ToLower(agent), "okta"):
		return "okta", "User-Agent: " + agent
	case q.header.Get("ADSCIMVersion") != "":
		return "entra", "header ADSCIMVersion"
	case strings.Contains(q.target, "aadOptscim062020"):
		return "entra", "aadOptscim062020 in the URL"
	case agent == "" && len(q.header) > 0 && strings.Contains(q.target, "+eq+%22"):
		return "entra", "no User-Agent, and + for a blank in the filter"
	}
	return "", ""
}

func oktaKind(all []*request) (dialect, why string) {
	for _, q := range all {
		switch {
		case q.method == http.MethodPatch:
			return flow.OktaOIN, "PATCH"
		case q.method == http.MethodPut && q.endpoint == groups:
			return flow.OktaAIW, "PUT of a group"
		case q.method == http.MethodPut && activeOf(q.root()) == "false":
			return flow.OktaAIW, "PUT of active false"
		}
	}
	return flow.OktaOIN, "nothing shows that it is not an app of the catalogue"
}

func entraKind(all []*request) (dialect, why string) {
	for _, q := range all {
		if strings.HasPrefix(q.header.Get("Accept"), "application/scim+json") && strings.Contains(string(q.body)+q.target, "nonexistente997dccbd8b7") {
			return flow.EntraValidator, "a value of the SCIM Validator"
		}
		if strings.Contains(q.target, "aadOptscim062020") {
			return flow.EntraFlag, "its flag"
		}
		for _, o := range q.ops {
			switch {
			case o.op == "":
			case o.op[0] >= 'A' && o.op[0] <= 'Z':
				return flow.EntraLegacy, "op " + o.op
			case o.text != "roles" && o.path != nil && o.path.name != "manager":
				return flow.EntraFlag, "op " + o.op
			case o.text == "":
				return flow.EntraFlag, "an operation without a path"
			}
		}
	}
	return flow.EntraLegacy, "nothing shows the flag aadOptscim062020"
}
