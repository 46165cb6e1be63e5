// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// cursors checks paging by cursor, RFC 9865 §2. A page by cursor need not count:
// totalResults may be left out, and startIndex means nothing there.
func cursors() []check.Check {
	return []check.Check{
		cursorWalk, cursorEnd, cursorCount, cursorTotal, cursorValue, cursorNoPrevious, cursorPrevious,
		cursorZero, cursorNegative, cursorSize, cursorSorted, cursorSearch, cursorDefault,
	}
}

// rfc9865 cites a section of RFC 9865 (cursor-based pagination).
func rfc9865(section string) check.Source {
	return check.Source{Name: "RFC 9865", Section: section, Evidence: check.Standard}
}

// maxPages ends a walk that has no end of its own.
const maxPages = 8

// after asks for the page that a cursor leads to; "" leads to the first.
func after(t *check.T, filter, cursor string, more ...string) *flow.Exchange {
	return t.List(scim.UsersEndpoint, append([]string{"filter", filter, "cursor", cursor}, more...)...)
}

// walk follows nextCursor from the first page to the last, or to the eighth.
func walk(t *check.T, filter string, more ...string) (pages []*flow.Exchange) {
	cursor := ""
	for range maxPages {
		x := after(t, filter, cursor, more...)
		t.Require(x).To(HaveStatus(200))
		t.Require(x).To(HaveAttribute("schemas", gomega.ContainElement(gomega.BeEquivalentTo(scim.ListResponseURN))))
		pages = append(pages, x)
		if cursor = Text(x, "nextCursor"); cursor == "" {
			break
		}
	}
	return pages
}

// idsOn gives the ids on pages, in order.
func idsOn(pages ...*flow.Exchange) (ids []string) {
	for _, x := range pages {
		ids = append(ids, Texts(x, "Resources.id")...)
	}
	return ids
}

// cursorTo gives the cursor of the second page of three users. Without one there
// is nothing to follow.
func cursorTo(t *check.T) (filter, next string) {
	filter, _ = crowd(t, "", "", "")
	x := after(t, filter, "", "count", "1")
	next = Text(x, "nextCursor")
	t.Precondition(x).To(HaveAttribute("nextCursor"))
	return filter, next
}

var cursorWalk = check.Check{
	ID:       "cursor.walk.once",
	Title:    "following nextCursor reaches every match once, and ends",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-next-included", "rfc9865-2-walk"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads all users by cursor misses people, takes one for two, or never ends.",
	Fix:      "Give nextCursor on every page but the last, and let it lead behind the last resource of its page.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "", "", "")
		t.Expect(idsOn(walk(t, filter, "count", "2")...)).To(gomega.ConsistOf(ids))
	},
}

var cursorEnd = check.Check{
	ID:       "cursor.walk.end",
	Title:    "the last page has no nextCursor, not even an empty one",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-next-omitted"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that goes on while there is a nextCursor asks for a page null, or for the first page again.",
	Fix:      "Leave nextCursor out of the last page; null and \"\" say something else.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "")
		pages := walk(t, filter, "count", "2")
		t.Expect(members(pages[len(pages)-1])).NotTo(gomega.ContainElement("nextCursor"))
	},
}

var cursorCount = check.Check{
	ID:       "cursor.page.count",
	Title:    "a page by cursor has no more than count resources",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-count-max"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that can hold so many resources is sent more.",
	Fix:      "Apply count to pages by cursor as to those by index.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "", "")
		for _, page := range walk(t, filter, "count", "1") {
			t.Expect(len(idsOn(page))).To(gomega.BeNumerically("<=", 1))
		}
	},
}

var cursorTotal = check.Check{
	ID:       "cursor.page.total",
	Title:    "totalResults of a page by cursor, where it is given, counts all matches",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-total-accurate", "rfc9865-2-total-omit"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that compares what it read with the total reports people as missing.",
	Fix:      "Count all matches, or leave totalResults out when that costs too much.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "", "", "")
		for _, page := range walk(t, filter, "count", "2") {
			if slices.Contains(members(page), "totalResults") {
				t.Expect(page).To(HaveAttribute("totalResults", len(ids)))
			}
		}
	},
}

