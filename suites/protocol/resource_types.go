// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// discoveryDetails checks the members of ServiceProviderConfig, ResourceTypes
// and Schemas one by one, RFC 7643 §5 to §7 and §10.
func discoveryDetails() []check.Check {
	return []check.Check{
		detail("config.addresses", "addresses in ServiceProviderConfig are whole URLs", check.Should, "5",
			[]string{"rfc7643-5-documentationuri", "rfc7643-5-authschemes-specuri", "rfc7643-5-authschemes-documentationuri"},
			"An administrator who follows the link to the instructions ends nowhere.",
			"Write documentationUri and specUri as http or https URLs, or leave them out.",
			scim.ServiceProviderConfigEndpoint, "authenticationSchemes.type", func() []detailed {
				return []detailed{
					{"", "documentationUri", true, webAddress()},
					{"authenticationSchemes", "documentationUri", true, webAddress()},
					{"authenticationSchemes", "specUri", true, webAddress()},
				}
			}),
		detail("types.extension-members", "an extension of a resource type has a schema and a boolean required", check.Must, "6",
			[]string{"rfc7643-6-extension-schema", "rfc7643-6-extension-required"},
			"A client that reads what a user may hold cannot tell which extension must be sent, or finds none.",
			"Give each of schemaExtensions its schema, and required as true or false.",
			scim.ResourceTypesEndpoint, "Resources.name", func() []detailed {
				return []detailed{
					{"Resources.schemaExtensions", "schema", false, gomega.MatchRegexp(`^\S+:\S+$`)},
					{"Resources.schemaExtensions", "required", false, gomega.BeAssignableToTypeOf(true)},
				}
			}),
		detail("types.descriptions", "resource types have a description", check.May, "6", // a MUST "when applicable"
			[]string{"rfc7643-6-description-must", "rfc7643-6-description-optional"},
			"Who chooses among the types of a provider has their names alone to go by.",
			"Give each resource type a sentence that says what it is.",
			scim.ResourceTypesEndpoint, "Resources.name", func() []detailed {
				return []detailed{{"Resources", "description", false, filled()}}
			}),
		detail("schemas.schema-descriptions", "schemas have a description", check.May, "7", // as above
			[]string{"rfc7643-7-description-must"},
			"Who chooses among the schemas of a provider has their names alone to go by.",
			"Give each schema a sentence that says what it describes.",
			scim.SchemasEndpoint, "Resources.id", func() []detailed {
				return []detailed{{"Resources", "description", false, filled()}}
			}),
		detail("schemas.ids", "the id of a schema is a URI", check.Must, "7",
			[]string{"rfc7643-7-id-uri", "rfc7643-7-id-always"},
			"A client cannot find the schema that a resource names.",
			"Use the URN of the schema as its id, such as "+scim.UserURN+".",
			scim.SchemasEndpoint, "Resources.attributes", func() []detailed {
				return []detailed{{"Resources", "id", false, gomega.MatchRegexp(`^[A-Za-z][A-Za-z0-9+.-]*:\S+$`)}}
			}),
		detail("schemas.urn", "a schema names the schema of schemas", check.Should, "7", // the examples of §8.7 do not
			[]string{"rfc7643-7-urn"},
			"A client that tells resources apart by schemas does not know what it reads.",
			"Put "+scim.SchemaURN+" into schemas of each Schema.",
			scim.SchemasEndpoint, "Resources.attributes", func() []detailed {
				return []detailed{{"Resources", "schemas", false, gomega.ContainElement(scim.SchemaURN)}}
			}),
		detail("schemas.urn-form", "URNs in the namespace of SCIM have its form", check.Should, "10.2.1",
			[]string{"rfc7643-10.2.1-urn-structure"},
			"A client that takes a URN apart for its name and version finds neither, and a later standard may claim the name.",
			"Name your own schemas in a namespace of your own, or urn:ietf:params:scim:schemas:extension:{name}:2.0:User as is done.",
			scim.SchemasEndpoint, "Resources.attributes", func() []detailed {
				return []detailed{{"Resources", "id", false, wanted{"urn:ietf:params:scim:schemas:… or :api:…, or another namespace", func(got any) bool {
					s, _ := got.(string)
					rest, claimed := strings.CutPrefix(strings.ToLower(s), "urn:ietf:params:scim:")
					kind, name, _ := strings.Cut(rest, ":")
					return !claimed || (kind == "schemas" || kind == "api") && name != ""
				}}}}
			}),
		typesByID, typesMeta, typesRequired, typesReadOnly, schemasReadOnly, configPublic, configHonest,
	}
}

