// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// projection checks attributes and excludedAttributes, RFC 7644 §3.9.
func projection() []check.Check {
	return []check.Check{
		projectAttributes, projectSub, projectURN, projectCase, projectExcluded, projectAlways, projectList, projectMembers, projectUnknown, projectExtension,
	}
}

var projectAttributes = check.Check{
	ID:       "projection.attributes.only",
	Title:    "attributes returns what it names and the id",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-attributes-minimum", "rfc7644-3.9-attributes-override", "rfc7644-3.4.2.5-supported", "rfc7644-3.9-comma-list"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that asks for two fields of 10,000 users is sent all of them.",
	Fix:      "Return the named attributes and those whose returned is always, nothing else.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		x := fetch(t, alice, "attributes", "userName,title")
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(HaveAttribute("title", "Engineer"))
		t.Expect(x).To(NotHaveAttribute("name"))
		t.Expect(x).To(NotHaveAttribute("emails"))
	},
}

var projectSub = check.Check{
	ID:       "projection.attributes.sub-attribute",
	Title:    "attributes may name a sub-attribute",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-attributes-subattr", "rfc7644-3.10-dot-notation"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that asks for the surname gets no name at all.",
	Fix:      "Return the parent with just the named sub-attributes in it.",
	Run: func(t *check.T) {
		x := fetch(t, create(t, "alice"), "attributes", "name.familyName,emails.value")
		t.Expect(x).To(HaveAttribute("name.familyName", "Liddell"))
		t.Expect(x).To(NotHaveAttribute("name.givenName"))
		t.Expect(x).To(HaveAttribute("emails.value"))
		t.Expect(x).To(NotHaveAttribute("emails.type"))
	},
}

var projectURN = check.Check{
	ID:       "projection.attributes.urn",
	Title:    "attributes may name an attribute with its schema URN",
	Level:    check.Must,
	Source:   check.RFC7644("3.10"),
	Covers:   []string{"rfc7644-3.10-urn-prefix"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that writes names in full gets empty users.",
	Fix:      "Resolve the URN, of the core schema too, before looking the attribute up.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := fetch(t, alice, "attributes", scim.UserURN+":userName")
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(NotHaveAttribute("emails"))
	},
}

var projectCase = check.Check{
	ID:       "projection.attributes.case",
	Title:    "names in attributes are read in any letter case",
	Level:    check.Must,
	Source:   check.RFC7644("3.10"),
	Covers:   []string{"rfc7644-3.10-case-insensitive"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that writes username gets users without one.",
	Fix:      "Fold the names, and answer with the spelling of the schema.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := fetch(t, alice, "attributes", "USERNAME")
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}

var projectExcluded = check.Check{
	ID:       "projection.excluded.rest",
	Title:    "excludedAttributes leaves out what it names and nothing else",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-excluded-rest", "rfc7644-3.4.2.5-excluded-removes"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that leaves a large attribute out is sent it all the same.",
	Fix:      "Remove the named attributes from the default set, with their sub-attributes.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		whole := exists(t, alice)
		x := fetch(t, alice, "excludedAttributes", "emails,name.givenName")
		t.Expect(x).To(NotHaveAttribute("emails"))
		t.Expect(x).To(NotHaveAttribute("name.givenName"))
		t.Expect(x).To(BeSameResourceAs(whole, "emails", "name.givenName"))
	},
}

var projectAlways = check.Check{
	ID:       "projection.excluded.always",
	Title:    "excludedAttributes cannot leave out the id",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-excluded-minimum", "rfc7644-3.4.2.5-excluded-always", "rfc7643-7-returned-always", "rfc7643-3.1-id-characteristics"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client is sent resources that it cannot address.",
	Fix:      "Keep attributes whose returned is always, whatever excludedAttributes says.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := fetch(t, alice, "excludedAttributes", "id,emails")
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(NotHaveAttribute("emails"))
	},
}

var projectList = check.Check{
	ID:       "projection.list.attributes",
	Title:    "attributes holds for each resource of a list",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.5"),
	Covers:   []string{"rfc7644-3.4.2.5-control", "rfc7644-3.4.2.5-attributes-override", "rfc7644-3.9-attributes-minimum"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID asks for ids alone when it looks a reference up, and is sent whole users.",
	Fix:      "Apply the projection to the resources, not to the ListResponse around them.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.List(scim.UsersEndpoint, "filter", is(alice), "attributes", "id")
		t.Expect(x).To(BeListResponse(1))
		t.Expect(x).To(HaveOnlyResources(alice.ID))
		t.Expect(x).To(NotHaveAttribute("Resources[0].userName"))
	},
}

var projectMembers = check.Check{
	ID:       "projection.group.members",
	Title:    "a group is read and found without its members",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.4.2.5-excluded-removes", "rfc7644-3.9-excluded-rest"},
	Needs:    check.Needs(check.CapFilter, check.CapGroup),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID always asks for groups without members; large groups time out when they come all the same.",
	Fix:      "Honour excludedAttributes=members for one group and for lists.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering", t.CreateUser(people.Alice))
		x := fetch(t, group, "excludedAttributes", "members")
		t.Expect(x).To(HaveAttribute("displayName", displayName(group)))
		t.Expect(x).To(NotHaveAttribute("members"))
		x = t.List(scim.GroupsEndpoint, "filter", "displayName eq "+quote(displayName(group)), "excludedAttributes", "members")
		t.Expect(x).To(HaveOnlyResources(group.ID))
		t.Expect(x).To(NotHaveAttribute("Resources[0].members"))
	},
}

var projectUnknown = check.Check{
	ID:       "projection.attributes.unknown",
	Title:    "an unknown name in attributes is no server error",
	Level:    check.Should,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-unknown-name"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that asks for an attribute of a newer schema is shut out.",
	Fix:      "Ignore names that no schema has, or answer 400.",
	Run: func(t *check.T) {
		x := fetch(t, create(t, "alice"), "attributes", "userName,scimproofNothing")
		t.Expect(x).To(HaveStatus(200, 400))
		if x.Status == 200 {
			t.Expect(x).To(HaveAttribute("userName"))
		}
	},
}

var projectExtension = check.Check{
	ID:       "projection.excluded.extension",
	Title:    "an extension stays when another attribute is left out, and comes when it is asked for",
	Level:    check.Must,
	Source:   check.RFC7644("3.9"),
	Covers:   []string{"rfc7644-3.9-excluded-rest", "rfc7644-3.9-attributes-minimum"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that leaves one attribute out sees nobody's department any more.",
	Fix:      "Apply both parameters to the attributes of extensions one by one.",
	Run: func(t *check.T) {
		const department = scim.EnterpriseUserURN + ":department"
		alice := create(t, "alice", `"title":"Engineer"`, `"schemas":["`+scim.UserURN+`","`+scim.EnterpriseUserURN+`"]`,
			`"`+scim.EnterpriseUserURN+`":{"department":"Tea","division":"Leaves"}`)
		t.Precondition(exists(t, alice)).To(HaveAttribute(department, "Tea"))
		x := fetch(t, alice, "excludedAttributes", "title")
		t.Expect(x).To(HaveAttribute(department, "Tea"))
		t.Expect(x).To(NotHaveAttribute("title"))
		x = fetch(t, alice, "attributes", department)
		t.Expect(x).To(HaveAttribute(department, "Tea"))
		t.Expect(x).To(NotHaveAttribute(scim.EnterpriseUserURN + ":division"))
		t.Expect(x).To(NotHaveAttribute("title"))
	},
}
