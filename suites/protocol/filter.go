// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// A filter check asks for one user by name and for one thing more, so that
// nobody else's users count: "userName eq … and <expression>".

// filtered is a statement about expressions over one user, who is given in
// members: each of hits finds the user, none of misses does.
type filtered struct {
	id, title    string
	level        check.Level
	covers       []string
	profiles     []string
	breaks, fix  string
	members      []string
	hits, misses []string
}

func (f filtered) check() check.Check {
	return check.Check{
		ID: f.id, Title: f.title, Level: f.level, Source: check.RFC7644("3.4.2.2"), Covers: f.covers,
		Needs: check.Needs(check.CapFilter), Profiles: f.profiles, Breaks: f.breaks, Fix: f.fix,
		Run: func(t *check.T) {
			alice := create(t, "alice", f.members...)
			for _, hit := range f.hits {
				t.Expect(find(t, scim.UsersEndpoint, is(alice)+" and "+hit)).To(HaveOnlyResources(alice.ID))
			}
			for _, miss := range f.misses {
				t.Expect(find(t, scim.UsersEndpoint, is(alice)+" and "+miss)).To(HaveOnlyResources())
			}
		},
	}
}

// filterOperators checks the operators of table 3, one by one.
func filterOperators() []check.Check {
	engineer := []string{`"title":"Engineer"`}
	wide := check.Profiles("rfc", "okta", "entra")
	rfc := check.Profiles("rfc")
	all := []filtered{
		{
			id: "filter.operator.eq", title: "eq finds equal values alone", level: check.Must, profiles: wide,
			covers: []string{"rfc7644-3.4.2.2-op-eq", "rfc7644-3.4.2.2-only-matching", "rfc7644-3.4.2.2-and"},
			breaks: "The IdP looks a person up and links somebody else.",
			fix:    "Compare the whole value, and return nothing else.",
			hits:   []string{`title eq "Engineer"`}, misses: []string{`title eq "Engine"`, `title eq "Other"`},
		},
		{
			id: "filter.operator.ne", title: "ne finds different values", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-ne"},
			breaks: "A query for everybody but one group of people returns the opposite.",
			fix:    "Negate eq, for values that are there.",
			hits:   []string{`title ne "Analyst"`}, misses: []string{`title ne "Engineer"`},
		},
		{
			id: "filter.operator.co", title: "co finds a value by a part of it", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-co"},
			breaks: "A search by part of a name finds nobody.",
			fix:    "Test whether the value contains the operand, its wildcard characters taken literally.",
			hits:   []string{`title co "gine"`, `title co "Engineer"`}, misses: []string{`title co "gene"`, `title co "%"`},
		},
		{
			id: "filter.operator.sw", title: "sw finds a value by its beginning", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-sw"},
			breaks: "A search by the beginning of a name finds nobody, or everybody.",
			fix:    "Test the prefix; the whole value is one too.",
			hits:   []string{`title sw "Eng"`, `title sw "Engineer"`}, misses: []string{`title sw "ngineer"`},
		},
		{
			id: "filter.operator.ew", title: "ew finds a value by its end", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-ew"},
			breaks: "A search by mail domain finds nobody, or everybody.",
			fix:    "Test the suffix; the whole value is one too.",
			hits:   []string{`title ew "eer"`, `title ew "Engineer"`}, misses: []string{`title ew "Engine"`},
		},
		{
			id: "filter.operator.pr", title: "pr finds what has a value", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-pr"},
			breaks: "A query for people without a title returns all.",
			fix:    "Let pr hold for non-empty values, and for a complex attribute with a non-empty sub-attribute.",
			hits:   []string{`title pr`, `name pr`, `emails pr`}, misses: []string{`phoneNumbers pr`, `name.middleName pr`},
		},
		{
			id: "filter.operator.order", title: "gt, ge, lt and le order strings", level: check.Must, profiles: rfc,
			covers: []string{
				"rfc7644-3.4.2.2-op-gt-string", "rfc7644-3.4.2.2-op-ge-string", "rfc7644-3.4.2.2-op-lt-string", "rfc7644-3.4.2.2-op-le-string",
			},
			breaks: "A client that walks the users by ranges of names leaves some out.",
			fix:    "Compare strings lexicographically; ge and le hold for equal ones.",
			hits:   []string{`title gt "Aardvark"`, `title ge "Engineer"`, `title lt "Zebra"`, `title le "Engineer"`},
			misses: []string{`title gt "Engineer"`, `title ge "Zebra"`, `title lt "Engineer"`, `title le "Aardvark"`},
		},
		{
			id: "filter.operator.date", title: "gt, ge, lt and le order moments", level: check.Must, profiles: rfc,
			covers: []string{
				"rfc7644-3.4.2.2-op-gt-datetime", "rfc7644-3.4.2.2-op-ge-datetime",
				"rfc7644-3.4.2.2-op-lt-datetime", "rfc7644-3.4.2.2-op-le-datetime",
			},
			breaks: "A client that asks for what changed since its last run gets nothing, or everything.",
			fix:    "Read both sides as moments with their time zones and compare those.",
			hits:   []string{`meta.lastModified gt "2011-05-13T04:42:34Z"`, `meta.created ge "2011-05-13T04:42:34+02:00"`},
			misses: []string{`meta.lastModified lt "2011-05-13T04:42:34Z"`, `meta.created le "2011-05-13T04:42:34Z"`},
		},
		{
			id: "filter.operator.boolean", title: "eq compares booleans", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-op-eq", "rfc7644-3.4.2.2-abnf-compvalue"},
			breaks: "A count of active users is wrong.",
			fix:    "Read true and false in a filter as JSON literals.",
			hits:   []string{`active eq true`, `active ne false`}, misses: []string{`active eq false`},
		},
	}
	var checks []check.Check
	for _, f := range all {
		f.members = engineer
		checks = append(checks, f.check())
	}
	return checks
}

