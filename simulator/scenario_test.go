// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

func TestParse(t *testing.T) {
	s, err := simulator.Parse("s.yaml", []byte(`
dialect: okta-oin
seed: 7
app:
  features: {import_groups: false}
  roles: {form: slots}
  mappings: {title: jobTitle, locale: null}
directory:
  people:
    - {id: alice, userName: alice@x, manager: bob, roles: [r1, {value: r2, primary: true}], attributes: {jobTitle: Engineer}}
    - {id: bob, userName: bob@x, disabled: true}
  groups: [{id: eng, displayName: Engineering, members: alice}]
  assigned: [eng]
changes:
  - assign: [alice, p7]
  - set: {person: alice, title: "", attributes: {x: "1"}}
  - members: {group: eng, add: bob, remove: [alice]}
  - unlink: {group: eng, delete: true}
  - join: {id: eve, userName: eve@x}
  - assign: eve
  - wait: 40m
  - cycle: {}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []directory.Change{
		{Kind: directory.Assign, IDs: []string{"alice", "p7"}, Line: 15},
		{Kind: directory.Set, IDs: []string{"alice"}, Values: map[string]string{"title": "", "x": "1"}, Line: 16},
		{Kind: directory.Swap, IDs: []string{"eng"}, Members: []string{"bob"}, Leavers: []string{"alice"}, Line: 17},
		{Kind: directory.Unlink, IDs: []string{"eng"}, Values: map[string]string{"delete": "true"}, Line: 18},
		{Kind: directory.Join, Person: &directory.Person{ID: "eve", UserName: "eve@x"}, Line: 19},
		{Kind: directory.Assign, IDs: []string{"eve"}, Line: 20},
		{Kind: directory.Wait, Wait: "40m", Line: 21},
		{Kind: directory.Cycle, Line: 22},
	}
	if diff := cmp.Diff(want, s.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	alice := directory.Person{
		ID: "alice", UserName: "alice@x", Manager: "bob", Roles: []directory.Role{{Value: "r1"}, {Value: "r2", Primary: true}},
		Attributes: map[string]string{"jobTitle": "Engineer"},
	}
	if diff := cmp.Diff(alice, s.Directory.People[0]); diff != "" {
		t.Errorf("alice (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]simulator.Mapping{{Target: "title", Source: "jobTitle"}, {Target: "locale"}}, s.App.Mappings); diff != "" {
		t.Errorf("mappings (-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	const people = "directory: {people: [{id: a, userName: a@x}], groups: [{id: g, displayName: G}]}\n"
	tests := []struct{ name, text, want string }{
		{"unknown key", "dialct: okta-oin", "s.yaml:1: dialct: found an unknown key; allowed: app, changes, dialect, directory, seed"},
		{"unknown dialect", "dialect: okta", `s.yaml:1: dialect: found "okta"; allowed: okta-oin, okta-aiw, entra-legacy, entra-flag, entra-pod`},
		{"seed", "seed: -1", `s.yaml:1: seed: found "-1"; allowed: a whole number from 0`},
		{"feature", "app: {features: {import_groups: 1}}", `s.yaml:1: app.features.import_groups: found "1"; allowed: true, false`},
		{"no user name", "directory:\n  people:\n  - {id: a}", "s.yaml:3: directory.people[0].userName: found nothing; allowed: a value: the key is required"},
		{"twice", people + "changes: [{join: {id: a, userName: b@x}}]", `s.yaml:2: changes[0].join.id: found "a" a second time; allowed: an id that no person and no group has`},
		{"unknown manager", "directory: {people: [{id: a, userName: a@x, manager: z}]}", `s.yaml:1: directory.people[0].manager: found "z"; allowed: the id of a person: a`},
		{"unknown change", people + "changes: [{asign: a}]", `s.yaml:2: changes[0].asign: found an unknown key; allowed: join, `},
		{"two changes in one", people + "changes: [{assign: a, push: g}]", "s.yaml:2: changes[0]: found 2 keys; allowed: one of join, "},
		{"unknown id", people + "changes: [{assign: b}]", `s.yaml:2: changes[0].assign: found "b"; allowed: the id of a person or group: a, g`},
		{"unknown id in a list", people + "changes: [{assign: [a, b]}]", `s.yaml:2: changes[0].assign[1]: found "b"; allowed: the id of a person or group: a, g`},
		{"attribute", people + "changes: [{set: {person: a, tittle: x}}]", "s.yaml:2: changes[0].set.tittle: found an unknown key; allowed: attributes, department, "},
		{"nothing set", people + "changes: [{set: {person: a}}]", "s.yaml:2: changes[0].set: found no attribute; allowed: at least one attribute to set"},
		{"wait", people + "changes: [{wait: soon}]", `s.yaml:2: changes[0].wait: found "soon"; allowed: a time such as 90s, 40m or 24h`},
		{"import", people + "changes: [{import: all}]", `s.yaml:2: changes[0].import: found "all"; allowed: users, groups`},
		{"a command with keys", people + "changes: [{cycle: {now: true}}]", "s.yaml:2: changes[0].cycle.now: found an unknown key; allowed: no key: {}"},
		{"a list for a mapping", "app: []", "s.yaml:1: app: found a list; allowed: a mapping"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := simulator.Parse("s.yaml", []byte(tt.text))
			var syntax *simulator.SyntaxError
			if !errors.As(err, &syntax) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestNewErrors holds what is said of an application that cannot be set up.
func TestNewErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"feature", "dialect: okta-oin\napp:\n  features: {fly: true}", "s.yaml:3: app.features.fly: found an unknown feature; allowed: user_patch, "},
		{"option", "dialect: okta-oin\napp: {options: {fly: true}}", "s.yaml:2: app.options.fly: found an unknown option; allowed: cleared, "},
		{"value of an option", "dialect: okta-oin\napp: {options: {cleared: gone}}", `s.yaml:2: app.options.cleared: found "gone"; allowed: kept, empty, null`},
		{"form of roles", "dialect: okta-oin\napp: {roles: {form: x}}", `s.yaml:2: app.roles.form: found "x"; allowed: strings, primary, slots, nested, none`},
		{"function of roles", "dialect: entra-flag\napp: {roles: {function: x}}", "s.yaml:2: map roles: function is"},
		{"features of the other", "dialect: entra-flag\napp: {features: {x: true}}", "s.yaml:2: app.features.x: found a feature, as Okta's"},
		{"mapping", "dialect: okta-oin\napp: {mappings: {password: title}}", `open application: mapping of "password": the application writes it by itself`},
		{"no user name", "dialect: okta-oin\napp: {mappings: {userName: null}}", "open application: no mapping for userName"},
		{"names that meet", "dialect: okta-oin\ndirectory: {people: [{id: a, userName: x}, {id: b, userName: x}]}", `s.yaml: directory: join: id or user name is taken: "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := simulator.Parse("s.yaml", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = simulator.New(simulator.Options{Scenario: s}); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
