// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/store"
)

func (w *world) login(email string, pairs ...string) *Session {
	w.t.Helper()
	l := Login{Email: email, Attributes: map[string][]string{}}
	for pair := range slices.Chunk(pairs, 2) {
		l.Attributes[pair[0]] = append(l.Attributes[pair[0]], pair[1])
	}
	var s *Session
	w.update(func(tx store.Tx) (err error) {
		s, err = w.Login(tx, l)
		return err
	})
	return s
}

// mapRole makes a mapping to a role by the product API.
func (c client) mapRole(key, value, role string) string {
	c.t.Helper()
	v := c.want(200, "POST", "/api/v2/authn_mappings", fmt.Sprintf(`{"data":{"type":"authn_mappings","attributes":{"attribute_key":%q,"attribute_value":%q},
		"relationships":{"role":{"data":{"type":"roles","id":%q}}}}}`, key, value, role))
	return text(v, "data", "id")
}

func TestLoginMakesAPendingUserActive(t *testing.T) {
	w := newWorld(t, nil)
	r := w.must(write{op: Create, body: `{"userName":"Alice@x.test"}`})
	s := w.login("ALICE@x.test")
	if s.User != r.id || s.Refused != "" || s.Created {
		t.Fatalf("got %+v", s)
	}
	v := w.client().want(200, "GET", "/api/v2/users/"+r.id, "")
	if text(v, "data", "attributes", "status") != "Active" || text(v, "data", "attributes", "last_login_time") == "" {
		t.Errorf("got %v", v)
	}
	v = w.client().want(200, "GET", `/api/v2/audit/events?filter[query]=@evt.name:Authentication+@action:login+@asset.id:`+r.id, "")
	if len(ids(v)) != 1 || text(v, "data", 0, "attributes", "attributes", "auth_method") != "SAML" {
		t.Errorf("the login in the audit trail: %v", v)
	}
}

func TestLoginOfStrangersAndLeavers(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	c.want(200, "PATCH", "/api/v2/org/saml_configurations", `{"data":{"attributes":{"jit_domains":["New.test"],"default_role_uuids":["`+w.roles["readonly"]+`"]}}}`)
	if s := w.login("bob@other.test"); s.Refused == "" || s.User != "" {
		t.Errorf("a stranger of another domain: %+v", s)
	}
	s := w.login("Bob@new.test")
	if !s.Created || s.Refused != "" || !slices.Equal(s.Roles, []string{w.roles["readonly"]}) {
		t.Fatalf("a stranger of a listed domain: %+v", s)
	}
	w.view(func(tx store.Tx) error {
		r, err := tx.Get(scimKind, s.User)
		if err == nil && !strings.Contains(string(r.Body), `"userName":"bob@new.test"`) {
			t.Errorf("SCIM shows %s", r.Body)
		}
		return err
	})
	if again := w.login("bob@new.test"); again.Created || again.User != s.User {
		t.Errorf("the second login: %+v", again)
	}
	c.want(204, "DELETE", "/api/v2/users/"+s.User, "")
	if s := w.login("bob@new.test"); s.Refused == "" || s.Token != "" {
		t.Errorf("somebody disabled: %+v", s)
	}
	if s := w.login(serviceEmail); s.Refused == "" {
		t.Errorf("a service account: %+v", s)
	}
}

func TestMappingsAtLogin(t *testing.T) {
	for _, tt := range []struct {
		name   string
		scim   bool // SCIM has written roles
		sso    string
		assert []string
		roles  []string
		refuse bool
	}{
		{"mapped", false, "scim", []string{"group", "ops"}, []string{"admin"}, false},
		{"two mapped", false, "scim", []string{"group", "ops", "group", "guests"}, []string{"admin", "readonly"}, false},
		{"other letter case", false, "scim", []string{"group", "Ops"}, nil, true},
		{"other attribute", false, "scim", []string{"team", "ops"}, nil, true},
		{"nothing mapped", false, "scim", nil, nil, true},
		{"SCIM wrote roles", true, "scim", []string{"group", "ops"}, []string{"readonly"}, false},
		{"SCIM wrote roles, nothing mapped", true, "scim", nil, []string{"readonly"}, false},
		{"SCIM wrote roles, mappings win", true, "mapping", []string{"group", "ops"}, []string{"admin"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, func(p *profiles.Profile) { p.Access.SSO = tt.sso })
			c := w.client()
			c.mapRole("group", "ops", w.roles["admin"])
			c.mapRole("group", "guests", w.roles["readonly"])
			x := write{op: Create, body: `{"userName":"a@x.test"}`}
			if tt.scim {
				x = write{op: Create, given: true, body: `{"userName":"a@x.test",` + rolesJSON(w, "$readonly") + `}`}
			}
			r := w.must(x)
			s := w.login("a@x.test", tt.assert...)
			var want []string
			for _, short := range tt.roles {
				want = append(want, w.roles[short])
			}
			if !slices.Equal(s.Roles, want) || (s.Refused != "") != tt.refuse {
				t.Errorf("got %+v, want roles %v and refused %v", s, tt.roles, tt.refuse)
			}
			w.view(func(tx store.Tx) error {
				rec, err := tx.Get(scimKind, r.id)
				if err == nil && strings.Count(string(rec.Body), `"display"`) != len(want) {
					t.Errorf("SCIM shows %s", rec.Body)
				}
				return err
			})
		})
	}
}

