// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"time"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// filterValues checks how values of other types than string are compared, and
// filters on the members of a group, RFC 7644 §3.4.2.2.
func filterValues() []check.Check {
	present := filtered{
		id: "filter.operator.pr-boolean", title: "pr finds booleans", level: check.Must, profiles: check.Profiles("rfc"),
		covers:  []string{"rfc7644-3.4.2.2-op-pr"},
		breaks:  "A query for users with a status leaves all of them out.",
		fix:     "Let pr hold for every value that is there, whatever its type.",
		members: []string{`"active":true`},
		hits:    []string{`active pr`, `emails[primary pr]`}, misses: []string{`not (active pr)`},
	}
	return []check.Check{present.check(), filterZones, filterBinary, filterMembers}
}

var filterZones = check.Check{
	ID:       "filter.operator.date-zone",
	Title:    "moments are compared as moments, in whatever time zone the filter writes them",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-op-gt-datetime", "rfc7644-3.4.2.2-op-lt-datetime"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client in another time zone asks for what changed since its last run, and misses half a day.",
	Fix:      "Read both sides as moments with their time zones; do not compare their texts.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		made, err := time.Parse(time.RFC3339Nano, Text(exists(t, alice), "meta.created"))
		if err != nil {
			t.Skip("meta.created cannot be read")
		}
		// The later moment reads as the smaller text, and the earlier as the greater.
		later := made.Add(time.Hour).In(time.FixedZone("", -12*3600)).Format(time.RFC3339)
		earlier := made.Add(-time.Hour).In(time.FixedZone("", 14*3600)).Format(time.RFC3339)
		for _, f := range []struct{ op, moment, not string }{{"lt", later, "gt"}, {"gt", earlier, "lt"}} {
			x := find(t, scim.UsersEndpoint, is(alice)+" and meta.created "+f.op+" "+quote(f.moment))
			t.Expect(x).To(HaveOnlyResources(alice.ID))
			x = find(t, scim.UsersEndpoint, is(alice)+" and meta.created "+f.not+" "+quote(f.moment))
			t.Expect(x).To(HaveOnlyResources())
		}
	},
}

var filterBinary = check.Check{
	ID:     "filter.error.binary-order",
	Title:  "ordering a binary value is refused with 400 invalidFilter",
	Level:  check.Must,
	Source: check.RFC7644("3.4.2.2"),
	Covers: []string{
		"rfc7644-3.4.2.2-op-gt-boolean", "rfc7644-3.4.2.2-op-ge-boolean",
		"rfc7644-3.4.2.2-op-lt-boolean", "rfc7644-3.4.2.2-op-le-boolean",
	},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A filter without a meaning answers something all the same.",
	Fix:      "Refuse gt, ge, lt and le on attributes of type binary.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"x509Certificates":[{"value":"`+certificateOne+`"}]`)
		if len(Texts(exists(t, alice), "x509Certificates.value")) == 0 {
			t.Skip("x509Certificates is not kept")
		}
		for _, op := range []string{"gt", "ge", "lt", "le"} {
			x := find(t, scim.UsersEndpoint, is(alice)+" and x509Certificates.value "+op+` "AAAA"`)
			t.Expect(x).To(BeSCIMError(400, scim.InvalidFilter))
		}
	},
}

// memberFilters are expressions of which the first list holds for a group whose
// one member has the id, and the second does not.
func memberFilters(id string) (hits, misses []string) {
	whole, begin, end := quote(id), quote(id[:1]), quote(id[len(id)-1:])
	return []string{
			`members pr`, `members.value eq ` + whole, `members.value sw ` + begin, `members[value eq ` + whole + `]`,
			`members[value sw ` + begin + ` and value ew ` + end + `]`, `not (members.value eq "scimproof-none")`,
		}, []string{
			`not (members pr)`, `members.value eq "scimproof-none"`, `members.value ne ` + whole, `members[not (value ew ` + end + `)]`,
		}
}

var filterMembers = check.Check{
	ID:       "filter.group.member-operators",
	Title:    "a filter on the members of a group is answered rightly or refused with 400 invalidFilter",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-only-matching", "rfc7644-3.4.2.2-multivalued-any", "rfc7644-3.4.2.2-complex-same-value"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client asks in which groups a person is, and takes access away, or leaves it, where it should not.",
	Fix:      "Evaluate the filter on each member, or answer 400 invalidFilter.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		full, empty := t.CreateGroup("engineering", alice), t.CreateGroup("platform")
		shown := exists(t, full)
		t.Precondition(shown).To(HaveAttribute("members.value", alice.ID))
		hits, misses := memberFilters(alice.ID)
		if kind := Text(shown, "members.type"); kind != "" {
			hits = append(hits, `members.type eq `+quote(kind), `members[type eq `+quote(kind)+`]`)
		}
		expect := func(group *check.Resource, filter string, ids ...string) {
			x := find(t, scim.GroupsEndpoint, "displayName eq "+quote(displayName(group))+" and "+filter)
			if x.Status == http.StatusOK {
				t.Expect(x).To(HaveOnlyResources(ids...))
				return
			}
			t.Expect(x).To(gomega.Or(BeSCIMError(400, scim.InvalidFilter), HaveStatus(http.StatusNotImplemented)))
		}
		for _, filter := range hits {
			expect(full, filter, full.ID)
		}
		for _, filter := range misses {
			expect(full, filter)
		}
		expect(empty, `members pr`)
		expect(empty, `not (members pr)`, empty.ID)
	},
}
