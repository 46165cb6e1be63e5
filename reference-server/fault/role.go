// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
)

// roleFaults break what the multi-valued roles attribute does to a product.
func roleFaults() []Fault {
	users := on("Users", http.MethodPost, http.MethodPut, http.MethodPatch)
	roleOps := func(edit func(object)) wrapper {
		return operated(users, func(ops []object) []object {
			for _, op := range ops {
				if strings.HasPrefix(word(op, "path"), "roles") {
					edit(op)
				}
			}
			return ops
		})
	}
	return []Fault{
		{Name: "roles-ignored", Breaks: "roles is ignored: everybody has the default role.", Wrap: chain(received(writes("Users"), func(o object) { delete(o, "roles") }), operated(users, func(ops []object) []object {
			return keep(ops, func(op object) bool { return strings.HasPrefix(word(op, "path"), "roles") })
		}))},
		{Name: "roles-first-only", Breaks: "Only the first role is granted.", Wrap: chain(received(writes("Users"), func(o object) { firstOnly(o, "roles") }), roleOps(func(op object) { firstOnly(op, "value") }))},
		{Name: "roles-by-name", Breaks: "Roles are matched by name and not by id.", Profile: func(p *profiles.Profile) { p.Roles.Match = "name" }},
		{Name: "roles-all-or-nothing", Breaks: "One unknown role value keeps the known ones from being granted.", Profile: func(p *profiles.Profile) { p.Roles.Unmatched = "reject" }},
		{Name: "roles-no-fallback", Breaks: "A user none of whose roles is known ends without a role.", Profile: func(p *profiles.Profile) { p.Roles.None = "clear" }},
		{Name: "roles-fallback-keeps", Breaks: "If no role is known the old roles stay and the default role is not granted.", Profile: func(p *profiles.Profile) { p.Roles.None = "keep" }},
		{Name: "roles-fallback-sticks", Breaks: "The default role stays when a known role is granted later.", Wrap: editing(shown("/api/v2/users"), grantDefault)},
		{Name: "roles-absent-clears", Breaks: "PUT without roles takes the roles away.", Profile: func(p *profiles.Profile) { p.Roles.Absent = "clear" }},
		{Name: "roles-add-replaces", Breaks: "add of a role replaces the others.", Wrap: operated(one("Users"), func(ops []object) []object {
			for _, op := range ops {
				if word(op, "op") == "add" && word(op, "path") == "roles" {
					op["op"] = "replace"
				}
			}
			return ops
		})},
		{Name: "roles-replace-adds", Breaks: "replace of the roles adds to them: a mover keeps the old role.", Wrap: roleOps(func(op object) {
			if word(op, "op") == "replace" {
				op["op"] = "add"
			}
		})},
		{Name: "roles-remove-ignored", Breaks: "remove of a role is ignored.", Wrap: operated(users, func(ops []object) []object {
			return keep(ops, func(op object) bool {
				return word(op, "op") == "remove" && strings.HasPrefix(word(op, "path"), "roles")
			})
		})},
		{Name: "roles-put-ignored", Breaks: "roles in PUT is ignored.", Wrap: received(one("Users", http.MethodPut), func(o object) { delete(o, "roles") })},
		{Name: "roles-post-ignored", Breaks: "roles in POST is ignored.", Wrap: received(all("Users", http.MethodPost), func(o object) { delete(o, "roles") })},
		{Name: "roles-json-text-unread", Breaks: "A role value that is JSON in a text is not understood; Entra sends it without the flag.", Source: "SCIM-SDK#516, azure-docs#50772",
			Wrap: roleOps(func(op object) {
				list, _ := op["value"].([]any)
				for _, v := range list {
					if v, ok := v.(object); ok {
						if s, _ := v["value"].(string); strings.HasPrefix(s, "{") {
							v["value"] = "unread " + s[1:2]
						}
					}
				}
			})},
		{Name: "roles-json-text-500", Breaks: "A role value that is JSON in a text is answered with 500.", Wrap: instead(both(users, func(r *http.Request) bool { return strings.Contains(string(body(r)), `"value":"{`) }), func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, "boom", http.StatusInternalServerError)
		})},
		{Name: "roles-text-array-500", Breaks: "An array of texts as roles is answered with 500.", Wrap: instead(both(users, textRoles), func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, "boom", http.StatusInternalServerError)
		})},
		{Name: "roles-primary-filter-refused", Breaks: `The path roles[primary eq "True"].value is refused.`, Wrap: refusing(users, scim.InvalidPath, "unknown path", func(o object) bool {
			for _, op := range operations(o) {
				if strings.HasPrefix(word(op, "path"), "roles[primary") {
					return true
				}
			}
			return false
		})},
		{Name: "roles-type-refused", Breaks: "A role with type, primary or display is refused.", Wrap: refusing(users, scim.InvalidValue, "unknown attribute", func(o object) bool {
			s := string(encode(o))
			return strings.Contains(s, `"type":"WindowsAzureActiveDirectoryRole"`) || strings.Contains(s, `"type":"slot`)
		})},
		{Name: "roles-display-from-client", Breaks: "The display of a role is whatever the client sent.", Wrap: echoing("roles", func(o object, v any) { o["roles"] = v })},
		{Name: "roles-lost-on-disable", Breaks: "A returner has lost the roles.", Wrap: losingRoles()},
		{Name: "roles-not-shown", Breaks: "The roles granted are not shown on the user.", Wrap: editingResources(on("Users"), func(o object) { delete(o, "roles") })},
		{Name: "roles-attribute-resets", Breaks: "A change of any other attribute takes the roles away.", Wrap: operated(one("Users"), func(ops []object) []object {
			if strings.Contains(string(encode(ops)), "roles") {
				return ops
			}
			return append(ops, object{"op": "remove", "path": "roles"})
		})},
		{Name: "audit-no-unmatched", Breaks: "Unmatched role values are not in the audit trail.", Profile: func(p *profiles.Profile) { p.Audit.Unmatched = false }},
		{Name: "audit-no-roles", Breaks: "Role changes are not in the audit trail.", Profile: func(p *profiles.Profile) { p.Audit.Roles = false }},
		{Name: "audit-off", Breaks: "There is no audit trail.", Profile: func(p *profiles.Profile) { p.Audit.Enabled = false }},
		{Name: "metrics-off", Breaks: "Role events are not sent as metrics.", Profile: func(p *profiles.Profile) { p.Metrics.Enabled = false }},
		{Name: "metrics-renamed", Breaks: "Role metrics have other names than the profile says.", Profile: func(p *profiles.Profile) { p.Metrics.Prefix = "other" }},
	}
}

