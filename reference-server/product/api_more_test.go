// SPDX-License-Identifier: Apache-2.0

package product

import (
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
)

func TestPostUser(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	v := c.want(201, "POST", "/api/v2/users", `{"data":{"type":"users","attributes":{"email":"Bob@x.test","name":"Bob","title":"T"},
		"relationships":{"roles":{"data":[{"type":"roles","id":"`+w.roles["readonly"]+`"}]}}}}`)
	id := text(v, "data", "id")
	if text(v, "data", "attributes", "email") != "bob@x.test" || text(v, "data", "attributes", "status") != "Pending" ||
		text(v, "data", "relationships", "roles", "data", 0, "id") != w.roles["readonly"] {
		t.Errorf("got %v", v)
	}
	if v := c.want(201, "POST", "/api/v2/users", `{"data":{"attributes":{"email":"carol@x.test"}}}`); dig(v, "data", "relationships", "roles", "data", 0) != nil {
		t.Errorf("the users API grants a default role: %v", v)
	}
	w.view(func(tx store.Tx) error {
		r, err := tx.Get(scimKind, id)
		if err == nil && (!strings.Contains(string(r.Body), `"userName":"bob@x.test"`) || !strings.Contains(string(r.Body), w.roles["readonly"])) {
			t.Errorf("SCIM shows %s", r.Body)
		}
		return err
	})
	c.want(204, "DELETE", "/api/v2/users/"+id, "")
	v = c.want(409, "POST", "/api/v2/users", `{"data":{"attributes":{"email":"bob@x.test"}}}`)
	if text(v, "errors", 0) != "User bob@x.test already exists" {
		t.Errorf("got %v", v)
	}
	c.want(400, "POST", "/api/v2/users", `{"data":{"attributes":{"email":"Bob <b@x.test>"}}}`)
	c.want(400, "POST", "/api/v2/users", `{"data":{"attributes":{"email":"d@x.test","name":"`+strings.Repeat("x", 56)+`"}}}`)
}

func TestInvitations(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	id := w.must(write{op: Create, body: `{"userName":"a@x.test"}`}).id
	body := `{"data":[{"type":"user_invitations","relationships":{"user":{"data":{"type":"users","id":"` + id + `"}}}}]}`
	v := c.want(201, "POST", "/api/v2/user_invitations", body)
	if text(v, "data", 0, "attributes", "invite_type") != "basic_invite" || text(v, "data", 0, "attributes", "expires_at")[:10] != "2026-11-25" {
		t.Errorf("got %v", v)
	}
	c.want(200, "GET", "/api/v2/user_invitations/"+text(v, "data", 0, "id"), "")
	if v := c.want(201, "POST", "/api/v2/user_invitations", body); text(v, "data", 0, "attributes", "invite_type") != "basic_reminder" {
		t.Errorf("the second: %v", v)
	}
	c.want(404, "POST", "/api/v2/user_invitations", strings.ReplaceAll(body, id, "nobody"))
	c.want(404, "GET", "/api/v2/user_invitations/nothing", "")
}

func TestUserPermissionsAndOrgs(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	id := w.must(write{op: Create, body: `{"userName":"a@x.test"}`}).id
	v := c.want(200, "GET", "/api/v2/users/"+id+"/permissions", "")
	names := []string{}
	for i := range ids(v) {
		names = append(names, text(v, "data", i, "attributes", "name"))
	}
	if strings.Join(names, " ") != "user_access_read user_app_keys teams_read" {
		t.Errorf("the default role may %v", names)
	}
	v = c.want(200, "GET", "/api/v2/users/"+id+"/orgs", "")
	org := text(v, "data", "relationships", "org", "data", "id")
	included, _ := dig(v, "included").([]any)
	if last := included[len(included)-1]; text(last, "type") != "orgs" || text(last, "id") != org {
		t.Errorf("got %v", v)
	}
	c.want(404, "GET", "/api/v2/users/nobody/orgs", "")
}

func TestCurrentUser(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	v := c.want(200, "PATCH", "/api/v2/current_user", `{"data":{"attributes":{"name":"Root"}}}`)
	if text(v, "data", "attributes", "name") != "Root" {
		t.Errorf("got %v", v)
	}
	c.want(403, "PATCH", "/api/v2/current_user", `{"data":{"attributes":{"disabled":true}}}`)
}

