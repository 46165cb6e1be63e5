// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// searching checks queries by POST, RFC 7644 §3.4.3. A provider that has none
// answers 501 or 404, which searchPost reports; the others then have nothing
// to look at.
func searching() []check.Check {
	return []check.Check{searchNothing, searchProjection, searchPage, searchFilter}
}

// search sends a query of these members as POST, if the provider takes any.
func search(t *check.T, members string) *flow.Exchange {
	x := t.Post(scim.UsersEndpoint+"/.search", `{"schemas":["`+scim.SearchRequestURN+`"],`+members+`}`)
	switch x.Status {
	case 404, 405, 501:
		t.Skip("queries by POST to .search are not served")
	}
	return x
}

var searchNothing = check.Check{
	ID:       "search.user.creates-nothing",
	Title:    "a POST to .search creates nothing, whatever its body",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-suffix-is-query"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A search leaves accounts behind.",
	Fix:      "Tell .search from the endpoint before looking at the body.",
	Run: func(t *check.T) {
		body := user(t, "alice")
		t.Expect(t.Post(scim.UsersEndpoint+"/.search", body)).NotTo(HaveStatus(201))
		alice := &check.Resource{Sent: []byte(body)}
		t.Expect(find(t, scim.UsersEndpoint, is(alice))).To(BeListResponse(0))
	},
}

var searchProjection = check.Check{
	ID:       "search.body.projection",
	Title:    "attributes and excludedAttributes in the body of a search are honoured",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-attributes", "rfc7644-3.4.3-excluded", "rfc7644-3.4.3-excluded-always", "rfc7644-3.2-search-post"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client is sent more of a person than it asked for, or no id.",
	Fix:      "Treat the arrays as the parameters of the same name; id is always returned.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		filter := `"filter":` + quote(is(alice))
		some := search(t, filter+`,"attributes":["userName"]`)
		t.Require(some).To(HaveOnlyResources(alice.ID))
		t.Expect(some).To(HaveAttribute("Resources.userName"))
		t.Expect(some).To(NotHaveAttribute("Resources.emails"))
		rest := search(t, filter+`,"excludedAttributes":["id","emails"]`)
		t.Require(rest).To(HaveOnlyResources(alice.ID))
		t.Expect(rest).To(HaveAttribute("Resources.userName"))
		t.Expect(rest).To(NotHaveAttribute("Resources.emails"))
	},
}

var searchPage = check.Check{
	ID:       "search.body.page",
	Title:    "startIndex and count in the body of a search give the page that they give in a URL",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-start-index", "rfc7644-3.4.3-count", "rfc7644-3.4.3-same-as-get"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A walk through the pages of a search never ends, or skips people.",
	Fix:      "Read startIndex and count from the body as numbers.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "", "")
		x := search(t, `"filter":`+quote(filter)+`,"startIndex":2,"count":1`)
		t.Expect(x).To(BeListResponse(3))
		t.Expect(x).To(HaveAttribute("startIndex", 2))
		t.Expect(x).To(HaveOnlyResources(Texts(pageOf(t, filter, "2", "1"), "Resources.id")...))
	},
}

var searchFilter = check.Check{
	ID:       "search.body.filter",
	Title:    "a filter in the body of a search that cannot be read is refused with invalidFilter",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-filter-valid"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client with a mistake in its filter is sent everybody.",
	Fix:      "Answer 400 invalidFilter, as for a filter in the URL.",
	Run: func(t *check.T) {
		t.Expect(search(t, `"filter":"userName eq","count":1`)).To(BeSCIMError(400, scim.InvalidFilter))
	},
}
