// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"slices"
	"strconv"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// crowd makes users that share a family name of their own, and gives a filter
// for just them. Each entry is the title of one user; "" is none.
func crowd(t *check.T, titles ...string) (filter string, ids []string) {
	mark := t.Name("crowd")
	for i, title := range titles {
		members := []string{`"name":{"givenName":"Alice","familyName":` + quote(mark) + `}`}
		if title != "" {
			members = append(members, `"title":`+quote(title))
		}
		ids = append(ids, create(t, "member"+strconv.Itoa(i), members...).ID)
	}
	return "name.familyName eq " + quote(mark), ids
}

// sorting checks sortBy and sortOrder, RFC 7644 §3.4.2.3.
func sorting() []check.Check {
	return []check.Check{sortAscending, sortDescending, sortCase, sortUnassigned}
}

// sorted is a statement about the order of users with these titles.
func sorted(id, title string, covers []string, breaks, fix string, titles []string, order string, want ...int) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Must, Source: check.RFC7644("3.4.2.3"), Covers: covers,
		Needs: check.Needs(check.CapSort, check.CapFilter), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			filter, ids := crowd(t, titles...)
			query := []string{"filter", filter, "sortBy", "title"}
			if order != "" {
				query = append(query, "sortOrder", order)
			}
			x := t.List(scim.UsersEndpoint, query...)
			t.Require(x).To(HaveOnlyResources(ids...))
			for place, i := range want {
				t.Expect(x).To(HaveAttribute("Resources["+strconv.Itoa(place)+"].id", ids[i]))
			}
		},
	}
}

var (
	sortAscending = sorted("sort.order.default", "sortBy orders ascending unless told otherwise",
		[]string{"rfc7644-3.4.2.3-sort-by", "rfc7644-3.4.2.3-default-ascending"},
		"A client that walks an ordered list meets people out of order.",
		"Order by the attribute of sortBy, ascending when sortOrder is absent.",
		[]string{"Baker", "Carver", "Archer"}, "", 2, 0, 1)
	sortDescending = sorted("sort.order.descending", "sortOrder descending turns the order round",
		[]string{"rfc7644-3.4.2.3-order-values", "rfc7644-3.4.2.3-sort-by"},
		"A client that asks for the latest first gets the oldest.",
		"Read sortOrder, and reverse the order for descending.",
		[]string{"Baker", "Carver", "Archer"}, "descending", 1, 0, 2)
	sortCase = sorted("sort.value.case", "values that are not caseExact are ordered without letter case",
		[]string{"rfc7644-3.4.2.3-case-insensitive", "rfc7644-3.4.2.3-by-type"},
		"Lower-case entries come after all others, out of sight.",
		"Fold the values before comparing them, unless the schema says caseExact.",
		[]string{"baker", "Carver", "Archer"}, "ascending", 2, 0, 1)
	sortUnassigned = sorted("sort.value.unassigned", "resources without the value come last when ascending",
		[]string{"rfc7644-3.4.2.3-no-value-last"},
		"The first page is full of people without the value.",
		"Put unassigned values at the end ascending, at the beginning descending.",
		[]string{"", "Baker", "Archer"}, "ascending", 2, 1, 0)
)

// paging checks startIndex and count, RFC 7644 §3.4.2.4.
func paging() []check.Check {
	return []check.Check{pageFirst, pageNames, pageWalk, pageTotal, pageZero, pageBelowOne, pageNegative, pageBeyond, searchPost}
}

var pageFirst = check.Check{
	ID:       "page.count.max",
	Title:    "no more than count resources come back, with their numbers",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-count-max", "rfc7644-3.4.2-start-index-partial", "rfc7644-3.4.2-items-per-page-partial", "rfc7644-3.4.2.4-items-per-page", "rfc7644-3.4.2-resources-required"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta's acceptance suite asks for one user, and its import pages by the numbers in the reply.",
	Fix:      "Honour count; state totalResults, startIndex and itemsPerPage as JSON numbers.",
	Run: func(t *check.T) {
		create(t, "alice")
		create(t, "bob")
		x := t.List(scim.UsersEndpoint, "startIndex", "1", "count", "1")
		t.Require(x).To(HaveStatus(200))
		t.Require(x).To(BeListResponse())
		t.Expect(x).To(HaveAttributeCount("Resources", 1))
		t.Expect(x).To(HaveAttribute("startIndex", 1))
		t.Expect(x).To(HaveAttribute("itemsPerPage", 1))
		t.Expect(x).To(HaveAttribute("totalResults", gomega.BeNumerically(">=", 2)))
	},
}

