// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// leaverFaults let somebody who left in again by a way that nobody meant.
func leaverFaults() []Fault {
	return []Fault{
		{Name: "leaver-returns-by-patch", Breaks: "Any PATCH that does not speak of active makes a user active.", Wrap: operated(one("Users"), func(ops []object) []object {
			if strings.Contains(string(encode(ops)), `active`) || len(ops) == 0 {
				return ops
			}
			return append(ops, object{"op": "replace", "path": "active", "value": true})
		})},
		{Name: "leaver-returns-by-put", Breaks: "A PUT without active makes a user active.", Wrap: received(one("Users", http.MethodPut), func(o object) {
			if o["active"] == nil {
				o["active"] = true
			}
		})},
		{Name: "leaver-returns-by-group", Breaks: "Whoever is pushed into a group becomes active.", Wrap: activatingMembers()},
		{Name: "leaver-returns-by-create", Breaks: "A create of a leaver makes them active, whatever it says.", Wrap: received(all("Users", http.MethodPost), func(o object) { o["active"] = true })},
		{Name: "leaver-returns-after-delete", Breaks: "A PUT to a user who was deleted creates them again.", Wrap: recreatingOnPut()},
		{Name: "leaver-listed-active", Breaks: "Lists show everybody as active.", Wrap: editingResources(all("Users", http.MethodGet), func(o object) {
			if o["active"] == false {
				o["active"] = true
			}
		})},
		{Name: "leaver-filter-active", Breaks: "active in a filter is ignored.", Wrap: queried(all("Users", http.MethodGet), func(q url.Values) {
			q.Set("filter", strings.ReplaceAll(q.Get("filter"), " and active eq true", ""))
		})},
		{Name: "leaver-toggled", Breaks: "Switching somebody off a second time switches them on.", Wrap: togglingActive()},
		{Name: "leaver-late-operation", Breaks: "Only the first two operations of a PATCH are applied.", Wrap: operated(one("Users"), func(ops []object) []object { return ops[:min(2, len(ops))] })},
	}
}

// patchUser sends an operation about a user to the wrapped handler, in the
// clothes of another request.
func patchUser(next http.Handler, r *http.Request, id string, op object) {
	patch := r.Clone(r.Context())
	at := strings.LastIndex(patch.URL.Path, "/Groups")
	if at >= 0 {
		patch.URL.Path = patch.URL.Path[:at] + "/Users/" + id
		patch.URL.RawPath = ""
	}
	patch.Method, patch.URL.RawQuery = http.MethodPatch, ""
	setBody(patch, encode(object{"schemas": []string{scim.PatchOpURN}, "Operations": []object{op}}))
	record(next, patch)
}

// activatingMembers makes each user active who is named as a member.
func activatingMembers() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			b := body(r)
			rec := record(next, r)
			if on("Groups", http.MethodPost, http.MethodPut, http.MethodPatch)(r) && rec.Code < 300 {
				var o object
				_ = decode(b, &o)
				lists := []any{o["members"]}
				for _, op := range operations(o) {
					lists = append(lists, op["value"])
				}
				for _, list := range lists {
					members, _ := list.([]any)
					for _, m := range members {
						if m, ok := m.(object); ok {
							id, _ := m["value"].(string)
							patchUser(next, r, id, object{"op": "replace", "path": "active", "value": true})
						}
					}
				}
			}
			send(rw, rec)
		})
	}
}

// recreatingOnPut answers a PUT to somebody who is not there by creating them.
func recreatingOnPut() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			b := body(r)
			rec := record(next, r)
			if one("Users", http.MethodPut)(r) && rec.Code == http.StatusNotFound {
				post := r.Clone(r.Context())
				post.Method, post.URL.Path = http.MethodPost, r.URL.Path[:strings.LastIndex(r.URL.Path, "/")]
				setBody(post, b)
				if again := record(next, post); again.Code < 300 {
					again.Code = http.StatusOK
					rec = again
				}
			}
			send(rw, rec)
		})
	}
}

// togglingActive makes a user active who is switched off while inactive.
func togglingActive() wrapper {
	return func(next http.Handler) http.Handler {
		off := newSet()
		return replying(one("Users", http.MethodPatch, http.MethodPut), func(r *http.Request, rec *httptest.ResponseRecorder) {
			var o object
			if decode(rec.Body.Bytes(), &o) != nil || o["active"] != false {
				return
			}
			id, _ := o["id"].(string)
			if !off.has(id) {
				off.add(id)
				return
			}
			patchUser(next, r, id, object{"op": "replace", "path": "active", "value": true})
		})(next)
	}
}
