// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
)

// createFaults break POST, RFC 7644 §3.3, and what is kept of it.
func createFaults() []Fault {
	post := func(name string) when { return all(name, http.MethodPost) }
	return []Fault{
		{Name: "create-200", Breaks: "A created resource is answered with 200.", Wrap: answering(post(""), http.StatusCreated, http.StatusOK)},
		{Name: "create-empty", Breaks: "A created resource is answered without a body.",
			Wrap: replying(post(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusCreated {
					rec.Body.Reset()
				}
			})},
		{Name: "create-no-id", Breaks: "A created resource has no id in the reply.", Wrap: editing(post(""), func(o object) { delete(o, "id") })},
		{Name: "create-no-location", Breaks: "A created resource is answered without a Location header.",
			Wrap: replying(post(""), func(_ *http.Request, rec *httptest.ResponseRecorder) { rec.Header().Del("Location") })},
		{Name: "location-differs", Breaks: "The Location header is not the resource's meta.location.",
			Wrap: replying(post(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if l := rec.Header().Get("Location"); l != "" {
					rec.Header().Set("Location", l+"-other")
				}
			})},
		{Name: "meta-missing", Breaks: "Resources have no meta.", Wrap: editingResources(resources(), func(o object) { delete(o, "meta") })},
		{Name: "meta-no-type", Breaks: "meta has no resourceType.", Wrap: editingMeta(func(m object) { delete(m, "resourceType") })},
		{Name: "meta-no-times", Breaks: "meta has neither created nor lastModified.",
			Wrap: editingMeta(func(m object) { delete(m, "created"); delete(m, "lastModified") })},
		{Name: "meta-bad-times", Breaks: "meta.created and meta.lastModified are no xsd:dateTime.",
			Wrap: editingMeta(func(m object) { m["created"], m["lastModified"] = "yesterday", "23/11/2026 12:00" })},
		{Name: "meta-location-elsewhere", Breaks: "meta.location leads to another host.",
			Wrap: editingMeta(func(m object) { m["location"] = "https://elsewhere.example/Users/1" })},
		{Name: "schemas-omitted", Breaks: "Resources do not name their schemas.", Wrap: editingResources(resources(), func(o object) { delete(o, "schemas") })},
		{Name: "id-from-client", Breaks: "The id that a client sends is taken.", Wrap: echoing("id", func(o object, v any) { o["id"] = v })},
		{Name: "meta-from-client", Breaks: "The meta that a client sends is taken.",
			Wrap: echoing("meta", func(o object, v any) {
				if sent, ok := v.(object); ok {
					if m, ok := o["meta"].(object); ok {
						maps.Copy(m, sent)
					}
				}
			})},
		{Name: "password-returned", Breaks: "The password is returned.", Wrap: echoing("password", func(o object, v any) { o["password"] = v })},
		{Name: "duplicate-accepted", Breaks: "A second user with the same userName is answered with 201.", Source: "Okta SPEC test 8",
			Wrap: replying(post("Users"), acceptDuplicate)},
		{Name: "duplicate-group-accepted", Breaks: "A second group with the same displayName is answered with 201.", Wrap: replying(post("Groups"), acceptDuplicate)},
		{Name: "duplicate-400", Breaks: "A duplicate is answered with 400.", Wrap: replying(post(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code == http.StatusConflict {
				rec.Code = http.StatusBadRequest
				editBody(rec, func(o object) { o["status"] = "400" })
			}
		})},
		{Name: "duplicate-500", Breaks: "A duplicate is answered with 500.", Wrap: answering(post(""), http.StatusConflict, http.StatusInternalServerError)},
		{Name: "duplicate-case-accepted", Breaks: "A userName that differs in letter case only is taken for another user's.", Wrap: caseSensitiveNames()},
		{Name: "required-ignored", Breaks: "A user without userName and a group without displayName are created.",
			Wrap: received(post(""), func(o object) {
				name := "userName"
				if _, group := o["members"]; group || strings.Contains(string(encode(o)), scim.GroupURN) {
					name = "displayName"
				}
				if o[name] == nil || o[name] == "" {
					o[name] = "unnamed-" + http.MethodPost
				}
			})},
		{Name: "externalid-dropped", Breaks: "externalId is not kept.", Wrap: received(writes(""), func(o object) { delete(o, "externalId") })},
		{Name: "externalid-invented", Breaks: "A user created without externalId has one.",
			Wrap: editingResources(on("Users"), func(o object) {
				if _, said := o["externalId"]; !said {
					o["externalId"] = o["id"]
				}
			})},
		{Name: "enterprise-dropped", Breaks: "The enterprise extension is not kept.", Wrap: received(writes("Users"), func(o object) { delete(o, scim.EnterpriseUserURN) })},
		{Name: "enterprise-unlisted", Breaks: "schemas does not name the enterprise extension although it is there.",
			Wrap: editingResources(on("Users"), func(o object) { o["schemas"] = []any{scim.UserURN} })},
		{Name: "enterprise-flattened", Breaks: "Attributes of the enterprise extension are returned at the top level.",
			Wrap: editingResources(on("Users"), func(o object) {
				if e, ok := o[scim.EnterpriseUserURN].(object); ok {
					delete(o, scim.EnterpriseUserURN)
					maps.Copy(o, e)
				}
			})},
		{Name: "extension-refused", Breaks: "An extension that the provider does not know is refused.",
			Wrap: refusing(writes("Users"), scim.InvalidSyntax, "unknown extension", func(o object) bool {
				for name := range o {
					if strings.HasPrefix(strings.ToLower(name), "urn:") && name != scim.EnterpriseUserURN && !strings.EqualFold(name, scim.UserURN) {
						return true
					}
				}
				return false
			})},
		{Name: "unknown-attribute-refused", Breaks: "Attributes that the provider does not know are refused, such as meta, groups and password.",
			Wrap: refusing(writes("Users"), scim.InvalidSyntax, "unknown attribute", func(o object) bool {
				return o["meta"] != nil || o["groups"] != nil || o["password"] != nil
			})},
		{Name: "emails-first-only", Breaks: "Only the first e-mail address is kept.", Wrap: received(writes("Users"), func(o object) { firstOnly(o, "emails") })},
		{Name: "names-mangled", Breaks: "Characters outside ASCII become question marks.",
			Wrap: asked(writes("Users"), func(r *http.Request) { setBody(r, ascii(body(r))) })},
		{Name: "values-lower-cased", Breaks: "Names are stored in lower case.",
			Wrap: received(writes("Users"), func(o object) {
				if n, ok := o["name"].(object); ok {
					for k, v := range n {
						if s, ok := v.(string); ok {
							n[k] = strings.ToLower(s)
						}
					}
				}
			})},
		{Name: "display-name-required", Breaks: "A user without displayName is refused.",
			Wrap: refusing(post("Users"), scim.InvalidValue, "displayName is required", func(o object) bool { return o["displayName"] == nil })},
		{Name: "email-required", Breaks: "A user without emails is refused, as Entra sends cloud-only people.",
			Wrap: refusing(post("Users"), scim.InvalidValue, "emails is required", func(o object) bool { return o["emails"] == nil })},
		{Name: "empty-values-refused", Breaks: "Empty text values are refused.",
			Wrap: refusing(writes("Users"), scim.InvalidValue, "empty value", func(o object) bool { return hasEmpty(o) })},
		{Name: "not-stored", Breaks: "A created user is acknowledged and then not there.", Source: "Okta does not read back what it created",
			Wrap: replying(one("Users", http.MethodGet), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusOK {
					rec.Code = http.StatusNotFound
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.ErrorURN}, "status": "404", "detail": "not found"}))
				}
			})},
		{Name: "id-number", Breaks: "id is a number.", Wrap: editingResources(on("Users"), func(o object) {
			if _, has := o["userName"]; has {
				o["id"] = 42
			}
		})},
	}
}

