// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// refused is a statement that filters are refused with 400 invalidFilter.
func refused(id, title, breaks, fix string, covers []string, filters ...string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Must, Source: check.RFC7644("3.4.2.2"), Covers: covers,
		Needs: check.Needs(check.CapFilter), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			for _, filter := range filters {
				t.Expect(find(t, scim.UsersEndpoint, filter)).To(BeSCIMError(400, scim.InvalidFilter))
			}
		},
	}
}

// filterErrors checks what a provider does with filters it cannot evaluate.
func filterErrors() []check.Check {
	return []check.Check{
		refused("filter.error.syntax", "a filter that does not parse is refused with 400 invalidFilter",
			"A broken filter answers all users, and the client links the first.",
			"Parse the whole filter before searching, and refuse what is left over.",
			[]string{"rfc7644-3.4.2.2-abnf", "rfc7644-3.12-scimtype-invalidfilter"},
			`userName eq`, `userName eq "x" and`, `(userName eq "x"`, `userName eq "x`, `emails[type eq "work"`),
		refused("filter.error.operator", "an unknown operator is refused with 400 invalidFilter",
			"A misspelt operator answers all users.",
			"Refuse every operator outside eq, ne, co, sw, ew, pr, gt, ge, lt and le.",
			[]string{"rfc7644-3.4.2.2-unknown-operator"},
			`userName like "x"`, `userName = "x"`),
		refused("filter.error.boolean-order", "ordering a boolean is refused with 400 invalidFilter",
			"A filter without a meaning answers something all the same.",
			"Refuse gt, ge, lt and le on boolean and binary attributes.",
			[]string{
				"rfc7644-3.4.2.2-op-gt-boolean", "rfc7644-3.4.2.2-op-ge-boolean",
				"rfc7644-3.4.2.2-op-lt-boolean", "rfc7644-3.4.2.2-op-le-boolean",
			},
			`active gt true`, `active ge true`, `active lt true`, `active le true`),
		filterUnknown, searchUnknownParameter,
	}
}

var filterUnknown = check.Check{
	ID:       "filter.error.attribute",
	Title:    "a filter on an unknown attribute finds nothing or is refused",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-unknown-attribute"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A misspelt attribute answers all users, and the client links the first.",
	Fix:      "Answer 400 invalidFilter, or an empty list, when no schema has the attribute.",
	Run: func(t *check.T) {
		t.CreateUser(people.Alice)
		x := find(t, scim.UsersEndpoint, `scimproofNothing eq "x"`)
		if x.Status == 200 {
			t.Expect(x).To(HaveOnlyResources())
			return
		}
		t.Expect(x).To(BeSCIMError(400, scim.InvalidFilter))
	},
}

var searchUnknownParameter = check.Check{
	ID:       "filter.parameter.unknown",
	Title:    "an unknown query parameter is ignored",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2"),
	Covers:   []string{"rfc7644-3.4.2-ignore-unknown-params"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID may leave its feature flag aadOptscim062020 in the query of a request, which is then refused.",
	Fix:      "Read the parameters of RFC 7644 and let others pass.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		t.Expect(fetch(t, alice, "aadOptscim062020", "", "scimproof", "1")).To(HaveAttribute("id", alice.ID))
		x := t.List(scim.UsersEndpoint, "filter", is(alice), "aadOptscim062020", "")
		t.Expect(x).To(HaveOnlyResources(alice.ID))
	},
}

// filterGroups checks queries of groups.
func filterGroups() []check.Check {
	return []check.Check{filterGroupName, filterGroupCase, filterGroupExternalID}
}

var filterGroupName = check.Check{
	ID:       "filter.group.display-name",
	Title:    "a group is found by its displayName",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-op-eq", "rfc7644-3.4.2.2-only-matching"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Group push does not find the group it made, and makes another.",
	Fix:      "Support displayName eq on /Groups, together with startIndex and count.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering")
		other := t.CreateGroup("platform")
		x := t.List(scim.GroupsEndpoint, "filter", "displayName eq "+quote(displayName(group)), "startIndex", "1", "count", "100")
		t.Expect(x).To(HaveOnlyResources(group.ID))
		t.Expect(x).To(NotContainResource(other.ID))
	},
}

var filterGroupCase = check.Check{
	ID:       "filter.group.case",
	Title:    "a group's displayName is found in any letter case",
	Level:    check.Must,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7644-3.4.2.2-case-exactness", "rfc7643-2.2-default-caseexact"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Microsoft's validator looks the group up in another case and fails the run.",
	Fix:      "Fold both sides of displayName: the schema does not say caseExact.",
	Run: func(t *check.T) {
		name := t.Name("engineering")
		group := t.CreateGroup(name)
		x := find(t, scim.GroupsEndpoint, "displayName eq "+quote("S"+name[1:]))
		t.Expect(x).To(HaveOnlyResources(group.ID))
	},
}

var filterGroupExternalID = check.Check{
	ID:       "filter.group.external-id",
	Title:    "a group is found by its externalId",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-externalid-readwrite", "rfc7643-3.1-common-defined"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID, set to match groups by object id, makes the group anew.",
	Fix:      "Store externalId of groups and let it be filtered.",
	Run: func(t *check.T) {
		id := t.Name("external")
		group := t.Create(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"displayName":`+
			quote(t.Name("engineering"))+`,"externalId":`+quote(id)+`}`)
		t.Expect(find(t, scim.GroupsEndpoint, "externalId eq "+quote(id))).To(HaveOnlyResources(group.ID))
	},
}
