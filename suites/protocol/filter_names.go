// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// filterNames checks names, literals and letter case in filters.
func filterNames() []check.Check {
	wide := check.Profiles("rfc", "okta", "entra")
	rfc := check.Profiles("rfc")
	all := []filtered{
		{
			id: "filter.name.case", title: "attribute names and operators are read in any letter case", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-attr-name-case", "rfc7644-3.4.2.2-operator-case"},
			breaks: "A client that writes username Eq finds nobody and creates everybody again.",
			fix:    "Fold attribute names and operators while parsing.",
			hits:   []string{`USERNAME pr`, `TITLE Eq "Engineer"`, `Name.FamilyName SW "Lid"`}, misses: []string{`TITLE eq "Analyst"`},
		},
		{
			id: "filter.name.sub-attribute", title: "a sub-attribute is reached with a dot", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.10-dot-notation"},
			breaks: "A search by surname finds nobody.",
			fix:    "Resolve name.familyName through the complex attribute.",
			hits:   []string{`name.familyName eq "Liddell"`}, misses: []string{`name.familyName eq "Stone"`, `name.givenName eq "Liddell"`},
		},
		{
			id: "filter.name.urn", title: "an attribute may be named with its schema URN", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-abnf-uri-prefix", "rfc7644-3.10-urn-prefix"},
			breaks: "A client that writes names in full finds nobody.",
			fix:    "Split the name at the last colon, and compare the URN without regard to case.",
			hits:   []string{scim.UserURN + `:title eq "Engineer"`}, misses: []string{scim.UserURN + `:title eq "Analyst"`},
		},
		{
			id: "filter.value.fold", title: "values that are not caseExact compare without letter case", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-case-exactness", "rfc7643-2.2-default-caseexact"},
			breaks: "A person is not found because a title was typed in capitals.",
			fix:    "Fold both sides unless the schema says caseExact.",
			hits:   []string{`title eq "ENGINEER"`, `name.familyName sw "LID"`},
		},
		{
			id: "filter.value.exact", title: "externalId compares to the letter", level: check.Must, profiles: check.Profiles("rfc", "entra"),
			covers:  []string{"rfc7644-3.4.2.2-case-exactness", "rfc7643-3.1-externalid-case", "rfc7643-7-attr-caseexact-filter"},
			breaks:  "Two people whose keys differ in case are taken for one.",
			fix:     "Compare externalId and id exactly.",
			members: []string{`"externalId":"Key-AbC"`},
			hits:    []string{`externalId eq "Key-AbC"`}, misses: []string{`externalId eq "key-abc"`},
		},
		{
			id: "filter.value.escape", title: "a JSON escape in a value is read", level: check.Must, profiles: wide,
			covers:  []string{"rfc7644-3.4.2.2-abnf-compvalue"},
			breaks:  "A quotation mark in a value ends the filter early: an error at best, an injected expression at worst.",
			fix:     "Read the value of a comparison as a JSON string.",
			members: []string{`"nickName":"Al \"Ice\" O'Neil \\ é"`},
			hits:    []string{`nickName eq "Al \"Ice\" O'Neil \\ \u00e9"`, `nickName eq "Al \"Ice\" O'Neil \\ é"`}, misses: []string{`nickName eq "Al \" or title pr or nickName eq \""`},
		},
	}
	checks := []check.Check{filterUserNameCase, filterNone, filterEncoding, filterID, filterHardNames, filterEnterprise}
	for _, f := range all {
		f.members = append(f.members, `"title":"Engineer"`)
		checks = append(checks, f.check())
	}
	return checks
}

var filterUserNameCase = check.Check{
	ID:       "filter.user-name.case",
	Title:    "a userName is found in any letter case",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-case", "rfc7644-3.4.2.2-case-exactness"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "The IdP does not find a person whose login was typed in capitals, creates it, and gets 409 for ever.",
	Fix:      "Compare userName without regard to case.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := find(t, scim.UsersEndpoint, "userName eq "+quote(strings.ToUpper(userName(alice))))
		t.Expect(x).To(HaveOnlyResources(alice.ID))
	},
}

