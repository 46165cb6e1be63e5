// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// commonFaults break schemas of resources, the attributes that all resources
// have, uniqueness, and the enterprise extension, RFC 7643 §3 and §4.3.
func commonFaults() []Fault {
	users := on("Users")
	post := all("Users", http.MethodPost)
	extension := func(edit func(object)) wrapper {
		return editingResources(users, func(o object) {
			if e, ok := o[scim.EnterpriseUserURN].(object); ok {
				edit(e)
			}
		})
	}
	return []Fault{
		{Name: "schemas-not-asked-for", Breaks: "A user is created whatever schemas says.", Wrap: received(writes("Users"), func(o object) {
			o["schemas"] = []any{scim.UserURN, scim.EnterpriseUserURN}
		})},
		{Name: "schemas-echoed", Breaks: "schemas of a user is what the client sent.", Wrap: echoingSchemas()},
		{Name: "schemas-of-the-product", Breaks: "schemas of a user names a schema that ResourceTypes does not have.", Wrap: editingResources(users, func(o object) {
			if list, ok := o["schemas"].([]any); ok && o["userName"] != nil {
				o["schemas"] = append(slices.Clone(list), "urn:example:product:1.0:User")
			}
		})},
		{Name: "common-not-projected", Breaks: "externalId and meta that a query asks for are left out.", Wrap: editing(both(users, asking("attributes")), func(o object) {
			delete(o, "externalId")
			delete(o, "meta")
		})},
		{Name: "meta-always", Breaks: "meta is returned whatever a query leaves out.", Wrap: editing(both(one("Users"), func(r *http.Request) bool {
			return asking("attributes")(r) || asking("excludedAttributes")(r)
		}), func(o object) { o["meta"] = object{"resourceType": "User"} })},
		{Name: "group-nested-500", Breaks: "A group with a group as member is answered with 500.",
			Wrap: replyingTo(all("Groups", http.MethodPost), func(o object) bool { return strings.Contains(string(encode(o["members"])), `"Group"`) }, refuse500)},
		{Name: "displayname-unique", Breaks: "A second user with the same displayName is refused.", Wrap: refusingAgain(post, "displayName")},
		{Name: "externalid-unique", Breaks: "A second user with the same externalId is refused.", Wrap: refusingAgain(post, "externalId")},
		{Name: "externalid-of-all-tenants", Breaks: "A filter by externalId finds users of every tenant.", Wrap: findingEverywhere()},
		{Name: "enterprise-numbers", Breaks: "Numbers of the enterprise extension lose their leading zeros.", Wrap: extension(func(e object) {
			if s, ok := e["employeeNumber"].(string); ok {
				e["employeeNumber"] = strings.TrimLeft(s, "0")
			}
		})},
		{Name: "enterprise-lists", Breaks: "A list that is sent as division is kept as a list.", Wrap: keepingDivisions()},
		{Name: "manager-name-kept", Breaks: "The displayName of a manager is what the client sent.", Wrap: keepingManagerNames()},
		{Name: "config-claims-passwords", Breaks: "ServiceProviderConfig says that passwords can be changed, and PATCH refuses them.",
			Wrap: chain(editing(on("ServiceProviderConfig"), func(o object) { o["changePassword"] = object{"supported": true} }),
				refusing(one("Users", http.MethodPatch), scim.Mutability, "password cannot be changed", func(o object) bool {
					return slices.ContainsFunc(operations(o), func(op object) bool { return word(op, "path") == "password" })
				}))},
		{Name: "content-location-differs", Breaks: "Content-Location is the path of the product's own API.", Wrap: replying(one("Users"), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			rec.Header().Set("Content-Location", "/api/v2/users/1")
		})},
		{Name: "etag-strong", Breaks: "The ETag is strong, and the same for every selection of attributes.", Wrap: chain(asked(users, func(r *http.Request) {
			for _, name := range []string{"If-Match", "If-None-Match"} {
				if tag := r.Header.Get(name); strings.HasPrefix(tag, `"`) {
					r.Header.Set(name, "W/"+tag)
				}
			}
		}), chain(editingMeta(func(m object) {
			if v, ok := m["version"].(string); ok {
				m["version"] = strings.TrimPrefix(v, "W/")
			}
		}),
			replying(users, func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if tag := rec.Header().Get("ETag"); tag != "" {
					rec.Header().Set("ETag", strings.TrimPrefix(tag, "W/"))
				}
			})))},
	}
}

// echoingSchemas shows in every reply about a user what it was created with.
func echoingSchemas() wrapper {
	return rememberingBody(func(sent object) any { return sent["schemas"] }, func(u object, v any) { u["schemas"] = v })
}

// keepingDivisions takes a division that is a list, and remembers it.
func keepingDivisions() wrapper {
	return rememberingBody(func(sent object) any {
		e, _ := sent[scim.EnterpriseUserURN].(object)
		list, ok := e["division"].([]any)
		if !ok {
			return nil
		}
		delete(e, "division")
		return list
	}, func(u object, v any) { u[scim.EnterpriseUserURN] = object{"division": v} })
}

// keepingManagerNames remembers the name that a client gave a manager.
func keepingManagerNames() wrapper {
	return rememberingBody(func(sent object) any {
		e, _ := sent[scim.EnterpriseUserURN].(object)
		m, _ := e["manager"].(object)
		return m["displayName"]
	}, func(u object, v any) {
		e, _ := u[scim.EnterpriseUserURN].(object)
		if m, ok := e["manager"].(object); ok {
			m["displayName"] = v
		}
	})
}

// refusingAgain answers 409 to a second POST with the same value of an attribute.
func refusingAgain(w when, name string) wrapper {
	return func(next http.Handler) http.Handler {
		seen := newSet()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if w(r) && decode(body(r), &o) == nil && o[name] != nil {
				v := string(encode(o[name]))
				if seen.has(v) {
					refuse(rw, http.StatusConflict, scim.Uniqueness, name+" is taken")
					return
				}
				seen.add(v)
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// findingEverywhere answers filters by externalId from what all clients created.
func findingEverywhere() wrapper {
	return func(next http.Handler) http.Handler {
		users := newKept()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if _, id, ok := strings.Cut(r.URL.Query().Get("filter"), `externalId eq "`); ok && on("Users")(r) {
				if u := users.get(strings.TrimSuffix(id, `"`)); u != nil {
					writeJSON(rw, http.StatusOK, object{"schemas": []string{scim.ListResponseURN}, "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": []any{u}})
					return
				}
			}
			rec := record(next, r)
			if rec.Code == http.StatusCreated {
				editBody(rec, func(o object) {
					if id, ok := o["externalId"].(string); ok {
						users.put(id, o)
					}
				})
			}
			send(rw, rec)
		})
	}
}
