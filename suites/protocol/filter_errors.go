// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

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
		filterUnknown, filterComplex, filterPassword, filterInjection, filterDeep, searchUnknownParameter,
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

// findsNobody asserts that a filter which must not hold for anybody is refused with
// one of the statuses, or finds nobody.
func findsNobody(t *check.T, filter string, statuses ...int) {
	x := find(t, scim.UsersEndpoint, filter)
	if x.Status == 200 {
		t.Expect(x).To(HaveOnlyResources())
		return
	}
	t.Expect(x).To(BeSCIMErrorWith(statuses, scim.InvalidFilter, scim.Sensitive))
}

var filterComplex = check.Check{
	ID:       "filter.error.complex",
	Title:    "a complex attribute is not compared with a text",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-scimtype-invalidfilter"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A filter without a meaning answers something all the same, and something else at the next provider.",
	Fix:      "Answer 400 invalidFilter when a complex, single-valued attribute is compared without a sub-attribute.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"name":{"formatted":"Alice Liddell","givenName":"Alice","familyName":"Liddell"}`)
		findsNobody(t, is(alice)+` and name eq "Alice Liddell"`, 400)
	},
}

var filterPassword = check.Check{
	ID:       "filter.password.guess",
	Title:    "a password cannot be guessed by filters",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-password-equality"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever can search users reads a password letter by letter with sw.",
	Fix:      "Refuse filters on password: 403 with scimType sensitive, or 400 invalidFilter.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"password":"T7-wX!dawn-ember-41"`)
		findsNobody(t, is(alice)+` and password sw "T7"`, 400, 403)
		findsNobody(t, is(alice)+` and password co "dawn"`, 400, 403)
	},
}

var filterInjection = check.Check{
	ID:       "filter.value.injection",
	Title:    "a value that looks like an expression is compared as a value",
	Level:    check.Should,
	Source:   check.RFC7644("7.7"),
	Covers:   []string{"rfc7644-7.7-injection"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Whoever chooses a login chooses what the provider's database does.",
	Fix:      "Bind values to database queries as parameters, never as text.",
	Run: func(t *check.T) {
		create(t, "alice")
		for _, value := range []string{`x' OR '1'='1`, `x" or "1" eq "1`, `x') OR 1=1 --`} {
			findsNobody(t, "userName eq "+quote(value), 400)
		}
	},
}

var filterDeep = check.Check{
	ID:       "filter.logic.deep",
	Title:    "a deeply nested filter is answered or refused, and is no server error",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-abnf"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "One request brings the provider down.",
	Fix:      "Count the depth while parsing, and answer 400 invalidFilter beyond a limit.",
	Run: func(t *check.T) {
		const depth = 100
		alice := create(t, "alice")
		x := find(t, scim.UsersEndpoint, strings.Repeat("not (", depth)+is(alice)+strings.Repeat(")", depth))
		if x.Status == 200 {
			t.Expect(x).To(HaveOnlyResources(alice.ID))
			return
		}
		t.Expect(x).To(BeSCIMErrorWith([]int{400, 414}, scim.InvalidFilter))
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
