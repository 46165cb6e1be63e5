// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

// everything has each key that a scenario may have, and texts that YAML would
// take for something else.
const everything = `
dialect: okta-oin
seed: 7
app:
  name: "null"
  features: {import_groups: false, user_patch: true}
  options: {cleared: empty}
  roles: {form: slots}
  mappings: {title: jobTitle, locale: null, "urn:x:y": 'Join(" ", [a])'}
directory:
  people:
    - {id: ada, userName: "Ada: {x} #1", givenName: "٣ \u202e", familyName: "true", displayName: "- \"", email: "ß@x", title: "12", department: "~", locale: de, phone: "+1", manager: bob, roles: [r1, {value: r2, display: R, type: t, primary: true}], attributes: {"a b": " x "}, externalId: "00u", password: "p\\w", disabled: true}
    - {id: bob, userName: bob}
  groups: [{id: eng, displayName: "R&D", description: "\n", members: [ada, bob]}, {id: empty, displayName: E}]
  assigned: [eng, ada]
changes:
  - join: {id: eve, userName: eve@x, roles: [r]}
  - group: {id: new, displayName: New, members: [eve]}
  - assign: [ada, p7]
  - unassign: ada
  - set: {person: ada, title: "", attributes: {x: "1", y: null}}
  - set: {person: ada, attributes: {x: "1"}}
  - roles: {person: ada, values: [{value: r, primary: true}]}
  - roles: {person: ada, values: []}
  - add: {group: eng, members: bob}
  - remove: {group: eng, members: [bob, ada]}
  - members: {group: eng, add: bob, remove: [ada]}
  - rename: {group: eng, displayName: "yes: no"}
  - disable: ada
  - enable: ada
  - delete: [ada, eng]
  - restore: ada
  - purge: bob
  - password: {person: ada, value: "x y"}
  - push: eng
  - push_now: eng
  - pause: eng
  - resume: eng
  - link: {group: eng, rename: false}
  - link: eng
  - unlink: {group: eng, delete: true}
  - import: users
  - features: {user_patch: false}
  - on_demand: [ada]
  - cycle: {}
  - initial: {}
  - probe: {}
  - retry: {}
  - wait: 40m
`

// TestMarshal holds that what is written is read back, and that a second
// writing is the same.
func TestMarshal(t *testing.T) {
	text := []byte(everything)
	want, err := simulator.Parse("a.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if seen := len(kinds(want)); seen != len(directory.Kinds()) {
		t.Fatalf("the scenario has %d kinds of change, want each of %d", seen, len(directory.Kinds()))
	}
	written := simulator.Marshal(want)
	got, err := simulator.Parse("a.yaml", written)
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	lines := []cmp.Option{
		cmpopts.IgnoreFields(directory.Change{}, "Line"), cmpopts.IgnoreFields(simulator.App{}, "Lines"), cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(want, got, lines...); diff != "" {
		t.Errorf("read back (-want +got):\n%s\n%s", diff, written)
	}
	if diff := cmp.Diff(string(written), string(simulator.Marshal(got))); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
}

func kinds(s simulator.Scenario) map[directory.Kind]bool {
	seen := map[directory.Kind]bool{}
	for _, c := range s.Changes {
		seen[c.Kind] = true
	}
	return seen
}
