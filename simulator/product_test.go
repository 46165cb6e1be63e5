// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/suites/check/datadog"
)

const token = "a-token-of-16-bytes-or-more"

// products starts the reference server with faults as Datadog, and gives what
// simulates against it and looks at its product.
func products(t *testing.T, faults ...string) simulator.Options {
	t.Helper()
	planted, err := fault.ByName(faults...)
	if err != nil {
		t.Fatal(err)
	}
	profile := profiles.Datadog()
	srv, err := refserver.New(refserver.Options{Token: token, AdminKey: token + "2", Profile: profile, Faults: planted})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	t.Cleanup(func() { web.Close(); _ = srv.Close() })
	profile.Within = profiles.Within{Users: "0s", Roles: "0s", Teams: "0s", Audit: "0s"}
	return simulator.Options{
		Handler: srv, BaseURL: web.URL + "/scim/v2", Token: token,
		Product: datadog.New(web.URL, token+"2", token+"2", web.Client()), Profile: profile,
	}
}

// role gives the value of the n-th role but the default one.
func role(t *testing.T, o simulator.Options, n int) string {
	t.Helper()
	all, err := o.Product.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	standard, err := o.Product.DefaultRole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.ID == standard {
			continue
		}
		if n--; n < 0 {
			return r.ID
		}
	}
	t.Fatal("the organisation has too few roles")
	return ""
}

// organisation has joiners, a mover, a leaver and a returner. JOIN,
// CYCLE and ROLE stand for what differs between dialects and servers.
const organisation = `
directory:
  people:
    - {id: ada, userName: Ada@example.test, givenName: Ada, familyName: Test, roles: [ROLE0]}
    - {id: bob, userName: bob@example.test, givenName: Bob, familyName: Stone}
    - {id: eve, userName: eve@example.test, givenName: Eve, familyName: Hall}
  groups: [{id: eng, displayName: R&D Bern, members: [ada, bob, eve]}]
  assigned: [ada, bob, eve]
changes:
  - JOIN: eng
  - roles: {person: ada, values: [ROLE1]}
  - CYCLE
  - remove: {group: eng, members: [eve]}
  - unassign: bob
  - rename: {group: eng, displayName: Platform}
  - CYCLE
  - unassign: ada
  - CYCLE
  - assign: ada
`

// scenario gives o with a scenario in a dialect.
func scenario(t *testing.T, dialect, text string, o simulator.Options) simulator.Options {
	t.Helper()
	join, cycle := "push", "probe: {}"
	text = "dialect: " + dialect + "\n" + text
	if strings.HasPrefix(dialect, "entra") {
		join, cycle = "assign", "cycle: {}"
		text = "app: {roles: {function: AssertiveAppRoleAssignmentsComplex}}\n" + text
	}
	text = strings.NewReplacer("JOIN", join, "CYCLE", cycle, "ROLE0", role(t, o, 0), "ROLE1", role(t, o, 1)).Replace(text)
	var err error
	if o.Scenario, err = simulator.Parse("organisation.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return o
}

func settle(t *testing.T, dialect, text string, o simulator.Options) *simulator.Report {
	t.Helper()
	s, err := simulator.New(scenario(t, dialect, text, o))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// said gives the tasks and differences of a report, a line each.
func said(r *simulator.Report) string {
	var b strings.Builder
	for _, task := range r.Tasks {
		b.WriteString(task.String() + "\n")
	}
	for _, d := range r.Differences {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// TestProduct holds that what SCIM shows well but the product does not is named.
func TestProduct(t *testing.T) {
	tests := []struct{ fault, dialect, want string }{
		{"product-leaver-active", "okta-oin", "person bob · product status: the provider holds"},
		{"teams-first-member", "entra-flag", "group eng · product team members: the provider holds not "},
		{"product-user-missing", "okta-aiw", "person ada · product user: the provider holds nothing, the directory says a user"},
		{"teams-none", "okta-oin", "group eng · product team: the provider holds nothing, the directory says a team"},
		{"teams-no-members", "entra-legacy", "group eng · product team members: the provider holds not ada, the directory says ada"},
		{"teams-rename-ignored", "okta-aiw", `group eng · product team name: the provider holds "r_d_bern", the directory says "Platform"`},
	}
	for _, tt := range tests {
		t.Run(tt.fault+"/"+tt.dialect, func(t *testing.T) {
			r := settle(t, tt.dialect, organisation, products(t, tt.fault))
			if r.Converged() || !strings.Contains(said(r), tt.want) {
				t.Errorf("got\n%swant %s", said(r), tt.want)
			}
		})
	}
}

// TestProductAgrees holds that of a product without fault nothing is said:
// a default role is no difference.
func TestProductAgrees(t *testing.T) {
	for _, dialect := range simulator.Dialects() {
		if dialect == "entra-pod" {
			continue // disables nobody, removes nobody
		}
		t.Run(dialect, func(t *testing.T) {
			o := products(t)
			if r := settle(t, dialect, organisation, o); !r.Converged() {
				t.Errorf("got\n%swant no difference", said(r))
			}
		})
	}
}
