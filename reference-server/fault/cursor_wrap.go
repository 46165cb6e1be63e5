// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"
)

// endless gives the last page a nextCursor that leads to the first.
func endless(w when) wrapper {
	const mark = "again"
	return chain(
		queried(w, func(q url.Values) {
			if q.Get("cursor") == mark {
				q.Set("cursor", "")
			}
		}),
		editing(w, func(o object) {
			if _, there := o["nextCursor"]; !there {
				o["nextCursor"] = mark
			}
		}))
}

// padded appends signs to the cursors that are given out, and takes them off
// those that come back.
func padded(w when) wrapper {
	const signs = "+/=="
	return chain(
		queried(w, func(q url.Values) {
			if c := q.Get("cursor"); len(c) > len(signs) && c[len(c)-len(signs):] == signs {
				q.Set("cursor", c[:len(c)-len(signs)])
			}
		}),
		editing(w, func(o object) {
			if c, ok := o["nextCursor"].(string); ok {
				o["nextCursor"] = c + signs
			}
		}))
}

// firstInstead answers a cursor that is refused with the first page.
func firstInstead(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			if w(r) && rec.Code == http.StatusBadRequest {
				r = r.Clone(r.Context())
				q := r.URL.Query()
				q.Set("cursor", "")
				r.URL.RawQuery = q.Encode()
				rec = record(next, r)
			}
			send(rw, rec)
		})
	}
}

// expiring answers 404 to cursors that were given out more than a second ago.
func expiring(w when) wrapper {
	var mu sync.Mutex
	given := map[string]time.Time{}
	old := func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		at, known := given[r.URL.Query().Get("cursor")]
		return known && time.Since(at) > time.Second
	}
	return chain(
		instead(both(w, old), func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusNotFound, "", "no such page")
		}),
		replying(w, func(_ *http.Request, rec *httptest.ResponseRecorder) {
			var o object
			if decode(rec.Body.Bytes(), &o) == nil {
				mu.Lock()
				defer mu.Unlock()
				if c, ok := o["nextCursor"].(string); ok {
					given[c] = time.Now()
				}
			}
		}))
}
