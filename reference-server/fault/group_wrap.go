// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
)

// The wrappers of groupFaults that need to know what is stored.

// withStored lets act see a PATCH, PUT or DELETE of a group and what is stored.
// act answers by itself or passes on.
func withStored(w when, act func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			var sent object
			b := body(r)
			_ = decode(b, &sent)
			stored := current(next, r)
			setBody(r, b)
			act(next, rw, r, stored, sent)
		})
	}
}

// values lists the ids of members in a list or in operations.
func values(v any) []string {
	var ids []string
	for _, m := range regexp.MustCompile(`"value":"([^"]+)"|value eq \\"([^"\\]+)\\"`).FindAllStringSubmatch(string(encode(v)), -1) {
		ids = append(ids, m[1]+m[2])
	}
	return ids
}

// puttingMembers replaces the members of a PUT by what combine makes of them.
func puttingMembers(combine func(stored, sent []any) []any) wrapper {
	return withStored(one("Groups", http.MethodPut), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object) {
		old, _ := stored["members"].([]any)
		list, _ := sent["members"].([]any)
		sent["members"] = combine(old, list)
		setBody(r, encode(sent))
		next.ServeHTTP(rw, r)
	})
}

// refusingPresent refuses to add members who are there (added) or to remove
// some who are not.
func refusingPresent(added bool, status int) wrapper {
	return withStored(one("Groups", http.MethodPatch), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object) {
		present := values(stored["members"])
		for _, op := range operations(sent) {
			if want := map[bool]string{true: "add", false: "remove"}[added]; word(op, "op") != want {
				continue
			}
			for _, id := range values(op) {
				if slices.Contains(present, id) == added {
					refuse(rw, status, "", "member is there already, or is not")
					return
				}
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// echoingPatch answers a PATCH with the message it was sent.
func echoingPatch(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			sent := body(r)
			rec := record(next, r)
			if rec.Code == http.StatusOK {
				rec.Body = bytes.NewBuffer(sent)
			}
			send(rw, rec)
		})
	}
}

// takingGroups makes a user a member of the groups that are sent with it.
func takingGroups() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !writes("Users")(r) {
				next.ServeHTTP(rw, r)
				return
			}
			var sent, made object
			_ = decode(body(r), &sent)
			rec := record(next, r)
			if rec.Code < http.StatusMultipleChoices && decode(rec.Body.Bytes(), &made) == nil {
				base, _, _ := strings.Cut(r.URL.Path, "/Users")
				for _, group := range values(sent["groups"]) {
					join := r.Clone(r.Context())
					join.Method, join.URL.Path, join.URL.RawQuery = http.MethodPatch, base+"/Groups/"+group, ""
					setBody(join, encode(object{"schemas": []string{scim.PatchOpURN}, "Operations": []object{
						{"op": "add", "path": "members", "value": []object{{"value": made["id"]}}},
					}}))
					record(next, join)
				}
			}
			send(rw, rec)
		})
	}
}

// refusingSameName refuses a rename that changes nothing.
func refusingSameName() wrapper {
	return withStored(one("Groups", http.MethodPatch), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object) {
		for _, op := range operations(sent) {
			if v, ok := op["value"].(object); ok && v["displayName"] != nil && v["displayName"] == stored["displayName"] {
				refuse(rw, http.StatusConflict, "uniqueness", "a group with that name exists")
				return
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// deletingMembers deletes the members of a group before the group.
func deletingMembers() wrapper {
	return withStored(one("Groups", http.MethodDelete), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, _ object) {
		for _, id := range values(stored["members"]) {
			del := r.Clone(r.Context())
			base, _, _ := strings.Cut(r.URL.Path, "/Groups/")
			del.URL.Path = base + "/Users/" + id
			record(next, del)
		}
		next.ServeHTTP(rw, r)
	})
}

// duplicatingMembers shows a member twice once it was added a second time.
func duplicatingMembers() wrapper {
	var mu sync.Mutex
	twice := map[string]bool{}
	return chain(
		withStored(one("Groups", http.MethodPatch), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object) {
			present := values(stored["members"])
			mu.Lock()
			for _, op := range operations(sent) {
				for _, id := range values(op) {
					if word(op, "op") == "add" && slices.Contains(present, id) {
						twice[id] = true
					}
				}
			}
			mu.Unlock()
			next.ServeHTTP(rw, r)
		}),
		editing(one("Groups"), func(o object) {
			list, _ := o["members"].([]any)
			mu.Lock()
			defer mu.Unlock()
			for _, id := range values(o["members"]) {
				if twice[id] {
					list = append(list, object{"value": id})
				}
			}
			if list != nil {
				o["members"] = list
			}
		}))
}

// rememberingMembers shows members of a group for ever.
func rememberingMembers() wrapper {
	var mu sync.Mutex
	deleted := map[string]string{} // user: group
	members := map[string][]string{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, id := endpoint(r)
			rec := record(next, r)
			mu.Lock()
			if one("Users", http.MethodDelete)(r) {
				for group, ids := range members {
					if slices.Contains(ids, id) {
						deleted[id] = group
					}
				}
			}
			if on("Groups")(r) && rec.Code < 300 {
				editBody(rec, func(o object) {
					group, _ := o["id"].(string)
					members[group] = append(members[group], values(o["members"])...)
					list, _ := o["members"].([]any)
					for user, g := range deleted {
						if g == group {
							list = append(list, object{"value": user})
						}
					}
					if list != nil {
						o["members"] = list
					}
				})
			}
			mu.Unlock()
			send(rw, rec)
		})
	}
}

// racyMembers turns an add of members into read, wait, write.
func racyMembers() wrapper {
	return withStored(one("Groups", http.MethodPatch), func(next http.Handler, rw http.ResponseWriter, r *http.Request, stored, sent object) {
		ops := operations(sent)
		if len(ops) != 1 || word(ops[0], "op") != "add" || !strings.HasPrefix(word(ops[0], "path"), "members") {
			next.ServeHTTP(rw, r)
			return
		}
		<-time.After(5 * time.Millisecond) // what others write in between is lost
		old, _ := stored["members"].([]any)
		added, _ := ops[0]["value"].([]any)
		ops[0]["op"], ops[0]["value"] = "replace", append(slices.Clone(old), added...)
		sent["Operations"] = ops
		setBody(r, encode(sent))
		next.ServeHTTP(rw, r)
	})
}