// textRoles finds roles written as an array of texts.
func textRoles(r *http.Request) bool {
	var o object
	_ = decode(body(r), &o)
	list, _ := o["roles"].([]any)
	if len(list) == 0 {
		return false
	}
	_, text := list[0].(string)
	return text
}

// grantDefault adds the role called Standard to each user in a reply that
// includes the roles.
func grantDefault(o object) {
	items, ok := o["data"].([]any)
	if !ok {
		items = []any{o["data"]}
	}
	for _, u := range items {
		u, _ := u.(object)
		rel, _ := u["relationships"].(object)
		roles, _ := rel["roles"].(object)
		if list, ok := roles["data"].([]any); ok {
			roles["data"] = append(list, object{"type": "roles", "id": "33333333-0000-4000-8000-000000000000"})
		}
	}
}

// losingRoles takes the roles away with the activity.
func losingRoles() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			var o object
			if one("Users", http.MethodPatch, http.MethodPut)(r) && decode(rec.Body.Bytes(), &o) == nil && o["active"] == false {
				patch := r.Clone(r.Context())
				patch.Method, patch.URL.RawQuery = http.MethodPatch, url.Values{}.Encode()
				setBody(patch, encode(object{"schemas": []string{scim.PatchOpURN}, "Operations": []object{{"op": "remove", "path": "roles"}}}))
				record(next, patch)
			}
			send(rw, rec)
		})
	}
}
