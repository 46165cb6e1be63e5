// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
)

// lifecycleFaults break what happens to people: joiner, mover, leaver, returner.
func lifecycleFaults() []Fault {
	inactive := func(o object) bool { return o["active"] == false }
	attributes := func(edit func(object)) wrapper {
		return editing(shown("/api/v2/users"), func(o object) { eachData(o, edit) })
	}
	return []Fault{
		{Name: "inactive-404", Breaks: "An inactive user cannot be read.", Source: "Okta reads before it reactivates; Entra reads before it restores",
			Wrap: replying(one("Users", http.MethodGet), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				var o object
				if decode(rec.Body.Bytes(), &o) == nil && inactive(o) {
					rec.Code = http.StatusNotFound
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.ErrorURN}, "status": "404", "detail": "not found"}))
				}
			})},
		{Name: "deactivate-ignored", Breaks: "active false is accepted and ignored: a leaver keeps access.",
			Wrap: chain(operated(on("Users"), editActive(func(any) any { return true })), received(one("Users", http.MethodPut), func(o object) { o["active"] = true }))},
		{Name: "deactivate-put-ignored", Breaks: "active false in PUT is ignored.", Wrap: received(one("Users", http.MethodPut), func(o object) { o["active"] = true })},
		{Name: "deactivate-deletes", Breaks: "Deactivating a user deletes it.", Source: "Sentry documents this for active false",
			Wrap: deletingInactive()},
		{Name: "reactivate-ignored", Breaks: "active true is accepted and ignored: a returner stays locked out.",
			Wrap: chain(operated(on("Users"), editActive(func(v any) any {
				if v == true || v == "True" || v == "true" {
					return false
				}
				return v
			})), received(one("Users", http.MethodPut), func(o object) {
				if o["active"] == true {
					delete(o, "active")
				}
			}))},
		{Name: "deactivate-forgets", Breaks: "Deactivating a user drops the title and the names.",
			Wrap: replying(one("Users", http.MethodGet), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				editBody(rec, func(o object) {
					if inactive(o) {
						delete(o, "title")
						delete(o, "name")
						delete(o, "emails")
					}
				})
			})},
		{Name: "username-change-ignored", Breaks: "A new userName is accepted and ignored.", Wrap: operated(one("Users"), func(ops []object) []object {
			for _, op := range ops {
				if v, ok := op["value"].(object); ok {
					delete(v, "userName")
				}
			}
			return keep(ops, func(op object) bool { return word(op, "path") == "username" })
		})},
		{Name: "returner-refused", Breaks: "A person who was deleted cannot be created again.", Source: "better-auth#11111, fleetdm/fleet#53446",
			Profile: func(p *profiles.Profile) { p.Users.Returning = "conflict" }},
		{Name: "product-user-erased", Breaks: "Deleting a user erases it in the product and does not disable it.", Profile: func(p *profiles.Profile) { p.Users.Delete = "erase" }},
		{Name: "product-user-active", Breaks: "A new user is active in the product before anybody logged in.", Profile: func(p *profiles.Profile) { p.Users.Status = "active" }},
		{Name: "product-email-case", Breaks: "The product keeps the letter case of e-mail addresses.", Profile: func(p *profiles.Profile) { p.Users.LowerCase = false }},
		{Name: "product-leaver-active", Breaks: "The product never disables anybody: SCIM says inactive, access stays.", Wrap: attributes(func(a object) {
			if a["status"] == "Disabled" {
				a["status"], a["disabled"] = "Active", false
			}
		})},
		{Name: "product-returner-disabled", Breaks: "The product keeps a returner disabled although SCIM says active.", Wrap: stickyDisabled()},
		{Name: "product-user-missing", Breaks: "A created user never shows in the product.", Wrap: editing(shown("/api/v2/users"), func(o object) {
			if _, list := o["data"].([]any); list {
				o["data"] = []any{}
			}
		})},
		{Name: "product-no-title", Breaks: "title never reaches the product.", Wrap: attributes(func(a object) { a["title"] = nil })},
		{Name: "product-no-name", Breaks: "The name never reaches the product.", Wrap: attributes(func(a object) { a["name"] = nil })},
		{Name: "product-id-differs", Breaks: "The product knows a user by another id than SCIM.", Wrap: editing(shown("/api/v2/users"), func(o object) {
			list, _ := o["data"].([]any)
			for _, u := range list {
				if u, ok := u.(object); ok {
					u["id"] = "22222222-0000-4000-8000-000000000000"
				}
			}
		})},
	}
}

// eachData changes the attributes of each item in a JSON:API reply.
func eachData(o object, edit func(object)) {
	items, ok := o["data"].([]any)
	if !ok {
		items = []any{o["data"]}
	}
	for _, item := range items {
		if item, ok := item.(object); ok {
			if a, ok := item["attributes"].(object); ok {
				edit(a)
			}
		}
	}
}

// editActive changes the value that operations give to active.
func editActive(change func(any) any) func([]object) []object {
	return func(ops []object) []object {
		for _, op := range ops {
			if word(op, "path") == "active" {
				op["value"] = change(op["value"])
			}
			if v, ok := op["value"].(object); ok && v["active"] != nil {
				v["active"] = change(v["active"])
			}
		}
		return ops
	}
}

// deletingInactive deletes a user as soon as a reply shows it inactive.
func deletingInactive() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			var o object
			if one("Users", http.MethodPatch, http.MethodPut)(r) && decode(rec.Body.Bytes(), &o) == nil && o["active"] == false {
				del := r.Clone(r.Context())
				del.Method = http.MethodDelete
				setBody(del, nil)
				record(next, del)
			}
			send(rw, rec)
		})
	}
}

// stickyDisabled shows a user as disabled once it was.
func stickyDisabled() wrapper {
	return func(next http.Handler) http.Handler {
		gone := newSet()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			if one("Users", http.MethodPatch, http.MethodPut)(r) {
				var o object
				if decode(rec.Body.Bytes(), &o) == nil && o["active"] == false {
					gone.add(o["id"])
				}
			}
			if shown("/api/v2/users")(r) {
				editBody(rec, func(o object) {
					items, ok := o["data"].([]any)
					if !ok {
						items = []any{o["data"]}
					}
					for _, u := range items {
						if u, ok := u.(object); ok && gone.has(u["id"]) {
							if a, ok := u["attributes"].(object); ok {
								a["status"], a["disabled"] = "Disabled", true
							}
						}
					}
				})
			}
			send(rw, rec)
		})
	}
}
