// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/scimproof/scimproof/internal/scim"
)

// queryFaults break queries over all types, what is sorted by, values that the
// provider fills in, and page sizes, RFC 7644 §3.4.2 and §3.4.3.
func queryFaults() []Fault {
	root := func(r *http.Request) bool {
		return r.Method == http.MethodGet && (strings.HasSuffix(r.URL.Path, "/scim/v2") || strings.HasSuffix(r.URL.Path, "/scim/v2/"))
	}
	lists := both(resources(), hasID(false), func(r *http.Request) bool { return r.Method == http.MethodGet })
	searches := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/.search") }
	sortedBy := func(name string) when {
		return func(r *http.Request) bool { return strings.EqualFold(r.URL.Query().Get("sortBy"), name) }
	}
	return []Fault{
		{Name: "root-users-only", Breaks: "A query at the base URL finds users alone.", Wrap: editing(root, func(o object) {
			list, _ := o["Resources"].([]any)
			o["Resources"] = slices.DeleteFunc(list, isGroup)
			o["totalResults"] = len(o["Resources"].([]any))
		})},
		{Name: "root-foreign-500", Breaks: "A query at the base URL by an attribute that groups lack ends in a server error.",
			Wrap: instead(both(root, filtering("userName")), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusInternalServerError, "", "groups have no userName")
			})},
		{Name: "search-root-empty", Breaks: "A query by POST at the base URL finds nothing.",
			Wrap: editing(func(r *http.Request) bool { e, _ := endpoint(r); return e == ".search" }, func(o object) {
				o["totalResults"], o["itemsPerPage"], o["Resources"] = 0, 0, []any{}
			})},
		{Name: "search-sort-ignored", Breaks: "sortBy in the body of a search is ignored.", Wrap: received(searches, func(o object) { delete(o, "sortBy"); delete(o, "sortOrder") })},
		{Name: "sort-first-value", Breaks: "A multi-valued attribute is sorted by its first value, whichever is primary.",
			Wrap: editing(both(lists, sortedBy("emails.value")), func(o object) {
				if list, ok := o["Resources"].([]any); ok {
					slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(firstMail(a), firstMail(b)) })
				}
			})},
		{Name: "sort-exact-folded", Breaks: "externalId is sorted without regard to letter case.", // those alike keep the order of creation
			Wrap: queried(both(lists, sortedBy("externalId")), func(q url.Values) { q.Del("sortBy") })},
		{Name: "page-max-understated", Breaks: "A list without count is longer than filter.maxResults.",
			Wrap: editing(on("ServiceProviderConfig"), func(o object) {
				if f, ok := o["filter"].(object); ok {
					f["maxResults"] = 1
				}
			})},
		{Name: "page-number-ignored", Breaks: "A count or startIndex that is no integer is ignored.", Wrap: queried(lists, func(q url.Values) {
			for _, name := range []string{"count", "startIndex"} {
				if _, err := strconv.Atoi(q.Get(name)); q.Has(name) && err != nil {
					q.Del(name)
				}
			}
		})},
		{Name: "filter-default-unset", Breaks: "A filter does not see that active is true where it was never sent.", Wrap: forgettingActive()},
		{Name: "filter-ref-500", Breaks: "$ref in a filter ends in a server error.",
			Wrap: instead(filtering("$ref"), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusInternalServerError, "", "unexpected character $")
			})},
		{Name: "filter-password-by-get", Breaks: "A filter on password in a URL tells whether it is right.", Wrap: replacing(`(?i) and password eq "[^"]*"`, ``)},
		{Name: "filter-form", Breaks: "A name is found in the Unicode form alone in which it was stored.",
			Wrap: rewritten(resources(), func(f string) string {
				if !norm.NFC.IsNormalString(f) {
					return `id eq "none"`
				}
				return f
			})},
		{Name: "duplicate-form-accepted", Breaks: "A userName in another Unicode form is taken for another user's.",
			Wrap: received(writes("Users"), func(o object) {
				if name, _ := o["userName"].(string); !norm.NFC.IsNormalString(name) {
					o["userName"] = name + ".2"
				}
			})},
	}
}

func isGroup(v any) bool {
	o, _ := v.(object)
	schemas, _ := o["schemas"].([]any)
	return slices.Contains(schemas, any(scim.GroupURN))
}

func firstMail(v any) string {
	o, _ := v.(object)
	mails, _ := o["emails"].([]any)
	if len(mails) == 0 {
		return ""
	}
	first, _ := mails[0].(object)
	return word(first, "value")
}

// forgettingActive hides users who were made without active from filters on it.
func forgettingActive() wrapper {
	unset := newSet()
	return func(next http.Handler) http.Handler {
		made := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var sent, got object
			_ = decode(body(r), &sent)
			rec := record(next, r)
			if _, given := sent["active"]; !given && rec.Code == http.StatusCreated && decode(rec.Body.Bytes(), &got) == nil {
				unset.add(got["id"])
			}
			send(rw, rec)
		})
		hidden := editing(both(on("Users", http.MethodGet), filtering("active eq")), func(o object) {
			list, _ := o["Resources"].([]any)
			kept := slices.DeleteFunc(list, func(v any) bool { r, _ := v.(object); return unset.has(r["id"]) })
			o["Resources"], o["totalResults"], o["itemsPerPage"] = kept, len(kept), len(kept)
		})(next)
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if on("Users", http.MethodPost)(r) {
				made.ServeHTTP(rw, r)
				return
			}
			hidden.ServeHTTP(rw, r)
		})
	}
}

// listed changes the resource types that are advertised.
func listed(edit func([]any) []any) wrapper {
	return editing(all("ResourceTypes", http.MethodGet), func(o object) {
		if list, ok := o["Resources"].([]any); ok {
			o["Resources"] = edit(list)
			o["totalResults"], o["itemsPerPage"] = len(o["Resources"].([]any)), len(o["Resources"].([]any))
		}
	})
}
