// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// where the parts of a query stand.
const (
	inFilter = "filter"
	inQuery  = "query"
)

// filters gives the filter of a query, by GET or by POST, and whether there is one.
func (q *request) filters() (filter string, there bool) {
	if q.searches() {
		if f := member(q.root(), "filter"); f != nil {
			return f.Text, true
		}
	}
	p, ok := q.param("filter")
	return p.value, ok && q.method == http.MethodGet
}

// comparisons gives those of the filter, if it can be read.
func (q *request) comparisons() []comparison {
	if f, ok := q.filters(); ok {
		all, _ := readFilter(f)
		return all
	}
	return nil
}

// named gives the attribute that a comparison is about, with its parent.
func (c comparison) named() (attributeName, bool) {
	if c.parent == "" {
		return c.attribute, true
	}
	a, err := readName(c.parent)
	a.sub = c.attribute.name
	return a, err == nil && c.attribute.sub == ""
}

// queryRules are about filters, sorting and projections.
func queryRules() []Rule {
	return []Rule{
		{ID: "filter.not-empty", Holds: "a filter has an expression", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			Covers: []string{"rfc7644-3.4.2.2-at-least-one"}, look: func(q *request, _ *seen, say say) {
				if f, ok := q.filters(); ok && strings.TrimSpace(f) == "" {
					say(inFilter, strconv.Quote(f), "an expression, or no filter")
				}
			}},
		{ID: "filter.grammar", Holds: "a filter follows the grammar", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			Covers: []string{"rfc7644-3.4.2.2-expression-shape", "rfc7644-3.4.2.2-abnf", "rfc7644-3.4.3-filter-valid"}, look: func(q *request, _ *seen, say say) {
				if f, ok := q.filters(); ok && strings.TrimSpace(f) != "" {
					if _, err := readFilter(f); err != nil {
						say(inFilter, f, err.Error())
					}
				}
			}},
		{ID: "filter.complex-qualified", Holds: "a filter on a complex attribute names the sub-attribute", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			Covers: []string{"rfc7644-3.4.2.2-complex-qualified"}, look: func(q *request, _ *seen, say say) {
				for _, c := range q.comparisons() {
					a := lookup(q.endpoint, c.attribute)
					if a != nil && c.parent == "" && a.Type == scim.Complex && c.operator != "pr" {
						say(inFilter, c.attribute.String()+" "+c.operator, c.attribute.String()+".value "+c.operator)
					}
				}
			}},
		{ID: "filter.bracket", Holds: "what stands in brackets is about sub-attributes of the attribute before them", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			Covers: []string{"rfc7644-3.4.2.2-complex-subattributes"}, look: bracketRule},
		{ID: "filter.literal", Holds: "a filter compares an attribute with a value of its type", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			look: func(q *request, _ *seen, say say) {
				for _, c := range q.comparisons() {
					literalRule(q.endpoint, c, inFilter, say)
				}
			}},
		{ID: "filter.not-personal", Holds: "names, addresses, numbers and passwords are not looked for in URLs", Level: check.Must, Source: rfc("7644", "3.12"),
			Covers: []string{"rfc7644-3.12-sensitive-uri"}, look: func(q *request, _ *seen, say say) {
				if q.method != http.MethodGet {
					return
				}
				for _, c := range q.comparisons() {
					if a, _ := c.named(); slices.Contains([]string{"name", "emails", "phonenumbers", "password", "addresses"}, strings.ToLower(a.name)) {
						say(inFilter, a.String(), "POST /.search")
					}
				}
			}},
		{ID: "filter.personal-by-post", Holds: "who looks for personal data uses POST", Level: check.Should, Source: rfc("7644", "7.5.2"),
			Covers: []string{"rfc7644-7.5.2-client-post"}, look: func(q *request, _ *seen, say say) {
				if q.method != http.MethodGet {
					return
				}
				for _, c := range q.comparisons() {
					if c.value != nil && personal.MatchString(c.value.Text) {
						say(inFilter, "an address or a number in the URL", "POST "+q.endpoint+"/.search")
					}
				}
			}},
		{ID: "query.names", Holds: "attributes and excludedAttributes hold attribute names, with commas between", Level: check.Must, Source: rfc("7644", "3.4.2.5"),
			Covers: []string{"rfc7644-3.4.2.5-attributes-notation", "rfc7644-3.4.2.5-excluded-notation", "rfc7644-3.4.3-attributes-notation",
				"rfc7644-3.4.3-excluded-notation", "rfc7644-3.9-comma-list", "rfc7644-3.10-urn-prefix", "rfc7644-3.10-dot-notation"}, look: projectionRule},
		{ID: "query.one-projection", Holds: "attributes and excludedAttributes are not sent together", Level: check.Must, Source: rfc("7644", "3.9"),
			Covers: []string{"rfc7644-3.9-mutually-exclusive"}, look: func(q *request, _ *seen, say say) {
				if len(q.option("attributes")) > 0 && len(q.option("excludedAttributes")) > 0 {
					say(inQuery, "attributes and excludedAttributes", "one of them")
				}
			}},
		{ID: "query.sort-by", Holds: "sortBy is an attribute, of a complex one a sub-attribute", Level: check.Must, Source: rfc("7644", "3.4.2.3"),
			Covers: []string{"rfc7644-3.4.2.3-complex-path", "rfc7644-3.4.3-sort-by-notation"}, look: func(q *request, _ *seen, say say) {
				for _, by := range q.option("sortBy") {
					name, err := readName(by)
					if a := lookup(q.endpoint, name); err != nil || a != nil && a.Type == scim.Complex && !a.MultiValued {
						say(inQuery, "sortBy="+by, "an attribute such as name.familyName")
					}
				}
			}},
		{ID: "query.integers", Holds: "startIndex and count are integers", Level: check.Must, Source: rfc("7643", "2.3.4"),
			Covers: []string{"rfc7643-2.3.4-integer-type"}, look: func(q *request, _ *seen, say say) {
				for _, name := range []string{"startIndex", "count"} {
					for _, v := range q.option(name) {
						if _, err := strconv.Atoi(v); err != nil {
							say(inQuery, name+"="+v, "an integer")
						}
					}
				}
			}},
		{ID: "query.once", Holds: "no parameter is sent twice", Level: check.Must, Source: rfc("7644", "3.9"),
			Covers: []string{"rfc7644-3.9-comma-list"}, look: func(q *request, _ *seen, say say) {
				for _, name := range []string{"attributes", "excludedAttributes", "filter", "sortBy", "startIndex", "count", "cursor"} {
					if n := q.times(name); n > 1 {
						say(inQuery, name+" "+strconv.Itoa(n)+" times", "once")
					}
				}
			}},
	}
}

