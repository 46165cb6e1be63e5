// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// versionFaults break ETags and conditional requests, RFC 7644 §3.14.
func versionFaults() []Fault {
	dropHeader := func(name string) wrapper {
		return asked(resources(), func(r *http.Request) { r.Header.Del(name) })
	}
	return []Fault{
		{Name: "etag-missing", Breaks: "Replies carry no ETag although ETags are advertised.",
			Wrap: replying(resources(), func(_ *http.Request, rec *httptest.ResponseRecorder) { rec.Header().Del("ETag") })},
		{Name: "etag-differs", Breaks: "The ETag is not meta.version.",
			Wrap: replying(resources(), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Header().Get("ETag") != "" {
					rec.Header().Set("ETag", `W/"other"`)
				}
			})},
		{Name: "etag-constant", Breaks: "The version never changes.",
			Wrap: chain(editingMeta(func(m object) { m["version"] = `W/"1"` }),
				replying(resources(), func(_ *http.Request, rec *httptest.ResponseRecorder) {
					if rec.Header().Get("ETag") != "" {
						rec.Header().Set("ETag", `W/"1"`)
					}
				}))},
		{Name: "etag-unquoted", Breaks: "The ETag has no quotes.",
			Wrap: replying(resources(), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if tag := rec.Header().Get("ETag"); tag != "" {
					rec.Header().Set("ETag", strings.ReplaceAll(tag, `"`, ""))
				}
			})},
		{Name: "if-match-ignored", Breaks: "If-Match is ignored: a stale write wins.", Wrap: dropHeader("If-Match")},
		{Name: "if-none-match-ignored", Breaks: "If-None-Match is ignored.", Wrap: dropHeader("If-None-Match")},
		{Name: "if-match-409", Breaks: "A stale If-Match is answered with 409.", Wrap: answering(resources(), http.StatusPreconditionFailed, http.StatusConflict)},
		{Name: "not-modified-200", Breaks: "A fresh copy is sent again with 200.", Wrap: answering(resources(), http.StatusNotModified, http.StatusOK)},
		{Name: "modified-frozen", Breaks: "lastModified is always created.", Wrap: editingMeta(func(m object) { m["lastModified"] = m["created"] })},
		{Name: "created-moves", Breaks: "created is always lastModified.", Wrap: chain(
			asked(on("", http.MethodPost, http.MethodPut, http.MethodPatch), func(r *http.Request) {
				select { // so that the time of each write is another
				case <-time.After(2 * time.Millisecond):
				case <-r.Context().Done():
				}
			}),
			editingMeta(func(m object) { m["created"] = m["lastModified"] }))},
	}
}

// chain puts wrappers around each other, the first outermost.
func chain(outer, inner wrapper) wrapper {
	return func(h http.Handler) http.Handler { return outer(inner(h)) }
}
