// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
)

// slow is longer than Okta's suite waits for a list of groups.
const slow = 700 * time.Millisecond

// gateFaults break what the acceptance tests of Okta and Microsoft look at.
func gateFaults() []Fault {
	user, group := one("Users", http.MethodPatch), one("Groups", http.MethodPatch)
	crash := func(rw http.ResponseWriter, _ *http.Request) {
		refuse(rw, http.StatusInternalServerError, "", "internal error")
	}
	anyValue := func(bad func(op object) bool) func(object) bool {
		return func(o object) bool { return slices.ContainsFunc(operations(o), bad) }
	}
	return []Fault{
		{Name: "filter-not-not-refused", Breaks: "A second not within a not is refused.",
			Wrap: instead(filtering("not (not"), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusBadRequest, scim.InvalidFilter, "not is not expected here")
			})},
		{Name: "filter-null-500", Breaks: "A comparison with null ends in a server error.", Wrap: instead(filtering("eq null"), crash)},
		{Name: "path-undecoded", Breaks: "Ids are compared as they stand in the URL, not decoded.",
			Wrap: instead(both(one("Users"), func(r *http.Request) bool { return strings.Contains(r.URL.EscapedPath(), "%") }), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusNotFound, "", "no such user")
			})},
		{Name: "start-needs-count", Breaks: "startIndex is ignored in a query without count.",
			Wrap: queried(func(r *http.Request) bool { return asking("startIndex")(r) && !asking("count")(r) }, func(q url.Values) { q.Del("startIndex") })},
		{Name: "groups-slow", Breaks: "A list of groups takes most of a second.", Wrap: asked(all("Groups", http.MethodGet), func(r *http.Request) {
			select {
			case <-time.After(slow):
			case <-r.Context().Done():
			}
		})},
		{Name: "put-active-default-false", Breaks: "A PUT without active deactivates the user.",
			Wrap: received(one("Users", http.MethodPut), func(o object) {
				if _, there := o["active"]; !there {
					o["active"] = false
				}
			})},
		{Name: "read-after-write-stale", Breaks: "A read right after a PATCH shows the user as it was before.", Source: "Okta developer forum 14380", Wrap: staleOnce()},
		{Name: "put-username-ignored", Breaks: "A new userName in a PUT is accepted and ignored.",
			Wrap: received(one("Users", http.MethodPut), func(o object) { delete(o, "userName") })},
		{Name: "pathless-urn-ignored", Breaks: "Members of a value without a path that are named by a URN are ignored.",
			Wrap: operated(user, editValues(func(v object) {
				for name := range v {
					if strings.HasPrefix(name, "urn:") && !strings.HasSuffix(name, ":User") {
						delete(v, name)
					}
				}
			}))},
		{Name: "pathless-dotted-ignored", Breaks: "Members of a value without a path that have a dotted name are ignored.",
			Wrap: operated(user, editValues(func(v object) {
				for name := range v {
					if strings.HasPrefix(name, "name.") {
						delete(v, name)
					}
				}
			}))},
		{Name: "patch-null-refused", Breaks: "null as the value of a PATCH is refused.",
			Wrap: refusing(user, scim.InvalidValue, "a value is wanted", anyValue(func(op object) bool { v, there := op["value"]; return there && v == nil }))},
		{Name: "patch-empty-object-500", Breaks: "An empty object as the value of a PATCH ends in a server error.", Source: "Stack Overflow 77655790 shows the request",
			Wrap: instead(both(user, mentioning(`"value":{}`)), crash)},
		{Name: "manager-replace-refused", Breaks: "A manager can be added and removed, and not replaced.",
			Wrap: refusing(user, scim.InvalidPath, "manager cannot be replaced", anyValue(func(op object) bool {
				return word(op, "op") == "replace" && strings.HasSuffix(word(op, "path"), ":manager")
			}))},
		{Name: "manager-filter-500", Breaks: "A filter on manager ends in a server error.", Wrap: instead(filtering("manager eq"), crash)},
		{Name: "group-external-id-ignored", Breaks: "A new externalId of a group is accepted and ignored.",
			Wrap: operated(group, editValues(func(v object) { delete(v, "externalId") }))},
		{Name: "group-schema-unknown-refused", Breaks: "A group whose schemas names one that is not known is refused.",
			Wrap: refusing(all("Groups", http.MethodPost), scim.InvalidValue, "unknown schema", func(o object) bool {
				list, _ := o["schemas"].([]any)
				return slices.ContainsFunc(list, func(s any) bool { urn, _ := s.(string); return !strings.HasPrefix(urn, "urn:ietf:") })
			})},
		{Name: "group-same-name-409", Breaks: "A rename of a group to the name it has is refused as a duplicate.",
			Wrap: conflictOnSameName()},
		{Name: "group-name-kept-after-delete", Breaks: "The name of a deleted group stays taken.", Wrap: namesStayTaken()},
		{Name: "group-delete-idempotent", Breaks: "A DELETE of a group that is not there is answered with 204.",
			Wrap: replying(one("Groups", http.MethodDelete), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusNotFound {
					rec.Code = http.StatusNoContent
					rec.Body.Reset()
				}
			})},
		{Name: "list-no-given-name", Breaks: "Listed users lack their given name.",
			Wrap: editing(all("Users", http.MethodGet), func(o object) {
				eachResource(o, func(u object) {
					if name, ok := u["name"].(object); ok {
						delete(name, "givenName")
					}
				})
			})},
		{Name: "create-urn-object-400", Breaks: "A create with an object named by the core User's URN is refused.",
			Wrap: refusing(all("Users", http.MethodPost), scim.InvalidSyntax, "unknown attribute", func(o object) bool { return o[scim.UserURN] != nil })},
		{Name: "groups-page-first-only", Breaks: "Every page of groups is the first one.",
			Wrap: queried(both(all("Groups", http.MethodGet), asking("startIndex")), func(q url.Values) { q.Set("startIndex", "1") })},
	}
}

