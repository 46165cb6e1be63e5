// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/simulator"
)

// TestFaults holds that a year at a provider with a fault ends, and with a
// named difference or task.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault, dialect string
		want           string // in a task or difference
	}{
		{"put-ignored", "okta-oin", `person ada · title: the provider holds "Engineer", the directory says "Staff Engineer"`},
		{"externalid-dropped", "okta-aiw", "person ada · externalId: the provider holds nothing"},
		{"reactivate-ignored", "okta-oin", "person ada · active: the provider holds false, the directory says true"},
		{"names-mangled", "okta-aiw", "the provider holds \"R&D / ?\""},
		{"list-hides-new", "okta-oin", "person ada: Automatic provisioning of user ada@example.test to app SCIM app failed: Error while verifying"},
		{"create-no-id", "okta-aiw", "group outer: Unable to update Group Push mapping target App group"},
		{"delete-500", "okta-oin", "group outer: Unable to update Group Push mapping target App group Outer 2: Error while deleting user group Outer 2: Internal Server Error"},
		{"group-delete-deletes-users", "okta-oin", "person ada · the resource: the provider holds nothing, the directory says a user"},
		{"filter-quote-breaks", "okta-oin", "person bob"},
		{"patch-ignored", "okta-oin", "person eve · active: the provider holds true, the directory says false"},
	}
	for _, tt := range tests {
		t.Run(tt.fault+"/"+tt.dialect, func(t *testing.T) {
			faults := map[string]fault.Fault{}
			for _, f := range fault.All() {
				faults[f.Name] = f
			}
			f, known := faults[tt.fault]
			if !known {
				t.Fatalf("no fault %s", tt.fault)
			}
			srv, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC(), Faults: []fault.Fault{f}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = srv.Close() }()
			r, err := simulate(t, tt.dialect, year, simulator.Options{Handler: srv})
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, task := range r.Tasks {
				said = append(said, task.String())
			}
			for _, d := range r.Differences {
				said = append(said, d.String())
			}
			if r.Converged() || !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("got\n%s\nwant %s", strings.Join(said, "\n"), tt.want)
			}
		})
	}
}

// TestExpected holds which differences are the dialect's own.
func TestExpected(t *testing.T) {
	tests := []struct {
		name, scenario string
		want           string
	}{
		{"a deactivation that was off", "app: {features: {deactivate_users: false}}\n" + one + "changes: [{assign: ada}, {unassign: ada}, {features: {deactivate_users: true}}]\n", "Deactivate Users was off"},
		{"updates are off", "app: {features: {profile_updates: false}}\n" + one + "changes: [{assign: ada}, {set: {person: ada, familyName: Hill}}]\n", "Push Profile Updates was off"},
		{"an emptied value", one + "changes: [{assign: ada}, {set: {person: ada, title: Boss}}, {set: {person: ada, title: null}}]\n", "a value that was emptied"},
		{"one role of two", "app: {roles: {form: primary}}\n" + one + "changes: [{roles: {person: ada, values: [a, b]}}, {assign: ada}]\n", "holds one role"},
		{"a paused push", one + "  groups: [{id: team, displayName: Team}]\nchanges: [{assign: ada}, {push: team}, {pause: team}, {add: {group: team, members: ada}}]\n", "is paused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := play(t, "okta-oin", tt.scenario, reference(t))
			if !r.Converged() || len(r.Differences) == 0 {
				t.Fatalf("tasks %v, differences %v", r.Tasks, r.Differences)
			}
			for _, d := range r.Differences {
				if !strings.Contains(d.Expected, tt.want) {
					t.Errorf("got %s, want %s", d, tt.want)
				}
			}
		})
	}
}

// TestLinkGroup holds how a group that the provider has is taken over, and that
// it cannot be pushed as new.
func TestLinkGroup(t *testing.T) {
	const groups = one + `  groups: [{id: a, displayName: Team, members: [ada]}, {id: b, displayName: Team}]
changes: [{assign: ada}, {push: b}, {unlink: b}, `
	for _, dialect := range []string{"okta-oin", "okta-aiw"} {
		if r := play(t, dialect, groups+"{link: a}, {rename: {group: a, displayName: New}}]\n", reference(t)); !r.Converged() || len(r.Differences) > 0 {
			t.Errorf("%s: link: tasks %v, differences %v", dialect, r.Tasks, r.Differences)
		}
		r := play(t, dialect, groups+"{link: {group: a, rename: false}}, {rename: {group: a, displayName: New}}]\n", reference(t))
		if !r.Converged() || len(r.Differences) != 1 || r.Differences[0].Where != "displayName" {
			t.Errorf("%s: link without rename: tasks %v, differences %v", dialect, r.Tasks, r.Differences)
		}
		r = play(t, dialect, groups+"{push: a}]\n", reference(t))
		if len(r.Tasks) != 1 || !strings.Contains(r.Tasks[0].Message, "link it instead") {
			t.Errorf("%s: push of a name that is there: tasks %v", dialect, r.Tasks)
		}
	}
}

// TestDeletedWhilePushed holds that a group which is deleted in Okta while it is
// pushed is named until it is unlinked, purged or not.
func TestDeletedWhilePushed(t *testing.T) {
	const pushed = one + "  groups: [{id: team, displayName: Team, members: [ada]}]\nchanges: [{assign: ada}, {push: team}, {delete: team}"
	for _, dialect := range []string{"okta-oin", "okta-aiw"} {
		for _, more := range []string{"", ", {purge: team}", ", {retry: {}}, {purge: team}, {retry: {}}"} {
			r := play(t, dialect, pushed+more+"]\n", reference(t))
			if len(r.Tasks) != 0 || len(r.Differences) != 1 || !strings.Contains(r.Differences[0].String(),
				"group team · the resource: the provider holds a group, the directory says nothing (expected: the group was deleted in Okta while it was pushed") {
				t.Errorf("%s%s: got tasks %v, differences %v", dialect, more, r.Tasks, r.Differences)
			}
		}
		r := play(t, dialect, pushed+", {unlink: {group: team, delete: true}}]\n", reference(t))
		if len(r.Tasks) != 0 || len(r.Differences) != 0 {
			t.Errorf("%s: unlinked: got tasks %v, differences %v", dialect, r.Tasks, r.Differences)
		}
	}
}