var filterNone = check.Check{
	ID:       "filter.result.none",
	Title:    "a query that finds nothing answers 200 with totalResults 0",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2"),
	Covers:   []string{"rfc7644-3.4.2-no-match", "rfc7644-3.4.2-total-results", "rfc7644-3.1-message-urn"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID's connection test looks for a user that is not there; a 404 puts the job into quarantine.",
	Fix:      "Answer 200 with an empty ListResponse.",
	Run: func(t *check.T) {
		x := find(t, scim.UsersEndpoint, "userName eq "+quote(t.Name("nobody")))
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(BeListResponse(0))
		t.Expect(x).To(HaveOnlyResources())
	},
}

var filterEncoding = check.Check{
	ID:       "filter.encoding.plus",
	Title:    "a blank may be encoded as %20 or as +",
	Level:    check.Must,
	Source:   check.RFC7644("1.2"),
	Covers:   []string{"rfc7644-1.2-percent-encode"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID writes a blank as +; none of its lookups parses.",
	Fix:      "Decode the query as a form: + and %20 are both a blank.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		for _, query := range []string{url.QueryEscape(is(alice)), strings.ReplaceAll(url.QueryEscape(is(alice)), "+", "%20")} {
			x := t.Send(flow.Request{Method: http.MethodGet, Path: scim.UsersEndpoint + "?filter=" + query})
			t.Expect(x).To(HaveOnlyResources(alice.ID))
		}
	},
}

var filterID = check.Check{
	ID:       "filter.attribute.id",
	Title:    "a resource is found by its id",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7643-3.1-common-defined", "rfc7644-3.4.2.2-op-eq"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID asks for the manager by id and takes the answer for a changed reference.",
	Fix:      "Let id be filtered like any attribute.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		t.Expect(find(t, scim.UsersEndpoint, "id eq "+quote(alice.ID))).To(HaveOnlyResources(alice.ID))
		t.Expect(find(t, scim.UsersEndpoint, "id eq "+quote(t.UnknownID()))).To(HaveOnlyResources())
	},
}

var filterHardNames = check.Check{
	ID:       "filter.user-name.special",
	Title:    "a userName with an apostrophe or a plus sign is found",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-1.2-percent-encode", "rfc7644-7.7-injection"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "O'Brien cannot be provisioned, or ends the provider's database query early.",
	Fix:      "Decode the query once, and bind values to database queries as parameters.",
	Run: func(t *check.T) {
		obrien := t.CreateUser(people.OBrien)
		t.Expect(find(t, scim.UsersEndpoint, is(obrien))).To(HaveOnlyResources(obrien.ID))
		plus := create(t, "a+b")
		t.Expect(find(t, scim.UsersEndpoint, is(plus))).To(HaveOnlyResources(plus.ID))
	},
}

var filterEnterprise = check.Check{
	ID:       "filter.name.extension",
	Title:    "an extension attribute is filtered by its full name",
	Level:    check.Must,
	Source:   check.RFC7644("3.10"),
	Covers:   []string{"rfc7644-3.4.2.2-abnf-uri-prefix", "rfc7644-3.10-urn-prefix"},
	Needs:    check.Needs(check.CapFilter, check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "People cannot be selected by department or employee number.",
	Fix:      "Resolve the URN to the extension's object before the attribute name.",
	Run: func(t *check.T) {
		number := t.Name("number")
		alice := create(t, "alice", `"schemas":["`+scim.UserURN+`","`+scim.EnterpriseUserURN+`"]`,
			`"`+scim.EnterpriseUserURN+`":{"employeeNumber":`+quote(number)+`}`)
		path := scim.EnterpriseUserURN + ":employeeNumber eq "
		t.Expect(find(t, scim.UsersEndpoint, path+quote(number))).To(HaveOnlyResources(alice.ID))
		t.Expect(find(t, scim.UsersEndpoint, path+quote(number+"0"))).To(HaveOnlyResources())
	},
}
