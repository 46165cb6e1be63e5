// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
)

// readFaults break GET by id and DELETE, RFC 7644 §3.4.1 and §3.6.
func readFaults() []Fault {
	return []Fault{
		{Name: "get-as-list", Breaks: "A single resource is answered as a ListResponse.", Source: "Stack Overflow 77524118",
			Wrap: replying(one("", http.MethodGet), func(r *http.Request, rec *httptest.ResponseRecorder) {
				var o object
				if resources()(r) && rec.Code == http.StatusOK && decode(rec.Body.Bytes(), &o) == nil {
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.ListResponseURN}, "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": []any{o}}))
				}
			})},
		{Name: "unknown-id-200", Breaks: "An unknown id is answered with 200 and an empty object.",
			Wrap: replying(both(resources(), hasID(true), func(r *http.Request) bool { return r.Method == http.MethodGet }), unknownFound)},
		{Name: "unknown-id-500", Breaks: "An unknown id is answered with 500.", Wrap: answering(both(resources(), hasID(true)), http.StatusNotFound, http.StatusInternalServerError)},
		{Name: "unknown-id-400", Breaks: "An unknown id is answered with 400.", Wrap: answering(both(resources(), hasID(true)), http.StatusNotFound, http.StatusBadRequest)},
		{Name: "get-modifies", Breaks: "Reading a resource changes its lastModified.", Wrap: editingMetaOnRead()},
		{Name: "delete-200", Breaks: "DELETE answers 200 with a body.",
			Wrap: replying(one("", http.MethodDelete), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusNoContent {
					rec.Code = http.StatusOK
					rec.Body = bytes.NewBufferString(`{"deleted":true}`)
				}
			})},
		{Name: "delete-ignored", Breaks: "DELETE answers 204 and deletes nothing.",
			Wrap: instead(one("", http.MethodDelete), func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })},
		{Name: "delete-deactivates", Breaks: "A deleted user stays readable.", Wrap: instead(one("Users", http.MethodDelete), noContent)},
		{Name: "delete-unknown-204", Breaks: "DELETE of an unknown id answers 204.", Wrap: answering(one("", http.MethodDelete), http.StatusNotFound, http.StatusNoContent)},
		{Name: "delete-500", Breaks: "DELETE answers 500 although it deletes.", Wrap: answering(one("", http.MethodDelete), http.StatusNoContent, http.StatusInternalServerError)},
	}
}

func noContent(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }

// editingMetaOnRead gives every GET of one resource a later lastModified.
func editingMetaOnRead() wrapper {
	var mu sync.Mutex
	n := 0
	return editing(both(resources(), hasID(true), func(r *http.Request) bool { return r.Method == http.MethodGet }), func(o object) {
		mu.Lock()
		defer mu.Unlock()
		n++
		if m, ok := o["meta"].(object); ok {
			m["lastModified"] = "2099-01-01T00:00:" + string(rune('0'+n/10%6)) + string(rune('0'+n%10)) + "Z"
			m["version"] = `W/"read-` + string(rune('a'+n%26)) + `"`
		}
	})
}
