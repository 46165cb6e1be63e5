// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// schemas checks the Schemas endpoint, RFC 7644 §4 and RFC 7643 §7.
func schemas() []check.Check {
	return []check.Check{
		schemasList, schemasByURN, schemasUnknown, schemasMessages, schemasWords, schemasUserName, schemasMultiValued,
		schemasGroups, schemasPassword, schemasNames, schemasGroup, schemasDisplayName, schemasEnterprise, schemasPaging, schemasFilter,
	}
}

var schemasList = check.Check{
	ID:       "discovery.schemas.list",
	Title:    "Schemas is a ListResponse of schemas with id and attributes",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-schemas-list", "rfc7644-3.2-schemas-get", "rfc7643-7-id-required", "rfc7643-7-attributes"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Entra ID's schema discovery finds no attributes to map.",
	Fix:      "Answer GET /Schemas with a ListResponse; give each schema its URN as id and its attributes.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Require(x).To(HaveStatus(200))
		t.Require(x).To(BeListResponse())
		t.Expect(x).To(ContainResource(scim.UserURN))
		t.Expect(x).To(HaveAttribute(`Resources[id eq "` + scim.UserURN + `"].attributes`))
		t.Expect(x).To(HaveUniqueNames())
	},
}

var schemasByURN = check.Check{
	ID:       "discovery.schemas.by-urn",
	Title:    "one schema is read by its URN as a plain object",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-schema-by-uri", "rfc7644-3.4.1-get-schema-by-id", "rfc7644-4-single-object"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that looks one schema up takes the provider for one without it.",
	Fix:      "Route /Schemas/{urn} with the colons and dots of a URN, and answer with the schema itself.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint + "/" + scim.UserURN)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("id", scim.UserURN))
		t.Expect(x).To(HaveAttribute(`attributes[name eq "userName"].type`, "string"))
	},
}

var schemasUnknown = check.Check{
	ID:       "discovery.schemas.unknown",
	Title:    "an unknown schema answers 404 with a SCIM error",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-404"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client takes the answer for the schema it asked for.",
	Fix:      "Answer 404 with an Error body below /Schemas for a URN that is not there.",
	Run: func(t *check.T) {
		t.Expect(t.List(scim.SchemasEndpoint + "/urn:scimproof:nothing")).To(BeSCIMError(404))
	},
}

var schemasMessages = check.Check{
	ID:       "discovery.schemas.messages",
	Title:    "schemas of messages are not listed",
	Level:    check.Must,
	Source:   check.RFC7644("3.1"),
	Covers:   []string{"rfc7644-3.1-message-not-discoverable"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client offers PatchOp or Error as a kind of resource.",
	Fix:      "Leave urn:ietf:params:scim:api:… out of /Schemas; list resource schemas only.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.UserURN))
		t.Expect(x).To(NotHaveAttribute(`Resources[id sw "urn:ietf:params:scim:api:"].id`))
	},
}

var schemasWords = check.Check{
	ID:     "discovery.schemas.words",
	Title:  "type, mutability, returned and uniqueness of each attribute are words of RFC 7643",
	Level:  check.Must,
	Source: check.RFC7643("7"),
	Covers: []string{
		"rfc7643-7-attr-type", "rfc7643-7-mutability-values", "rfc7643-7-returned-values", "rfc7643-7-uniqueness-values",
		"rfc7643-2.3-no-new-types",
	},
	Needs: check.Needs(check.CapDiscovery), Profiles: check.Profiles("rfc"),
	Breaks: "A client that imports the schema stops at the first attribute it cannot place.",
	Fix:    "Use the words of RFC 7643 §2.2 and §7 in their spelling: readWrite, not READ_WRITE; default, not DEFAULT.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.UserURN))
		words := map[string][]any{
			"type":       {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"},
			"mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
			"returned":   {"always", "never", "default", "request"},
			"uniqueness": {"none", "server", "global"},
		}
		for _, name := range []string{"type", "mutability", "returned", "uniqueness"} {
			for _, path := range []string{"Resources.attributes.", "Resources.attributes.subAttributes."} {
				t.Expect(x).To(HaveAttribute(path+name, gomega.HaveEach(gomega.BeElementOf(words[name]...))))
			}
		}
	},
}

// ofUser is the path to an attribute definition of the core User schema.
func ofUser(name string) string {
	return `Resources[id eq "` + scim.UserURN + `"].attributes[name eq "` + name + `"]`
}

var schemasUserName = check.Check{
	ID:       "discovery.schemas.user-name",
	Title:    "the User schema has userName as a required, unique string",
	Level:    check.Must,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7643-7-core-user-published", "rfc7643-4.1.1-username-required", "rfc7643-7-attr-required"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An IdP that proposes a matching attribute from the schema picks another one.",
	Fix:      "Publish userName with type string, multiValued false, required true and uniqueness server (or global).",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Expect(x).To(HaveAttribute(ofUser("userName")+".type", "string"))
		t.Expect(x).To(HaveAttribute(ofUser("userName")+".multiValued", false))
		t.Expect(x).To(HaveAttribute(ofUser("userName")+".required", true))
		t.Expect(x).To(HaveAttribute(ofUser("userName")+".uniqueness", gomega.BeElementOf("server", "global")))
	},
}

var schemasMultiValued = check.Check{
	ID:       "discovery.schemas.multi-valued",
	Title:    "the User schema has emails as multi-valued and complex, active as boolean",
	Level:    check.Must,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7643-7-core-user-published", "rfc7643-7-attr-multivalued", "rfc7643-7-attr-complex-sub"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client built from the schema writes a string where the provider reads a list of objects.",
	Fix:      "Publish emails with type complex, multiValued true and its subAttributes; active with type boolean.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Expect(x).To(HaveAttribute(ofUser("emails")+".type", "complex"))
		t.Expect(x).To(HaveAttribute(ofUser("emails")+".multiValued", true))
		t.Expect(x).To(HaveAttribute(ofUser("emails") + `.subAttributes[name eq "value"]`))
		t.Expect(x).To(HaveAttribute(ofUser("active")+".type", "boolean"))
	},
}

