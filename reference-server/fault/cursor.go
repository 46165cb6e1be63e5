// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// cursorFaults break paging by cursor, RFC 9865.
func cursorFaults() []Fault {
	byCursor := both(resources(), hasID(false), asking("cursor"))
	first := both(byCursor, func(r *http.Request) bool { return r.URL.Query().Get("cursor") == "" })
	later := both(byCursor, func(r *http.Request) bool { return r.URL.Query().Get("cursor") != "" })
	paging := func(edit func(object)) wrapper {
		return editing(on("ServiceProviderConfig"), func(o object) {
			if p, ok := o["pagination"].(object); ok {
				edit(p)
			}
		})
	}
	return []Fault{
		{Name: "cursor-ignored", Breaks: "Paging by cursor is advertised, and the cursor is ignored.",
			Wrap: queried(byCursor, func(q url.Values) { q.Del("cursor") })},
		{Name: "cursor-next-lost", Breaks: "The second page has no nextCursor although there is a third.",
			Wrap: editing(later, func(o object) { delete(o, "nextCursor") })},
		{Name: "cursor-next-first", Breaks: "nextCursor of the last page leads to the first.", Wrap: endless(byCursor)},
		{Name: "cursor-next-null", Breaks: "nextCursor of the last page is null.", Wrap: editing(byCursor, func(o object) {
			if _, there := o["nextCursor"]; !there {
				o["nextCursor"] = nil
			}
		})},
		{Name: "cursor-count-plus-one", Breaks: "Pages by cursor have one resource too many.", Wrap: queried(byCursor, func(q url.Values) {
			if n, err := strconv.Atoi(q.Get("count")); err == nil && n > 0 {
				q.Set("count", strconv.Itoa(n+1))
			}
		})},
		{Name: "cursor-total-is-page", Breaks: "totalResults of a page by cursor is its size.",
			Wrap: editing(byCursor, func(o object) { o["totalResults"] = o["itemsPerPage"] })},
		{Name: "cursor-padded", Breaks: "Cursors are padded base64, with signs that a URL must encode.", Wrap: padded(byCursor)},
		{Name: "cursor-previous-on-first", Breaks: "The first page has a previousCursor.",
			Wrap: editing(first, func(o object) { o["previousCursor"] = "first" })},
		{Name: "cursor-previous-is-next", Breaks: "previousCursor leads to the next page.", Wrap: editing(later, func(o object) {
			if next, there := o["nextCursor"]; there {
				o["previousCursor"] = next
			}
		})},
		{Name: "cursor-zero-count-all", Breaks: "With a cursor, count=0 gives a whole page.", Wrap: queried(byCursor, func(q url.Values) {
			if q.Get("count") == "0" {
				q.Del("count")
			}
		})},
		{Name: "cursor-negative-refused", Breaks: "With a cursor, a negative count is refused.",
			Wrap: instead(both(byCursor, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Query().Get("count"), "-") }),
				func(rw http.ResponseWriter, _ *http.Request) {
					refuse(rw, http.StatusBadRequest, scim.InvalidCount, "must not be negative")
				})},
		{Name: "cursor-size-understated", Breaks: "Pages by cursor are larger than the configuration says.",
			Wrap: paging(func(o object) { o["defaultPageSize"], o["maxPageSize"] = 2, 2 })},
		{Name: "cursor-unsorted", Breaks: "With a cursor, sortBy is ignored.", Wrap: queried(byCursor, func(q url.Values) { q.Del("sortBy") })},
		{Name: "cursor-search-ignored", Breaks: "The cursor in the body of a search is ignored.",
			Wrap: received(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/.search") }, func(o object) { delete(o, "cursor") })},
		{Name: "cursor-default-other", Breaks: "Requests without startIndex and cursor are paged in another way than the configuration says.",
			Wrap: paging(func(o object) { o["defaultPaginationMethod"] = "cursor" })},
		{Name: "cursor-unadvertised", Breaks: "Paging by cursor works and is not advertised.",
			Wrap: editing(on("ServiceProviderConfig"), func(o object) { delete(o, "pagination") })},
		{Name: "cursor-flags-text", Breaks: "pagination.cursor and pagination.index are text.",
			Wrap: paging(func(o object) { o["cursor"], o["index"] = "true", "true" })},
		{Name: "cursor-index-dishonest", Breaks: "Paging by index is advertised, and startIndex is ignored.",
			Wrap: queried(resources(), func(q url.Values) { q.Del("startIndex") })},
		{Name: "cursor-numbers-text", Breaks: "The page sizes of the configuration are text.",
			Wrap: paging(func(o object) { o["defaultPageSize"], o["maxPageSize"] = "100", "200" })},
		{Name: "cursor-unknown-first-page", Breaks: "A cursor that was never given out leads to the first page.", Wrap: firstInstead(later)},
		{Name: "cursor-unknown-500", Breaks: "A cursor that was never given out ends in a server error.",
			Wrap: answering(later, http.StatusBadRequest, http.StatusInternalServerError)},
		{Name: "cursor-error-invalid-value", Breaks: "Errors of paging by cursor have the scimType invalidValue.",
			Wrap: editingErrors(byCursor, func(o object) { o["scimType"] = scim.InvalidValue })},
		{Name: "cursor-count-text-ignored", Breaks: "With a cursor, a count that is no number is ignored.", Wrap: queried(byCursor, func(q url.Values) {
			if _, err := strconv.Atoi(q.Get("count")); err != nil {
				q.Del("count")
			}
		})},
		{Name: "cursor-start-index-500", Breaks: "startIndex and cursor together end in a server error.",
			Wrap: answering(both(byCursor, asking("startIndex")), http.StatusBadRequest, http.StatusInternalServerError)},
		{Name: "cursor-expired-404", Breaks: "A cursor that has expired is answered with 404.",
			Wrap: chain(paging(func(o object) { o["cursorTimeout"] = 1 }), expiring(byCursor))},
		{Name: "cursor-grants", Breaks: "A cursor is served without credentials.",
			Wrap: func(next http.Handler) http.Handler {
				open := borrowing(func(h string) bool { return h == "" })(next)
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if h := r.Header.Get("Authorization"); h != "" || later(r) {
						open.ServeHTTP(rw, r)
						return
					}
					next.ServeHTTP(rw, r)
				})
			}},
		{Name: "cursor-foreign-named", Breaks: "A cursor of somebody else is refused in words of its own.",
			Wrap: replying(later, func(r *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusBadRequest && len(r.URL.Query().Get("cursor")) > 20 {
					editBody(rec, func(o object) { o["detail"] = "this cursor belongs to somebody else" })
				}
			})},
	}
}
