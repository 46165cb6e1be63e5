// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/simulator/okta"
)

// governed is what a provider with entitlements answers: Okta's guide "Build a
// SCIM 2.0 server with entitlements", 2025-10-19.
func governed(more map[string]string) map[string]string {
	out := map[string]string{
		"/ResourceTypes": listed(
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"User","name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",`+
				`"schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":true},{"schema":"urn:example:User","required":false}]}`,
			`{"id":"Role","name":"Role","endpoint":"/Roles","schema":"urn:okta:scim:schemas:core:1.0:Role"}`,
			`{"id":"Profile","name":"Profile","endpoint":"Profiles","schema":"urn:okta:scim:schemas:core:1.0:Entitlement"}`,
			`{"id":"Printer","name":"Printer","endpoint":"/Printers","schema":"urn:example:Printer"}`),
		"/Schemas":                         listed(`{"id":"urn:ietf:params:scim:schemas:core:2.0:User"}`, `{"id":"urn:example:User"}`),
		"/Roles?startIndex=1&count=100":    `{"totalResults":101,"Resources":[` + strings.Repeat(`{"id":"r","displayName":"Reader"},`, 99) + `{"id":"r","displayName":"Reader"}]}`,
		"/Roles?startIndex=101&count=100":  `{"totalResults":101,"Resources":[{"id":"w","displayName":"Writer","description":"writes"}]}`,
		"/Profiles?startIndex=1&count=100": listed(`{"id":"p","displayName":"Standard","type":"Profile"}`),
		"/Groups?startIndex=1&count=100":   listed(),
	}
	maps.Copy(out, more)
	return out
}

func listed(resources ...string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"startIndex":1,"itemsPerPage":%[1]d,"Resources":[%s]}`,
		len(resources), strings.Join(resources, ","))
}

// declares answers GETs from a table, 404 where it has "", and the rest as the
// reference server does.
func declares(t *testing.T, bodies map[string]string) *witness {
	provider := reference(t)
	provider.answer = func(q request) (int, http.Header, string, bool) {
		body, known := bodies[q.Path]
		switch {
		case !known || q.Method != http.MethodGet:
			return 0, nil, "", false
		case body == "":
			return http.StatusNotFound, nil, scimError, true
		}
		return http.StatusOK, nil, body, true
	}
	return provider
}

// TestDiscovery holds what is read of a provider with entitlements, in the order
// of Okta's guide, and what of the user schema.
func TestDiscovery(t *testing.T) {
	const probe = "GET /Users?startIndex=1&count=2"
	entitlements := []string{
		probe, "GET /ResourceTypes", "GET /Schemas", "GET /Roles?startIndex=1&count=100", "GET /Roles?startIndex=101&count=100", "GET /Profiles?startIndex=1&count=100",
	}
	tests := []struct {
		name, scenario string
		want           []string
	}{
		{"off", "", []string{probe}},
		{"entitlements", "app: {features: {entitlements: true}}\n", entitlements},
		{"user schema", "app: {features: {import_user_schema: true}}\n", entitlements[:3]},
		{"both", "app: {features: {entitlements: true, import_user_schema: true}}\n", entitlements},
		{"switched on", "changes: [{features: {entitlements: true}}]\n", entitlements},
		{"on already", "app: {features: {entitlements: true}}\nchanges: [{features: {entitlements: true}}, {probe: {}}]\n", append(slices.Clone(entitlements), probe)},
	}
	for _, tt := range tests {
		for _, dialect := range okta.Dialects() {
			t.Run(tt.name+"/"+dialect, func(t *testing.T) {
				provider := declares(t, governed(nil))
				r := play(t, dialect, tt.scenario, provider)
				if !r.Converged() {
					t.Errorf("tasks %v, differences %v", r.Tasks, r.Differences)
				}
				if got := provider.lines()[:r.Requests]; !slices.Equal(got, tt.want) {
					t.Errorf("got %q\nwant %q", got, tt.want)
				}
				headers(t, provider.sent[:r.Requests])
			})
		}
	}
}

