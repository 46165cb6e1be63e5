// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// filterFaults break filters, RFC 7644 §3.4.2.2. Most rewrite the filter that a
// correct server then obeys.
func filterFaults() []Fault {
	unsupported := func(operator string) Fault {
		return Fault{Name: "filter-no-" + operator, Breaks: "The operator " + operator + " is refused.",
			Wrap: instead(filtering(" "+operator), refuseFilter)}
	}
	return []Fault{
		{Name: "filter-ignored", Breaks: "A filter is ignored: everybody is returned.", Source: "Cogtrix #124",
			Wrap: queried(resources(), func(q url.Values) { q.Del("filter") })},
		{Name: "filter-invalid-all", Breaks: "A filter that cannot be parsed returns everybody.", Source: "Cogtrix #124", Wrap: forgivingFilter()},
		{Name: "filter-finds-nothing", Breaks: "A filter never finds anybody.",
			Wrap: rewritten(resources(), func(string) string { return `id eq "none"` })},
		{Name: "filter-eq-prefix", Breaks: "eq finds whatever begins with the value.", Wrap: operator("eq", "sw")},
		{Name: "filter-ne-eq", Breaks: "ne behaves as eq.", Wrap: operator("ne", "eq")},
		{Name: "filter-co-sw", Breaks: "co finds only what begins with the value.", Wrap: operator("co", "sw")},
		{Name: "filter-sw-co", Breaks: "sw finds whatever contains the value.", Wrap: operator("sw", "co")},
		{Name: "filter-ew-co", Breaks: "ew finds whatever contains the value.", Wrap: operator("ew", "co")},
		{Name: "filter-gt-ge", Breaks: "gt and lt include the value itself.", Wrap: chain(operator("gt", "ge"), operator("lt", "le"))},
		{Name: "filter-ge-gt", Breaks: "ge and le leave the value itself out.", Wrap: chain(operator("ge", "gt"), operator("le", "lt"))},
		{Name: "filter-pr-always", Breaks: "pr is true for every resource.", Wrap: replacing(`(\S+) pr\b`, `id pr`)},
		unsupported("co"), unsupported("sw"), unsupported("ew"), unsupported("ne"), unsupported("pr"), unsupported("gt"), unsupported("and"), unsupported("or"),
		{Name: "filter-and-or", Breaks: "and behaves as or.", Wrap: operator("and", "or")},
		{Name: "filter-or-and", Breaks: "or behaves as and.", Wrap: operator("or", "and")},
		{Name: "filter-not-ignored", Breaks: "not is ignored.", Wrap: replacing(`(?i)\bnot\s*\(`, `(`)},
		{Name: "filter-no-not", Breaks: "not is refused.", Wrap: instead(filtering("not"), refuseFilter)},
		{Name: "filter-or-first", Breaks: "or binds tighter than and.", Source: "RFC 7644 erratum 4670",
			Wrap: rewritten(resources(), orFirst)},
		{Name: "filter-no-groups", Breaks: "Brackets are ignored: terms are read from left to right.", Wrap: replacing(`\(([^()]*)\)`, `$1`)},
		{Name: "filter-no-value-path", Breaks: "Value paths are refused.", Wrap: instead(filtering("["), refuseFilter)},
		{Name: "filter-value-path-any", Breaks: "The terms of a value path need not hold for the same value.",
			Wrap: replacing(`(?i)(\w+)\[(\w+) eq ("[^"]*") and (\w+) (\w+) ("[^"]*")\]`, `$1.$2 eq $3 and $1.$4 $5 $6`)},
		{Name: "filter-no-sub-attribute", Breaks: "Sub-attributes are refused.", Wrap: instead(both(filtering("name."), asking("filter")), refuseFilter)},
		{Name: "filter-no-urn", Breaks: "Attributes qualified by a URN are refused.", Wrap: instead(filtering("urn:"), refuseFilter)},
		{Name: "filter-no-externalid", Breaks: "externalId cannot be filtered on.", Wrap: instead(filtering("externalid"), refuseFilter)},
		{Name: "filter-no-meta", Breaks: "meta cannot be filtered on.", Wrap: instead(filtering("meta."), refuseFilter)},
		{Name: "filter-no-id", Breaks: "id cannot be filtered on.", Wrap: rewritten(both(resources(), filtering("id eq")), func(f string) string {
			return regexp.MustCompile(`^id eq "[^"]*"`).ReplaceAllString(f, `id eq "none"`)
		})},
		{Name: "filter-no-boolean", Breaks: "Boolean literals are not understood.", Wrap: instead(both(asking("filter"), func(r *http.Request) bool {
			return regexp.MustCompile(`(?i) eq (true|false)`).MatchString(r.URL.Query().Get("filter"))
		}), refuseFilter)},
		{Name: "filter-boolean-ordered", Breaks: "gt on a boolean is accepted.", Wrap: replacing(`(?i)\bactive (gt|ge|lt|le) (true|false)`, `active eq $2`)},
		{Name: "filter-complex-accepted", Breaks: "A complex attribute is compared without a sub-attribute.", Wrap: replacing(`(?i)\bname (eq|co|sw) `, `name.formatted $1 `)},
		{Name: "filter-username-case", Breaks: "userName is compared with its letter case.", Source: "Okta SPEC test 9 cannot see this", Wrap: exactCase("userName")},
		{Name: "filter-displayname-case", Breaks: "displayName of groups is compared with its letter case.", Wrap: exactCase("displayName")},
		{Name: "filter-id-folded", Breaks: "A caseExact attribute is compared without its letter case.",
			Wrap: replacing(`(?i)\bexternalId eq ("[^"]*")`, `(externalId eq $1 or externalId pr)`)},
		{Name: "filter-name-case", Breaks: "Attribute names in filters must be written as in the schema.", Wrap: instead(mentions(`\b(USERNAME|username|UserName)\b`), refuseFilter)},
		{Name: "filter-operator-case", Breaks: "Operators must be written in lower case.", Wrap: instead(mentions(` (EQ|Eq|CO|SW|AND|OR) `), refuseFilter)},
		{Name: "filter-plus-kept", Breaks: "A + in the query is not read as a blank, as Entra writes it.",
			Wrap: asked(resources(), func(r *http.Request) { r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "+", "%2B") })},
		{Name: "filter-percent-plus", Breaks: "A + in an address, sent as %2B, is read as a blank.",
			Wrap: asked(resources(), func(r *http.Request) { r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "%2B", "%20") })},
		{Name: "filter-quote-breaks", Breaks: "An apostrophe in a value is answered with 500.", Source: "query built from text",
			Wrap: instead(mentions(`'`), func(rw http.ResponseWriter, _ *http.Request) {
				http.Error(rw, "syntax error near '", http.StatusInternalServerError)
			})},
		{Name: "filter-escape-breaks", Breaks: `An escaped quote in a value ends it.`, Wrap: replacing(`\\".*$`, `"`)},
		{Name: "filter-unicode-breaks", Breaks: "Values outside ASCII are never found.", Wrap: rewritten(resources(), func(f string) string { return string(ascii([]byte(f))) })},
		{Name: "filter-hides-inactive", Breaks: "Inactive users are not found by a filter.", Source: "devforum 27262: leads to create and 409",
			Wrap: rewritten(both(on("Users"), asking("filter")), func(f string) string { return "(" + f + ") and active eq true" })},
		{Name: "filter-invalid-500", Breaks: "A filter that cannot be parsed is answered with 500.", Wrap: answering(asking("filter"), http.StatusBadRequest, http.StatusInternalServerError)},
		{Name: "filter-password", Breaks: "A password can be guessed by filters.", Wrap: replacing(`(?i)\bpassword (eq|co|sw|ew) "[^"]*"`, `id pr`)},
		{Name: "filter-unknown-operator", Breaks: "An unknown operator is taken for eq.", Wrap: replacing(` (like|xx|contains|regex|is) `, ` eq `)},
		{Name: "filter-deep-500", Breaks: "A deeply nested filter is answered with 500.", Source: "Keycloak #50472, directory-scimple #1126",
			Wrap: instead(mentions(`(\(\s*(not\s*)?){40}`), func(rw http.ResponseWriter, _ *http.Request) {
				http.Error(rw, "stack overflow", http.StatusInternalServerError)
			})},
		{Name: "filter-injection", Breaks: "A value can break out of its quotes and find everybody.",
			Wrap: rewritten(both(resources(), mentions(`(?i)or.{0,4}1`)), func(string) string { return "id pr" })},
	}
}

