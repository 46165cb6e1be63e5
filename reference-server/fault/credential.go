// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"strings"
	"sync"
)

// credentialFaults take credentials that are almost right, or refuse right ones.
func credentialFaults() []Fault {
	header := func(right func(given, good string) bool) wrapper {
		return lending(func(r *http.Request, good string) bool {
			given := r.Header.Get("Authorization")
			return given != "" && right(given, good)
		})
	}
	return []Fault{
		{Name: "auth-prefix-enough", Breaks: "The beginning of a token opens.", Wrap: header(func(given, good string) bool {
			return len(given) > len("Bearer ") && strings.HasPrefix(good, given)
		})},
		{Name: "auth-rest-ignored", Breaks: "What stands behind a token is ignored.", Wrap: header(strings.HasPrefix)},
		{Name: "auth-any-scheme", Breaks: "The name of the scheme is ignored.", Wrap: header(func(given, good string) bool {
			_, token, _ := strings.Cut(given, " ")
			return "Bearer "+token == good
		})},
		{Name: "auth-scheme-case", Breaks: "The word Bearer is wanted in just these letters.", Wrap: instead(func(r *http.Request) bool {
			e, _ := endpoint(r)
			return e != "" && strings.HasPrefix(r.Header.Get("Authorization"), "bearer ")
		}, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("WWW-Authenticate", `Bearer realm="scim"`)
			refuse(rw, http.StatusUnauthorized, "", "a bearer token is required")
		})},
		{Name: "auth-token-in-query", Breaks: "A token in the query of a URL opens.", Wrap: asked(asking("access_token"), func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+r.URL.Query().Get("access_token"))
		})},
	}
}

// lending gives requests whose credentials are almost right those that were
// good first.
func lending(almost func(r *http.Request, good string) bool) wrapper {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var good string
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			e, _ := endpoint(r)
			if e == "" {
				next.ServeHTTP(rw, r)
				return
			}
			mu.Lock()
			first := good
			mu.Unlock()
			if first != "" && r.Header.Get("Authorization") != first && almost(r, first) {
				r = r.Clone(r.Context())
				r.Header.Set("Authorization", first)
			}
			given := r.Header.Get("Authorization")
			rec := record(next, r)
			if rec.Code < 300 && given != "" {
				mu.Lock()
				if good == "" {
					good = given
				}
				mu.Unlock()
			}
			send(rw, rec)
		})
	}
}
