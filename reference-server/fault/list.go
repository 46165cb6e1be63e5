// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"

	"github.com/scimproof/scimproof/internal/scim"
)

// listFaults break lists, paging and sorting, RFC 7644 §3.4.2, §3.4.2.3 and §3.4.2.4.
func listFaults() []Fault {
	lists := both(resources(), hasID(false), func(r *http.Request) bool { return r.Method == http.MethodGet })
	counters := []string{"totalResults", "startIndex", "itemsPerPage"}
	return []Fault{
		{Name: "list-no-schema", Breaks: "Lists do not name the ListResponse schema.", Wrap: editing(lists, func(o object) { delete(o, "schemas") })},
		{Name: "list-text-counters", Breaks: "The counters of a list are text.", Source: "Okta support question 0D54z0000A4i091CQA",
			Wrap: editing(lists, func(o object) {
				for _, c := range counters {
					if n, ok := o[c]; ok {
						o[c] = string(encode(n))
					}
				}
			})},
		{Name: "list-no-counters", Breaks: "Lists lack startIndex and itemsPerPage.", Wrap: editing(lists, func(o object) { delete(o, "startIndex"); delete(o, "itemsPerPage") })},
		{Name: "list-no-total", Breaks: "Lists lack totalResults.", Wrap: editing(lists, func(o object) { delete(o, "totalResults") })},
		{Name: "list-lower-case", Breaks: "Resources is written in lower case.", Source: "seen in 2018, tolerated by Okta then",
			Wrap: editing(lists, func(o object) { o["resources"] = o["Resources"]; delete(o, "Resources") })},
		{Name: "list-null", Breaks: "Resources of an empty list is null.", Wrap: editing(lists, func(o object) {
			if list, _ := o["Resources"].([]any); len(list) == 0 {
				o["Resources"] = nil
			}
		})},
		{Name: "list-object", Breaks: "Resources of a list with one hit is an object.", Wrap: editing(lists, func(o object) {
			if list, _ := o["Resources"].([]any); len(list) == 1 {
				o["Resources"] = list[0]
			}
		})},
		{Name: "list-bare", Breaks: "A list is a bare array.", Wrap: replying(lists, bareArray)},
		{Name: "list-hides-new", Breaks: "A list never shows the newest resources.", Wrap: editing(lists, func(o object) {
			if list, _ := o["Resources"].([]any); len(list) > 0 {
				o["Resources"] = list[:len(list)-1]
			}
		})},
		{Name: "list-empty-404", Breaks: "A query that finds nothing is answered with 404.", Source: "puts an Entra job into quarantine",
			Wrap: replying(lists, func(_ *http.Request, rec *httptest.ResponseRecorder) {
				var o object
				if decode(rec.Body.Bytes(), &o) == nil && string(encode(o["totalResults"])) == "0" {
					rec.Code = http.StatusNotFound
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.ErrorURN}, "status": "404", "detail": "nothing found"}))
				}
			})},
		{Name: "page-total-is-page", Breaks: "totalResults is the size of the page.", Wrap: editing(lists, func(o object) { o["totalResults"] = o["itemsPerPage"] })},
		{Name: "page-count-ignored", Breaks: "count is ignored.", Wrap: queried(lists, func(q url.Values) { q.Del("count") })},
		{Name: "page-start-ignored", Breaks: "startIndex is ignored: every page is the first.",
			Wrap: queried(lists, func(q url.Values) { q.Del("startIndex") })},
		{Name: "page-start-not-echoed", Breaks: "startIndex of a reply is always 1.", Wrap: editing(lists, func(o object) { o["startIndex"] = 1 })},
		{Name: "page-start-zero-based", Breaks: "startIndex counts from 0, so each page begins one resource late.",
			Wrap: queried(lists, func(q url.Values) {
				if n, err := strconv.Atoi(q.Get("startIndex")); err == nil {
					q.Set("startIndex", strconv.Itoa(n+1))
				}
			})},
		{Name: "page-zero-count-all", Breaks: "count=0 gives every resource.", Wrap: queried(lists, func(q url.Values) {
			if q.Get("count") == "0" {
				q.Del("count")
			}
		})},
		{Name: "page-negative-refused", Breaks: "A negative count or a startIndex below 1 is refused.",
			Wrap: instead(both(lists, func(r *http.Request) bool {
				c, errC := strconv.Atoi(r.URL.Query().Get("count"))
				s, errS := strconv.Atoi(r.URL.Query().Get("startIndex"))
				return errC == nil && c < 0 || errS == nil && s < 1
			}), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusBadRequest, scim.InvalidValue, "must not be negative")
			})},
		{Name: "page-beyond-end-404", Breaks: "A page beyond the end is answered with 404.",
			Wrap: replying(lists, func(r *http.Request, rec *httptest.ResponseRecorder) {
				var o object
				start, err := strconv.Atoi(r.URL.Query().Get("startIndex"))
				if err != nil || start <= 1 || decode(rec.Body.Bytes(), &o) != nil {
					return
				}
				if list, _ := o["Resources"].([]any); len(list) == 0 {
					rec.Code = http.StatusNotFound
					rec.Body = bytes.NewBuffer(encode(object{"schemas": []string{scim.ErrorURN}, "status": "404", "detail": "no such page"}))
				}
			})},
		{Name: "page-items-wrong", Breaks: "itemsPerPage is the count asked for and not the number of resources.",
			Wrap: replying(lists, func(r *http.Request, rec *httptest.ResponseRecorder) {
				if n, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil {
					editBody(rec, func(o object) { o["itemsPerPage"] = n + 1 })
				}
			})},
		{Name: "page-order-changes", Breaks: "Two reads of a list give another order, so pages overlap.", Wrap: reversing(both(lists, pagedFurther))},
		{Name: "page-filter-breaks", Breaks: "A filter together with startIndex and count is refused.",
			Wrap: instead(both(lists, asking("filter"), asking("count")), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusBadRequest, scim.InvalidValue, "filter cannot be paged")
			})},
		{Name: "sort-ignored", Breaks: "sortBy is ignored.", Wrap: queried(resources(), func(q url.Values) { q.Del("sortBy") })},
		{Name: "sort-order-ignored", Breaks: "sortOrder is ignored.", Wrap: queried(resources(), func(q url.Values) { q.Del("sortOrder") })},
		{Name: "sort-descending-default", Breaks: "The order is descending when sortOrder is not given.", Wrap: queried(resources(), func(q url.Values) {
			if q.Has("sortBy") && !q.Has("sortOrder") {
				q.Set("sortOrder", "descending")
			}
		})},
		{Name: "search-missing", Breaks: "POST .search is not served.", Wrap: instead(func(r *http.Request) bool {
			e, id := endpoint(r)
			return e == ".search" || id == ".search"
		}, func(rw http.ResponseWriter, _ *http.Request) { refuse(rw, http.StatusNotFound, "", "no such endpoint") })},
	}
}

// pagedFurther touches queries for a page after the first.
func pagedFurther(r *http.Request) bool {
	start, err := strconv.Atoi(r.URL.Query().Get("startIndex"))
	return err == nil && start > 1
}

// reversing cuts the page that is asked for out of the list turned around.
func reversing(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			q := r.URL.Query()
			start, _ := strconv.Atoi(q.Get("startIndex"))
			count, err := strconv.Atoi(q.Get("count"))
			q.Del("startIndex")
			q.Del("count")
			whole := r.Clone(r.Context())
			whole.URL.RawQuery = q.Encode()
			rec := record(next, whole)
			editBody(rec, func(o object) {
				list, _ := o["Resources"].([]any)
				slices.Reverse(list)
				list = list[min(start-1, len(list)):]
				if err == nil {
					list = list[:min(max(count, 0), len(list))]
				}
				o["Resources"], o["startIndex"], o["itemsPerPage"] = list, start, len(list)
			})
			send(rw, rec)
		})
	}
}
