// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// published are the mappings of the person in the flows.
func published(more ...entra.Mapping) []entra.Mapping {
	return append([]entra.Mapping{
		{Target: "userName", Source: "userPrincipalName", Matching: 1},
		{Target: "active", Source: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
		{Target: "externalId", Source: "nick"},
		{Target: `emails[type eq "work"].value`, Source: "mail"},
		{Target: "name.givenName", Source: "givenName"},
		{Target: "name.familyName", Source: "surname"},
		{Target: "name.formatted", Source: `Join(" ", [givenName], [surname])`},
	}, more...)
}

func nicked(p *directory.Person) *directory.Person {
	p.Attributes = map[string]string{"nick": p.ID}
	return p
}

var (
	reader = directory.Role{Value: "11111111-1111-4111-8111-111111111111", Display: "Read Only"}
	admin  = directory.Role{Value: "22222222-2222-4222-8222-222222222222", Display: "Admin"}
)

const salesID = "8f1c0d6e-2b5a-4c1e-9a6f-3d1b7c0e5a42"

func roles(r ...directory.Role) directory.Change {
	return directory.Change{Kind: directory.Roles, IDs: []string{"ada"}, Roles: r}
}

func members(kind directory.Kind, m string) directory.Change {
	return directory.Change{Kind: kind, IDs: []string{salesID}, Members: []string{m}}
}

// TestFlows holds that the same acts give the requests of the flows, byte for
// byte.
func TestFlows(t *testing.T) {
	manager := entra.Mapping{Target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", Source: "manager"}
	add := entra.Mapping{Target: "roles", Source: "AppRoleAssignmentsComplex([appRoleAssignments])"}
	assert := entra.Mapping{Target: "roles", Source: "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}
	single := entra.Mapping{Target: `roles[primary eq "True"].value`, Source: "SingleAppRoleAssignment([appRoleAssignments])"}
	tests := []struct {
		flow    string
		mapping *entra.Mapping
		cycles  [][]directory.Change
	}{
		{"legacy/leaver", nil, [][]directory.Change{joined(), {on(directory.Unassign, "ada")}}},
		{"flag/leaver", nil, [][]directory.Change{joined(), {on(directory.Unassign, "ada")}}},
		{"legacy/username-change", nil, [][]directory.Change{joined(), {set("ada", "userName", "ada.new@contoso.example")}}},
		{"legacy/user-delete", nil, [][]directory.Change{joined(), {on(directory.Delete, "ada")}, {on(directory.Purge, "ada")}}},
		{"legacy/roles-changed", &assert, [][]directory.Change{joined(), {roles(reader)}, {roles(admin)}}},
		{"flag/roles-changed", &assert, [][]directory.Change{joined(), {roles(reader)}, {roles(admin)}}},
		{"flag/roles-removed", &assert, [][]directory.Change{joined(), {roles(reader)}, {roles()}}},
		{"legacy/roles-json-string", &add, [][]directory.Change{joined(), {roles(reader, admin)}}},
		{"legacy/roles-assigned", &single, [][]directory.Change{
			{join(nicked(ada())), roles(directory.Role{Value: reader.Value}), on(directory.Assign, "ada")}}},
		{"flag/manager", &manager, [][]directory.Change{
			append(joined("max"), set("ada", "manager", "max")), {set("ada", "manager", "")}}},
		{"flag/group-members", nil, [][]directory.Change{
			append(joined("max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID)), {members(directory.Remove, "ada")}}},
		{"legacy/group-members", nil, [][]directory.Change{
			append(joined("max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID)), {members(directory.Remove, "ada")}}},
		{"legacy/group-rename", nil, [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)),
			{{Kind: directory.Rename, IDs: []string{salesID}, Name: "Sales West"}}}},
		{"flag/group-rename", nil, [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)),
			{{Kind: directory.Rename, IDs: []string{salesID}, Name: "Sales West"}}}},
		{"legacy/group-delete", nil, [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)), {on(directory.Delete, salesID)}}},
	}
	for _, tt := range tests {
		t.Run(tt.flow, func(t *testing.T) {
			f, err := flow.Load(fixtures.Flows(), "entra/"+strings.Replace(tt.flow, "/", "-", 1)+".yaml")
			if err != nil {
				t.Fatal(err)
			}
			o := entra.Options{Dialect: f.Dialect, Mappings: published(), Knobs: entra.Knobs{EmptyRoles: true}}
			if tt.mapping != nil {
				o.Mappings = published(*tt.mapping)
			}
			x := open(t, provider(t), o)
			if err := x.app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, changes := range tt.cycles {
				x.cycle(changes...)
			}
			want, wantHeads := wire(f)
			got, gotHeads := x.wire()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("requests (-flow +sent):\n%s", d)
			}
			if d := cmp.Diff(wantHeads, gotHeads); d != "" {
				t.Errorf("headers (-flow +sent):\n%s", d)
			}
		})
	}
}

// joined has ada, and others, join and be assigned.
func joined(more ...string) []directory.Change {
	out := []directory.Change{join(nicked(ada()))}
	ids := []string{"ada"}
	for range more {
		out = append(out, join(nicked(boss())))
		ids = append(ids, "max")
	}
	return append(out, on(directory.Assign, ids...))
}

// wire gives the requests of a flow, and the names of their headers. Of two
// reads in a row one is left: a user is read once for its attributes and once
// for its manager.
func wire(f flow.Flow) (requests, heads []string) {
	for _, s := range f.Steps {
		requests = append(requests, line(s.Request.Method, s.Request.Path, s.Request.Body))
		heads = append(heads, line(s.Request.Headers["ADSCIMVersion"], s.Request.Headers["Content-Type"], ""))
	}
	return requests, heads
}

func (x *tenant) wire() (requests, heads []string) {
	x.Helper()
	names := map[string]string{}
	bind := map[string]string{"ada@": "{{adaId}}", "max@": "{{maxId}}", "Sales": "{{salesId}}"}
	for _, e := range withoutProbes(x.sent) {
		if e.Method == http.MethodPost {
			var created struct{ ID, UserName, DisplayName string }
			if err := json.Unmarshal(e.Response.Body, &created); err != nil {
				x.Fatal(err)
			}
			for prefix, name := range bind {
				if strings.HasPrefix(created.UserName+created.DisplayName, prefix) {
					names[created.ID] = name
				}
			}
		}
	}
	for i, l := range lines(withoutProbes(x.sent), names) {
		h := withoutProbes(x.sent)[i].Request.Header
		if i > 0 && strings.HasPrefix(l, "GET ") && requests[len(requests)-1] == l {
			continue
		}
		requests = append(requests, l)
		heads = append(heads, line(h.Get("ADSCIMVersion"), h.Get("Content-Type"), ""))
	}
	return requests, heads
}

func line(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

// TestPatchFlows holds that the PATCHes of Microsoft's page follow from a reply
// that has what they replace and lacks what they add.
func TestPatchFlows(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	tests := []struct {
		flow, step, held string
		values           []string // target, value
	}{
		{"legacy-user-lifecycle", "write what changed",
			`{"displayName":"x","emails":[{"type":"work","value":"x"}],"name":{"givenName":"x","familyName":"x"},"externalId":"x","` + enterprise + `":{"employeeNumber":"x"}}`,
			[]string{"displayName", "Pvlo", `emails[type eq "work"].value`, "ada.new@contoso.example", "name.givenName", "Gtfd", "name.familyName", "Pkqf",
				"externalId", "Eqpj", enterprise + ":employeeNumber", "Eqpj-7", "nickName", "Babs"}},
		{"flag-user-lifecycle", "write what changed",
			`{"displayName":"x","emails":[{"type":"work","value":"x"}],"name":{"givenName":"x","familyName":"x"},"` + enterprise + `":{"employeeNumber":"x"}}`,
			[]string{"displayName", "Bjfe", `emails[type eq "work"].value`, "ada.new@contoso.example", "name.givenName", "Kkom", "name.familyName", "Unua",
				enterprise + ":employeeNumber", "Aklq"}},
		{"flag-missing-attributes", "add what is missing", `{}`,
			[]string{`phoneNumbers[type eq "work"].value`, "+1 555 0100", "displayName", "Ada Example", "title", "Engineer", enterprise + ":department", "R&D"}},
		{"legacy-link-existing", "write what differs", `{"userName":"ada@contoso.example","name":{"givenName":"Ida","familyName":"Example"},"active":true}`,
			[]string{"userName", "ada@contoso.example", "externalId", "ada", "displayName", "Ada Example", `emails[type eq "work"].value`, "ada@contoso.example",
				"name.givenName", "Ada", "name.familyName", "Example", "active", "True"}},
	}
	for _, tt := range tests {
		t.Run(tt.flow, func(t *testing.T) {
			f, err := flow.Load(fixtures.Flows(), "entra/"+tt.flow+".yaml")
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			for _, s := range f.Steps {
				if s.Name == tt.step {
					want = s.Request.Body
				}
			}
			got := entra.PatchFor(t, f.Dialect == flow.EntraFlag, tt.held, tt.values)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("body (-flow +composed):\n%s", d)
			}
		})
	}
}

// TestProbe holds the shape of the probes, whose GUIDs are random.
func TestProbe(t *testing.T) {
	for _, name := range []string{"legacy-test-connection", "flag-test-connection"} {
		t.Run(name, func(t *testing.T) {
			f, err := flow.Load(fixtures.Flows(), "entra/"+name+".yaml")
			if err != nil {
				t.Fatal(err)
			}
			x := open(t, provider(t), entra.Options{Dialect: f.Dialect, Seed: 7})
			x.does(directory.Change{Kind: directory.Probe})
			if len(x.sent) != 3 {
				t.Fatalf("got %d requests, want users twice and groups once", len(x.sent))
			}
			sent := []flow.Exchange{x.sent[0], x.sent[2]}
			for i, s := range f.Steps {
				got, want := guid(sent[i].Path), guid(s.Request.Path)
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			if x.sent[0].Path != x.sent[1].Path {
				t.Errorf("got %s, then %s, want the same twice", x.sent[0].Path, x.sent[1].Path)
			}
		})
	}
}

func guid(path string) string {
	before, rest, _ := strings.Cut(path, "%22")
	value, after, _ := strings.Cut(rest, "%22")
	return fmt.Sprint(before, "<", len(value), ">", after)
}
