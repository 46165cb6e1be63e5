// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/store"
)

// as is the client of somebody else's key.
func (c client) as(key string) func(want int, method, path, body string) any {
	return func(want int, method, path, body string) any {
		c.t.Helper()
		got, v := c.send(method, path, body, "Authorization", "Bearer "+key)
		if got != want {
			c.t.Fatalf("%s %s: got %d %v, want %d", method, path, got, v, want)
		}
		return v
	}
}

func text(v any, path ...any) string {
	s, _ := dig(v, path...).(string)
	return s
}

// authorizes expects what Authorize makes of a key.
func (w *world) authorizes(key string, want error) {
	w.t.Helper()
	w.view(func(tx store.Tx) error {
		if _, err := w.Authorize(tx, key); !errors.Is(err, want) {
			w.t.Errorf("got %v, want %v", err, want)
		}
		return nil
	})
}

// account makes a service account with roles and a key of it.
func (c client) account(roles ...string) (id, key string) {
	c.t.Helper()
	refs := make([]string, len(roles))
	for i, r := range roles {
		refs[i] = fmt.Sprintf(`{"type":"roles","id":%q}`, r)
	}
	v := c.want(201, "POST", "/api/v2/service_accounts", `{"data":{"type":"users","attributes":{"email":"bot@x.test","name":"Bot","service_account":true},
		"relationships":{"roles":{"data":[`+strings.Join(refs, ",")+`]}}}}`)
	id = text(v, "data", "id")
	v = c.want(201, "POST", "/api/v2/service_accounts/"+id+"/application_keys", `{"data":{"type":"application_keys","attributes":{"name":"k"}}}`)
	return id, text(v, "data", "attributes", "key")
}

func TestServiceAccountsAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	v := c.want(201, "POST", "/api/v2/service_accounts", `{"data":{"attributes":{"email":"Bot@x.test","name":"Bot"}}}`)
	id := text(v, "data", "id")
	for name, want := range map[string]any{
		"service_account": true, "verified": true, "status": "Active", "handle": id, "email": "bot@x.test", "name": "Bot",
	} {
		if got := dig(v, "data", "attributes", name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	c.want(201, "POST", "/api/v2/service_accounts", `{"data":{"attributes":{"email":"bot@x.test"}}}`)
	if got := len(ids(c.want(200, "GET", "/api/v2/service_accounts", ""))); got != 4 {
		t.Errorf("got %d service accounts, want the two of every organisation and two", got)
	}
	c.want(400, "POST", "/api/v2/service_accounts", `{"data":{"attributes":{"email":"nobody"}}}`)
	c.want(400, "POST", "/api/v2/service_accounts", `{"data":{"attributes":{"email":"b@x.test"},"relationships":{"roles":{"data":[{"id":"x"}]}}}}`)
}

func TestApplicationKeysAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	bot, _ := c.account()
	base := "/api/v2/service_accounts/" + bot + "/application_keys"
	v := c.want(201, "POST", base, `{"data":{"attributes":{"name":"scim"}}}`)
	id, key := text(v, "data", "id"), text(v, "data", "attributes", "key")
	if len(key) != 40 || text(v, "data", "attributes", "last4") != key[36:] || text(v, "data", "relationships", "owned_by", "data", "id") != bot {
		t.Errorf("a new key: %v", v)
	}
	for _, at := range []string{base + "/" + id, "/api/v2/application_keys/" + id} {
		v := c.want(200, "GET", at, "")
		if dig(v, "data", "attributes", "key") != nil || text(v, "data", "attributes", "last4") != key[36:] {
			t.Errorf("%s tells the key again, or not its end: %v", at, v)
		}
	}
	w.view(func(tx store.Tx) error {
		for r := range tx.Scan(kindKey, 0) {
			if strings.Contains(string(r.Body), key) {
				t.Error("the store holds the key")
			}
		}
		return nil
	})
	v = c.want(200, "PATCH", base+"/"+id, `{"data":{"id":"`+id+`","attributes":{"name":"other","scopes":["user_access_read"]}}}`)
	if text(v, "data", "attributes", "name") != "other" || text(v, "data", "attributes", "scopes", 0) != mayRead {
		t.Errorf("changed: %v", v)
	}
	c.want(422, "PATCH", base+"/"+id, `{"data":{"id":"x"}}`)
	c.want(400, "PATCH", base+"/"+id, `{"data":{"attributes":{"scopes":["fly"]}}}`)
	v = c.want(200, "GET", "/api/v2/application_keys?filter[owned_by]="+bot+"&include=owned_by&sort=-name", "")
	if len(ids(v)) != 2 || text(v, "included", 0, "id") != bot || dig(v, "meta", "page", "total_filtered_count") != 2.0 || dig(v, "meta", "max_allowed_per_user") != 1000.0 {
		t.Errorf("listed: %v", v)
	}
	other, _ := c.account()
	if v := c.want(404, "GET", "/api/v2/service_accounts/"+other+"/application_keys/"+id, ""); text(v, "errors", 0) != "Application key not found" {
		t.Errorf("another account's key: %v", v)
	}
	c.want(404, "GET", "/api/v2/service_accounts/nobody/application_keys", "")
	bearer := c.as(key)
	bearer(200, "GET", "/api/v2/validate_keys", "")
	c.want(204, "DELETE", base+"/"+id, "")
	bearer(401, "GET", "/api/v2/validate_keys", "")
	c.want(404, "DELETE", base+"/"+id, "")
}

