// SPDX-License-Identifier: Apache-2.0

package product

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	adminKey = "admin-key"
	scimKey  = "scim-key"
)

// client calls the product API of a world.
type client struct {
	t   *testing.T
	url string
}

func (w *world) client() client {
	srv := httptest.NewServer(w.Handler(w.store))
	w.t.Cleanup(srv.Close)
	return client{w.t, srv.URL}
}

func (c client) send(method, path, body string, header ...string) (int, any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if header == nil {
		header = []string{"DD-API-KEY", "any", "DD-APPLICATION-KEY", adminKey}
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(text) == 0 {
		return reply.StatusCode, nil
	}
	if got := reply.Header.Get("Content-Type"); got != "application/json" {
		c.t.Errorf("%s %s: content type %q", method, path, got)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return reply.StatusCode, v
}

// want sends a request that must be answered with a status.
func (c client) want(status int, method, path, body string) any {
	c.t.Helper()
	got, v := c.send(method, path, body)
	if got != status {
		c.t.Fatalf("%s %s: got %d %v, want %d", method, path, got, v, status)
	}
	return v
}

// dig walks objects by name and arrays by index.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[step]
		case int:
			a, _ := v.([]any)
			if step >= len(a) {
				return nil
			}
			v = a[step]
		}
	}
	return v
}

// ids returns the ids of the resources in data.
func ids(v any) []string {
	list := []string{}
	all, _ := dig(v, "data").([]any)
	for _, x := range all {
		id, _ := dig(x, "id").(string)
		list = append(list, id)
	}
	return list
}

func TestAuthorization(t *testing.T) {
	c := newWorld(t, nil).client()
	tests := []struct {
		name, path string
		header     []string
		want       int
		message    string
	}{
		{"key pair", "/api/v2/users", nil, 200, ""},
		{"bearer", "/api/v2/users", []string{"Authorization", "Bearer " + adminKey}, 200, ""},
		{"no API key", "/api/v2/users", []string{"DD-APPLICATION-KEY", adminKey}, 401, "Unauthorized"},
		{"nothing", "/api/v2/users", []string{"Accept", "*/*"}, 401, "Unauthorized"},
		{"unknown key", "/api/v2/users", []string{"Authorization", "Bearer other"}, 401, "Unauthorized"},
		{"key without permission", "/api/v2/users", []string{"Authorization", "Bearer scim-key"}, 403, "Forbidden"},
		{"validate", "/api/v2/validate_keys", []string{"Authorization", "Bearer scim-key"}, 200, ""},
		{"validate an unknown key", "/api/v2/validate_keys", []string{"Authorization", "Bearer other"}, 401, "Unauthorized"},
		{"unknown path", "/api/v2/nothing", nil, 404, "Not found"},
		{"unknown path, unknown key", "/api/v2/nothing", []string{"Authorization", "Bearer other"}, 401, "Unauthorized"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, v := c.send("GET", test.path, "", test.header...)
			message, _ := dig(v, "errors", 0).(string)
			if status != test.want || message != test.message {
				t.Errorf("got %d %q, want %d %q", status, message, test.want, test.message)
			}
		})
	}
}

func TestUsersAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	alice := w.must(write{op: Create, given: true, body: `{"userName":"Alice@x.test","name":{"formatted":"Zoe"},"title":"T",` + rolesJSON(w, "$admin") + `}`}).id
	bob := w.must(write{op: Create, body: `{"userName":"bob@x.test","name":{"formatted":"Bob"},"active":false}`}).id

	one := c.want(200, "GET", "/api/v2/users/"+strings.ToUpper(alice), "")
	for path, want := range map[string]any{"email": "alice@x.test", "handle": "alice@x.test", "name": "Zoe", "title": "T", "status": "Pending", "disabled": false, "service_account": false} {
		if got := dig(one, "data", "attributes", path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if got := dig(one, "data", "relationships", "roles", "data", 0, "id"); got != w.roles["admin"] {
		t.Errorf("role %v", got)
	}
	if got := dig(one, "included", 0, "attributes", "name"); got != "Datadog Admin Role" {
		t.Errorf("included role %v", got)
	}
	lists := []struct {
		query string
		want  []string
	}{
		{"filter=ALICE@x.test", []string{alice}},
		{"filter=x.test", []string{bob, alice}},
		{"filter=x.test&sort_dir=desc", []string{alice, bob}},
		{"filter=x.test&sort=-name", []string{alice, bob}},
		{"filter=x.test&filter[status]=Active,Disabled", []string{bob}},
		{"filter=x.test&" + url.QueryEscape("page[size]") + "=1&page[number]=1", []string{alice}},
		{"filter=nobody", []string{}},
	}
	for _, l := range lists {
		v := c.want(200, "GET", "/api/v2/users?"+l.query, "")
		if got := ids(v); !slices.Equal(got, l.want) {
			t.Errorf("%s: got %v, want %v", l.query, got, l.want)
		}
	}
	v := c.want(200, "GET", "/api/v2/users?filter=x.test&page[size]=1", "")
	if dig(v, "meta", "page", "total_count") != 4.0 || dig(v, "meta", "page", "total_filtered_count") != 2.0 {
		t.Errorf("meta %v", dig(v, "meta"))
	}
	c.want(400, "GET", "/api/v2/users?page[size]=x", "")
	c.want(400, "GET", "/api/v2/users?sort=colour", "")
	if v := c.want(404, "GET", "/api/v2/users/nobody", ""); dig(v, "errors", 0) != "user not found" {
		t.Errorf("got %v", v)
	}
}

func TestUserIsDisabledOnBothSides(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	id := w.alice()
	shows := func(want string) {
		t.Helper()
		w.view(func(tx store.Tx) error {
			r, err := tx.Get(scimKind, id)
			if err == nil && !strings.Contains(string(r.Body), want) {
				t.Errorf("SCIM shows %s, want %s", r.Body, want)
			}
			return err
		})
	}
	v := c.want(200, "PATCH", "/api/v2/users/"+id, `{"data":{"type":"users","id":"`+id+`","attributes":{"disabled":true,"name":"New","title":"T"}}}`)
	if dig(v, "data", "attributes", "status") != "Disabled" || dig(v, "data", "attributes", "name") != "New" {
		t.Errorf("got %v", v)
	}
	shows(`"active":false`)
	shows(`"name":{"formatted":"New"}`)
	v = c.want(200, "PATCH", "/api/v2/users/"+id, `{"data":{"attributes":{"disabled":false}}}`)
	if dig(v, "data", "attributes", "status") != "Pending" {
		t.Errorf("got %v", v)
	}
	shows(`"active":true`)
	c.want(204, "DELETE", "/api/v2/users/"+id, "")
	shows(`"active":false`)
	c.want(404, "DELETE", "/api/v2/users/"+id, "")
	c.want(404, "PATCH", "/api/v2/users/nobody", `{}`)
	c.want(422, "PATCH", "/api/v2/users/"+id, `{"data":{"id":"other"}}`)
	c.want(400, "PATCH", "/api/v2/users/"+id, `{"data":{"attributes":{"name":"<b>"}}}`)
	c.want(400, "PATCH", "/api/v2/users/"+id, `{"data":`)
	w.must(write{op: Delete, id: id})
	if v := c.want(200, "GET", "/api/v2/users/"+id, ""); dig(v, "data", "attributes", "status") != "Disabled" {
		t.Errorf("a user deleted in SCIM: %v", v)
	}
	v = c.want(200, "PATCH", "/api/v2/users/"+id, `{"data":{"attributes":{"disabled":false}}}`)
	if dig(v, "data", "attributes", "status") != "Pending" || dig(v, "data", "relationships", "roles", "data", 0) == nil {
		t.Errorf("a user deleted in SCIM and enabled again: %v", v)
	}
	shows(`"active":true`)
	shows(`"name":{"formatted":"New"}`)
}

func TestRolesAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	alice := w.alice()
	v := c.want(200, "GET", "/api/v2/roles?filter=standard", "")
	if !slices.Equal(ids(v), []string{w.roles["standard"]}) || dig(v, "data", 0, "attributes", "user_count") != 1.0 || dig(v, "meta", "page", "total_count") != 3.0 {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "POST", "/api/v2/roles", `{"data":{"type":"roles","attributes":{"name":"Custom"}}}`)
	custom, _ := dig(v, "data", "id").(string)
	c.want(409, "POST", "/api/v2/roles", `{"data":{"attributes":{"name":"Custom"}}}`)
	c.want(400, "POST", "/api/v2/roles", `{}`)
	v = c.want(200, "POST", "/api/v2/roles/"+custom+"/users", `{"data":{"id":"`+alice+`","type":"users"}}`)
	if !slices.Equal(ids(v), []string{alice}) {
		t.Errorf("got %v", v)
	}
	w.view(func(tx store.Tx) error {
		r, err := tx.Get(scimKind, alice)
		if err == nil && !strings.Contains(string(r.Body), custom) {
			t.Errorf("SCIM shows %s", r.Body)
		}
		return err
	})
	c.want(404, "POST", "/api/v2/roles/"+custom+"/users", `{"data":{"id":"nobody","type":"users"}}`)
	if v = c.want(200, "GET", "/api/v2/roles/"+custom+"/users", ""); !slices.Equal(ids(v), []string{alice}) {
		t.Errorf("got %v", v)
	}
	if v = c.want(200, "DELETE", "/api/v2/roles/"+custom+"/users", `{"data":{"id":"`+alice+`","type":"users"}}`); len(ids(v)) != 0 {
		t.Errorf("got %v", v)
	}
	c.want(200, "GET", "/api/v2/roles/"+custom, "")
	c.want(204, "DELETE", "/api/v2/roles/"+custom, "")
	c.want(404, "GET", "/api/v2/roles/"+custom, "")
	if got := w.rolesHeld(alice); !slices.Equal(got, []string{"standard"}) {
		t.Errorf("roles held: %v", got)
	}
}

