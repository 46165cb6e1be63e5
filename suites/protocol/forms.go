// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// valueForms checks values that are the same to a reader and not to a computer, those
// that the provider fills in, and those that it must keep to itself.
func valueForms() []check.Check {
	return []check.Check{duplicateForm, filterForm, filterDefaulted, filterRef, filterPasswordEqual, putPassword, putImmutableFirst, putImmutable}
}

// The same name twice: é as one character, and as e with an accent to combine.
const composed, decomposed = "ren\u00e9e", "rene\u0301e"

// decompose writes a name the other way.
func decompose(name string) string { return strings.ReplaceAll(name, "\u00e9", "e\u0301") }

var duplicateForm = check.Check{
	ID:       "create.user.duplicate-form",
	Title:    "a userName that differs in the Unicode form of its characters alone is taken",
	Level:    check.Must,
	Source:   check.RFC7644("5"),
	Covers:   []string{"rfc7644-5-precis", "rfc7644-7.8-prepare-strings"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Two accounts look the same to everybody, and one of them is an impostor's.",
	Fix:      "Bring userName to NFC (better: a PRECIS profile, RFC 8265) before it is compared or kept.",
	Run: func(t *check.T) {
		renee := create(t, composed)
		t.Precondition(strings.Contains(userName(renee), composed)).To(gomega.BeTrue())
		x := t.Post(scim.UsersEndpoint, strings.ReplaceAll(string(renee.Sent), composed, decomposed))
		t.Expect(x).To(BeSCIMError(409))
	},
}

var filterForm = check.Check{
	ID:       "filter.user-name.form",
	Title:    "a userName is found in any Unicode form",
	Level:    check.Must,
	Source:   check.RFC7644("7.8"),
	Covers:   []string{"rfc7644-7.8-prepare-strings"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An IdP on a Mac does not find Renée, creates her again, and gets 409 for ever.",
	Fix:      "Bring both sides of a comparison to the same Unicode form.",
	Run: func(t *check.T) {
		renee := create(t, composed)
		x := find(t, scim.UsersEndpoint, "userName eq "+quote(decompose(userName(renee))))
		t.Expect(x).To(HaveOnlyResources(renee.ID))
	},
}

var filterDefaulted = check.Check{
	ID:       "filter.value.defaulted",
	Title:    "a filter sees the value that the provider filled in",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-defaulted", "rfc7644-3.3-default-value"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A list of everybody who is active lacks those whose active was never sent.",
	Fix:      "Store the default with the user, or apply it before the filter is evaluated.",
	Run: func(t *check.T) {
		name := t.Name("alice") + "@example.com"
		alice := t.Create(scim.UsersEndpoint, `{"schemas":["`+scim.UserURN+`"],"userName":`+quote(name)+`}`)
		active := Text(alice.Exchange, "active")
		if active == "" {
			t.Skip("the provider fills in no active")
		}
		t.Expect(find(t, scim.UsersEndpoint, is(alice)+" and active eq "+active)).To(HaveOnlyResources(alice.ID))
	},
}

var filterRef = check.Check{
	ID:       "filter.name.ref",
	Title:    "$ref in a filter is understood or refused with 400 invalidFilter",
	Level:    check.Should,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-abnf-dollar-ref"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A name that the printed grammar forgot ends in a server error.",
	Fix:      "Let a name begin with $ in the parser.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering", create(t, "alice"))
		x := find(t, scim.GroupsEndpoint, "displayName eq "+quote(displayName(group))+" and members.$ref pr")
		if x.Status != 200 {
			t.Expect(x).To(BeSCIMError(400, scim.InvalidFilter))
			return
		}
		t.Expect(x).To(BeListResponse())
	},
}

var filterPasswordEqual = check.Check{
	ID:     "filter.password.equal",
	Title:  "a filter on password in a URL is refused, or finds nobody",
	Level:  check.Should,
	Source: check.RFC7644("7.5.2"),
	Covers: []string{
		"rfc7644-7.5.2-server-403", "rfc7644-7.5.2-sensitive-type", "rfc7644-3.12-scimtype-sensitive",
	},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Passwords stand in the logs of every proxy, and whoever can search users can try them out.",
	Fix:      "Answer 403 with scimType sensitive, or 400 invalidFilter.",
	Run: func(t *check.T) {
		const password = "T7-wX!dawn-ember-41"
		alice := create(t, "alice", `"password":`+quote(password))
		findsNobody(t, is(alice)+" and password eq "+quote(password), 400, 403)
	},
}

var putPassword = check.Check{
	ID:       "replace.user.password",
	Title:    "a PUT takes a new password and does not show it",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-writeonly-replaced"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "A person's new password is refused with the rest of the update, or read by whoever reads users.",
	Fix:      "Take password where it is sent, also to leave it alone, and never return it.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		body := strings.TrimSuffix(string(alice.Sent), "}") + `,"password":"T7-wX!dawn-ember-42"}`
		x := t.Put(alice, body)
		t.Expect(x).To(HaveStatus(200))
		for _, shown := range []*flow.Exchange{x, t.Get(alice)} {
			t.Expect(shown).To(HaveAttribute("userName"))
			t.Expect(shown).To(NotHaveAttribute("password"))
		}
	},
}

// immutable gives the name of an attribute of users that can be set once: plain
// text, one value, not required. Without one the check is skipped.
func immutable(t *check.T) string {
	x := t.List(scim.SchemasEndpoint + "/" + scim.UserURN)
	t.Precondition(x).To(HaveStatus(200))
	const which = `attributes[mutability eq "immutable" and type eq "string" and multiValued eq false and required eq false].name`
	name := Text(x, which)
	if name == "" {
		t.Skip("no optional text of the User schema is immutable")
	}
	return name
}

var putImmutableFirst = check.Check{
	ID:       "replace.immutable.first",
	Title:    "an immutable attribute without a value takes the one that a PUT gives",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-immutable-first-value"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "What was not known when the account was made can never be added.",
	Fix:      "Refuse a change of an immutable value, not its first setting.",
	Run: func(t *check.T) {
		name := immutable(t)
		alice := create(t, "alice")
		t.Precondition(exists(t, alice)).To(NotHaveAttribute(name))
		x := t.Put(alice, strings.TrimSuffix(string(alice.Sent), "}")+`,`+quote(name)+`:"first"}`)
		t.Expect(x).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute(name, "first"))
	},
}

var putImmutable = check.Check{
	ID:       "replace.immutable.other",
	Title:    "another value for an immutable attribute is refused with 400 mutability",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-immutable-400"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A key by which other systems know a person changes under them.",
	Fix:      "Compare immutable values with those stored; answer 400 with scimType mutability where they differ.",
	Run: func(t *check.T) {
		name := immutable(t)
		alice := create(t, "alice", quote(name)+`:"first"`)
		before := exists(t, alice)
		t.Precondition(before).To(HaveAttribute(name, "first"))
		t.Expect(t.Put(alice, edited(alice, `"first"`, `"second"`))).To(BeSCIMError(400, scim.Mutability))
		t.Expect(t.Get(alice)).To(HaveAttribute(name, "first"))
	},
}
