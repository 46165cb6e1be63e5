// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
)

// transportFaults break authentication, media types and error messages,
// RFC 7644 §2, §3.1, §3.8 and §3.12.
func transportFaults() []Fault {
	write := []string{http.MethodPost, http.MethodPut, http.MethodPatch}
	return []Fault{
		{Name: "auth-open", Breaks: "Requests without credentials are served.", Source: "Jans #8, scim-for-keycloak #8",
			Wrap: borrowing(func(h string) bool { return h == "" })},
		{Name: "auth-empty-bearer", Breaks: "An empty or null bearer token passes.", Source: "ToolJet #16217",
			Wrap: borrowing(func(h string) bool {
				return strings.HasPrefix(h, "Bearer") && len(strings.TrimSpace(strings.TrimPrefix(h, "Bearer"))) < 5
			})},
		{Name: "auth-any-token", Breaks: "Any bearer token passes.",
			Wrap: borrowing(func(h string) bool { return strings.HasPrefix(h, "Bearer ") && len(h) > 12 })},
		{Name: "auth-403", Breaks: "Bad credentials are answered with 403.", Wrap: answering(on(""), http.StatusUnauthorized, http.StatusForbidden)},
		{Name: "auth-html", Breaks: "Bad credentials are answered with an HTML page.", Source: "an edge proxy in front of the service",
			Wrap: html(http.StatusUnauthorized)},
		{Name: "auth-no-challenge", Breaks: "401 comes without WWW-Authenticate.",
			Wrap: replying(on(""), func(_ *http.Request, rec *httptest.ResponseRecorder) { rec.Header().Del("WWW-Authenticate") })},
		{Name: "auth-after-lookup", Breaks: "An unknown id is answered with 404 before credentials are looked at.",
			Wrap: instead(both(one("Users"), func(r *http.Request) bool { return r.Header.Get("Authorization") == "" }), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusNotFound, "", "no such user")
			})},
		{Name: "user-agent-required", Breaks: "Requests without a User-Agent are refused, which Entra never sends.", Source: "kortix-ai/suna#7297",
			Wrap: instead(both(on(""), func(r *http.Request) bool { return r.Header.Get("User-Agent") == "" }), func(rw http.ResponseWriter, _ *http.Request) {
				http.Error(rw, "<html>forbidden</html>", http.StatusForbidden)
			})},
		{Name: "accept-required", Breaks: "Requests without an Accept header are refused with 406.", Source: "MicrosoftDocs/azure-docs#94189",
			Wrap: instead(both(on(""), func(r *http.Request) bool { return r.Header.Get("Accept") == "" }), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusNotAcceptable, "", "say what you accept")
			})},
		{Name: "media-type-html", Breaks: "Replies call themselves text/html.", Wrap: typed("text/html; charset=utf-8")},
		{Name: "media-type-none", Breaks: "Replies call themselves application/octet-stream.", Wrap: typed("application/octet-stream")},
		{Name: "media-type-scim-refused", Breaks: "Bodies sent as application/scim+json are refused with 415.",
			Wrap: refusingType(write, func(ct string) bool { return strings.HasPrefix(ct, scim.MediaType) })},
		{Name: "media-type-json-refused", Breaks: "Bodies sent as application/json are refused with 415.",
			Wrap: refusingType(write, func(ct string) bool { return strings.HasPrefix(ct, scim.MediaTypeJSON) })},
		{Name: "media-type-charset-refused", Breaks: "A charset parameter on the Content-Type is refused with 415.",
			Wrap: refusingType(write, func(ct string) bool { return strings.Contains(ct, "charset") })},
		{Name: "media-type-any", Breaks: "A body of any media type is read as JSON.",
			Wrap: asked(on("", write...), func(r *http.Request) { r.Header.Set("Content-Type", scim.MediaType) })},
		{Name: "get-with-content-type-refused", Breaks: "GET with a Content-Type is refused, as Okta's test suite sends it.",
			Wrap: refusingType([]string{http.MethodGet}, func(ct string) bool { return ct != "" })},
		{Name: "error-no-schema", Breaks: "Errors do not name the Error schema.", Wrap: editingErrors(on(""), func(o object) { delete(o, "schemas") })},
		{Name: "error-status-number", Breaks: "The status member of errors is a number.",
			Wrap: replying(on(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code >= 400 {
					editBody(rec, func(o object) { o["status"] = rec.Code })
				}
			})},
		{Name: "error-status-other", Breaks: "The status member of errors is always 400.", Wrap: editingErrors(on(""), func(o object) { o["status"] = "400" })},
		{Name: "error-no-detail", Breaks: "Errors carry no detail that an administrator could read.", Wrap: editingErrors(on(""), func(o object) { delete(o, "detail") })},
		{Name: "error-no-scimtype", Breaks: "Errors carry no scimType.", Wrap: editingErrors(on(""), func(o object) { delete(o, "scimType") })},
		{Name: "error-html", Breaks: "404 is answered with an HTML page.", Wrap: html(http.StatusNotFound)},
		{Name: "error-400-html", Breaks: "400 is answered with an HTML page.", Wrap: html(http.StatusBadRequest)},
		{Name: "endpoint-unknown-found", Breaks: "An unknown endpoint is answered with 200.",
			Wrap: instead(func(r *http.Request) bool {
				switch e, _ := endpoint(r); e {
				case "", "Users", "Groups", "Schemas", "ResourceTypes", "ServiceProviderConfig", "Bulk", "Me", ".search":
					return false
				}
				return true
			}, emptyList)},
		{Name: "malformed-500", Breaks: "A body that is not JSON is answered with 500.", Wrap: crashing(func(b []byte) bool { return len(b) > 0 })},
		{Name: "empty-body-500", Breaks: "An empty body is answered with 500.", Wrap: crashing(func(b []byte) bool { return len(b) == 0 })},
		{Name: "method-500", Breaks: "An unsupported method is answered with 500.", Wrap: answering(on(""), http.StatusMethodNotAllowed, http.StatusInternalServerError)},
		{Name: "duplicate-members-accepted", Breaks: "A body with the same member twice is accepted, the last one winning.",
			Wrap: asked(on("Users", http.MethodPost), func(r *http.Request) { editRequest(r, func(object) {}) })},
	}
}