// detailed wants something of a member of every object that in leads to; of
// one that may be left out only where it is given.
type detailed struct {
	in, member string
	optional   bool
	want       types.GomegaMatcher
}

func webAddress() types.GomegaMatcher { return gomega.MatchRegexp(`^https?://[^/\s]+\S*$`) }

// detail makes the check that members of what an endpoint serves are as wanted.
// Without something at needs there is nothing to look at: the check is blocked.
func detail(id, title string, level check.Level, section string, covers []string, breaks, fix, endpoint, needs string, wants func() []detailed) check.Check {
	return check.Check{
		ID: "discovery." + id, Title: title, Level: level, Source: check.RFC7643(section), Covers: covers,
		Needs: check.Needs(check.CapDiscovery), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			x := t.List(endpoint)
			t.Precondition(x).To(HaveAttribute(needs))
			for _, w := range wants() {
				for _, path := range places(x, w.in, w.member) {
					if !w.optional || len(Texts(x, path)) > 0 {
						t.Expect(x).To(HaveAttribute(path, w.want))
					}
				}
			}
		},
	}
}

// places gives the path to a member of each object that in leads to; none: of
// the reply itself.
func places(x *flow.Exchange, in, member string) []string {
	tree, err := Parse(x.Response.Body)
	if err != nil || in == "" {
		return []string{member}
	}
	lists, err := tree.Find(in)
	if err != nil {
		panic("protocol: places: " + err.Error()) // a path that is written above
	}
	var paths []string
	for _, list := range lists {
		where := strings.TrimPrefix(list.Where, "body.")
		for i := range list.Node.Elements {
			paths = append(paths, where+"["+strconv.Itoa(i)+"]."+member)
		}
	}
	return paths
}

var typesByID = check.Check{
	ID:       "discovery.types.by-id",
	Title:    "a resource type that has an id is read by it",
	Level:    check.Should,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7643-6-id"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that keeps the ids of types to read them again later finds nothing.",
	Fix:      "Serve /ResourceTypes/{id}; take the name as the id.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		t.Precondition(types).To(HaveAttribute("Resources.name"))
		ids := Texts(types, "Resources.id")
		if len(ids) == 0 {
			t.Skip("no resource type has an id")
		}
		x := t.List(scim.ResourceTypesEndpoint + "/" + url.PathEscape(ids[0]))
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("id", ids[0]))
	},
}

var typesMeta = check.Check{
	ID:       "discovery.types.meta",
	Title:    "meta.resourceType of a user is the name of its resource type",
	Level:    check.Must,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7643-6-name-must", "rfc7643-3.1-meta-resourcetype"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that looks the type up to find the schema of what it read does not find it.",
	Fix:      "Take meta.resourceType from the resource type, letter case included.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		t.Precondition(types).To(HaveAttribute(`Resources[schema eq "` + scim.UserURN + `"]`))
		name := Texts(types, `Resources[schema eq "`+scim.UserURN+`"].name`)
		t.Expect(t.Get(create(t, "alice"))).To(HaveAttribute("meta.resourceType", gomega.BeElementOf(name)))
	},
}

