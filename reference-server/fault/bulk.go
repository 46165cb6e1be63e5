// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// bulkFaults break bulk requests, RFC 7644 §3.7, and queries by POST, §3.4.3.
func bulkFaults() []Fault {
	return slices.Concat(jobFaults(), resultFaults(), searchFaults())
}

// jobs touches bulk requests of an ordinary size: what is larger is refused by
// the server itself.
func jobs() when {
	return both(on("Bulk"), func(r *http.Request) bool { return r.ContentLength < 1<<20 })
}

// ordered changes the operations of a bulk request before the server sees them.
func ordered(edit func([]object) []object) wrapper {
	return received(jobs(), func(o object) {
		if ops := operations(o); ops != nil {
			o["Operations"] = edit(ops)
		}
	})
}

// orderedEach changes each operation of a bulk request.
func orderedEach(edit func(object)) wrapper {
	return ordered(func(ops []object) []object {
		for _, op := range ops {
			edit(op)
		}
		return ops
	})
}

// resulting changes each result in the reply to a bulk request.
func resulting(edit func(object)) wrapper {
	return editing(on("Bulk"), func(o object) {
		for _, result := range operations(o) {
			edit(result)
		}
	})
}

// without leaves out the operations with that method.
func without(method string) wrapper {
	return ordered(func(ops []object) []object {
		kept := []object{}
		for _, op := range ops {
			if word(op, "method") != strings.ToLower(method) {
				kept = append(kept, op)
			}
		}
		return kept
	})
}

// unreferenced removes every object whose value is a reference by bulkId.
func unreferenced(v any) any {
	switch v := v.(type) {
	case object:
		if strings.HasPrefix(word(v, "value"), "bulkid:") {
			return nil
		}
		for name, w := range v {
			v[name] = unreferenced(w)
		}
	case []any:
		kept := []any{}
		for _, w := range v {
			if w = unreferenced(w); w != nil {
				kept = append(kept, w)
			}
		}
		return kept
	}
	return v
}

// jobFaults break what is done for a bulk request.
func jobFaults() []Fault {
	return []Fault{
		{Name: "bulk-missing", Breaks: "Bulk requests are advertised and not served.",
			Wrap: instead(on("Bulk"), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusNotFound, "", "no such endpoint")
			})},
		{Name: "bulk-first-only", Breaks: "Only the first operation of a bulk request is done.",
			Wrap: ordered(func(ops []object) []object { return ops[:min(len(ops), 1)] })},
		{Name: "bulk-no-put", Breaks: "PUT operations of a bulk request are passed over.", Wrap: without(http.MethodPut)},
		{Name: "bulk-no-patch", Breaks: "PATCH operations of a bulk request are passed over.", Wrap: without(http.MethodPatch)},
		{Name: "bulk-no-delete", Breaks: "DELETE operations of a bulk request are passed over.", Wrap: without(http.MethodDelete)},
		{Name: "bulk-version-ignored", Breaks: "The version of an operation is ignored: a stale write wins.",
			Wrap: orderedEach(func(op object) { delete(op, "version") })},
		{Name: "bulk-stops-early", Breaks: "The first error ends a bulk request without failOnErrors.",
			Wrap: received(jobs(), func(o object) { o["failOnErrors"] = 1 })},
		{Name: "bulk-never-stops", Breaks: "failOnErrors is ignored.",
			Wrap: received(jobs(), func(o object) { delete(o, "failOnErrors") })},
		{Name: "bulk-references-dropped", Breaks: "References by bulkId are left out instead of resolved.",
			Wrap: orderedEach(func(op object) { op["data"] = unreferenced(op["data"]) })},
		{Name: "bulk-references-members-only", Breaks: "References by bulkId are resolved among members only.",
			Wrap: orderedEach(func(op object) {
				if data, ok := op["data"].(object); ok && data[scim.EnterpriseUserURN] != nil {
					op["data"] = unreferenced(data)
				}
			})},
		{Name: "bulk-schema-optional", Breaks: "A bulk request need not name its schema.",
			Wrap: received(jobs(), func(o object) { o["schemas"] = []string{scim.BulkRequestURN} })},
		{Name: "bulk-unreadable-200", Breaks: "A bulk request that cannot be read is answered with 200 and no results.",
			Wrap: replying(on("Bulk"), func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusBadRequest {
					rec.Code = http.StatusOK
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.BulkResponseURN}, "Operations": []any{}}))
				}
			})},
		{Name: "bulk-bulkid-optional", Breaks: "A POST operation needs no bulkId.",
			Wrap: orderedEach(func(op object) {
				if word(op, "method") == "post" && word(op, "bulkId") == "" {
					op["bulkId"] = "made-up"
				}
			})},
		{Name: "bulk-data-optional", Breaks: "An operation without data is answered as if it had been done.",
			Wrap: resulting(func(result object) {
				if response, _ := result["response"].(object); strings.Contains(word(response, "detail"), "needs data") {
					result["status"] = "200"
					delete(result, "response")
				}
			})},
		{Name: "bulk-method-guessed", Breaks: "An operation with data and no method is taken for a PUT.",
			Wrap: orderedEach(func(op object) {
				if word(op, "method") == "" && op["data"] != nil {
					op["method"] = http.MethodPut
				}
			})},
		{Name: "bulk-get", Breaks: "A GET in a bulk request is answered with 200.",
			Wrap: resulting(func(result object) {
				if word(result, "method") == "get" {
					result["status"] = "200"
					delete(result, "response")
				}
			})},
		{Name: "bulk-operations-cut", Breaks: "Operations beyond maxOperations are left out without a word.",
			Wrap: ordered(func(ops []object) []object { return ops[:min(len(ops), 1000)] })},
		{Name: "bulk-payload-unlimited", Breaks: "maxPayloadSize is not enforced.", Wrap: received(on("Bulk"), func(object) {})},
	}
}