// resources touches requests to Users and Groups.
func resources() when {
	return func(r *http.Request) bool { return on("Users")(r) || on("Groups")(r) }
}

// writes touches POST and PUT to an endpoint.
func writes(name string) when { return on(name, http.MethodPost, http.MethodPut) }

func editingMeta(edit func(object)) wrapper {
	return editingResources(resources(), func(o object) {
		if m, ok := o["meta"].(object); ok {
			edit(m)
		}
	})
}

// echoing puts a member that POST or PUT carried into the reply.
func echoing(name string, put func(o object, sent any)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !writes("")(r) {
				next.ServeHTTP(rw, r)
				return
			}
			var sent object
			_ = decode(body(r), &sent)
			rec := record(next, r)
			if v, ok := sent[name]; ok && rec.Code < 300 {
				editBody(rec, func(o object) { put(o, v) })
			}
			send(rw, rec)
		})
	}
}

// acceptDuplicate turns 409 into 201 with an invented resource.
func acceptDuplicate(_ *http.Request, rec *httptest.ResponseRecorder) {
	if rec.Code != http.StatusConflict {
		return
	}
	rec.Code = http.StatusCreated
	rec.Body.Reset()
	rec.Body.Write(encode(object{"schemas": []string{scim.UserURN}, "id": "00000000-0000-4000-8000-000000000000"}))
}

// caseSensitiveNames answers 201 to a POST refused with 409 unless exactly that
// userName was created before.
func caseSensitiveNames() wrapper {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		seen := map[string]bool{}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !all("Users", http.MethodPost)(r) {
				next.ServeHTTP(rw, r)
				return
			}
			var o object
			_ = decode(body(r), &o)
			name, _ := o["userName"].(string)
			rec := record(next, r)
			mu.Lock()
			if rec.Code == http.StatusConflict && !seen[name] {
				acceptDuplicate(r, rec)
			}
			seen[name] = true
			mu.Unlock()
			send(rw, rec)
		})
	}
}

func firstOnly(o object, name string) {
	if list, ok := o[name].([]any); ok && len(list) > 1 {
		o[name] = list[:1]
	}
}

func ascii(b []byte) []byte {
	return []byte(strings.Map(func(r rune) rune {
		if r > 127 {
			return '?'
		}
		return r
	}, string(b)))
}

func hasEmpty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case object:
		for _, m := range v {
			if hasEmpty(m) {
				return true
			}
		}
	}
	return false
}