var cursorValue = check.Check{
	ID:       "cursor.value.characters",
	Title:    "cursors are made of letters, digits and - . _ ~",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-cursor-charset"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client puts the cursor into the next URL as it is; a plus sign arrives as a blank, and the walk ends in an error.",
	Fix:      "Encode cursors in base64url without padding.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "", "")
		pages := walk(t, filter, "count", "1")
		t.Require(pages[0]).To(HaveAttribute("nextCursor"))
		for _, page := range pages {
			for _, cursor := range append(Texts(page, "nextCursor"), Texts(page, "previousCursor")...) {
				t.Expect(cursor).To(gomega.MatchRegexp(`^[A-Za-z0-9._~-]+$`))
			}
		}
	},
}

var cursorNoPrevious = check.Check{
	ID:       "cursor.previous.first-page",
	Title:    "the first page has no previousCursor",
	Level:    check.Must,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-previous-not-first"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that walks back to the beginning goes round in circles.",
	Fix:      "Leave previousCursor out where nothing comes before.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "")
		x := after(t, filter, "", "count", "1")
		t.Require(x).To(HaveStatus(200))
		t.Expect(members(x)).NotTo(gomega.ContainElement("previousCursor"))
		t.Expect(members(x)).To(gomega.ContainElement("Resources"))
	},
}

var cursorPrevious = check.Check{
	ID:       "cursor.previous.back",
	Title:    "previousCursor, where it is given, leads to the page before",
	Level:    check.May,
	Source:   rfc9865("2"),
	Covers:   []string{"rfc9865-2-previous-optional"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A list on a screen shows another page than the one left.",
	Fix:      "Let previousCursor lead to the page that ended where this one begins, or leave it out.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "", "")
		pages := walk(t, filter, "count", "1")
		t.Precondition(len(pages)).To(gomega.BeNumerically(">", 1))
		back := Text(pages[1], "previousCursor")
		if back == "" {
			t.Skip("no previousCursor is given, and none has to be")
		}
		t.Expect(idsOn(after(t, filter, back, "count", "1"))).To(gomega.Equal(idsOn(pages[0])))
	},
}

// counting is a statement about the first page by cursor of a count that asks for
// nothing.
func counting(id, title, count, row, breaks, fix string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Must, Source: rfc9865("2"), Covers: []string{row},
		Needs: check.Needs(check.CapCursor, check.CapFilter), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			filter, ids := crowd(t, "", "")
			x := after(t, filter, "", "count", count)
			t.Require(x).To(HaveStatus(200))
			t.Expect(x).To(HaveAttributeCount("Resources", 0))
			if slices.Contains(members(x), "totalResults") {
				t.Expect(x).To(HaveAttribute("totalResults", len(ids)))
			}
		},
	}
}

var (
	cursorZero = counting("cursor.count.zero", "a page by cursor of count 0 has no resources", "0", "rfc9865-2-count-zero",
		"A client that wants the number alone is sent people.",
		"Take 0 as a number like others, not as a missing count.")
	cursorNegative = counting("cursor.count.negative", "with a cursor a negative count counts as 0", "-1", "rfc9865-2-count-negative",
		"A mistake of a client fetches everybody, or ends in a server error.",
		"Raise a negative count to 0.")
)