// TestDiscoveryTasks holds what an administrator is told of a provider whose
// declarations are not as Okta's guide wants them.
func TestDiscoveryTasks(t *testing.T) {
	const role = "Error while importing entitlements of Role: "
	long := strings.Repeat("ü", 1001)
	tests := []struct {
		name, feature, path, body, want string
	}{
		{"no resource types", "entitlements", "/ResourceTypes", "", "Error while reading the resource types: Not Found. Errors reported by remote server: because"},
		{"no list", "entitlements", "/ResourceTypes", "<html>", `Error while reading the resource types: Invalid JSON: Unrecognized token "<"`},
		{"a type that is a text", "entitlements", "/ResourceTypes", listed(`"Role"`), "Error while reading the resource types: a resource type is not a JSON object"},
		{"no schemas", "entitlements", "/Schemas", "", "Error while reading the schemas: Not Found. Errors reported by remote server: because"},
		{"an extension that is not served", "entitlements", "/Schemas", listed(`{"id":"urn:ietf:params:scim:schemas:core:2.0:User"}`), "Error while reading the schemas: there is no schema urn:example:User"},
		{"no user schema", "import_user_schema", "/Schemas", listed(`{"id":"urn:example:User"}`), "Error while reading the schemas: there is no schema urn:ietf:params:scim:schemas:core:2.0:User"},
		{"core and enterprise need not be served", "entitlements", "/Schemas", listed(`{"id":"urn:example:User"}`), ""},
		{"schemas that nobody needs", "entitlements", "/ResourceTypes", listed(`{"name":"Role","endpoint":"/Roles","schema":"urn:okta:scim:schemas:core:1.0:Role"}`), ""},
		{"no roles", "entitlements", "/Roles?startIndex=1&count=100", "", role + "Not Found. Errors reported by remote server: because"},
		{"a role without a name", "entitlements", "/Roles?startIndex=101&count=100", `{"totalResults":101,"Resources":[{"id":"w"}]}`, role + "value 101 has no displayName"},
		{"a role without an id", "entitlements", "/Roles?startIndex=1&count=100", listed(`{"displayName":"Reader"}`), role + "value 1 has no id"},
		{"a long description", "entitlements", "/Roles?startIndex=1&count=100", listed(`{"id":"r","displayName":"Reader","description":"` + long + `"}`), role + "value 1 has a description of more than 1000 characters"},
		{"another type", "entitlements", "/Profiles?startIndex=1&count=100", listed(`{"id":"p","displayName":"Standard","type":"profile"}`),
			`Error while importing entitlements of Profile: value 1 has the type "profile", it must be "Profile"`},
		{"another host", "entitlements", "/ResourceTypes", listed(`{"name":"Role","endpoint":"https://elsewhere.example/Roles","schema":"urn:okta:scim:schemas:core:1.0:Role"}`),
			role + `the endpoint is "https://elsewhere.example/Roles", it must be a path below the base URL`},
		{"a way up", "entitlements", "/ResourceTypes", listed(`{"name":"Role","endpoint":"/../admin","schema":"urn:okta:scim:schemas:core:1.0:Role"}`),
			role + `the endpoint is "/../admin", it must be a path below the base URL`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bodies := governed(map[string]string{tt.path: tt.body})
			if tt.name == "schemas that nobody needs" {
				bodies["/Schemas"] = ""
			}
			r := play(t, "okta-oin", "app: {features: {"+tt.feature+": true}}\n", declares(t, bodies))
			got := ""
			for _, task := range r.Tasks {
				got += task.Message
			}
			if got != tt.want {
				t.Errorf("tasks %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFeatures holds that each feature is a switch by itself: turned off alone,
// its own requests end and those of all others stay.
func TestFeatures(t *testing.T) {
	const acts = `
directory:
  people: [{id: ada, userName: ada@example.test, givenName: Ada, familyName: Test, title: Engineer}]
  groups: [{id: team, displayName: Team, members: [ada]}]
changes:
  - assign: ada
  - push: team
  - set: {person: ada, title: Staff Engineer}
  - password: {person: ada, value: s3cret}
  - import: users
  - import: groups
  - unassign: ada
`
	shows := map[string]string{
		"user_patch": "PATCH /Users/", "group_patch": "PATCH /Groups/", "change_password": `"password":"s3cret"`, "deactivate_users": `"active":false`,
		"profile_updates": "Staff Engineer", "import_users": "GET /Users?startIndex=1&count=100", "import_groups": "GET /Groups?startIndex=1&count=100",
		"import_user_schema": "task: Error while reading the schemas: there is no schema urn:ietf:params:scim:schemas:core:2.0:User", "entitlements": "GET /Roles",
	}
	schema := map[string]string{"/Schemas": listed(`{"id":"urn:example:User"}`)}
	for _, dialect := range okta.Dialects() {
		for _, off := range append(okta.FeatureNames(), "") {
			t.Run(dialect+"/without "+off, func(t *testing.T) {
				bodies := governed(nil)
				delete(bodies, "/Groups?startIndex=1&count=100")
				if off == "import_user_schema" || off == "entitlements" { // the task of the one hides the requests of the other
					bodies = governed(schema)
					delete(bodies, "/Groups?startIndex=1&count=100")
				}
				features := make([]string, 0, len(shows))
				for _, name := range okta.FeatureNames() {
					features = append(features, fmt.Sprintf("%s: %t", name, name != off))
				}
				provider := declares(t, bodies)
				r := play(t, dialect, "app: {features: {"+strings.Join(features, ", ")+"}}\n"+acts, provider)
				seen := strings.Join(provider.lines()[:r.Requests], "\n")
				for _, task := range r.Tasks {
					seen += "\ntask: " + task.Message
				}
				for _, name := range okta.FeatureNames() {
					want := name != off
					if name == "import_user_schema" {
						want = off == "entitlements"
					}
					if shows[name] == "" || strings.Contains(seen, shows[name]) != want {
						t.Errorf("%s: %q is there: %t, want %t in\n%s", name, shows[name], !want, want, seen)
					}
				}
			})
		}
	}
}