func TestOwnKeys(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	own := "/api/v2/current_user/application_keys"
	bot, key := c.account(w.roles["standard"])
	bearer := c.as(key)
	v := bearer(201, "POST", own, `{"data":{"attributes":{"name":"mine"}}}`)
	if got := text(v, "data", "relationships", "owned_by", "data", "id"); got != bot {
		t.Errorf("owned by %s, want %s", got, bot)
	}
	if got := len(ids(bearer(200, "GET", own, ""))); got != 2 {
		t.Errorf("got %d keys, want 2", got)
	}
	bearer(204, "DELETE", own+"/"+text(v, "data", "id"), "")
	bearer(403, "GET", "/api/v2/application_keys", "")
	if got := text(bearer(200, "GET", "/api/v2/current_user", ""), "data", "id"); got != bot {
		t.Errorf("current user: %s, want %s", got, bot)
	}
}

func TestAuthorize(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	_, admin := c.account(w.roles["admin"])
	_, plain := c.account(w.roles["readonly"])
	scoped := text(c.as(admin)(201, "POST", "/api/v2/current_user/application_keys",
		`{"data":{"attributes":{"name":"s","scopes":["user_access_invite"]}}}`), "data", "attributes", "key")
	w.authorizes(scimKey, nil)
	w.authorizes(admin, nil)
	w.authorizes(plain, ErrForbidden)
	w.authorizes(scoped, ErrForbidden)
	w.authorizes("unknown", ErrUnauthorized)
	w.authorizes("", ErrUnauthorized)
	for plan, want := range map[string]error{"free": ErrForbidden, "pro": nil, "startup": nil, "enterprise": nil} {
		w.update(func(tx store.Tx) error { return w.SetPlan(tx, plan) })
		w.authorizes(scimKey, want)
	}
}

func TestPermissionsFollowRoles(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	id, key := c.account(w.roles["readonly"])
	w.authorizes(key, ErrForbidden)
	role := "/api/v2/roles/" + w.roles["readonly"] + "/permissions"
	for _, p := range permissions() {
		if p.name == mayInvite || p.name == mayManage {
			c.want(200, "POST", role, `{"data":{"type":"permissions","id":"`+p.id()+`"}}`)
		}
	}
	w.authorizes(key, nil)
	c.want(200, "DELETE", "/api/v2/roles/"+w.roles["readonly"]+"/users", `{"data":{"type":"users","id":"`+id+`"}}`)
	w.authorizes(key, ErrForbidden)
}

// ownedKey provisions a person and gives them an application key that may
// provision.
func (w *world) ownedKey() (id, key string) {
	w.t.Helper()
	id = w.must(write{op: Create, given: true, body: `{"userName":"alice@x.test",` + rolesJSON(w, "$admin") + `}`}).id
	w.update(func(tx store.Tx) error {
		s, err := w.Login(tx, Login{Email: "alice@x.test"})
		key = s.Token
		return err
	})
	v := w.client().as(key)(201, "POST", "/api/v2/current_user/application_keys", `{"data":{"attributes":{"name":"mine"}}}`)
	w.authorizes(key, ErrUnauthorized) // a session is no key
	return id, text(v, "data", "attributes", "key")
}