func TestDefaultRoleIsShown(t *testing.T) {
	w := newWorld(t, nil)
	v := w.client().want(200, "GET", "/api/v2/saml_configurations", "")
	if got := dig(v, "data", 0, "relationships", "default_roles", "data", 0, "id"); got != w.roles["standard"] {
		t.Errorf("default role %v, want %s", got, w.roles["standard"])
	}
	v = newWorld(t, noDefault).client().want(200, "GET", "/api/v2/saml_configurations", "")
	if got, _ := dig(v, "data", 0, "relationships", "default_roles", "data").([]any); got == nil || len(got) != 0 {
		t.Errorf("no default role is shown as %v, want an empty list", got)
	}
}

func TestTeamsAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	alice := w.alice()
	v := c.want(201, "POST", "/api/v2/team", `{"data":{"type":"team","attributes":{"name":"By hand","handle":"by-hand"}}}`)
	id, _ := dig(v, "data", "id").(string)
	if dig(v, "data", "attributes", "is_managed") != false || id == "" {
		t.Errorf("got %v", v)
	}
	c.want(409, "POST", "/api/v2/team", `{"data":{"attributes":{"name":"Other","handle":"by-hand"}}}`)
	c.want(400, "POST", "/api/v2/team", `{"data":{"attributes":{"name":"Other","handle":"By hand"}}}`)
	memberships := "/api/v2/team/" + id + "/memberships"
	member := `{"data":{"type":"team_memberships","attributes":{"role":null},"relationships":{"user":{"data":{"id":"` + alice + `","type":"users"}}}}}`
	v = c.want(200, "POST", memberships, member)
	if got, _ := dig(v, "data", "id").(string); !strings.HasPrefix(got, "TeamMembership-"+id+"-") {
		t.Errorf("membership id %q", got)
	}
	c.want(409, "POST", memberships, member)
	c.want(404, "POST", memberships, `{"data":{"relationships":{"user":{"data":{"id":"nobody"}}}}}`)
	v = c.want(200, "PATCH", memberships+"/"+alice, `{"data":{"attributes":{"role":"admin"}}}`)
	if dig(v, "data", "attributes", "role") != "admin" {
		t.Errorf("got %v", v)
	}
	c.want(400, "PATCH", memberships+"/"+alice, `{"data":{"attributes":{"role":"owner"}}}`)
	v = c.want(200, "GET", memberships+"?page[size]=100", "")
	if dig(v, "data", 0, "relationships", "user", "data", "id") != alice || dig(v, "meta", "pagination", "total") != 1.0 || dig(v, "included", 0, "id") != alice {
		t.Errorf("got %v", v)
	}
	if v = c.want(200, "GET", "/api/v2/users/"+alice+"/memberships", ""); dig(v, "data", 0, "relationships", "team", "data", "id") != id {
		t.Errorf("got %v", v)
	}
	for _, keyword := range []string{"by-hand", "BY HAND", "alice@example.test"} {
		v = c.want(200, "GET", "/api/v2/team?filter[keyword]="+url.QueryEscape(keyword), "")
		if !slices.Equal(ids(v), []string{id}) || dig(v, "data", 0, "attributes", "user_count") != 1.0 {
			t.Errorf("%s: got %v", keyword, v)
		}
	}
	c.want(200, "PATCH", "/api/v2/team/"+id, `{"data":{"attributes":{"name":"Renamed","handle":"by-hand"}}}`)
	c.want(204, "DELETE", memberships+"/"+alice, "")
	c.want(404, "DELETE", memberships+"/"+alice, "")
	c.want(204, "DELETE", "/api/v2/team/"+id, "")
	if v = c.want(404, "GET", "/api/v2/team/"+id, ""); dig(v, "errors", 0) != "Team for ID "+id+" not found" {
		t.Errorf("got %v", v)
	}
	c.want(404, "GET", "/api/v2/team/nobody", "")
}