// resultFaults break what a bulk request is answered with.
func resultFaults() []Fault {
	return []Fault{
		{Name: "bulk-no-schema", Breaks: "The reply to a bulk request does not name the BulkResponse schema.",
			Wrap: editing(on("Bulk"), func(o object) { delete(o, "schemas") })},
		{Name: "bulk-no-bulkid", Breaks: "Results carry no bulkId.", Wrap: resulting(func(result object) { delete(result, "bulkId") })},
		{Name: "bulk-bulkids-swapped", Breaks: "Results carry the bulkId of another operation.",
			Wrap: editing(on("Bulk"), func(o object) {
				if results := operations(o); len(results) > 1 {
					first, last := results[0], results[len(results)-1]
					first["bulkId"], last["bulkId"] = last["bulkId"], first["bulkId"]
				}
			})},
		{Name: "bulk-status-object", Breaks: "The status of a result is an object with a code.", Source: "the prose of RFC 7644 §3.7.3, before its errata",
			Wrap: resulting(func(result object) { result["status"] = object{"code": result["status"]} })},
		{Name: "bulk-no-location", Breaks: "Results carry no location.", Wrap: resulting(func(result object) { delete(result, "location") })},
		{Name: "bulk-location-done-only", Breaks: "The results of operations that failed carry no location.",
			Wrap: resulting(func(result object) {
				if result["response"] != nil {
					delete(result, "location")
				}
			})},
		{Name: "bulk-no-response", Breaks: "The results of operations that failed do not say why.", Wrap: resulting(func(result object) { delete(result, "response") })},
		{Name: "bulk-limit-400", Breaks: "A bulk request above a limit is answered with 400.",
			Wrap: answering(on("Bulk"), http.StatusRequestEntityTooLarge, http.StatusBadRequest)},
		{Name: "bulk-limit-unsaid", Breaks: "The error does not say which limit a bulk request exceeds.",
			Wrap: editingErrors(on("Bulk"), func(o object) { o["detail"] = "too large" })},
		{Name: "bulk-limits-zero", Breaks: "Bulk requests are advertised with limits of 0.",
			Wrap: editing(on("ServiceProviderConfig"), func(o object) {
				if b, ok := o["bulk"].(object); ok {
					b["maxOperations"], b["maxPayloadSize"] = 0, 0
				}
			})},
	}
}

// searchFaults break queries by POST, RFC 7644 §3.4.3.
func searchFaults() []Fault {
	search := func(r *http.Request) bool {
		_, id := endpoint(r)
		return id == ".search" && r.Method == http.MethodPost
	}
	return []Fault{
		{Name: "search-creates", Breaks: "A POST of a user to .search creates it.",
			Wrap: asked(search, func(r *http.Request) {
				var o object
				if decode(body(r), &o) == nil && o["userName"] != nil {
					u := *r.URL
					u.Path = strings.TrimSuffix(u.Path, "/.search")
					r.URL = &u
				}
			})},
		{Name: "search-whole", Breaks: "attributes and excludedAttributes in the body of a search are ignored.",
			Wrap: received(search, func(o object) { delete(o, "attributes"); delete(o, "excludedAttributes") })},
		{Name: "search-unpaged", Breaks: "startIndex in the body of a search is ignored.", Wrap: received(search, func(o object) { delete(o, "startIndex") })},
		{Name: "search-filter-lax", Breaks: "A filter in the body of a search that cannot be read is answered with an empty list.",
			Wrap: replying(search, func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code == http.StatusBadRequest {
					rec.Code = http.StatusOK
					rec.Body.Reset()
					rec.Body.Write(encode(object{"schemas": []string{scim.ListResponseURN}, "totalResults": 0}))
				}
			})},
	}
}
