// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
)

// rightsFaults break what each kind of token may do, and how a refusal is
// explained, RFC 7644 §2, §3.11, §6 and §7.4, RFC 6750 §3.
func rightsFaults() []Fault {
	challenge := func(change func(r *http.Request, header string) string) wrapper {
		return replying(on(""), func(r *http.Request, rec *httptest.ResponseRecorder) {
			if c := rec.Header().Get("WWW-Authenticate"); c != "" {
				rec.Header().Set("WWW-Authenticate", change(r, c))
			}
		})
	}
	me := on("Me", http.MethodGet)
	return []Fault{
		{Name: "challenge-bare", Breaks: "The challenge of a 401 is the word Bearer alone.",
			Wrap: challenge(func(*http.Request, string) string { return "Bearer" })},
		{Name: "challenge-twice", Breaks: "The challenge of a 401 names error twice.",
			Wrap: challenge(func(_ *http.Request, c string) string { return c + `, error="invalid_request", error="invalid_token"` })},
		{Name: "challenge-unexplained", Breaks: "A wrong token is refused without saying that it is wrong.",
			Wrap: challenge(func(*http.Request, string) string { return `Bearer realm="scim"` })},
		{Name: "challenge-blames-nothing", Breaks: "A request without a token is told that its token is wrong.",
			Wrap: challenge(func(*http.Request, string) string { return `Bearer realm="scim", error="invalid_token"` })},
		{Name: "rights-ignored", Breaks: "Every token that is known may write, read and remove everything, of every tenant and for ever.", Wrap: borrowingFirst()},
		{Name: "rights-401", Breaks: "What a token may not do is answered with 401.", Wrap: answering(on(""), http.StatusForbidden, http.StatusUnauthorized)},
		{Name: "location-plain-http", Breaks: "meta.location is an http URL of the public host.",
			Wrap: editingMeta(func(m object) {
				text, _ := m["location"].(string)
				if at, err := url.Parse(text); err == nil {
					at.Scheme, at.Host = "http", "scim.example.com"
					m["location"] = at.String()
				}
			})},
		{Name: "me-400", Breaks: "/Me is answered with 400 where it is not served.", Wrap: answering(me, http.StatusNotImplemented, http.StatusBadRequest)},
		{Name: "me-located-at-me", Breaks: "Location of /Me is /Me.", Wrap: replying(me, func(r *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code != http.StatusNotImplemented {
				return
			}
			location := "http://" + r.Host + strings.TrimSuffix(r.URL.Path, "Me") + "Users/1"
			*rec = *httptest.NewRecorder()
			rec.Header().Set("Location", r.URL.Path)
			writeJSON(rec, http.StatusOK, object{
				"schemas": []string{scim.UserURN}, "id": "1", "userName": "me@example.test",
				"meta": object{"resourceType": "User", "location": location},
			})
		})},
	}
}

// borrowingFirst serves what a token may not do with the first token that was
// good.
func borrowingFirst() wrapper {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var good string
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if e, _ := endpoint(r); e == "" {
				next.ServeHTTP(rw, r)
				return
			}
			b := body(r)
			rec := record(next, r)
			mu.Lock()
			if h := r.Header.Get("Authorization"); good == "" && rec.Code < 300 {
				good = h
			}
			first := good
			mu.Unlock()
			if rec.Code >= 400 && r.Header.Get("Authorization") != first && len(r.Header.Get("Authorization")) > len("Bearer matrix") {
				r = r.Clone(r.Context())
				setBody(r, b)
				r.Header.Set("Authorization", first)
				rec = record(next, r)
			}
			send(rw, rec)
		})
	}
}
