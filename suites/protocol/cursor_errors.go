// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// cursorErrors checks what a provider says of paging by cursor, RFC 9865 §4, and
// what it does with cursors that lead nowhere, §2.1 and §5.
func cursorErrors() []check.Check {
	return []check.Check{
		cursorAdvertised, cursorFlags, cursorNumbers,
		cursorUnknown, cursorAltered, cursorOtherCount, cursorBadCount, cursorWithIndex, cursorExpired,
		cursorWithoutToken, cursorOfOther,
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// number gives the integer at path, or -1.
func number(x *flow.Exchange, path string) int {
	n, err := strconv.Atoi(Text(x, path))
	if err != nil {
		return -1
	}
	return n
}

var cursorAdvertised = check.Check{
	ID:       "cursor.config.advertised",
	Title:    "a provider that pages by cursor says so in ServiceProviderConfig",
	Level:    check.Should,
	Source:   rfc9865("4"),
	Covers:   []string{"rfc9865-4-advertise"},
	Needs:    check.Needs(check.CapDiscovery, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that could walk by cursor does not know, and pages by index, which is slow or skips people.",
	Fix:      "Add pagination with cursor and index to ServiceProviderConfig.",
	Run: func(t *check.T) {
		filter, _ := crowd(t, "", "")
		if Text(after(t, filter, "", "count", "1"), "nextCursor") == "" {
			t.Skip("the provider does not page by cursor")
		}
		t.Expect(t.List(scim.ServiceProviderConfigEndpoint)).To(HaveAttribute("pagination.cursor", true))
	},
}

// pagination reads what the configuration says of paging, if anything.
func pagination(t *check.T) *flow.Exchange {
	config := t.List(scim.ServiceProviderConfigEndpoint)
	if config.Status == http.StatusOK && len(Texts(config, "pagination.cursor"))+len(Texts(config, "pagination.index")) == 0 {
		t.Skip("ServiceProviderConfig says nothing of pagination, and need not")
	}
	t.Require(config).To(HaveStatus(200))
	return config
}

var cursorFlags = check.Check{
	ID:       "cursor.config.flags",
	Title:    "pagination has the booleans cursor and index, and they are true of what works",
	Level:    check.Must,
	Source:   rfc9865("4"),
	Covers:   []string{"rfc9865-4-cursor-flag", "rfc9865-4-index-flag", "rfc9865-4-pagination-optional"},
	Needs:    check.Needs(check.CapDiscovery, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client pages in a way that the provider does not have.",
	Fix:      "Give pagination.cursor and pagination.index as true or false, each as it is.",
	Run: func(t *check.T) {
		config := pagination(t)
		for _, flag := range []string{"pagination.cursor", "pagination.index"} {
			t.Require(config).To(HaveAttribute(flag, gomega.BeAssignableToTypeOf(true)))
		}
		filter, _ := crowd(t, "", "")
		byCursor := Text(after(t, filter, "", "count", "1"), "nextCursor") != ""
		t.Expect(config).To(HaveAttribute("pagination.cursor", byCursor))
		if Text(config, "pagination.index") == "true" {
			one, two := pageOf(t, filter, "1", "1"), pageOf(t, filter, "2", "1")
			t.Expect(idsOn(two)).NotTo(gomega.Equal(idsOn(one)))
		}
	},
}

var cursorNumbers = check.Check{
	ID:       "cursor.config.numbers",
	Title:    "page sizes and the life of a cursor are positive integers, the default way of paging a word",
	Level:    check.Should,
	Source:   rfc9865("4"),
	Covers:   []string{"rfc9865-4-default-page-size", "rfc9865-4-max-page-size", "rfc9865-4-default-method-attr", "rfc9865-4-cursor-timeout"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that plans its requests by these numbers cannot read them.",
	Fix:      "State defaultPageSize, maxPageSize and cursorTimeout (seconds) as JSON numbers above 0, defaultPaginationMethod as cursor or index, or leave them out.",
	Run: func(t *check.T) {
		config := pagination(t)
		for _, path := range []string{"pagination.defaultPageSize", "pagination.maxPageSize", "pagination.cursorTimeout"} {
			if len(Texts(config, path)) > 0 {
				t.Expect(config).To(HaveAttribute(path, gomega.BeNumerically(">", 0)))
			}
		}
		if way := Text(config, "pagination.defaultPaginationMethod"); way != "" {
			t.Expect(way).To(gomega.BeElementOf("cursor", "index"))
		}
	},
}

// astray is a statement about requests with a cursor that leads nowhere.
func astray(id, title string, covers []string, breaks, fix string, run func(*check.T)) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Should, Source: rfc9865("2.1"), Covers: covers,
		Needs: check.Needs(check.CapCursor, check.CapFilter), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix, Run: run,
	}
}

var (
	cursorUnknown = astray("cursor.error.unknown", "a cursor that was never given out is refused with 400 invalidCursor",
		[]string{"rfc9865-2.1-errors", "rfc9865-2.1-invalid-cursor"},
		"A client that mangles a cursor begins again at the first page, for ever.",
		"Answer 400 invalidCursor to every cursor that you did not give out.",
		func(t *check.T) {
			filter, _ := crowd(t, "")
			for _, cursor := range []string{"AAAA", "scimproof never issued", "<none>"} {
				t.Expect(after(t, filter, cursor)).To(BeSCIMError(400, scim.InvalidCursor))
			}
		})
	cursorAltered = astray("cursor.error.altered", "a cursor of which a character was changed is refused with 400 invalidCursor",
		[]string{"rfc9865-2.1-invalid-cursor", "rfc9865-5.2-obfuscate"},
		"Whoever has one cursor writes others, and reads what the query did not show.",
		"Sign or encrypt what a cursor holds, or keep it and give out a random name.",
		func(t *check.T) {
			filter, next := cursorTo(t)
			middle, other := len(next)/2, byte('A')
			if next[middle] == other {
				other = 'B'
			}
			changed := next[:middle] + string(other) + next[middle+1:]
			t.Expect(after(t, filter, changed, "count", "1")).To(BeSCIMError(400, scim.InvalidCursor))
			t.Expect(after(t, filter, next[:middle], "count", "1")).To(BeSCIMError(400, scim.InvalidCursor))
		})
	cursorOtherCount = astray("cursor.error.other-count", "another count than on the first page is refused with 400 invalidCount, or served",
		[]string{"rfc9865-2.1-invalid-count"},
		"A client that asks for less after a time-out ends in a server error.",
		"Answer 400 invalidCount, or cut the page at the new count.",
		func(t *check.T) {
			filter, next := cursorTo(t)
			x := after(t, filter, next, "count", "2")
			if x.Status != 200 {
				t.Expect(x).To(BeSCIMError(400, scim.InvalidCount))
				return
			}
			t.Expect(len(idsOn(x))).To(gomega.BeNumerically("<=", 2))
		})
	cursorBadCount = astray("cursor.error.count", "a count that is no number is refused with 400 invalidCount",
		[]string{"rfc9865-2.1-invalid-count", "rfc9865-2.1-errors"},
		"A mistake of a client fetches everybody, or ends in a server error.",
		"Answer 400 invalidCount.",
		func(t *check.T) {
			filter, _ := crowd(t, "")
			t.Expect(after(t, filter, "", "count", "abc")).To(BeSCIMError(400, scim.InvalidCount, scim.InvalidValue))
		})
	cursorWithIndex = astray("cursor.error.start-index", "cursor and startIndex together are refused with 400, or one of them is ignored",
		[]string{"rfc9865-2-no-start-index"},
		"A client that sends both to be safe ends in a server error, or is sent a page of neither kind.",
		"Answer 400, or serve the page of one of the two.",
		func(t *check.T) {
			filter, _ := crowd(t, "", "", "")
			x := after(t, filter, "", "startIndex", "2", "count", "1")
			if x.Status != 200 {
				t.Expect(x).To(BeSCIMError(400))
				return
			}
			pages := []any{idsOn(after(t, filter, "", "count", "1")), idsOn(pageOf(t, filter, "2", "1"))}
			t.Expect(idsOn(x)).To(gomega.BeElementOf(pages...))
		})
	cursorExpired = astray("cursor.error.expired", "a cursor older than cursorTimeout is refused with 400 expiredCursor, or still good",
		[]string{"rfc9865-2.1-expired-cursor"},
		"A client that took its time cannot tell whether to begin again or to give up.",
		"Answer 400 expiredCursor to a cursor that you gave out and no longer know.",
		func(t *check.T) {
			const patience = 3 // seconds
			life := number(t.List(scim.ServiceProviderConfigEndpoint), "pagination.cursorTimeout")
			if life < 1 || life > patience {
				t.Skip("cursorTimeout is not given, or longer than a check waits")
			}
			filter, next := cursorTo(t)
			begun := time.Now()
			waited := func() any { return time.Since(begun) }
			t.Eventually(waited, (patience+1)*time.Second).Should(gomega.BeNumerically(">", time.Duration(life)*time.Second))
			if x := after(t, filter, next, "count", "1"); x.Status != 200 {
				t.Expect(x).To(BeSCIMError(400, scim.ExpiredCursor))
			}
		})
)

var cursorWithoutToken = check.Check{
	ID:       "cursor.access.each-page",
	Title:    "a cursor is no credential: a page without a token is refused with 401",
	Level:    check.Must,
	Source:   rfc9865("5.2"),
	Covers:   []string{"rfc9865-5.2-continuous-authz"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever finds a URL in a log reads the organisation's users.",
	Fix:      "Ask for credentials on every page, and check them anew.",
	Run: func(t *check.T) {
		filter, next := cursorTo(t)
		path := scim.UsersEndpoint + check.Query("filter", filter, "cursor", next, "count", "1")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Authorization": nil}})
		t.Expect(x).To(HaveStatus(401))
	},
}

var cursorOfOther = check.Check{
	ID:       "cursor.access.other-client",
	Title:    "another tenant's cursor shows nothing, and is refused in the same words as one that was never given out",
	Level:    check.Must,
	Source:   rfc9865("5.2"),
	Covers:   []string{"rfc9865-5.2-confined", "rfc9865-5.2-no-leak"},
	Needs:    check.Needs(check.CapCursor, check.CapFilter, check.CapTenant),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A cursor that leaks lets another customer read on in the directory, or learn that there is more.",
	Fix:      "Bind a cursor to who asked, and answer every cursor that is not theirs with the same error.",
	Run: func(t *check.T) {
		filter, next := cursorTo(t)
		page := func(cursor string) *flow.Exchange {
			path := scim.UsersEndpoint + check.Query("filter", filter, "cursor", cursor, "count", "1")
			return t.Using(check.CapTenant, flow.Request{Method: http.MethodGet, Path: path})
		}
		x := page(next)
		if x.Status == http.StatusOK { // only what the tenant has itself
			t.Expect(idsOn(x)).To(gomega.BeEmpty())
			return
		}
		never := page("AAAA")
		t.Require(x).To(HaveStatus(400, 403, 404))
		t.Expect(never).To(HaveStatus(x.Status))
		for _, path := range []string{"scimType", "detail"} {
			t.Expect(Text(x, path)).To(gomega.Equal(Text(never, path)))
		}
	},
}
