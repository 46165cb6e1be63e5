// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"slices"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// honest checks that what works is advertised, RFC 7643 §5: what is advertised
// and does not work fails where it is used. Nobody is wrong who says less than
// the truth, so that these are remarks.
func honest() []check.Check {
	checks := []check.Check{honestGroups, honestAttributes}
	for _, f := range []struct {
		name, title string
		works       func(t *check.T) bool
	}{
		{"patch", "PATCH", func(t *check.T) bool {
			alice := create(t, "alice")
			t.Patch(alice, `[{"op":"replace","path":"title","value":"Director"}]`)
			return Text(t.Get(alice), "title") == "Director"
		}},
		{"filter", "a filter", func(t *check.T) bool {
			alice := create(t, "alice")
			create(t, "bob")
			x := find(t, scim.UsersEndpoint, is(alice))
			return x.Status == http.StatusOK && slices.Equal(idsOn(x), []string{alice.ID})
		}},
		{"sort", "sorting", func(t *check.T) bool {
			create(t, "alice")
			create(t, "bob")
			names := func(order string) []string {
				x := t.List(scim.UsersEndpoint, "sortBy", "userName", "sortOrder", order, "count", "2")
				return Texts(x, "Resources.userName")
			}
			up, down := names("ascending"), names("descending")
			return len(up) == 2 && len(down) == 2 && up[0] < up[1] && down[0] > down[1]
		}},
		{"etag", "a version", func(t *check.T) bool {
			alice := create(t, "alice")
			x := t.Send(flow.Request{
				Method: http.MethodPut, Path: alice.Path(), Body: []byte(edited(alice, "Liddell", "Hargreaves")),
				Header: http.Header{"If-Match": {`W/"scimproof-none"`}},
			})
			return x.Status == http.StatusPreconditionFailed
		}},
		{"bulk", "a bulk request", func(t *check.T) bool {
			exists(t, create(t, "alice")) // of who makes nobody there is nothing to say
			body := `{"schemas":["` + scim.BulkRequestURN + `"],"Operations":[{"method":"DELETE","path":` + quote(nowhere(t, scim.UsersEndpoint).Path()) + `}]}`
			x := t.Send(flow.Request{Method: http.MethodPost, Path: "/Bulk", Body: []byte(body)})
			return x.Status == http.StatusOK && len(Texts(x, "Operations.method")) == 1
		}},
	} {
		checks = append(checks, check.Check{
			ID:       "honest.hidden." + f.name,
			Title:    f.title + " that works is advertised",
			Level:    check.May,
			Source:   check.RFC7643("5"),
			Needs:    check.Needs(check.CapDiscovery),
			Profiles: check.Profiles("rfc"), Unadvertised: true,
			Breaks: "A client that asks first does without what it could use; what nobody is to use stays open and untested.",
			Fix:    "Set " + f.name + ".supported to true in ServiceProviderConfig, or refuse what is not supported.",
			Run: func(t *check.T) {
				config := t.List(scim.ServiceProviderConfigEndpoint)
				if Text(config, f.name+".supported") != "true" && f.works(t) {
					t.Expect(config).To(HaveAttribute(f.name+".supported", true))
				}
			},
		})
	}
	return checks
}

var honestGroups = check.Check{
	ID:       "honest.hidden.groups",
	Title:    "groups that can be listed are among the resource types",
	Level:    check.May,
	Source:   check.RFC7643("6"),
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"), Unadvertised: true,
	Breaks: "A client that reads ResourceTypes before it pushes groups pushes none.",
	Fix:    "List each endpoint that is served in ResourceTypes.",
	Run: func(t *check.T) {
		types := t.List(scim.ResourceTypesEndpoint)
		if types.Status != http.StatusOK || len(Texts(types, "Resources.endpoint")) == 0 {
			t.Skip("ResourceTypes is not served as a list")
		}
		if x := t.List(scim.GroupsEndpoint, "count", "1"); x.Status == http.StatusOK && Text(x, "totalResults") != "" {
			t.Expect(Texts(types, "Resources.endpoint")).To(gomega.ContainElement(gomega.HaveSuffix(scim.GroupsEndpoint)))
		}
	},
}

// honestAttributes looks at attributes whose values are free text, so that no
// provider has a reason to refuse or to change one.
var honestAttributes = check.Check{
	ID:       "honest.attributes.kept",
	Title:    "an attribute of free text that the User schema lists as writable is kept",
	Level:    check.Should,
	Source:   check.RFC7643("7"),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "An administrator maps an attribute that the schema offers, and its values go nowhere without an error.",
	Fix:      "List in Schemas what is stored, and nothing else; RFC 7643 §7 calls the rest readOnly.",
	Run: func(t *check.T) {
		schema := t.List(scim.SchemasEndpoint + "/" + scim.UserURN)
		if schema.Status != http.StatusOK {
			t.Skip("the User schema is not served")
		}
		sent := map[string]string{"displayName": "Alice Liddell", "nickName": "Ali", "title": "Engineer", "userType": "Employee"}
		var members, listed []string
		for _, name := range []string{"displayName", "nickName", "title", "userType"} {
			at := `attributes[name eq "` + name + `"]`
			if Text(schema, at+".mutability") == "readWrite" && Text(schema, at+".type") == "string" && Text(schema, at+".returned") != "never" {
				listed, members = append(listed, name), append(members, quote(name)+":"+quote(sent[name]))
			}
		}
		if len(listed) == 0 {
			t.Skip("the User schema lists none of displayName, nickName, title and userType as writable")
		}
		x := t.Get(create(t, "alice", members...))
		for _, name := range listed {
			t.Expect(x).To(HaveAttribute(name, sent[name]))
		}
	},
}
