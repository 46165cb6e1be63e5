// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// resourceSchemas checks schemas of a resource and the attributes that all
// resources have, RFC 7643 §3.
func resourceSchemas() []check.Check {
	return []check.Check{
		unnamed("absent", "a user without schemas is refused with 400", `"schemas":null`,
			"rfc7643-2.1-schemas-present", "rfc7643-3-schemas-required"),
		unnamed("empty", "a user with an empty schemas is refused with 400", `"schemas":[]`,
			"rfc7643-3-schemas-non-empty", "rfc7643-3.3-base-schema"),
		unnamed("extension-alone", "a user whose schemas names an extension alone is refused with 400", `"schemas":["`+scim.EnterpriseUserURN+`"]`,
			"rfc7643-3.3-base-schema-included"),
		schemasUnknownSent, schemasKnown, commonAsked, metaDefault, nestedGroup,
	}
}

// unnamed makes the check that a user is refused who does not say what it is.
func unnamed(id, title, schemas string, covers ...string) check.Check {
	return check.Check{
		ID: "create.schemas." + id, Title: title, Level: check.Should, Source: check.RFC7643("3"), Covers: covers,
		Profiles: check.Profiles("rfc"),
		Breaks:   "What was meant for something else, such as a group sent to the wrong address, becomes a user.",
		Fix:      "Answer 400 with scimType invalidSyntax or invalidValue unless schemas names " + scim.UserURN + ".",
		Run:      func(t *check.T) { t.Expect(post(t, schemas)).To(BeSCIMError(400)) },
	}
}

var schemasUnknownSent = check.Check{
	ID:       "create.schemas.unknown",
	Title:    "a schema that the provider does not have is refused, or left out of the user",
	Level:    check.Must,
	Source:   check.RFC7643("3"),
	Covers:   []string{"rfc7643-3-schemas-known"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client believes that the attributes of the schema were kept.",
	Fix:      "Make schemas of what the user has; do not echo what was sent.",
	Run: func(t *check.T) {
		const invented = "urn:scimproof:params:scim:schemas:none:1.0:User"
		x := post(t, `"schemas":["`+scim.UserURN+`","`+invented+`"]`)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			y := t.Get(t.Resource(x))
			t.Expect(y).To(HaveAttribute("schemas", gomega.ContainElement(scim.UserURN)))
			t.Expect(y).To(HaveAttributeCount(`schemas[value eq "`+invented+`"]`, 0))
		}
	},
}

var schemasKnown = check.Check{
	ID:       "read.user.schemas",
	Title:    "schemas of a user names schemas of its resource type alone",
	Level:    check.Must,
	Source:   check.RFC7643("3"),
	Covers:   []string{"rfc7643-3-schemas-known", "rfc7643-3.3-base-schema-included"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads users by their schemas cannot find the one it is pointed to.",
	Fix:      "List the extension in ResourceTypes, or leave it out of schemas.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		t.Precondition(types).To(HaveAttribute(`Resources[schema eq "` + scim.UserURN + `"]`))
		extensions := Texts(types, `Resources[schema eq "`+scim.UserURN+`"].schemaExtensions.schema`)
		x := t.Get(create(t, "alice"))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.UserURN)))
		for _, urn := range Texts(x, "schemas") {
			known := strings.EqualFold(urn, scim.UserURN) || slices.ContainsFunc(extensions, func(e string) bool { return strings.EqualFold(e, urn) })
			t.Expect(x).To(HaveAttribute("schemas", wanted{"no " + urn + ", which ResourceTypes does not have for User", func(any) bool { return known }}))
		}
	},
}

var commonAsked = check.Check{
	ID:       "projection.attributes.common",
	Title:    "common attributes are there though no schema lists them",
	Level:    check.Must,
	Source:   check.RFC7643("3"),
	Covers:   []string{"rfc7643-3-common-assumed"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that lists externalIds to know its users again gets users without them.",
	Fix:      "Know id, externalId and meta for every resource type, whatever its schema lists.",
	Run: func(t *check.T) {
		id := t.Name("external")
		alice := create(t, "alice", `"externalId":`+quote(id))
		asked := fetch(t, alice, "attributes", "externalId,meta")
		t.Expect(asked).To(HaveAttribute("id", alice.ID))
		t.Expect(asked).To(HaveAttribute("externalId", id))
		t.Expect(asked).To(HaveAttribute("meta.resourceType"))
	},
}

var metaDefault = check.Check{
	ID:       "projection.default.returned",
	Title:    "what is returned by default is there unless a query leaves it out",
	Level:    check.Must,
	Source:   check.RFC7643("7"),
	Covers:   []string{"rfc7643-7-returned-default", "rfc7643-2.2-default-returned", "rfc7643-3.1-meta-default"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads users without asking for attributes misses some; one that asks for few is sent all.",
	Fix:      "Return all assigned attributes whose returned is default, meta among them, and leave out what attributes does not name or excludedAttributes does.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		whole := t.Get(alice)
		t.Expect(whole).To(HaveAttribute("name.familyName", "Liddell"))
		t.Expect(whole).To(HaveAttribute("meta.resourceType"))
		few := fetch(t, alice, "attributes", "userName")
		t.Expect(few).To(HaveAttribute("userName", userName(alice)))
		t.Expect(few).To(NotHaveAttribute("name"))
		t.Expect(few).To(NotHaveAttribute("meta.resourceType"))
		rest := fetch(t, alice, "excludedAttributes", "meta")
		t.Expect(rest).To(HaveAttribute("userName", userName(alice)))
		t.Expect(rest).To(NotHaveAttribute("meta.resourceType"))
	},
}

var nestedGroup = check.Check{
	ID:       "create.group.nested",
	Title:    "a group in a group is taken, or refused in words",
	Level:    check.Should,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-nested"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever pushes nested groups sees a server error, or believes that the inner group's people have access.",
	Fix:      "Keep the member with type Group, or answer 400 invalidValue with a detail that says it is not supported.",
	Run: func(t *check.T) {
		inner := t.CreateGroup("inner", t.CreateUser(people.Alice))
		x := t.Post(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"displayName":`+quote(t.Name("outer"))+
			`,"members":[{"value":`+quote(inner.ID)+`,"type":"Group"}]}`)
		t.Require(x).To(HaveStatus(201, 400, 501))
		if x.Status != 201 {
			t.Expect(x).To(BeSCIMErrorWith([]int{400, 501}))
			return
		}
		t.Expect(t.Get(t.Resource(x))).To(HaveAttribute("members.value", inner.ID))
	},
}
