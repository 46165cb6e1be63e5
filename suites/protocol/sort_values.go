// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// sortValues checks by which value a resource is sorted, RFC 7644 §3.4.2.3, and
// sorting in a search by POST.
func sortValues() []check.Check { return []check.Check{sortPrimary, sortExact, sortSearch} }

var sortPrimary = check.Check{
	ID:       "sort.value.primary",
	Title:    "a multi-valued attribute is sorted by its primary value, else by its first",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.3"),
	Covers:   []string{"rfc7644-3.4.2.3-multivalued"},
	Needs:    check.Needs(check.CapSort, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "People stand in the list at the place of an address that is not their main one.",
	Fix:      "Take the value whose primary is true, and the first where none is.",
	Run: func(t *check.T) {
		mark := t.Name("crowd")
		family := `"name":{"givenName":"Alice","familyName":` + quote(mark) + `}`
		mail := func(s string) string { return `{"value":"` + s + `@example.com","type":"` } // s begins the order
		last := create(t, "c", family, `"emails":[`+mail("a-"+mark)+`home"},`+mail("z-"+mark)+`work","primary":true}]`)
		first := create(t, "a", family, `"emails":[`+mail("b-"+mark)+`work"}]`)
		middle := create(t, "b", family, `"emails":[`+mail("y-"+mark)+`home"},`+mail("m-"+mark)+`work","primary":true}]`)
		x := t.List(scim.UsersEndpoint, "filter", "name.familyName eq "+quote(mark), "sortBy", "emails.value")
		t.Expect(idsOn(x)).To(gomega.Equal([]string{first.ID, middle.ID, last.ID}))
	},
}

var sortExact = check.Check{
	ID:       "sort.value.exact",
	Title:    "values that are caseExact are ordered with regard to letter case",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.3"),
	Covers:   []string{"rfc7644-3.4.2.3-case-exact"},
	Needs:    check.Needs(check.CapSort, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that walks two lists in step, its own and the provider's, loses the step.",
	Fix:      "Compare the values of externalId and id as they are.",
	Run: func(t *check.T) {
		mark := t.Name("crowd")
		key := map[string]string{}
		for _, letter := range []string{"a", "A", "B", "b"} { // folded, they stay in this order
			alice := create(t, "member", `"externalId":`+quote(letter+mark), `"name":{"familyName":`+quote(mark)+`}`)
			key[alice.ID] = letter
		}
		x := t.List(scim.UsersEndpoint, "filter", "name.familyName eq "+quote(mark), "sortBy", "externalId")
		var order strings.Builder
		for _, id := range idsOn(x) {
			order.WriteString(key[id])
		}
		// By code point, or as a language has it: capitals first or last in all
		// words, or within a letter.
		t.Expect(order.String()).To(gomega.BeElementOf("ABab", "abAB", "AaBb", "aAbB"))
	},
}

var sortSearch = check.Check{
	ID:       "search.body.sort",
	Title:    "sortBy and sortOrder in the body of a search order the result",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-sort-by"},
	Needs:    check.Needs(check.CapSort, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A list that is in order by GET is in none by POST.",
	Fix:      "Read sortBy and sortOrder from the body as from a URL.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "Baker", "Carver", "Archer")
		asking := `"filter":` + quote(filter) + `,"sortBy":"title"`
		t.Expect(idsOn(search(t, asking))).To(gomega.Equal([]string{ids[2], ids[0], ids[1]}))
		t.Expect(idsOn(search(t, asking+`,"sortOrder":"descending"`))).To(gomega.Equal([]string{ids[1], ids[0], ids[2]}))
	},
}

// pageBounds checks what a provider does without a count, and with one that is no
// number, RFC 7644 §3.4.2.4.
func pageBounds() []check.Check { return []check.Check{pageDefault, pageNumbers} }

var pageDefault = check.Check{
	ID:     "page.count.default",
	Title:  "a list without count has no more than filter.maxResults resources, or is refused with 400 tooMany",
	Level:  check.Must,
	Source: check.RFC7644("3.4.2.4"),
	Covers: []string{
		"rfc7644-3.4.2.4-count-default", "rfc7644-3.4.2.1-too-many", "rfc7644-3.12-scimtype-toomany",
	},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that forgets count is sent a directory of millions, or a server error after a minute.",
	Fix:      "Choose a page size of your own where count is absent, at most filter.maxResults.",
	Run: func(t *check.T) {
		create(t, "alice")
		create(t, "bob")
		most := number(t.List(scim.ServiceProviderConfigEndpoint), "filter.maxResults")
		x := t.List(scim.UsersEndpoint)
		if x.Status != 200 {
			t.Expect(x).To(BeSCIMError(400, scim.TooMany))
			return
		}
		t.Expect(x).To(BeListResponse())
		if most > 0 {
			t.Expect(len(idsOn(x))).To(gomega.BeNumerically("<=", most))
		}
	},
}

var pageNumbers = check.Check{
	ID:       "page.number.malformed",
	Title:    "a count or startIndex that is no integer is refused with 400",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-non-integer"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A mistake of a client fetches everybody, or ends in a server error.",
	Fix:      "Answer 400 invalidValue.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "")
		t.Expect(pageOf(t, filter, "1", "abc")).To(BeSCIMError(400))
		t.Expect(pageOf(t, filter, "1.5", "1")).To(BeSCIMError(400))
	},
}