var pageNames = check.Check{
	ID:       "page.list.names",
	Title:    "the members of a list are spelt totalResults, startIndex, itemsPerPage and Resources",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2"),
	Covers:   []string{"rfc7644-3.4.2-list-key-case"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A client that reads Resources to the letter sees an empty list.",
	Fix:      "Spell the members of a ListResponse as the RFC does: Resources with a capital, the others without.",
	Run: func(t *check.T) {
		create(t, "alice")
		x := t.List(scim.UsersEndpoint, "startIndex", "1", "count", "1")
		t.Require(x).To(BeListResponse())
		t.Expect(members(x)).To(gomega.ContainElements("totalResults", "startIndex", "itemsPerPage", "Resources"))
	},
}

// members gives the names of the members of a reply, to the letter.
func members(x *flow.Exchange) []string {
	tree, err := Parse(x.Response.Body)
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range tree.Root.Members {
		names = append(names, m.Name)
	}
	return names
}

// pageOf asks for a page of a filtered list.
func pageOf(t *check.T, filter, start, count string) *flow.Exchange {
	return t.List(scim.UsersEndpoint, "filter", filter, "startIndex", start, "count", count)
}

var pageWalk = check.Check{
	ID:       "page.walk.once",
	Title:    "walking the pages reaches every match once",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-walk", "rfc7644-3.4.2.4-start-index"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "An import skips people, who are then created again.",
	Fix:      "Order the result by something stable, such as the id, before cutting a page out.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "", "", "")
		one, two := pageOf(t, filter, "1", "2"), pageOf(t, filter, "3", "2")
		t.Expect(one).To(HaveAttributeCount("Resources", 2))
		t.Expect(two).To(HaveAttribute("startIndex", 3))
		got := slices.Concat(Texts(one, "Resources.id"), Texts(two, "Resources.id"))
		t.Expect(got).To(gomega.ConsistOf(ids))
	},
}

var pageTotal = check.Check{
	ID:       "page.total.all",
	Title:    "totalResults counts all matches, not those on the page",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2"),
	Covers:   []string{"rfc7644-3.4.2-total-results", "rfc7644-3.4.2.4-total-results"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "An import stops after the first page.",
	Fix:      "Count the matches before the page is cut out.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "", "")
		t.Expect(pageOf(t, filter, "1", "1")).To(BeListResponse(3))
	},
}

var pageZero = check.Check{
	ID:       "page.count.zero",
	Title:    "count 0 answers totalResults alone",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-count-zero"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that wants the number alone is sent everybody.",
	Fix:      "Take 0 as a number like others, not as a missing count.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "")
		x := pageOf(t, filter, "1", "0")
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("totalResults", 2))
		t.Expect(x).To(HaveAttributeCount("Resources", 0))
	},
}

var pageBelowOne = check.Check{
	ID:       "page.start.below-one",
	Title:    "a startIndex below 1 counts as 1",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-start-below-one", "rfc7644-3.4.2.4-start-default"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that counts from 0 is refused, or misses the first user.",
	Fix:      "Raise startIndex to 1 instead of refusing it.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "", "")
		t.Expect(pageOf(t, filter, "0", "10")).To(HaveOnlyResources(ids...))
		t.Expect(pageOf(t, filter, "-3", "10")).To(HaveOnlyResources(ids...))
	},
}

var pageNegative = check.Check{
	ID:       "page.count.negative",
	Title:    "a negative count counts as 0",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-count-negative"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A mistake of a client fetches everybody, or ends in a server error.",
	Fix:      "Raise a negative count to 0.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "")
		x := pageOf(t, filter, "1", "-1")
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("totalResults", 1))
		t.Expect(x).To(HaveAttributeCount("Resources", 0))
	},
}

var pageBeyond = check.Check{
	ID:       "page.start.beyond",
	Title:    "a page beyond the end is empty, not an error",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.4"),
	Covers:   []string{"rfc7644-3.4.2.4-past-end"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "An import that reads until a page is empty ends in an error.",
	Fix:      "Answer 200 with totalResults and no Resources.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "")
		x := pageOf(t, filter, "100", "10")
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("totalResults", 1))
		t.Expect(x).To(HaveAttributeCount("Resources", 0))
	},
}

var searchPost = check.Check{
	ID:       "search.user.post",
	Title:    "a query by POST to .search answers as the one by GET",
	Level:    check.May,
	Source:   check.RFC7644("3.4.3"),
	Covers:   []string{"rfc7644-3.4.3-post-search", "rfc7644-3.4.3-response", "rfc7644-3.4.3-same-as-get"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that keeps personal data out of URLs, and so out of logs, cannot search.",
	Fix:      "Read filter, startIndex, count and attributes from the body of POST /Users/.search.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Post(scim.UsersEndpoint+"/.search", `{"schemas":["`+scim.SearchRequestURN+`"],"filter":`+quote(is(alice))+`,"count":10}`)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(BeListResponse(1))
		t.Expect(x).To(HaveOnlyResources(alice.ID))
	},
}
