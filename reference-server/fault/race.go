// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"sync"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
)

// raceFaults break what several requests do to the same thing at once, and what
// one undoes of another.
func raceFaults() []Fault {
	nameOf := func(r *http.Request) string {
		var o object
		_ = decode(body(r), &o)
		return word(o, "userName")
	}
	return []Fault{
		{Name: "create-race", Breaks: "Creates of one userName at the same time all succeed: it is looked up before the insert.",
			Wrap: racing(on("Users", http.MethodPost), nameOf, func(next http.Handler, rw http.ResponseWriter, r *http.Request) {
				rec := record(next, r)
				acceptDuplicate(r, rec)
				send(rw, rec)
			})},
		{Name: "if-match-race", Breaks: "Writes with one version at the same time all succeed: it is compared before the write.",
			Wrap: racing(one("Users", http.MethodPut), func(r *http.Request) string { return r.URL.Path }, func(next http.Handler, rw http.ResponseWriter, r *http.Request) {
				r = r.Clone(r.Context())
				r.Header.Del("If-Match")
				next.ServeHTTP(rw, r)
			})},
		{Name: "if-match-current-409", Breaks: "A write with the current version is refused with 409.",
			Wrap: instead(both(one("Users", http.MethodPut), func(r *http.Request) bool { m := r.Header.Get("If-Match"); return m != "" && m != "*" }),
				func(rw http.ResponseWriter, _ *http.Request) {
					refuse(rw, http.StatusConflict, "", "somebody else is writing")
				})},
		{Name: "group-ref-refused", Breaks: "A PUT of a group whose members have $ref, as they are returned, is refused.",
			Wrap: refusing(one("Groups", http.MethodPut), scim.InvalidValue, "unknown attribute $ref", func(o object) bool {
				members, _ := o["members"].([]any)
				for _, m := range members {
					if m, ok := m.(object); ok && m["$ref"] != nil {
						return true
					}
				}
				return false
			})},
		{Name: "patch-remove-leaves-dash", Breaks: "remove of a sub-attribute leaves a dash in its place.", Wrap: operated(one("Users", http.MethodPatch), func(ops []object) []object {
			for _, op := range ops {
				if word(op, "op") == "remove" && word(op, "path") == "name.middlename" {
					op["op"], op["value"] = "replace", "-"
				}
			}
			return ops
		})},
	}
}

// racing holds requests for a moment, and has those that overlap with another of
// the same key answered by all; the rest go on as they are.
func racing(w when, key func(*http.Request) string, crowded func(next http.Handler, rw http.ResponseWriter, r *http.Request)) wrapper {
	type run struct {
		n     int
		crowd bool
	}
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		running := map[string]*run{}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			k := key(r)
			mu.Lock()
			if running[k] == nil {
				running[k] = &run{}
			}
			own := running[k]
			own.n++
			own.crowd = own.crowd || own.n > 1
			mu.Unlock()
			select { // so that they meet
			case <-time.After(20 * time.Millisecond):
			case <-r.Context().Done():
			}
			mu.Lock()
			crowd := own.crowd
			mu.Unlock()
			if crowd {
				crowded(next, rw, r)
			} else {
				next.ServeHTTP(rw, r)
			}
			mu.Lock()
			defer mu.Unlock()
			if own.n--; own.n == 0 {
				delete(running, k)
			}
		})
	}
}