// filterLogic checks and, or, not, brackets and value paths.
func filterLogic() []check.Check {
	rfc := check.Profiles("rfc")
	mails := `"emails":[{"value":"a.liddell@work.example","type":"work"},{"value":"a.liddell@home.example","type":"home"}]`
	all := []filtered{
		{
			id: "filter.logic.or", title: "or holds when one side does", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-or", "rfc7644-3.4.2.2-precedence"},
			breaks: "A query with alternatives leaves people out.",
			fix:    "Evaluate both sides of or, round brackets first.",
			hits:   []string{`(title eq "Engineer" or title eq "Analyst")`, `(title eq "Analyst" or active eq true)`},
			misses: []string{`(title eq "Analyst" or active eq false)`},
		},
		{
			id: "filter.logic.not", title: "not turns an expression in brackets round", level: check.Must, profiles: rfc,
			covers: []string{"rfc7644-3.4.2.2-not", "rfc7644-3.4.2.2-abnf-not-parens", "rfc7644-3.4.2.2-abnf-not-space"},
			breaks: "A query returns exactly the wrong people.",
			fix:    "Parse not with and without a blank before its bracket, also inside another not.",
			hits:   []string{`not (title eq "Analyst")`, `not(title eq "Analyst")`, `not (not (title eq "Engineer"))`},
			misses: []string{`not (title eq "Engineer")`, `not (not (title eq "Analyst"))`},
		},
		{
			id: "filter.logic.multi-valued", title: "one matching value of a multi-valued attribute is enough", level: check.Must,
			profiles: check.Profiles("rfc", "entra"),
			covers:   []string{"rfc7644-3.4.2.2-multivalued-any", "rfc7644-3.4.2.2-multivalued-default-value"},
			breaks:   "A person is not found by the second address, and is created again.",
			fix:      "Test every value of the attribute.",
			members:  []string{mails},
			hits:     []string{`emails.value eq "a.liddell@home.example"`, `emails.type eq "work"`, `emails co "work.example"`},
			misses:   []string{`emails.value eq "b.liddell@home.example"`},
		},
		{
			id: "filter.logic.value-path", title: "a bracketed filter holds for one and the same value", level: check.Must,
			profiles: check.Profiles("rfc", "entra"),
			covers:   []string{"rfc7644-3.4.2.2-complex-same-value", "rfc7644-3.4.2.2-complex-subattributes"},
			breaks:   "Entra ID matches by emails[type eq \"work\"].value; it finds people by their private address.",
			fix:      "Evaluate the whole bracket against each value in turn.",
			members:  []string{mails},
			hits:     []string{`emails[type eq "work" and value co "work.example"]`, `emails[type eq "home" or type eq "other"]`},
			misses:   []string{`emails[type eq "work" and value co "home.example"]`},
		},
	}
	var checks []check.Check
	for _, f := range all {
		f.members = append(f.members, `"title":"Engineer"`)
		checks = append(checks, f.check())
	}
	return append(checks, filterPrecedence)
}

var filterPrecedence = check.Check{
	ID:       "filter.logic.precedence",
	Title:    "and binds closer than or",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-precedence", "rfc7644-3.4.2.2-and", "rfc7644-3.4.2.2-or"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A query without brackets returns other people than the client meant.",
	Fix:      "Parse or above and: a or b and c is a or (b and c).",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		x := find(t, scim.UsersEndpoint, is(alice)+" or "+is(bob)+" and active eq false")
		t.Expect(x).To(HaveOnlyResources(alice.ID))
		x = find(t, scim.UsersEndpoint, "("+is(alice)+" or "+is(bob)+") and active eq true")
		t.Expect(x).To(HaveOnlyResources(alice.ID, bob.ID))
	},
}