var typesRequired = check.Check{
	ID:       "discovery.types.extension-required",
	Title:    "a user has every extension that its resource type requires",
	Level:    check.Must,
	Source:   check.RFC7643("6"),
	Covers:   []string{"rfc7643-6-extension-required-true"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads the extension of each user finds users without it; or it sends what nobody needs.",
	Fix:      "Publish required false, or refuse users without the extension with 400 invalidValue.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		t.Precondition(types).To(HaveAttribute("Resources.name"))
		required := Texts(types, `Resources[schema eq "`+scim.UserURN+`"].schemaExtensions[required eq true].schema`)
		x := post(t)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == http.StatusCreated {
			t.Require(x).To(HaveAttribute("userName"))
			for _, urn := range required {
				t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(urn)))
			}
		}
	},
}

// readOnly makes the check that a discovery endpoint takes no writes.
func readOnly(id, endpoint, covers, breaks string) check.Check {
	return check.Check{
		ID: "discovery." + id + ".read-only", Title: "a write to " + endpoint + " is refused", Level: check.Must,
		Source: check.RFC7643("6"), Covers: []string{covers}, Profiles: check.Profiles("rfc"), Breaks: breaks,
		Fix: "Answer POST, PUT, PATCH and DELETE on " + endpoint + " with 405 and an Allow header.",
		Run: func(t *check.T) {
			for _, method := range []string{http.MethodPut, http.MethodPatch} {
				x := t.Send(flow.Request{Method: method, Path: endpoint, Body: []byte(`{}`)})
				t.Expect(x).To(HaveStatus(400, 403, 404, 405, 501))
			}
		},
	}
}

var (
	typesReadOnly = readOnly("types", scim.ResourceTypesEndpoint, "rfc7643-6-readonly",
		"A client that believes it registered a type of its own sends resources of it, which are lost.")
	schemasReadOnly = readOnly("schemas", scim.SchemasEndpoint, "rfc7643-7-readonly",
		"A client that believes it added an attribute sends values of it, which are lost.")
)

var configPublic = check.Check{
	ID:       "discovery.config.public",
	Title:    "ServiceProviderConfig is read without credentials",
	Level:    check.Should,
	Source:   check.RFC7643("5"),
	Covers:   []string{"rfc7643-5-authschemes-public"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that is to find out how to authenticate has to authenticate first.",
	Fix:      "Answer GET /ServiceProviderConfig, or its authenticationSchemes, also without an Authorization header.",
	Run: func(t *check.T) {
		x := t.Send(flow.Request{Method: http.MethodGet, Path: scim.ServiceProviderConfigEndpoint, Header: http.Header{"Authorization": nil}})
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("authenticationSchemes.type"))
	},
}

var configHonest = check.Check{
	ID:       "discovery.config.max-results",
	Title:    "no reply holds more resources than filter.maxResults",
	Level:    check.Should,
	Source:   check.RFC7643("5"),
	Covers:   []string{"rfc7643-5-filter-maxresults-honest"},
	Needs:    check.Needs(check.CapDiscovery, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that makes room for as many results as were announced is sent more.",
	Fix:      "Bound every page by the number that ServiceProviderConfig states.",
	Run: func(t *check.T) {
		config := t.List(scim.ServiceProviderConfigEndpoint)
		t.Precondition(config).To(HaveAttribute("filter.maxResults"))
		limit, err := strconv.Atoi(Texts(config, "filter.maxResults")[0])
		if err != nil || limit <= 0 {
			t.Skip("filter.maxResults states no limit")
		}
		create(t, "alice")
		create(t, "bob")
		x := t.List(scim.UsersEndpoint, "count", strconv.Itoa(limit+1))
		t.Require(x).To(BeListResponse())
		t.Expect(x).To(HaveAttribute("Resources", wanted{"at most " + strconv.Itoa(limit) + " resources", func(got any) bool {
			list, _ := got.([]any)
			return len(list) <= limit
		}}))
	},
}