// borrowing serves requests whose Authorization header satisfies bad with the
// last header that was accepted.
func borrowing(bad func(string) bool) wrapper {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var good string
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			h := r.Header.Get("Authorization")
			rec := record(next, r)
			mu.Lock()
			if rec.Code < 400 && h != "" {
				good = h
			}
			borrow := good
			mu.Unlock()
			if rec.Code == http.StatusUnauthorized && bad(h) && borrow != "" {
				r = r.Clone(r.Context())
				r.Header.Set("Authorization", borrow)
				rec = record(next, r)
			}
			send(rw, rec)
		})
	}
}

// html replaces the body of replies with a status by a page.
func html(status int) wrapper {
	return replying(on(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code == status {
			rec.Header().Set("Content-Type", "text/html")
			rec.Body = bytes.NewBufferString("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>")
		}
	})
}

// typed sets the Content-Type of every reply that has a body.
func typed(mediaType string) wrapper {
	return replying(on(""), func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Body.Len() > 0 {
			rec.Header().Set("Content-Type", mediaType)
		}
	})
}

// refusingType answers 415 to methods whose Content-Type satisfies bad.
func refusingType(methods []string, bad func(string) bool) wrapper {
	return instead(both(on("", methods...), func(r *http.Request) bool { return bad(r.Header.Get("Content-Type")) }),
		func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusUnsupportedMediaType, "", "media type not supported")
		})
}

// crashing answers 500 to writes whose body is not JSON and satisfies which.
func crashing(which func([]byte) bool) wrapper {
	return instead(both(on("", http.MethodPost, http.MethodPut, http.MethodPatch), func(r *http.Request) bool {
		var o any
		b := body(r)
		return which(b) && decode(b, &o) != nil
	}), func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, "Internal Server Error", http.StatusInternalServerError)
	})
}