func TestRolePermissions(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	manage, _ := findPermission(mayManage)
	of := func(v any) string {
		held, _ := dig(v, "data", "relationships", "permissions", "data").([]any)
		var names []string
		for _, x := range held {
			p, _ := permissionByID(text(x, "id"))
			names = append(names, p.name)
		}
		return strings.Join(names, " ")
	}
	v := c.want(200, "POST", "/api/v2/roles", `{"data":{"type":"roles","attributes":{"name":"R"},"relationships":{"permissions":{"data":[{"id":"`+manage.id()+`","type":"permissions"}]}}}}`)
	id := text(v, "data", "id")
	if got := of(v); got != "user_access_manage user_access_read teams_read" {
		t.Errorf("a new role may %s", got)
	}
	v = c.want(200, "POST", "/api/v2/roles/"+id+"/clone", `{"data":{"attributes":{"name":"S"}}}`)
	if got := of(v); got != "user_access_manage user_access_read teams_read" || text(v, "data", "id") == id {
		t.Errorf("a clone may %s", got)
	}
	if v := c.want(409, "POST", "/api/v2/roles/"+id+"/clone", `{"data":{"attributes":{"name":"S"}}}`); text(v, "errors", 0) != "A role with the same name already exists" {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "PATCH", "/api/v2/roles/"+id, `{"data":{"id":"`+id+`","attributes":{"name":"Q"},"relationships":{"permissions":{"data":[]}}}}`)
	if of(v) != "" || text(v, "data", "attributes", "name") != "Q" {
		t.Errorf("got %v", v)
	}
	v = c.want(422, "PATCH", "/api/v2/roles/"+id, `{"data":{"id":"x"}}`)
	if text(v, "errors", 0) != "The id attribute in the request body does not match the role_id in the URL" {
		t.Errorf("got %v", v)
	}
	v = c.want(400, "PATCH", "/api/v2/roles/"+id, `{"data":{"id":"`+id+`","relationships":{"permissions":{"data":[{"id":"x"}]}}}}`)
	if text(v, "errors", 0) != "Invalid input " {
		t.Errorf("got %v", v)
	}
	c.want(409, "PATCH", "/api/v2/roles/"+id, `{"data":{"id":"`+id+`","attributes":{"name":"S"}}}`)
	if got := len(ids(c.want(200, "GET", "/api/v2/permissions", ""))); got != len(permissions()) {
		t.Errorf("got %d permissions", got)
	}
	c.want(200, "POST", "/api/v2/roles/"+id+"/permissions", `{"data":{"id":"`+manage.id()+`"}}`)
	if got := ids(c.want(200, "GET", "/api/v2/roles/"+id+"/permissions", "")); len(got) != 1 || got[0] != manage.id() {
		t.Errorf("got %v", got)
	}
	c.want(200, "DELETE", "/api/v2/roles/"+id+"/permissions", `{"data":{"id":"`+manage.id()+`"}}`)
	c.want(404, "POST", "/api/v2/roles/"+id+"/permissions", `{"data":{"id":"x"}}`)
}

func findPermission(name string) (permission, bool) {
	for _, p := range permissions() {
		if p.name == name {
			return p, true
		}
	}
	return permission{}, false
}