// staleOnce answers the first read after each PATCH of a user with what the
// last read before it showed.
func staleOnce() wrapper {
	return func(next http.Handler) http.Handler {
		before := newKept()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, id := endpoint(r)
			switch {
			case one("Users", http.MethodPatch)(r):
				read := r.Clone(r.Context())
				read.Method = http.MethodGet
				patch := body(r)
				setBody(read, nil)
				before.put(id, record(next, read))
				setBody(r, patch)
			case one("Users", http.MethodGet)(r):
				if old, ok := before.get(id).(*httptest.ResponseRecorder); ok && old.Code == http.StatusOK {
					before.put(id, nil)
					send(rw, old)
					return
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// conflictOnSameName refuses a PATCH that gives a group the name it has.
func conflictOnSameName() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if one("Groups", http.MethodPatch)(r) {
				var now, o object
				sent := body(r)
				read := r.Clone(r.Context())
				read.Method = http.MethodGet
				setBody(read, nil)
				_ = decode(record(next, read).Body.Bytes(), &now)
				setBody(r, sent)
				if decode(sent, &o) == nil && slices.ContainsFunc(operations(o), func(op object) bool {
					v, ok := op["value"].(object)
					return ok && v["displayName"] != nil && v["displayName"] == now["displayName"]
				}) {
					refuse(rw, http.StatusConflict, scim.Uniqueness, "displayName is taken")
					return
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// namesStayTaken refuses a new group whose name one had before it.
func namesStayTaken() wrapper {
	return func(next http.Handler) http.Handler {
		taken := newSet()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if all("Groups", http.MethodPost)(r) && decode(body(r), &o) == nil {
				if name, ok := o["displayName"].(string); ok {
					if taken.has(name) {
						refuse(rw, http.StatusConflict, scim.Uniqueness, "displayName is taken")
						return
					}
					taken.add(name)
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}
