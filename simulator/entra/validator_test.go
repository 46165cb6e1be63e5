// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// TestValidator holds the requests of the SCIM Validator: what is written is
// looked at, groups are created without members, and members are replaced.
func TestValidator(t *testing.T) {
	manager := entra.Mapping{Target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", Source: "manager"}
	x := open(t, provider(t), entra.Options{Dialect: flow.EntraValidator, Mappings: published(manager)})
	join := joined("max")
	x.cycle(append(join, found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID), set("ada", "manager", "max"))...)
	x.cycle(members(directory.Remove, "ada"), set("ada", "manager", ""), set("max", "userName", "max.new@contoso.example"))
	x.cycle(on(directory.Unassign, "max"), on(directory.Delete, salesID))
	const (
		head    = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`
		boss    = `"path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"`
		user    = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`
		primary = `"emails":[{"primary":"True","type":"work","value":`
	)
	want := []string{
		"GET /Users?filter=userName+eq+%22ada%40contoso.example%22",
		"POST /Users " + user + `"externalId":"ada","userName":"ada@contoso.example","active":true,` + primary + `"ada@contoso.example"}],"meta":{"resourceType":"User"},"name":{"formatted":"Ada Example","familyName":"Example","givenName":"Ada"}}`,
		"GET /Users?filter=userName+eq+%22ada%40contoso.example%22",
		"GET /Users?filter=userName+eq+%22max%40contoso.example%22",
		"POST /Users " + user + `"externalId":"max","userName":"max@contoso.example","active":true,` + primary + `"max@contoso.example"}],"meta":{"resourceType":"User"},"name":{"formatted":"Max Sample","familyName":"Sample","givenName":"Max"}}`,
		"GET /Users?filter=userName+eq+%22max%40contoso.example%22",
		"GET /Users/{{adaId}}",
		"PATCH /Users/{{adaId}} " + head + `{"op":"add",` + boss + `,"value":"{{maxId}}"}]}`,
		"GET /Users/{{adaId}}",
		"GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Sales%22",
		`POST /Groups {"displayName":"Sales","externalId":"` + salesID + `","schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}`,
		"GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Sales%22",
		"PATCH /Groups/{{salesId}} " + head + `{"op":"replace","path":"members","value":[{"value":"{{adaId}}"},{"value":"{{maxId}}"}]}]}`,
		"GET /Groups/{{salesId}}?excludedAttributes=members",

		"GET /Users/{{adaId}}",
		"GET /Users/{{maxId}}",
		"PATCH /Users/{{maxId}} " + head + `{"op":"replace","value":{"userName":"max.new@contoso.example"}}]}`,
		"GET /Users/{{maxId}}",
		"GET /Users/{{adaId}}",
		"PATCH /Users/{{adaId}} " + head + `{"op":"replace",` + boss + `,"value":""}]}`,
		"GET /Users/{{adaId}}",
		"GET /Groups/{{salesId}}?excludedAttributes=members",
		"PATCH /Groups/{{salesId}} " + head + `{"op":"remove","path":"members[value eq \"{{adaId}}\"]"}]}`,
		"GET /Groups/{{salesId}}?excludedAttributes=members",

		"GET /Users/{{maxId}}",
		"PATCH /Users/{{maxId}} " + head + `{"op":"replace","path":"active","value":false}]}`,
		"GET /Users/{{maxId}}",
		"GET /Groups/{{salesId}}?excludedAttributes=members",
		"DELETE /Groups/{{salesId}}",
		"GET /Groups/{{salesId}}?excludedAttributes=members",
	}
	got, _ := x.wire()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +sent):\n%s", d)
	}
	for _, e := range x.sent {
		h := e.Request.Header
		if h.Get("Accept") != "application/scim+json" || h.Get("ADSCIMVersion") != "" || h.Get("User-Agent") != "" {
			t.Errorf("%s has the headers %v", e.Name(), h)
		}
	}
	if probe := x.sent[0].Path; !strings.HasPrefix(probe, "/Users?filter=userName+eq+%22nonexistente997dccbd8b7_") {
		t.Errorf("asks first for %s, want somebody who cannot be there", probe)
	}
	if d := x.differences(); len(d) != 0 || len(x.app.Tasks()) != 0 {
		t.Errorf("differences %v, tasks %v", d, x.app.Tasks())
	}
}

// TestValidatorSees holds what the Validator finds when it looks at what it
// wrote.
func TestValidatorSees(t *testing.T) {
	user := `{"id":"7","userName":"ada@contoso.example","active":true}`
	tests := []struct {
		name   string
		path   string
		answer httpmock.Responder
		want   string
	}{
		{"a user who is not found", `filter=userName\+eq\+%22ada`, reply(200, none), "/Users/7 was created, but is not found"},
		{"a user who is gone after a PATCH", `/Users/7$`, once(reply(200, user), reply(404, `{}`)), "404"},
		{"a user who is there after a DELETE", `/Users/7$`, reply(200, user), "/Users/7 was deleted and is still there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := httpmock.NewMockTransport() // a later answer to the same path goes before
			found := reply(200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[`+user+`]}`)
			for _, call := range []struct {
				path   string
				answer httpmock.Responder
			}{
				{`filter=userName\+eq\+%22ada`, once(reply(200, none), found)}, {`\?.*filter=`, reply(200, none)}, {`/Users/7$`, reply(200, user)}, {tt.path, tt.answer},
			} {
				m.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(call.path), call.answer)
			}
			for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodDelete} {
				m.RegisterRegexpResponder(method, regexp.MustCompile(`/Users`), reply(200, user))
			}
			x := open(t, m, entra.Options{Dialect: flow.EntraValidator, Mappings: published()})
			got := ""
			for _, changes := range [][]directory.Change{{join(nicked(ada())), on(directory.Assign, "ada")}, {on(directory.Delete, "ada")}, {on(directory.Purge, "ada")}} {
				x.cycle(changes...)
				for _, task := range x.app.Tasks() {
					got += task.Message
				}
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("tasks %q, want %q", got, tt.want)
			}
		})
	}
}

// once answers first one thing, then another.
func once(first, then httpmock.Responder) httpmock.Responder {
	answered := false
	return func(q *http.Request) (*http.Response, error) {
		if answered {
			return then(q)
		}
		answered = true
		return first(q)
	}
}