func TestTeamLinksAndSettings(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	team := "/api/v2/team/" + text(c.want(201, "POST", "/api/v2/team", `{"data":{"attributes":{"name":"T","handle":"t"}}}`), "data", "id")
	v := c.want(200, "POST", team+"/links", `{"data":{"type":"team_links","attributes":{"label":"Run book","url":"https://x.test/r"}}}`)
	link := team + "/links/" + text(v, "data", "id")
	c.want(400, "POST", team+"/links", `{"data":{"attributes":{"label":"L","url":"nowhere"}}}`)
	c.want(200, "PATCH", link, `{"data":{"attributes":{"label":"L","url":"https://x.test/r","position":3}}}`)
	if v := c.want(200, "GET", link, ""); text(v, "data", "attributes", "label") != "L" || dig(v, "data", "attributes", "position") != 3.0 {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "GET", "/api/v2/team?include=team_links,user_team_permissions", "")
	if dig(v, "data", 0, "attributes", "link_count") != 1.0 || text(v, "included", 0, "type") != "team_links" || text(v, "included", 1, "type") != "team_permission_settings" {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "GET", team+"/permission-settings", "")
	if text(v, "data", 0, "attributes", "value") != byAll || text(v, "data", 1, "attributes", "value") != byMembers {
		t.Errorf("got %v", v)
	}
	c.want(400, "PUT", team+"/permission-settings/edit", `{"data":{"attributes":{"value":"nobody"}}}`)
	c.want(404, "PUT", team+"/permission-settings/fly", `{"data":{"attributes":{"value":"admins"}}}`)
	c.want(200, "PUT", team+"/permission-settings/manage_membership", `{"data":{"attributes":{"value":"admins"}}}`)

	bot, key := c.account(w.roles["readonly"])
	bearer := c.as(key)
	member := `{"data":{"relationships":{"user":{"data":{"type":"users","id":"` + bot + `"}}}}}`
	bearer(403, "POST", team+"/memberships", member)
	bearer(403, "POST", team+"/links", `{"data":{"attributes":{"label":"L","url":"https://x.test/r"}}}`)
	c.want(200, "POST", team+"/memberships", strings.Replace(member, `{"data":{`, `{"data":{"attributes":{"role":"admin"},`, 1))
	bearer(200, "POST", team+"/links", `{"data":{"attributes":{"label":"L","url":"https://x.test/r"}}}`)
	bearer(204, "DELETE", team+"/memberships/"+bot, "")
	c.want(204, "DELETE", link, "")
	c.want(404, "GET", link, "")
	c.want(204, "DELETE", team, "")
	w.view(func(tx store.Tx) error {
		if n := tx.Count(kindTeamLink); n != 0 {
			t.Errorf("%d links outlive their team", n)
		}
		return nil
	})
}

func TestPermissionsDecide(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	_, key := c.account(w.roles["readonly"])
	bearer := c.as(key)
	id := "/" + w.roles["standard"]
	for _, call := range []string{
		"POST /users", "PATCH /users" + id, "DELETE /users" + id, "POST /user_invitations", "POST /roles", "PATCH /roles" + id, "DELETE /roles" + id,
		"POST /roles" + id + "/clone", "POST /roles" + id + "/users", "POST /team", "DELETE /team" + id, "GET /service_accounts", "POST /service_accounts",
		"GET /application_keys", "GET /current_user/application_keys", "POST /authn_mappings", "GET /saml_configurations",
		"PATCH /org/saml_configurations", "GET /audit/events", "POST /audit/events/search",
	} {
		method, path, _ := strings.Cut(call, " ")
		v := bearer(403, method, "/api/v2"+path, `{}`)
		if text(v, "errors", 0) != "Forbidden" {
			t.Errorf("%s: %v", call, v)
		}
	}
	for _, path := range []string{"/users", "/roles", "/permissions", "/team", "/authn_mappings", "/current_user", "/validate_keys"} {
		bearer(200, "GET", "/api/v2"+path, "")
	}
}

func TestProductWritesAreAudited(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	_, plain := c.account(w.roles["readonly"])
	c.as(plain)(403, "POST", "/api/v2/roles", `{"data":{"attributes":{"name":"R"}}}`)
	role := text(c.want(200, "POST", "/api/v2/roles", `{"data":{"attributes":{"name":"R"}}}`), "data", "id")
	c.want(409, "POST", "/api/v2/roles", `{"data":{"attributes":{"name":"R"}}}`)
	c.want(204, "DELETE", "/api/v2/roles/"+role, "")
	for query, want := range map[string]int{
		"@asset.type:role @action:created @evt.outcome:success @asset.id:" + role:                   1,
		"@asset.type:role @action:created @evt.outcome:failure @usr.email:" + administratorEmail:    1,
		"@asset.type:role @evt.outcome:failure @metadata.status:403 @usr.email:bot@x.test":          1,
		"@asset.type:role @action:(deleted OR fly) @asset.id:" + role:                               1,
		"@asset.type:application_key @action:created @metadata.path:/api/v2/service_accounts/*":     1,
		"@metadata.event_name:\"API role created\" -@evt.outcome:failure @metadata.app_key.id:abc*": 1,
	} {
		v := c.want(200, "POST", "/api/v2/audit/events/search", `{"filter":{"query":`+quoted(query)+`},"page":{"limit":100}}`)
		if got := len(ids(v)); got != want {
			t.Errorf("%s: got %d events, want %d", query, got, want)
		}
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
