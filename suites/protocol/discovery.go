// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// discovery checks ServiceProviderConfig and ResourceTypes, RFC 7644 §4 and
// RFC 7643 §5 and §6.
func discovery() []check.Check {
	return []check.Check{
		configServed, configGet, configFlags, configLimits, configAuthentication, configPatch, configReadOnly, methodAllow,
		typesList, typesUser, typesGroup, typesByName, typesUnknown, typesExtensions,
	}
}

var configServed = check.Check{
	ID:       "discovery.config.served",
	Title:    "ServiceProviderConfig is there",
	Level:    check.Should,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-3.2-spc-get", "rfc7644-4-spc", "rfc7644-4-spc-name"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot learn what the provider can do; Okta and Entra ID do not ask.",
	Fix:      "Serve GET /ServiceProviderConfig; a constant document will do.",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("schemas"))
		t.Expect(x).To(NotHaveAttribute("Resources"))
		t.Expect(x).To(NotHaveAttribute("totalResults"))
	},
}

var configGet = check.Check{
	ID:       "discovery.config.get",
	Title:    "ServiceProviderConfig is served as one object with its schema",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-spc", "rfc7644-3.2-spc-get", "rfc7643-5-urn"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads the configuration before it provisions takes the provider for something else and stops.",
	Fix:      "Answer GET /ServiceProviderConfig with the object itself, not a ListResponse, and its URN in schemas.",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.ServiceProviderConfigURN)))
		t.Expect(x).To(HaveUniqueNames())
	},
}

var configFlags = check.Check{
	ID:     "discovery.config.flags",
	Title:  "each capability of ServiceProviderConfig has a boolean supported",
	Level:  check.Must,
	Source: check.RFC7643("5"),
	Covers: []string{
		"rfc7643-5-patch-supported", "rfc7643-5-bulk-supported", "rfc7643-5-filter-supported",
		"rfc7643-5-changepassword-supported", "rfc7643-5-sort-supported", "rfc7643-5-etag-supported",
		"rfc7643-5-patch", "rfc7643-5-filter", "rfc7643-5-changepassword", "rfc7643-5-sort", "rfc7643-5-etag",
	},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot tell what the provider can do, and uses PATCH or bulk where there is none.",
	Fix:      "Give patch, bulk, filter, changePassword, sort and etag, each with supported true or false, not \"true\".",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		for _, name := range []string{"patch", "bulk", "filter", "changePassword", "sort", "etag"} {
			t.Expect(x).To(HaveAttribute(name+".supported", gomega.BeAssignableToTypeOf(true)))
		}
	},
}

var configLimits = check.Check{
	ID:       "discovery.config.limits",
	Title:    "the limits of bulk and filter are numbers",
	Level:    check.Must,
	Source:   check.RFC7643("5"),
	Covers:   []string{"rfc7643-5-bulk-maxoperations", "rfc7643-5-bulk-maxpayloadsize", "rfc7643-5-filter-maxresults"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sizes its bulk requests and pages by the limits sends too much, or nothing.",
	Fix:      "State bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults as JSON numbers, 0 where the capability is absent.",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		for _, path := range []string{"bulk.maxOperations", "bulk.maxPayloadSize", "filter.maxResults"} {
			t.Expect(x).To(HaveAttribute(path, gomega.BeNumerically(">=", 0)))
		}
	},
}

var configAuthentication = check.Check{
	ID:       "discovery.config.authentication",
	Title:    "each authentication scheme has a type, a name and a description",
	Level:    check.Must,
	Source:   check.RFC7643("5"),
	Covers:   []string{"rfc7643-5-authenticationschemes", "rfc7643-5-authschemes-type", "rfc7643-5-authschemes-name", "rfc7643-5-authschemes-description"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An administrator who sets up the connection cannot see which credentials the provider takes.",
	Fix:      "List at least one scheme in authenticationSchemes, with type (such as oauthbearertoken), name and description.",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		t.Require(x).To(HaveAttribute("authenticationSchemes"))
		n := len(Texts(x, "authenticationSchemes.type"))
		t.Expect(x).To(HaveAttributeCount("authenticationSchemes", n))
		t.Expect(x).To(HaveAttributeCount("authenticationSchemes.name", n))
		t.Expect(x).To(HaveAttributeCount("authenticationSchemes.description", n))
	},
}

