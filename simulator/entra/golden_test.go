// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
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
		flow     string
		mapping  *entra.Mapping  // besides those of the person
		mappings []entra.Mapping // instead of those of the person
		cycles   [][]directory.Change
		given    int               // steps of the flow that go before and are not Entra's
		not      string            // name of a later step that is not Entra's
		begins   bool              // more follows than the flow has
		holds    map[string]string // what the provider has besides, as JSON by name
	}{
		{flow: "legacy/leaver", cycles: [][]directory.Change{joined(), {on(directory.Unassign, "ada")}}},
		{flow: "flag/leaver", cycles: [][]directory.Change{joined(), {on(directory.Unassign, "ada")}}},
		{flow: "legacy/username-change", cycles: [][]directory.Change{joined(), {set("ada", "userName", "ada.new@contoso.example")}}},
		{flow: "legacy/user-delete", cycles: [][]directory.Change{joined(), {on(directory.Delete, "ada")}, {on(directory.Purge, "ada")}}},
		{flow: "legacy/roles-changed", mapping: &assert, cycles: [][]directory.Change{joined(), {roles(reader)}, {roles(admin)}}},
		{flow: "flag/roles-changed", mapping: &assert, cycles: [][]directory.Change{joined(), {roles(reader)}, {roles(admin)}}},
		{flow: "flag/roles-removed", mapping: &assert, cycles: [][]directory.Change{joined(), {roles(reader)}, {roles()}}},
		{flow: "legacy/roles-json-string", mapping: &add, cycles: [][]directory.Change{joined(), {roles(reader, admin)}}},
		{flow: "legacy/roles-assigned", mapping: &single, cycles: [][]directory.Change{
			{join(nicked(ada())), roles(directory.Role{Value: reader.Value}), on(directory.Assign, "ada")}}},
		{flow: "flag/manager", mapping: &manager, cycles: [][]directory.Change{
			append(joined("max"), set("ada", "manager", "max")), {set("ada", "manager", "")}}},
		{flow: "flag/group-members", cycles: [][]directory.Change{
			append(joined("max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID)), {members(directory.Remove, "ada")}}},
		{flow: "legacy/group-members", cycles: [][]directory.Change{
			append(joined("max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID)), {members(directory.Remove, "ada")}}},
		{flow: "legacy/group-rename", cycles: [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)),
			{{Kind: directory.Rename, IDs: []string{salesID}, Name: "Sales West"}}}},
		{flow: "flag/group-rename", cycles: [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)),
			{{Kind: directory.Rename, IDs: []string{salesID}, Name: "Sales West"}}}},
		{flow: "legacy/group-delete", cycles: [][]directory.Change{
			append(joined(), found(salesID, "Sales", "ada"), on(directory.Assign, salesID)), {on(directory.Delete, salesID)}}},
		{flow: "flag/roles-unmatched", mapping: &assert, cycles: [][]directory.Change{joined(), {roles(reader)},
			{roles(directory.Role{Value: "99999999-9999-4999-8999-999999999999", Display: "Unknown"})}}},
		{flow: "legacy/returner", not: whileDisabled, cycles: [][]directory.Change{joined(), {on(directory.Unassign, "ada")}, {on(directory.Assign, "ada")}}},
		{flow: "flag/returner", not: whileDisabled, cycles: [][]directory.Change{joined(), {on(directory.Unassign, "ada")}, {on(directory.Assign, "ada")}}},
		{flow: "legacy/manager", mapping: &manager, cycles: [][]directory.Change{
			append(joined("max"), set("ada", "manager", "max")), {set("ada", "manager", "")}}},
		{flow: "legacy/group-push", cycles: [][]directory.Change{
			append(joined("max"), found(salesID, "Sales"), on(directory.Assign, salesID)), {members(directory.Add, "ada"), members(directory.Add, "max")}}},
		{flow: "legacy/link-existing", given: 1, mappings: laterMappings(), cycles: [][]directory.Change{
			append(joined()[:1], set("ada", "shown", "Ada Example"), on(directory.Assign, "ada"))}},
		{flow: "legacy/user-lifecycle", mappings: laterMappings(), holds: filled, cycles: [][]directory.Change{joined(), {set("ada", "shown", "Pvlo",
			"email", "ada.new@contoso.example", "givenName", "Gtfd", "familyName", "Pkqf", "nick", "Eqpj", "number", "Eqpj-7", "called", "Babs")}}},
		{flow: "flag/user-lifecycle", mappings: laterMappings(), holds: filled, cycles: [][]directory.Change{joined(), {set("ada", "shown", "Bjfe",
			"email", "ada.new@contoso.example", "givenName", "Kkom", "familyName", "Unua", "number", "Aklq")}}},
		{flow: "flag/missing-attributes", mappings: laterMappings(), cycles: [][]directory.Change{joined(), {set("ada", "shown", "Ada Example",
			"title", "Engineer", "department", "R&D", "phone", "+1 555 0100")}}},
		{flow: "flag/username-change", cycles: [][]directory.Change{joined(), {set("ada", "userName", "ada.new@contoso.example")}}},
		{flow: "legacy/roles-complex", mapping: &add, cycles: [][]directory.Change{{join(nicked(ada())), roles(reader, admin), on(directory.Assign, "ada")}}},
		{flow: "validator/group-members", cycles: [][]directory.Change{
			append(joined("max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID)), {members(directory.Remove, "ada")}}},
		{flow: "validator/manager", mapping: &manager, cycles: [][]directory.Change{
			append(joined("max"), set("ada", "manager", "max")), {set("ada", "manager", "")}}},
		{flow: "validator/group-match", begins: true, cycles: [][]directory.Change{{found(salesID, "DNFERFUFPVEU"), on(directory.Assign, salesID)}}},
	}
	played := map[string]bool{"legacy/test-connection": true, "flag/test-connection": true} // by TestProbe
	for _, tt := range tests {
		played[tt.flow] = true
		t.Run(tt.flow, func(t *testing.T) {
			f, err := flow.Load(fixtures.Flows(), "entra/"+strings.Replace(tt.flow, "/", "-", 1)+".yaml")
			if err != nil {
				t.Fatal(err)
			}
			o := entra.Options{Dialect: f.Dialect, Mappings: published(), Knobs: entra.Knobs{EmptyRoles: f.Dialect != flow.EntraValidator}}
			switch {
			case tt.mapping != nil:
				o.Mappings = published(*tt.mapping)
			case tt.mappings != nil:
				o.Mappings = tt.mappings
			}
			x := open(t, also{provider(t), tt.holds}, o)
			for _, step := range f.Steps[:tt.given] {
				x.gives(step)
			}
			if err := x.app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, changes := range tt.cycles {
				x.cycle(changes...)
			}
			f.Steps = slices.DeleteFunc(f.Steps[tt.given:], func(s flow.Step) bool { return s.Name == tt.not })
			want, wantHeads := wire(f)
			got, gotHeads := x.wire()
			if tt.begins {
				got, gotHeads = got[:len(want)], gotHeads[:len(want)]
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("requests (-flow +sent):\n%s", d)
			}
			if d := cmp.Diff(wantHeads, gotHeads); d != "" {
				t.Errorf("headers (-flow +sent):\n%s", d)
			}
		})
	}
	flows, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows {
		if name, entra := strings.CutPrefix(f.Name, "entra/"); entra && !played[name] {
			t.Errorf("no scenario makes %s", f.Name)
		}
	}
}

// whileDisabled is the step of flows that looks at a provider for us.
const whileDisabled = "see that ada is found while disabled"

// laterMappings are those of a person whose other attributes come later, in the
// order of Microsoft's page on compatibility.
func laterMappings() []entra.Mapping {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	return []entra.Mapping{
		{Target: "userName", Source: "userPrincipalName", Matching: 1},
		{Target: "active", Source: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
		{Target: `phoneNumbers[type eq "work"].value`, Source: "telephoneNumber"},
		{Target: "displayName", Source: "shown"},
		{Target: `emails[type eq "work"].value`, Source: "mail"},
		{Target: "name.givenName", Source: "givenName"},
		{Target: "name.familyName", Source: "surname"},
		{Target: "name.formatted", Source: `Join(" ", [givenName], [surname])`, CreateOnly: true},
		{Target: "externalId", Source: "nick"},
		{Target: "title", Source: "jobTitle"},
		{Target: enterprise + "employeeNumber", Source: "number"},
		{Target: enterprise + "department", Source: "department"},
		{Target: "nickName", Source: "called"},
	}
}

// filled is what the provider of Microsoft's page has of a user beforehand.
var filled = map[string]string{"displayName": `"x"`, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": `{"employeeNumber":"x"}`}

// also is a provider whose users have more than they were given.
type also struct {
	http.RoundTripper
	members map[string]string
}

func (a also) RoundTrip(q *http.Request) (*http.Response, error) {
	reply, err := a.RoundTripper.RoundTrip(q)
	if err != nil || q.Method != http.MethodGet || !strings.Contains(q.URL.Path, "/Users/") || len(a.members) == 0 {
		return reply, err
	}
	var user map[string]json.RawMessage
	if err := json.NewDecoder(reply.Body).Decode(&user); err != nil {
		return nil, err
	}
	for name, value := range a.members {
		if user[name] == nil {
			user[name] = json.RawMessage(value)
		}
	}
	body, err := json.Marshal(user)
	reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	reply.Header.Del("Content-Length")
	return reply, err
}

// gives sends a step that is not Entra's, as whoever filled the provider before.
func (x *tenant) gives(s flow.Step) {
	x.Helper()
	q, err := http.NewRequest(s.Request.Method, "http://provider.example/scim/v2"+s.Request.Path, strings.NewReader(s.Request.Body))
	if err != nil {
		x.Fatal(err)
	}
	q.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/scim+json"}}
	reply, err := x.to.RoundTrip(q)
	if err != nil {
		x.Fatal(err)
	}
	defer reply.Body.Close()
	var created struct{ ID string }
	if err := json.NewDecoder(reply.Body).Decode(&created); err != nil || reply.StatusCode != http.StatusCreated {
		x.Fatalf("%d, %v", reply.StatusCode, err)
	}
	x.before = created.ID
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
		heads = append(heads, line(s.Request.Headers["ADSCIMVersion"], s.Request.Headers["Accept"], s.Request.Headers["Content-Type"]))
	}
	return requests, heads
}

func (x *tenant) wire() (requests, heads []string) {
	x.Helper()
	names := map[string]string{x.before: "{{adaId}}"}
	if x.before == "" {
		names = map[string]string{}
	}
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
		heads = append(heads, line(h.Get("ADSCIMVersion"), h.Get("Accept"), h.Get("Content-Type")))
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
			[]string{"userName", "ada@contoso.example", "displayName", "Ada Example", `emails[type eq "work"].value`, "ada@contoso.example",
				"name.givenName", "Ada", "name.familyName", "Example", "externalId", "ada", "active", "True"}},
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