var cursorSize = check.Check{
	ID:       "cursor.page.size",
	Title:    "pages by cursor are no larger than the configuration says",
	Level:    check.Must,
	Source:   rfc9865("4"),
	Covers:   []string{"rfc9865-2-count-default", "rfc9865-4-default-page-size", "rfc9865-4-max-page-size"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sets memory aside for maxPageSize resources is sent more.",
	Fix:      "Cut a page without count at defaultPageSize, and every page at maxPageSize.",
	Run: func(t *check.T) {
		config := t.List(scim.ServiceProviderConfigEndpoint)
		size, most := number(config, "pagination.defaultPageSize"), number(config, "pagination.maxPageSize")
		if size <= 0 && most <= 0 {
			t.Skip("ServiceProviderConfig gives neither defaultPageSize nor maxPageSize")
		}
		filter, _ := crowd(t, "", "", "")
		if x := after(t, filter, ""); size > 0 {
			t.Expect(len(idsOn(x))).To(gomega.BeNumerically("<=", size))
			t.Expect(x).To(HaveAttribute("Resources"))
		}
		if most > 0 {
			x := after(t, filter, "", "count", itoa(most+1))
			t.Expect(len(idsOn(x))).To(gomega.BeNumerically("<=", most))
			t.Expect(x).To(HaveStatus(200, 400)) // a count out of range may be invalidCount
		}
	},
}

var cursorSorted = check.Check{
	ID:       "cursor.order.kept",
	Title:    "pages by cursor go on in the order of sortBy",
	Level:    check.Must,
	Source:   rfc9865("2.2"),
	Covers:   []string{"rfc9865-2.2-sorted"},
	Needs:    check.Needs(check.CapCursor, check.CapSort, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A list that is read page by page jumps to and fro.",
	Fix:      "Order all matches before the page is cut out, and keep the place in that order in the cursor.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "Baker", "Carver", "Archer")
		got := idsOn(walk(t, filter, "count", "1", "sortBy", "title")...)
		t.Expect(got).To(gomega.Equal([]string{ids[2], ids[0], ids[1]}))
	},
}

var cursorSearch = check.Check{
	ID:       "cursor.search.post",
	Title:    "a search by POST pages by cursor",
	Level:    check.Must,
	Source:   rfc9865("3"),
	Covers:   []string{"rfc9865-3-post-search"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that keeps personal data out of URLs cannot read a long list.",
	Fix:      "Read cursor from the body of .search as from a URL.",
	Run: func(t *check.T) {
		filter, ids := crowd(t, "", "", "")
		asking := `"filter":` + quote(filter) + `,"count":2,"cursor":`
		one := search(t, asking+`""`)
		t.Require(one).To(HaveStatus(200))
		t.Require(one).To(HaveAttribute("nextCursor"))
		two := search(t, asking+quote(Text(one, "nextCursor")))
		t.Expect(idsOn(one, two)).To(gomega.ConsistOf(ids))
	},
}

var cursorDefault = check.Check{
	ID:       "cursor.default.method",
	Title:    "a request that names no way of paging is paged in the default way each time",
	Level:    check.Must,
	Source:   rfc9865("2.4"),
	Covers:   []string{"rfc9865-2.4-default-method", "rfc9865-2.3-cursor-only", "rfc9865-4-default-method-attr"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that knows one way of paging alone, as Okta and Entra ID do, reads the first page and stops.",
	Fix:      "Page in the way of defaultPaginationMethod when a request has neither startIndex nor cursor; where servers had paging by index before, that is index.",
	Run: func(t *check.T) {
		config := t.List(scim.ServiceProviderConfigEndpoint)
		filter, _ := crowd(t, "", "", "")
		way := func() string {
			x := t.List(scim.UsersEndpoint, "filter", filter, "count", "2")
			t.Require(x).To(HaveStatus(200))
			if Text(x, "nextCursor") != "" {
				return "cursor"
			}
			return "index"
		}
		first := way()
		t.Expect(way()).To(gomega.Equal(first))
		want := strings.ToLower(Text(config, "pagination.defaultPaginationMethod"))
		if Text(config, "pagination.index") == "false" {
			want = "cursor" // there is no other
		}
		if want != "" {
			t.Expect(first).To(gomega.Equal(want))
		}
	},
}