// personal is an e-mail address or a telephone number.
var personal = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$|^\+?[0-9][0-9 ()./-]{6,}$`)

// option gives the values of a parameter, of the query or of a search body.
func (q *request) option(name string) []string {
	var all []string
	for _, p := range q.query {
		if strings.EqualFold(p.name, name) {
			all = append(all, p.value)
		}
	}
	if q.searches() {
		if n := member(q.root(), name); n != nil {
			if n.Kind != match.KindArray {
				return append(all, n.Text)
			}
			for _, e := range n.Elements {
				all = append(all, e.Text)
			}
		}
	}
	return all
}

func (q *request) times(name string) int {
	n := 0
	for _, p := range q.query {
		if strings.EqualFold(p.name, name) {
			n++
		}
	}
	return n
}

func projectionRule(q *request, _ *seen, say say) {
	for _, option := range []string{"attributes", "excludedAttributes"} {
		for _, list := range q.option(option) {
			for name := range strings.SplitSeq(list, ",") {
				if _, err := readName(strings.TrimSpace(name)); err != nil && !urnForm.MatchString(name) {
					say(inQuery, option+"="+list, "names such as userName,name.givenName")
				}
			}
		}
	}
}

func bracketRule(q *request, _ *seen, say say) {
	look := func(where string, all []comparison) {
		for _, c := range all {
			a, ok := c.named()
			if c.parent == "" {
				continue
			}
			parent := lookup(q.endpoint, attributeName{urn: a.urn, name: a.name})
			if !ok || parent != nil && parent.Type == scim.Complex && find(parent.Sub, a.sub) == nil {
				say(where, c.parent+"["+c.attribute.String()+" …]", "a sub-attribute of "+c.parent)
			}
		}
	}
	look(inFilter, q.comparisons())
	for _, o := range q.ops {
		if o.path != nil {
			look(o.where+".path", o.path.filter)
		}
	}
}

// literalRule wants the JSON type that the attribute has.
func literalRule(endpoint string, c comparison, where string, say say) {
	a, ok := c.named()
	attr := lookup(endpoint, a)
	if !ok || attr == nil || c.value == nil || c.value.Kind == match.KindNull {
		return
	}
	want := match.KindString
	switch attr.Type {
	case scim.Complex:
		return
	case scim.Boolean:
		want = match.KindBoolean
	case scim.Integer, scim.Decimal:
		want = match.KindNumber
	}
	if c.value.Kind != want {
		say(where, a.String()+" "+c.operator+" "+c.value.Raw, "a "+want.String())
	}
}