var configPatch = check.Check{
	ID:       "discovery.config.patch",
	Title:    "PATCH is advertised",
	Level:    check.Should,
	Source:   check.RFC7644("3.5"),
	Covers:   []string{"rfc7644-3.5-patch-recommended"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Entra ID sends every update as PATCH, and Okta every group change: neither works without.",
	Fix:      "Implement PATCH on users and groups, and set patch.supported to true.",
	Run: func(t *check.T) {
		t.Expect(t.List(scim.ServiceProviderConfigEndpoint)).To(HaveAttribute("patch.supported", true))
	},
}

var configReadOnly = check.Check{
	ID:       "discovery.config.read-only",
	Title:    "a write to ServiceProviderConfig is refused",
	Level:    check.Must,
	Source:   check.RFC7643("5"),
	Covers:   []string{"rfc7643-5-readonly"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that believes its write took effect works with a configuration that is not there.",
	Fix:      "Answer POST, PUT, PATCH and DELETE on /ServiceProviderConfig with 405 and an Allow header.",
	Run: func(t *check.T) {
		x := t.Send(flow.Request{Method: http.MethodPut, Path: scim.ServiceProviderConfigEndpoint, Body: []byte(`{}`)})
		t.Expect(x).To(HaveStatus(400, 403, 404, 405, 501))
	},
}

var methodAllow = check.Check{
	ID:       "discovery.method.allow",
	Title:    "a 405 names the methods that are allowed",
	Level:    check.Must,
	Source:   check.Source{Name: "RFC 9110", Section: "15.5.6", Evidence: check.Standard},
	Covers:   []string{"rfc9110-15.5.6-405-allow"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A developer who used the wrong method is not told which one is right.",
	Fix:      "Send Allow with every 405, for instance Allow: GET, HEAD.",
	Run: func(t *check.T) {
		x := t.Send(flow.Request{Method: http.MethodPut, Path: scim.SchemasEndpoint, Body: []byte(`{}`)})
		t.Require(x).To(HaveStatus(400, 403, 404, 405, 501))
		if x.Status == http.StatusMethodNotAllowed {
			t.Expect(x).To(HaveHeader("Allow"))
		}
	},
}

var typesList = check.Check{
	ID:     "discovery.types.list",
	Title:  "ResourceTypes is a ListResponse of types with name, endpoint and schema",
	Level:  check.Must,
	Source: check.RFC7644("4"),
	Covers: []string{
		"rfc7644-4-multiple-list", "rfc7644-3.2-resourcetypes-get", "rfc7643-6-name-required", "rfc7643-6-endpoint",
		"rfc7643-6-schema", "rfc7643-6-all-required",
	},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Okta with Identity Governance reads ResourceTypes to find roles and entitlements; it finds none.",
	Fix:      "Wrap the types in a ListResponse, each with name, endpoint (relative to the base URL) and schema.",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint)
		t.Require(x).To(HaveStatus(200))
		t.Require(x).To(BeListResponse())
		t.Require(x).To(HaveAttribute("Resources"))
		n := len(Texts(x, "Resources.name"))
		t.Expect(x).To(HaveAttributeCount("Resources", n))
		t.Expect(x).To(HaveAttributeCount("Resources.endpoint", n))
		t.Expect(x).To(HaveAttributeCount("Resources.schema", n))
	},
}

var typesUser = check.Check{
	ID:       "discovery.types.user",
	Title:    "ResourceTypes has User at /Users with the core User schema",
	Level:    check.Must,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7644-4-resource-types", "rfc7643-4.1-user-urn"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that finds endpoints by discovery does not find the users.",
	Fix:      "List a resource type with name User, endpoint /Users and schema " + scim.UserURN + ".",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint)
		t.Expect(x).To(HaveAttribute(`Resources[schema eq "`+scim.UserURN+`"].endpoint`, scim.UsersEndpoint))
		t.Expect(x).To(HaveAttribute(`Resources[schema eq "`+scim.UserURN+`"].name`, "User"))
	},
}

var typesGroup = check.Check{
	ID:       "discovery.types.group",
	Title:    "ResourceTypes has Group at /Groups with the core Group schema",
	Level:    check.Must,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7644-4-resource-types", "rfc7643-4.2-group-urn"},
	Needs:    check.Needs(check.CapDiscovery, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that finds endpoints by discovery does not push groups.",
	Fix:      "List a resource type with name Group, endpoint /Groups and schema " + scim.GroupURN + ".",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint)
		t.Expect(x).To(HaveAttribute(`Resources[schema eq "`+scim.GroupURN+`"].endpoint`, scim.GroupsEndpoint))
		t.Expect(x).To(HaveAttribute(`Resources[schema eq "`+scim.GroupURN+`"].name`, "Group"))
	},
}

var typesByName = check.Check{
	ID:       "discovery.types.by-name",
	Title:    "one resource type is read as a plain object",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-single-object", "rfc7643-6-urn"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that follows the location of a resource type gets a list where it needs the type.",
	Fix:      "Answer GET /ResourceTypes/User with the resource type itself and its URN in schemas.",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint + "/User")
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.ResourceTypeURN)))
		t.Expect(x).To(HaveAttribute("endpoint", scim.UsersEndpoint))
	},
}

var typesUnknown = check.Check{
	ID:       "discovery.types.unknown",
	Title:    "an unknown resource type answers 404 with a SCIM error",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-404"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client takes the answer for the type it asked for.",
	Fix:      "Answer 404 with an Error body below /ResourceTypes for a name that is not there.",
	Run: func(t *check.T) {
		t.Expect(t.List(scim.ResourceTypesEndpoint + "/scimproof-nothing")).To(BeSCIMError(404))
	},
}

var typesExtensions = check.Check{
	ID:       "discovery.types.extensions",
	Title:    "every schema that a resource type names is served by Schemas",
	Level:    check.Must,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7643-6-schema-equals-id", "rfc7643-6-extension-equals-id", "rfc7643-7-schema-for-each", "rfc7643-3.2-new-types"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Entra ID and Okta read Schemas to offer attributes for mapping; those of the missing schema are not offered.",
	Fix:      "Serve a Schema resource for the base schema and each extension, with exactly the id that the resource type names.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		t.Precondition(types).To(HaveAttribute("Resources.schema"))
		served := t.List(scim.SchemasEndpoint)
		for _, path := range []string{"Resources.schema", "Resources.schemaExtensions.schema"} {
			for _, urn := range Texts(types, path) {
				t.Expect(served).To(ContainResource(urn))
			}
		}
	},
}