// orFirst puts brackets around each or in a filter that has none.
func orFirst(filter string) string {
	if strings.ContainsAny(filter, "()[]") {
		return filter
	}
	terms := strings.Split(filter, " and ")
	for i, t := range terms {
		terms[i] = "(" + t + ")"
	}
	return strings.Join(terms, " and ")
}

func refuseFilter(rw http.ResponseWriter, _ *http.Request) {
	refuse(rw, http.StatusBadRequest, scim.InvalidFilter, "filter not supported")
}

// rewritten changes the filter of queries.
func rewritten(w when, change func(string) string) wrapper {
	return queried(both(w, asking("filter")), func(q url.Values) { q.Set("filter", change(q.Get("filter"))) })
}

// replacing changes what matches a pattern in filters.
func replacing(pattern, by string) wrapper {
	p := regexp.MustCompile(pattern)
	return rewritten(resources(), func(f string) string { return p.ReplaceAllString(f, by) })
}

// operator turns one operator or conjunction into another, in any letter case.
func operator(from, to string) wrapper { return replacing(`(?i) `+from+` `, ` `+to+` `) }

// mentions touches queries whose filter matches a pattern.
func mentions(pattern string) when {
	p := regexp.MustCompile(pattern)
	return both(resources(), func(r *http.Request) bool { return p.MatchString(r.URL.Query().Get("filter")) })
}

// forgivingFilter drops a filter that was refused and asks again.
func forgivingFilter() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			if rec.Code == http.StatusBadRequest && resources()(r) && r.Method == http.MethodGet && r.URL.Query().Has("filter") {
				r = r.Clone(r.Context())
				q := r.URL.Query()
				q.Del("filter")
				r.URL.RawQuery = q.Encode()
				rec = record(next, r)
			}
			send(rw, rec)
		})
	}
}

// exactCase drops hits of `attribute eq "value"` that differ in letter case.
func exactCase(attribute string) wrapper {
	p := regexp.MustCompile(`(?i)\b` + attribute + ` eq "([^"]*)"`)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			m := p.FindStringSubmatch(r.URL.Query().Get("filter"))
			if m == nil {
				next.ServeHTTP(rw, r)
				return
			}
			rec := record(next, r)
			editBody(rec, func(o object) {
				list, _ := o["Resources"].([]any)
				kept := []any{}
				for _, v := range list {
					if v, ok := v.(object); ok && v[attribute] == m[1] {
						kept = append(kept, v)
					}
				}
				o["Resources"], o["totalResults"], o["itemsPerPage"] = kept, len(kept), len(kept)
			})
			send(rw, rec)
		})
	}
}