func TestMappingsToTeams(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	r := w.must(write{op: Create, body: `{"userName":"a@x.test"}`})
	team := text(c.want(201, "POST", "/api/v2/team", `{"data":{"attributes":{"name":"T","handle":"t"}}}`), "data", "id")
	c.want(200, "POST", "/api/v2/authn_mappings", `{"data":{"attributes":{"attribute_key":"dept","attribute_value":"R"},"relationships":{"team":{"data":{"type":"team","id":"`+team+`"}}}}}`)
	w.login("a@x.test", "dept", "R")
	v := c.want(200, "GET", "/api/v2/users/"+r.id+"/memberships", "")
	if text(v, "data", 0, "attributes", "provisioned_by") != "saml_mapping" {
		t.Errorf("got %v", v)
	}
	c.want(204, "DELETE", "/api/v2/team/"+team, "")
	if got := ids(c.want(200, "GET", "/api/v2/authn_mappings?resource_type=team", "")); len(got) != 0 {
		t.Errorf("the mapping outlives its team: %v", got)
	}
}

func TestMappingsAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	base := "/api/v2/authn_mappings"
	id := c.mapRole("group", "ops", w.roles["admin"])
	v := c.want(200, "GET", base+"?filter=OPS", "")
	if len(ids(v)) != 1 || text(v, "included", 0, "id") != w.roles["admin"] || text(v, "data", 0, "relationships", "role", "data", "id") != w.roles["admin"] ||
		dig(v, "meta", "page", "total_count") != 1.0 {
		t.Errorf("got %v", v)
	}
	c.want(409, "POST", base, `{"data":{"attributes":{"attribute_key":"group","attribute_value":"ops"},"relationships":{"role":{"data":{"id":"`+w.roles["admin"]+`"}}}}}`)
	c.want(400, "POST", base, `{"data":{"attributes":{"attribute_key":"group","attribute_value":"x"},"relationships":{"role":{"data":{"id":"x"}}}}}`)
	c.want(400, "POST", base, `{"data":{"attributes":{"attribute_key":"group"},"relationships":{"role":{"data":{"id":"`+w.roles["admin"]+`"}}}}}`)
	v = c.want(200, "PATCH", base+"/"+id, `{"data":{"id":"`+id+`","attributes":{"attribute_value":"other"}}}`)
	if text(v, "data", "attributes", "attribute_value") != "other" {
		t.Errorf("got %v", v)
	}
	c.want(422, "PATCH", base+"/"+id, `{"data":{"id":"x"}}`)
	c.want(204, "DELETE", base+"/"+id, "")
	c.want(404, "GET", base+"/"+id, "")
	id = c.mapRole("group", "ops", w.roles["readonly"])
	c.want(204, "DELETE", "/api/v2/roles/"+w.roles["readonly"], "")
	c.want(404, "GET", base+"/"+id, "")
}

func TestSAMLConfigurationAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	at := "/api/v2/org/saml_configurations"
	c.want(400, "PATCH", at, `{"data":{"attributes":{"default_role_uuids":[]}}}`)
	c.want(400, "PATCH", at, `{"data":{"attributes":{"default_role_uuids":["x"]}}}`)
	c.want(400, "PATCH", at, `{"data":{"attributes":{"jit_domains":["a@b"]}}}`)
	c.want(400, "PATCH", at, `{"data":{"attributes":{"jit_domains":["`+strings.Repeat(`x","`, 50)+`x"]}}}`)
	c.want(200, "PATCH", at, `{"data":{"attributes":{"jit_domains":["x.test"],"default_role_uuids":["`+w.roles["admin"]+`"]}}}`)
	v := c.want(200, "GET", "/api/v2/saml_configurations", "")
	if text(v, "data", 0, "attributes", "jit_domains", 0) != "x.test" || text(v, "data", 0, "relationships", "default_roles", "data", 0, "id") != w.roles["admin"] {
		t.Errorf("got %v", v)
	}
}
