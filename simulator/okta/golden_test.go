// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
)

// ada and bob are the people of the embedded flows.
const ada = `
    - {id: ada, externalId: 00uEXAMPLE0000000001, userName: ada.test@example.test, givenName: Ada, familyName: Test, password: r4nd0mPw}
    - {id: bob, externalId: 00uEXAMPLE0000000002, userName: bob.stone@example.test, givenName: Bob, familyName: Stone, password: Zq81mTka}
`

// team is a group of ada alone.
const team = "  groups: [{id: team, displayName: Team A, members: [ada]}]\n"

const noRead = "app: {options: {no_read_after_create: true}}\n"

// TestGolden holds that the requests of published flows come out of the same
// administrative acts, byte for byte.
func TestGolden(t *testing.T) {
	people := "directory:\n  people:" + ada
	tests := []struct {
		flow     string
		scenario string
		given    int    // steps of the flow that go before and are not Okta's
		not      string // name of a later step that is not Okta's
		crowd    int    // users who are there before
		probe    bool
	}{
		{flow: "okta/oin/probe", scenario: "app: {features: {import_groups: true}}\n", probe: true},
		{flow: "okta/aiw/probe", probe: true},
		{flow: "okta/oin/leaver", scenario: people + "changes: [{assign: ada}, {unassign: ada}]\n"},
		{flow: "okta/oin/returner", scenario: "app: {features: {profile_updates: false}}\n" + people + "changes: [{assign: ada}, {unassign: ada}, {assign: ada}]\n"},
		{flow: "okta/oin/group-push", scenario: "directory:\n  people:" + ada +
			"  groups: [{id: team, displayName: Team A, members: [ada, bob]}]\nchanges: [{assign: [ada, bob]}, {push: team}]\n"},
		{flow: "okta/oin/group-members", scenario: noRead + people + team +
			"changes: [{assign: [ada, bob]}, {push: team}, {members: {group: team, add: bob, remove: ada}}]\n"},
		{flow: "okta/oin/group-push-now", scenario: noRead + people + team +
			"changes: [{assign: [ada, bob]}, {push: team}, {pause: team}, {members: {group: team, add: bob, remove: ada}}, {push_now: team}]\n"},
		{flow: "okta/oin/group-rename", scenario: noRead + people + team +
			"changes: [{assign: ada}, {push: team}, {rename: {group: team, displayName: Team B}}]\n"},
		{flow: "okta/oin/group-delete", scenario: noRead + people + team + "changes: [{assign: ada}, {push: team}, {unlink: {group: team, delete: true}}]\n"},
		{flow: "okta/aiw/group-push", scenario: people + team + "changes: [{assign: ada}, {push: team}]\n"},
		{flow: "okta/aiw/user-create", scenario: "app: {mappings: {displayName: null, locale: null, emails.type: null}}\n" + people + "changes: [{assign: ada}]\n"},
		{flow: "okta/aiw/leaver", scenario: people + "changes: [{assign: ada}, {unassign: ada}]\n"},
		{flow: "okta/aiw/returner", scenario: people + "changes: [{assign: ada}, {unassign: ada}, {assign: ada}]\n"},
		{flow: "okta/oin/link-existing", scenario: people + "changes: [{assign: ada}]\n", given: 1},
		{flow: "okta/aiw/link-existing", scenario: people + "changes: [{assign: ada}]\n", given: 1},
		{flow: "okta/oin/roles-assigned", scenario: roles("primary") + "changes: [{assign: ada}]\n"},
		{flow: "okta/oin/roles-changed", scenario: roles("primary") + "changes: [{assign: ada}, {roles: {person: ada, values: [22222222-2222-4222-8222-222222222222]}}]\n"},
		{flow: "okta/oin/roles-removed", scenario: roles("primary") + "changes: [{assign: ada}, {roles: {person: ada, values: []}}]\n"},
		{flow: "okta/oin/roles-unmatched", scenario: roles("primary") + "changes: [{assign: ada}, {roles: {person: ada, values: [99999999-9999-4999-8999-999999999999]}}]\n"},
		{flow: "okta/oin/user-lifecycle", scenario: people + `changes:
  - assign: ada
  - set: {person: ada, title: Staff Engineer, displayName: Ada Q. Test}
  - unassign: ada
  - set: {person: ada, title: Principal Engineer}
  - assign: ada
`},
		{flow: "okta/oin/user-import", scenario: "changes: [{import: users}]\n", crowd: 101},
		{flow: "okta/oin/group-import", scenario: "changes: [{features: {import_groups: true}}, {import: groups}]\n", crowd: 101},
		{flow: "okta/oin/user-schema", scenario: "changes: [{features: {import_user_schema: true}}]\n"},
		{flow: "okta/oin/group-emptied", not: "see that ada is in the group", scenario: people + team +
			"changes: [{assign: ada}, {push: team}, {pause: team}, {members: {group: team, remove: ada}}, {push_now: team}]\n"},
		{flow: "okta/aiw/group-members", scenario: people + team +
			"changes: [{assign: [ada, bob]}, {push: team}, {members: {group: team, add: bob}}, {members: {group: team, remove: ada}}]\n"},
		{flow: "okta/aiw/group-rename", scenario: people + team + "changes: [{assign: ada}, {push: team}, {rename: {group: team, displayName: Team B}}]\n"},
		{flow: "okta/aiw/group-emptied", scenario: people + team + "changes: [{assign: ada}, {push: team}, {members: {group: team, remove: ada}}]\n"},
		{flow: "okta/aiw/user-lifecycle", scenario: people + "changes: [{assign: ada}, {set: {person: ada, familyName: Sample, title: Staff Engineer}}]\n"},
		{flow: "okta/aiw/roles-changed", scenario: "app: {roles: {form: primary}}\n" + people + `changes:
  - assign: ada
  - roles: {person: ada, values: [11111111-1111-4111-8111-111111111111]}
  - roles: {person: ada, values: [22222222-2222-4222-8222-222222222222]}
`},
		{flow: "okta/oin/roles-slots", scenario: roles("nested") + "changes: [{assign: ada}]\n"},
	}
	played := map[string]bool{}
	for _, tt := range tests {
		played[tt.flow] = true
		t.Run(tt.flow, func(t *testing.T) {
			f := embedded(t, tt.flow)
			provider := &published{users: map[string]map[string]jsontext.Value{}, put: map[string]string{}, crowd: tt.crowd}
			for _, s := range f.Steps[:tt.given] {
				provider.create(s.Request.Body)
			}
			r := play(t, f.Dialect, tt.scenario, provider)
			sent := provider.sent[:r.Requests]
			if !tt.probe {
				sent = sent[1:]
			}
			var got, want []string
			for _, x := range sent {
				got = append(got, line(x.Method, x.Path, x.Header, string(x.Body)))
			}
			for _, s := range f.Steps[tt.given:] {
				if s.Name == tt.not {
					continue
				}
				h := http.Header{}
				for name, value := range s.Request.Headers {
					h.Set(name, value)
				}
				want = append(want, line(s.Request.Method, fill(s.Request.Path), h, fill(s.Request.Body)))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("requests (-published +sent):\n%s", diff)
			}
		})
	}
	flows, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows {
		if strings.HasPrefix(f.Name, "okta/") && !played[f.Name] {
			t.Errorf("no scenario makes %s", f.Name)
		}
	}
}

// roles gives ada with roles, in a form.
func roles(form string) string {
	values := "11111111-1111-4111-8111-111111111111"
	if form == "nested" {
		values += ", 22222222-2222-4222-8222-222222222222"
	}
	return "app: {roles: {form: " + form + "}}\ndirectory:\n  people:" + strings.Replace(ada, "r4nd0mPw}", "r4nd0mPw, roles: ["+values+"]}", 1)
}

func line(method, path string, h http.Header, body string) string {
	s := method + " " + path
	for _, name := range []string{"Accept", "Accept-Charset", "Accept-Encoding", "Content-Type", "User-Agent"} {
		s += "\n" + name + ": " + h.Get(name)
	}
	return s + "\n" + body
}

// fill puts the ids of the published provider into a flow.
func fill(s string) string {
	return strings.NewReplacer("{{adaId}}", "id-ada", "{{bobId}}", "id-bob", "{{teamId}}", "id-team").Replace(s)
}

func embedded(t *testing.T, name string) flow.Flow {
	t.Helper()
	flows, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no flow %s", name)
	return flow.Flow{}
}