func TestManagedTeamsAreLocked(t *testing.T) {
	tests := []struct {
		name    string
		profile func(*profiles.Profile)
		want    map[string]int
	}{
		{"locked", nil, map[string]int{"add": 403, "remove": 403, "rename": 403, "handle": 403, "describe": 200, "delete": 403}},
		{"unlocked", func(p *profiles.Profile) { p.Teams.Locked = false }, map[string]int{"add": 200, "remove": 204, "rename": 200, "handle": 200, "describe": 200, "delete": 204}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.profile)
			c := w.client()
			alice, bob := w.alice(), w.must(write{op: Create, body: `{"userName":"bob"}`}).id
			w.mustGroup(&GroupChange{Op: Create, ID: "g", Name: "Eng", Added: []string{alice}})
			v := c.want(200, "GET", "/api/v2/team?filter[keyword]=eng", "")
			if dig(v, "data", 0, "attributes", "is_managed") != true {
				t.Fatalf("got %v", v)
			}
			team := "/api/v2/team/" + ids(v)[0]
			m := c.want(200, "GET", team+"/memberships", "")
			if dig(m, "data", 0, "attributes", "provisioned_by") != "service_account" {
				t.Errorf("got %v", m)
			}
			c.want(test.want["describe"], "PATCH", team, `{"data":{"attributes":{"name":"Eng","handle":"eng","description":"d"}}}`)
			c.want(test.want["add"], "POST", team+"/memberships", `{"data":{"relationships":{"user":{"data":{"id":"`+bob+`"}}}}}`)
			c.want(test.want["remove"], "DELETE", team+"/memberships/"+alice, "")
			c.want(test.want["rename"], "PATCH", team, `{"data":{"attributes":{"name":"Other","handle":"eng"}}}`)
			c.want(test.want["handle"], "PATCH", team, `{"data":{"attributes":{"name":"Other","handle":"other"}}}`)
			c.want(test.want["delete"], "DELETE", team, "")
		})
	}
}

func TestTeamPaging(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	for _, name := range []string{"a", "b", "c"} {
		w.teamByHand(name, name)
	}
	v := c.want(200, "GET", "/api/v2/team?page[size]=2&page[number]=1", "")
	p := dig(v, "meta", "pagination")
	if len(ids(v)) != 1 || dig(p, "type") != "number_size" || dig(p, "prev_number") != 0.0 || dig(p, "next_number") != nil || dig(p, "last_number") != 1.0 || dig(p, "total") != 3.0 {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "GET", "/api/v2/team", "")
	if len(ids(v)) != 3 || dig(v, "meta", "pagination", "type") != "offset_limit" || dig(v, "links", "next") != nil {
		t.Errorf("got %v", v)
	}
	v = c.want(200, "GET", "/api/v2/team?page[limit]=2", "")
	next, _ := dig(v, "links", "next").(string)
	if v = c.want(200, "GET", next, ""); len(ids(v)) != 1 {
		t.Errorf("%s: got %v", next, v)
	}
}
