// SPDX-License-Identifier: Apache-2.0

// Package protocol holds the checks of RFC 7643 and RFC 7644: discovery,
// create, read, replace, PATCH, delete, filters, projection, paging, sorting,
// bulk requests, versions, errors, authentication and media types; a file holds
// a section or a part of one.
//
// A check makes what it looks at, under names that carry the run's mark, and
// never counts what others made. Where the RFCs or their errata allow several
// answers, a check accepts each of them.
package protocol

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// Checks lists the checks of this package in the order of the RFCs.
func Checks() []check.Check {
	return slices.Concat(
		discovery(), schemas(), schemaAttributes(), discoveryDetails(),
		authentication(), rights(), credentials(), media(), edges(),
		createUsers(), createValues(), createGroups(), read(), references(), valueTypes(), canonicalForms(),
		resourceSchemas(), uniqueness(), enterprise(),
		filterOperators(), filterLogic(), filterNames(), filterErrors(), filterGroups(), filterValues(),
		valueForms(), rootQueries(), sorting(), sortValues(), paging(), pageBounds(), cursors(), cursorErrors(), projection(), searching(),
		replaceUsers(), replaceGroups(),
		patch(), patchPaths(), patchAdd(), patchRemove(), patchReplace(), patchMembers(), patchEffects(), patchEdges(), patchRecords(),
		remove(), bulkJobs(), bulkResults(), bulkReferences(), bulkErrors(), bulkLimits(),
		errorReplies(), versions(), laws(), gates(), honest(),
	)
}

// quote writes s as a JSON string.
func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		panic("protocol: quote: " + err.Error()) // invalid UTF-8 in a check
	}
	return string(b)
}

// user writes a user under a run-unique name. Members ("\"title\":\"x\"") are
// added, and go before the default of the same name.
func user(t *check.T, base string, members ...string) string {
	name := t.Name(base) + "@" + people.Domain
	defaults := []string{
		`"schemas":["` + scim.UserURN + `"]`,
		`"userName":` + quote(name),
		`"name":{"givenName":"Alice","familyName":"Liddell"}`,
		`"emails":[{"value":` + quote(name) + `,"type":"work","primary":true}]`,
		`"active":true`,
	}
	var kept []string
	for _, d := range defaults {
		key, _, _ := strings.Cut(d, ":")
		if !slices.ContainsFunc(members, func(m string) bool { return strings.HasPrefix(m, key+":") }) {
			kept = append(kept, d)
		}
	}
	return "{" + strings.Join(append(kept, members...), ",") + "}"
}

// create makes the user that user writes.
func create(t *check.T, base string, members ...string) *check.Resource {
	return t.Create(scim.UsersEndpoint, user(t, base, members...))
}

// two writes emails with a work and a home address that are run-unique.
func two(t *check.T) string {
	name := t.Name("mail")
	return `"emails":[{"value":"` + name + `@work.example","type":"work","primary":true},` +
		`{"value":"` + name + `@home.example","type":"home"}]`
}

// userName gives the userName that r was made with.
func userName(r *check.Resource) string { return match.Text(r.Sent, "userName") }

// displayName gives the displayName that r was made with.
func displayName(r *check.Resource) string { return match.Text(r.Sent, "displayName") }

// find queries an endpoint with a filter.
func find(t *check.T, endpoint, filter string) *flow.Exchange {
	return t.List(endpoint, "filter", filter)
}

// is writes a comparison that holds for r alone.
func is(r *check.Resource) string { return "userName eq " + quote(userName(r)) }

// fetch reads r with a query of pairs.
func fetch(t *check.T, r *check.Resource, query ...string) *flow.Exchange {
	return t.Send(flow.Request{Method: "GET", Path: r.Path() + check.Query(query...)})
}

// nowhere gives a resource of that endpoint that does not exist.
func nowhere(t *check.T, endpoint string) *check.Resource {
	return &check.Resource{Endpoint: endpoint, ID: t.UnknownID()}
}

// mails gives the e-mail addresses that the provider stored for r.
func mails(r *check.Resource) (work, home string) {
	return match.Text(r.Sent, `emails[type eq "work"].value`), match.Text(r.Sent, `emails[type eq "home"].value`)
}

// exists requires that r can be read: otherwise there is nothing to compare.
func exists(t *check.T, r *check.Resource) *flow.Exchange {
	x := t.Get(r)
	t.Precondition(x).To(match.HaveStatus(200))
	return x
}