var schemasGroups = check.Check{
	ID:       "discovery.schemas.groups",
	Title:    "the User schema has groups, if at all, as readOnly",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-4.1.2-groups-readonly"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client writes memberships on the user, where they have no effect.",
	Fix:      "Publish User.groups with mutability readOnly; membership changes go through /Groups.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.UserURN))
		if len(Texts(x, ofUser("groups")+".name")) > 0 {
			t.Expect(x).To(HaveAttribute(ofUser("groups")+".mutability", "readOnly"))
		}
	},
}

var schemasPassword = check.Check{
	ID:       "discovery.schemas.password",
	Title:    "the User schema has password, if at all, as writeOnly and never returned",
	Level:    check.Must,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7643-4.1.1-password-writeonly", "rfc7643-4.1.1-password-never"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client offers the password as something that can be read and imported.",
	Fix:      "Publish password with mutability writeOnly and returned never, or leave it out of the schema.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.UserURN))
		if len(Texts(x, ofUser("password")+".name")) > 0 {
			t.Expect(x).To(HaveAttribute(ofUser("password")+".mutability", "writeOnly"))
			t.Expect(x).To(HaveAttribute(ofUser("password")+".returned", "never"))
		}
	},
}

var schemasNames = check.Check{
	ID:       "discovery.schemas.names",
	Title:    "the core schemas have a name",
	Level:    check.Should,
	Source:   check.RFC7643("7"),
	Covers:   []string{"rfc7643-7-name-must"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An administrator who maps attributes chooses among URNs.",
	Fix:      "Give each schema its name, such as User.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.UserURN))
		t.Expect(x).To(HaveAttribute(`Resources[id eq "` + scim.UserURN + `"].name`))
	},
}

var schemasDisplayName = check.Check{
	ID:       "discovery.schemas.display-name",
	Title:    "the Group schema has displayName as required",
	Level:    check.Should, // erratum 5368: §4.2 says REQUIRED, the schema printed in §8.7.1 does not
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-displayname-required"},
	Needs:    check.Needs(check.CapDiscovery, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client built from the schema sends groups without a name, which are refused.",
	Fix:      "Publish displayName of Group with required true.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		t.Precondition(x).To(ContainResource(scim.GroupURN))
		t.Expect(x).To(HaveAttribute(`Resources[id eq "`+scim.GroupURN+`"].attributes[name eq "displayName"].required`, true))
	},
}

var schemasGroup = check.Check{
	ID:       "discovery.schemas.group",
	Title:    "the Group schema has displayName and multi-valued members",
	Level:    check.Must,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7643-7-core-group-published"},
	Needs:    check.Needs(check.CapDiscovery, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client built from the schema cannot write a group.",
	Fix:      "Publish displayName with type string, and members with type complex and multiValued true.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		group := `Resources[id eq "` + scim.GroupURN + `"].attributes`
		t.Expect(x).To(HaveAttribute(group+`[name eq "displayName"].type`, "string"))
		t.Expect(x).To(HaveAttribute(group+`[name eq "members"].type`, "complex"))
		t.Expect(x).To(HaveAttribute(group+`[name eq "members"].multiValued`, true))
	},
}

var schemasEnterprise = check.Check{
	ID:       "discovery.schemas.enterprise",
	Title:    "the enterprise schema has all its attributes",
	Level:    check.Should,
	Source:   check.RFC7643("8.7.1"),
	Covers:   []string{"rfc7643-4.3-urn", "rfc7643-4.3-employeenumber", "rfc7643-4.3-department", "rfc7643-4.3-manager"},
	Needs:    check.Needs(check.CapDiscovery, check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Department, manager and cost centre cannot be mapped in the IdP.",
	Fix:      "Publish employeeNumber, costCenter, organization, division, department and manager in the enterprise schema.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint)
		for _, name := range []string{"employeeNumber", "costCenter", "organization", "division", "department", "manager"} {
			t.Expect(x).To(HaveAttribute(`Resources[id eq "` + scim.EnterpriseUserURN + `"].attributes[name eq "` + name + `"]`))
		}
	},
}

var schemasPaging = check.Check{
	ID:       "discovery.schemas.paging",
	Title:    "paging and sorting parameters are ignored on Schemas",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-params-ignored"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sends its usual paging parameters sees part of the schemas and takes it for all.",
	Fix:      "Answer /Schemas, /ResourceTypes and /ServiceProviderConfig in whole whatever startIndex, count or sortBy say.",
	Run: func(t *check.T) {
		x := t.List(scim.SchemasEndpoint, "startIndex", "2", "count", "1", "sortBy", "id", "sortOrder", "descending")
		t.Require(x).To(ContainResource(scim.UserURN))
		t.Expect(x).To(HaveOnlyResources(Texts(t.List(scim.SchemasEndpoint), "Resources.id")...))
	},
}

var schemasFilter = check.Check{
	ID:       "discovery.schemas.filter",
	Title:    "a filter on Schemas is refused with 403",
	Level:    check.Should,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-filter-403"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client takes a list that ignores its filter for the result of the filter.",
	Fix:      "Answer 403 when a filter is given on a discovery endpoint.",
	Run: func(t *check.T) {
		t.Expect(find(t, scim.SchemasEndpoint, `id eq "`+scim.UserURN+`"`)).To(BeSCIMError(403))
	},
}
