// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// rooted is a statement about queries at the base URL, over users and groups,
// RFC 7644 §3.4.2.1. A provider without such queries is skipped.
func rooted(id, title, row, breaks, fix string, run func(t *check.T, alice, group *check.Resource)) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Must, Source: check.RFC7644("3.4.2.1"), Covers: []string{row},
		Needs: check.Needs(check.CapFilter, check.CapGroup), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) { run(t, create(t, "alice"), t.CreateGroup("engineering")) },
	}
}

// everywhere queries the base URL with a filter, if the provider takes that.
func everywhere(t *check.T, filter string) *flow.Exchange {
	x := t.List("", "filter", filter)
	switch x.Status {
	case 400, 403, 404, 405, 501:
		t.Skip("queries at the base URL are not served: got " + itoa(x.Status))
	}
	t.Require(x).To(HaveStatus(200))
	if !slices.Contains(members(x), "totalResults") {
		t.Skip("queries at the base URL are not served: the reply is no list")
	}
	return x
}

// rootQueries checks queries over all resource types.
func rootQueries() []check.Check {
	return []check.Check{
		rooted("root.query.all", "a query at the base URL finds users and groups", "rfc7644-3.4.2.1-root-all",
			"A client that looks for an id of unknown type misses half of what there is.",
			"Ask every endpoint, and put the answers into one list.",
			func(t *check.T, alice, group *check.Resource) {
				x := everywhere(t, "id eq "+quote(alice.ID)+" or id eq "+quote(group.ID))
				t.Expect(x).To(HaveOnlyResources(alice.ID, group.ID))
			}),
		rooted("root.query.common", "a filter on an attribute of both types finds both", "rfc7644-3.4.2.1-multi-type-filter",
			"A search by name finds people and no teams.",
			"Evaluate the filter against each resource by its own schema.",
			func(t *check.T, _, group *check.Resource) {
				named := create(t, "bob", `"displayName":`+quote(displayName(group)))
				x := everywhere(t, "displayName eq "+quote(displayName(group)))
				t.Expect(x).To(HaveOnlyResources(named.ID, group.ID))
			}),
		rooted("root.query.foreign", "an attribute that a type lacks counts as having no value", "rfc7644-3.4.2.1-foreign-attribute",
			"A search for people by userName ends in an error, or finds every group.",
			"Treat an attribute that the resource's schema does not have as unassigned.",
			func(t *check.T, alice, group *check.Resource) {
				both := "(id eq " + quote(alice.ID) + " or id eq " + quote(group.ID) + ")"
				t.Expect(everywhere(t, both+" and userName pr")).To(HaveOnlyResources(alice.ID))
				t.Expect(everywhere(t, both+" and not (userName pr)")).To(HaveOnlyResources(group.ID))
			}),
		rootSearch,
	}
}

var rootSearch = check.Check{
	ID:       "search.root.post",
	Title:    "a query by POST to .search at the base URL finds users and groups",
	Level:    check.May,
	Source:   check.RFC7644("3.2"),
	Covers:   []string{"rfc7644-3.2-search-post"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that looks for an id of unknown type finds nothing.",
	Fix:      "Serve POST /.search as a query at the base URL, or answer 501.",
	Run: func(t *check.T) {
		alice, group := create(t, "alice"), t.CreateGroup("engineering")
		filter := "id eq " + quote(alice.ID) + " or id eq " + quote(group.ID)
		x := t.Post("/.search", `{"schemas":["`+scim.SearchRequestURN+`"],"filter":`+quote(filter)+`,"count":10}`)
		switch x.Status {
		case 403, 404, 405, 501:
			t.Skip("queries by POST at the base URL are not served: got " + itoa(x.Status))
		}
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveOnlyResources(alice.ID, group.ID))
	},
}
