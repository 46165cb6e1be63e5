// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/simulator"
)

// put plays a scenario against a provider that answers GET /Users/7 with held
// and gives the body of the last PUT.
func put(t *testing.T, dialect, scenario, held string) string {
	t.Helper()
	body := ""
	m := mocked(map[string]httpmock.Responder{"GET =~/Users/": reply(200, held, "")})
	m.RegisterResponder(http.MethodPut, "=~/Users/", func(q *http.Request) (*http.Response, error) {
		var b strings.Builder
		buffer := make([]byte, 1<<16)
		n, _ := q.Body.Read(buffer)
		b.Write(buffer[:n])
		body = b.String()
		return httpmock.NewStringResponse(200, body), nil
	})
	if _, err := simulate(t, dialect, scenario, simulator.Options{Transport: m}); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestMerge holds the merge rule: the server's order, what is unknown byte for
// byte, additions at the end.
func TestMerge(t *testing.T) {
	const person = "directory:\n  people: [{id: ada, externalId: 00u7, userName: ada@example.test, givenName: Ada, familyName: Test, title: Engineer"
	set := func(more, values string) string {
		return person + more + "}]\nchanges: [{assign: ada}, {set: {person: ada, " + values + "}}]\n"
	}
	tests := []struct {
		name, scenario, held, want string
	}{
		{
			"order, unknown members, numbers and escapes are kept",
			set("", "title: Lead"),
			`{ "zzz": {"b": 1.0, "a": "é\/"}, "title": "Engineer", "id": "7", "meta": {"version": "W/\"1\""}, "name": {"formatted": "A T", "familyName": "Test"}, "n": 1e2 }`,
			`{"zzz":{"b":1.0,"a":"é\/"},"title":"Lead","id":"7","meta":{"version":"W/\"1\""},"name":{"formatted":"A T","familyName":"Test","givenName":"Ada"},"n":1e2,` +
				`"userName":"ada@example.test","emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"the primary address is written in place, others stay",
			set("", "email: new@example.test"),
			`{"emails":[{"value":"home@x","type":"home"},{"value":"old@x","primary":true}],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
			`{"emails":[{"value":"home@x","type":"home"},{"value":"new@example.test","primary":true,"type":"work"}],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"a list instead of a user goes back as it came",
			set("", "title: Lead"),
			`{"totalResults":1,"Resources":[{"id":"7"}]}`,
			`{"totalResults":1,"Resources":[{"id":"7"}],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"title":"Lead","displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"an emptied value stays",
			set("", `title: ""`),
			`{"title":"Engineer","password":"leaked"}`,
			`{"title":"Engineer","password":"leaked","userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"an emptied value is null, if so switched",
			"app: {options: {cleared: \"null\"}}\n" + set("", `title: ""`),
			`{"title":"Engineer"}`,
			`{"title":null,"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"an extension, with its URN among the schemas",
			set("", "department: R&D"),
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"groups":[{"value":"1"}]}`,
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"groups":[{"value":"1"}],` +
				`"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"00u7",` +
				`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D"}}`,
		},
		{
			"slots are found by type, foreign roles stay",
			"app: {roles: {form: slots}}\n" + person + ", roles: [a, b]}]\nchanges: [{assign: ada}, {roles: {person: ada, values: [c, b]}}]\n",
			`{"roles":[{"value":"z"},{"type":"slot2","value":"b","x":1},{"type":"slot1","value":"a"},{"type":"slot3","value":"gone"}]}`,
			`{"roles":[{"value":"z"},{"type":"slot2","value":"b","x":1},{"type":"slot1","value":"c"}],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
		{
			"roles are texts by the template",
			person + ", roles: [a]}]\nchanges: [{assign: ada}, {roles: {person: ada, values: [a, b]}}]\n",
			`{"roles":["a"]}`,
			`{"roles":["a","b"],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"00u7","groups":[]}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, put(t, "okta-oin", tt.scenario, tt.held)); diff != "" {
				t.Errorf("PUT (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeactivateByPut holds that nothing but active differs from what was read.
func TestDeactivateByPut(t *testing.T) {
	const held = `{"x":[1,  2],"active" : true,"title":"Old","externalId":"foreign"}`
	got := put(t, "okta-aiw", one+"changes: [{assign: ada}, {unassign: ada}]\n", held)
	if want := `{"x":[1,2],"active":false,"title":"Old","externalId":"foreign"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPassword holds the two bodies of a password sync, and that there is none
// without the feature.
func TestPassword(t *testing.T) {
	const change = one + "changes: [{assign: ada}, {password: {person: ada, value: s3cret}}]\n"
	for name, tt := range map[string]struct{ dialect, app, want string }{
		"off":   {"okta-oin", "", ""},
		"patch": {"okta-oin", "app: {features: {change_password: true}}\n", `"Operations":[{"op":"replace","value":{"password":"s3cret"}}]`},
		"put":   {"okta-aiw", "app: {features: {change_password: true}}\n", `,"password":"s3cret"}`},
	} {
		t.Run(name, func(t *testing.T) {
			provider := reference(t)
			r := play(t, tt.dialect, tt.app+change, provider)
			all := strings.Join(lines(provider.sent[:r.Requests]), "\n")
			if !r.Converged() || strings.Contains(all, "s3cret") != (tt.want != "") || !strings.Contains(all, tt.want) {
				t.Errorf("tasks %v; sent:\n%s", r.Tasks, all)
			}
		})
	}
}
