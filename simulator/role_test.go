// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"strings"
	"testing"

	"github.com/scimproof/scimproof/simulator"
)

const namedRoles = `
dialect: okta-oin
directory: {people: [{id: ada, userName: a, roles: ["role:Datadog Admin Role"]}], assigned: [ada]}
changes:
  - join: {id: bob, userName: b, roles: ["role:Datadog Read Only Role"]}
  - assign: bob
  - roles: {person: ada, values: ["role:Datadog Read Only Role"]}
`

// TestNamedRoles holds that a role can be given by its name in the product, in
// the directory, to a joiner and in a change.
func TestNamedRoles(t *testing.T) {
	o := products(t)
	all, err := o.Product.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.Roles = map[string]string{}
	for _, r := range all {
		o.Roles[r.Name] = r.ID
	}
	r := settle(t, "okta-oin", strings.Replace(namedRoles, "dialect: okta-oin\n", "", 1), o)
	if !r.Converged() || len(r.Differences) > 0 {
		t.Errorf("got\n%swant nothing", said(r))
	}
	for email, want := range map[string]string{"a": "Datadog Read Only Role", "b": "Datadog Read Only Role"} {
		if u, err := o.Product.User(t.Context(), email); err != nil || u == nil || len(u.Roles) != 1 || u.Roles[0] != o.Roles[want] {
			t.Errorf("%s is %+v, %v; want the role %s", email, u, err, o.Roles[want])
		}
	}
}

func TestUnknownRoles(t *testing.T) {
	tests := []struct {
		name  string
		roles map[string]string
		text  string
		want  string
	}{
		{"in the directory", map[string]string{"Clerk": "1"}, namedRoles, `s.yaml: directory: role "Datadog Admin Role": the product has none of that name; it has: Clerk`},
		{"in a change", map[string]string{"Datadog Admin Role": "1"}, namedRoles, `s.yaml:5: role "Datadog Read Only Role": the product has none of that name; it has: Datadog Admin Role`},
		{"without a product", nil, namedRoles, `s.yaml: directory: role "Datadog Admin Role": there is no product to ask`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := simulator.Parse("s.yaml", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			o := products(t)
			o.Scenario, o.Roles = s, tt.roles
			sim, err := simulator.New(o)
			if err == nil {
				_, err = sim.Run(t.Context())
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