func TestKeysOfALeaver(t *testing.T) {
	leave := map[string]func(w *world, id string){
		"disabled by SCIM": func(w *world, id string) {
			w.must(write{op: Patch, id: id, body: `{"userName":"alice@x.test","active":false}`})
		},
		"deleted by SCIM":         func(w *world, id string) { w.must(write{op: Delete, id: id}) },
		"disabled by the product": func(w *world, id string) { w.client().want(204, "DELETE", "/api/v2/users/"+id, "") },
	}
	for _, tt := range []struct {
		keys       string
		gone, back error // once the owner left, and is back
	}{
		{"revoke", ErrUnauthorized, ErrUnauthorized},
		{"suspend", ErrUnauthorized, nil},
		{"survive", nil, nil},
	} {
		for name, f := range leave {
			t.Run(tt.keys+"/"+name, func(t *testing.T) {
				w := newWorld(t, func(p *profiles.Profile) { p.Access.Keys = tt.keys })
				id, key := w.ownedKey()
				_, bot := w.client().account(w.roles["admin"])
				w.authorizes(key, nil)
				f(w, id)
				w.authorizes(key, tt.gone)
				w.authorizes(bot, nil)
				w.client().want(200, "PATCH", "/api/v2/users/"+id, `{"data":{"attributes":{"disabled":false}}}`)
				w.authorizes(key, tt.back)
			})
		}
	}
}

func TestKeysOfADisabledServiceAccount(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	id, key := c.account(w.roles["admin"])
	c.want(204, "DELETE", "/api/v2/users/"+id, "")
	w.authorizes(key, ErrUnauthorized)
	c.as(key)(401, "GET", "/api/v2/validate_keys", "")
	c.want(200, "PATCH", "/api/v2/users/"+id, `{"data":{"attributes":{"disabled":false}}}`)
	w.authorizes(key, nil)
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t, nil)
	w.must(write{op: Create, body: `{"userName":"alice@x.test"}`})
	var token string
	w.update(func(tx store.Tx) error {
		s, err := w.Login(tx, Login{Email: "alice@x.test"})
		token = s.Token
		return err
	})
	c := w.client()
	c.as(token)(200, "GET", "/api/v2/current_user", "")
	w.clock = w.clock.Add(sessionTime)
	c.as(token)(401, "GET", "/api/v2/current_user", "")
}

func TestSeedReplacesItsKeys(t *testing.T) {
	w := newWorld(t, nil)
	again, err := New(Options{Profile: profiles.Datadog(), Directory: w, Now: w.tick, NewID: w.id, SCIMKey: "another-key", AdminKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}
	w.update(again.Seed)
	w.authorizes(scimKey, ErrUnauthorized)
	w.authorizes("another-key", nil)
	if n := len(ids(w.client().want(200, "GET", "/api/v2/application_keys", ""))); n != 2 {
		t.Errorf("got %d keys, want 2", n)
	}
}

func TestAuthenticateLooksUpLittle(t *testing.T) {
	w := newWorld(t, nil)
	w.authorizes(scimKey, nil)
	w.view(func(tx store.Tx) error {
		counting := &countingTx{Tx: tx}
		_, err := w.Authorize(counting, scimKey)
		if counting.calls != 1 {
			t.Errorf("a known key costs %d look-ups, want 1", counting.calls)
		}
		return err
	})
}

func TestAuditIsBounded(t *testing.T) {
	w := newWorld(t, nil)
	w.auditEvents = 10
	for i := range 30 {
		w.must(write{op: Create, body: fmt.Sprintf(`{"userName":"u%d@x.test"}`, i)})
	}
	count := func() (n int) {
		w.view(func(tx store.Tx) error { n = tx.Count(kindAudit); return nil })
		return n
	}
	if n := count(); n != 10 {
		t.Errorf("got %d events, want 10", n)
	}
	w.clock = w.clock.Add(w.auditAge + time.Hour)
	for i := range 3 {
		w.must(write{op: Create, body: fmt.Sprintf(`{"userName":"v%d@x.test"}`, i)})
	}
	w.view(func(tx store.Tx) error {
		for r := range tx.Scan(kindAudit, 0) {
			if w.clock.Sub(r.Created) > w.auditAge {
				t.Errorf("an event of %s is still there", r.Created)
			}
		}
		return nil
	})
}
