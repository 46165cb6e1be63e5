// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// edgeFaults break what every reply must keep to, what discovery says of types
// and schemes, and operations of which the RFC says little.
func edgeFaults() []Fault {
	users := on("Users")
	patch := one("Users", http.MethodPatch)
	get := func(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
	return []Fault{
		{Name: "location-unprefixed", Breaks: "meta.location lacks the path under which the provider is served.",
			Wrap: editingMeta(func(m object) {
				text, _ := m["location"].(string)
				if at, err := url.Parse(text); err == nil {
					at.Path = strings.TrimPrefix(at.Path, "/scim/v2")
					m["location"] = at.String()
				}
			})},
		{Name: "singular-array", Breaks: "title is an array.", Wrap: editingResources(users, func(o object) {
			if title, ok := o["title"]; ok {
				o["title"] = []any{title}
			}
		})},
		{Name: "head-400", Breaks: "HEAD is answered with 400.",
			Wrap: instead(on("Users", http.MethodHead), func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadRequest) })},
		{Name: "accept-other-html", Breaks: "A client that does not accept SCIM JSON is shown a page.",
			Wrap: instead(both(users, get, func(r *http.Request) bool { return r.Header.Get("Accept") == "text/xml" }), func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "text/html")
				_, _ = rw.Write([]byte("<html></html>"))
			})},
		{Name: "header-injection", Breaks: "A line break in a userName begins a header of the reply.",
			Wrap: injecting(on("Users", http.MethodPost))},
		{Name: "error-status-odd", Breaks: "What is not found is answered with 460.", Wrap: answering(on(""), http.StatusNotFound, 460)},
		{Name: "version-ignored", Breaks: "The path of another version of SCIM is answered as this one.", Wrap: asked(on("v9"), func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "/v9", "", 1)
		})},
		{Name: "types-shared-endpoint", Breaks: "Two resource types share an endpoint.", Wrap: listed(func(list []any) []any {
			return append(list, another(list[0], "name", "Person", "id", "Person"))
		})},
		{Name: "types-singular-endpoint", Breaks: "A resource type has its name as endpoint, without an s.", Wrap: listed(func(list []any) []any {
			return append(list, another(list[0], "name", "Device", "id", "Device", "endpoint", "/Device"))
		})},
		{Name: "config-basic-only", Breaks: "HTTP Basic is the only authentication scheme.", Wrap: editing(on("ServiceProviderConfig"), func(o object) {
			o["authenticationSchemes"] = []any{object{"type": "httpbasic", "name": "HTTP Basic", "description": "User and password", "specUri": "https://www.rfc-editor.org/info/rfc7617"}}
		})},
		{Name: "sort-500", Breaks: "Sorting is advertised, and sortBy ends in a server error.",
			Wrap: instead(both(resources(), asking("sortBy")), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusInternalServerError, "", "not implemented")
			})},
		{Name: "patch-extension-object-ignored", Breaks: "An extension's object in the value of a PATCH without a path is ignored.",
			Wrap: operated(patch, editValues(func(v object) {
				if _, nested := v[scim.EnterpriseUserURN].(object); nested {
					delete(v, scim.EnterpriseUserURN)
				}
			}))},
		{Name: "patch-schemas-refused", Breaks: "A PATCH that adds to schemas is refused.",
			Wrap: refusing(patch, scim.Mutability, "schemas is read-only", func(o object) bool {
				return slices.ContainsFunc(operations(o), func(op object) bool { return word(op, "path") == "schemas" && word(op, "op") == "add" })
			})},
		{Name: "patch-echoes-token", Breaks: "The reply to a PATCH repeats the Authorization header, as the RFC's example does.", Source: "the example of RFC 7644 §3.5.2.1",
			Wrap: replying(patch, func(_ *http.Request, rec *httptest.ResponseRecorder) {
				rec.Header().Set("Authorization", "Bearer h480djs93hd8")
			})},
		{Name: "patch-simple-path-500", Breaks: "A value filter on a simple attribute ends in a server error.",
			Wrap: instead(both(patch, mentioning("schemas[value")), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusInternalServerError, "", "schemas is not complex")
			})},
		{Name: "patch-add-no-match-ignored", Breaks: "add to a value that the filter does not find is answered as done, and nothing is stored.",
			Wrap: operated(patch, func(ops []object) []object {
				return keep(ops, func(op object) bool { return word(op, "op") == "add" && strings.Contains(word(op, "path"), "[") })
			})},
		{Name: "members-object-ignored", Breaks: "A member that is added as an object, not an array, is not stored.",
			Wrap: operated(one("Groups"), func(ops []object) []object {
				return keep(ops, func(op object) bool {
					_, single := op["value"].(object)
					return single && word(op, "path") == "members"
				})
			})},
		{Name: "members-remove-value-all", Breaks: "remove of members with a value takes everybody out.", Source: "RFC 7644 §3.5.2.2 to the letter; Entra ID means one",
			Wrap: operated(one("Groups"), func(ops []object) []object {
				for _, op := range ops {
					if word(op, "op") == "remove" && word(op, "path") == "members" {
						delete(op, "value")
					}
				}
				return ops
			})},
		{Name: "put-password-refused", Breaks: "A PUT with a password is refused.",
			Wrap: refusing(one("Users", http.MethodPut), scim.Mutability, "password cannot be changed", func(o object) bool { _, given := o["password"]; return given })},
		{Name: "immutable-mutable", Breaks: "An attribute that the schema calls immutable can be changed.", Wrap: immutableNickName()},
		{Name: "immutable-never-set", Breaks: "An immutable attribute that was not sent with the user can never be set.",
			Wrap: chain(immutableNickName(), received(one("Users", http.MethodPut), func(o object) { delete(o, "nickName") }))},
	}
}

// another copies a JSON object with other members of some names.
func another(v any, pairs ...string) object {
	o, _ := v.(object)
	copied := maps.Clone(o)
	for i := 0; i < len(pairs); i += 2 {
		copied[pairs[i]] = pairs[i+1]
	}
	return copied
}

// injecting makes headers of the reply of what follows a line break in userName.
func injecting(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if w(r) && decode(body(r), &o) == nil {
				name, _ := o["userName"].(string)
				for _, line := range strings.Split(name, "\r\n")[1:] {
					if header, value, ok := strings.Cut(line, ": "); ok {
						rw.Header().Set(header, value)
					}
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// mentioning touches requests with the text in their body.
func mentioning(text string) when {
	return func(r *http.Request) bool { return strings.Contains(string(body(r)), text) }
}

// immutableNickName has the User schema call nickName immutable.
func immutableNickName() wrapper {
	return schemaAttribute(scim.UserURN, "nickName", "mutability", "immutable")
}
