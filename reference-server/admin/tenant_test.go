// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/admin"
)

// askAs asks the SCIM API with a token, at an address below the origin.
func (b *bench) askAs(token, method, path, body string) answer {
	b.t.Helper()
	a, err := b.send(method, b.scim.URL+path, body, "Authorization: Bearer "+token, "Content-Type: application/scim+json")
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// counts returns how many users the server and tenant acme have.
func (b *bench) counts() [2]any {
	b.t.Helper()
	return [2]any{b.order(200, "GET", "/", "").body["users"], b.order(200, "GET", "/t/acme", "").body["users"]}
}

func TestTenantIsSeededAndEmptiedAlone(t *testing.T) {
	b := open(t, admin.Options{})
	b.order(200, "POST", "/seed", `{"people": [{"userName": "alice"}]}`)
	made := b.order(200, "POST", "/t/acme/seed", `{"roles": [Auditor], "people": [{"userName": "bob", "roles": [Auditor]}, {"userName": "carol"}], "groups": [{"displayName": "G", "members": ["bob"]}]}`)
	if made.body["people"] != 2.0 || made.body["roles"] != 1.0 {
		t.Errorf("got %s, want two people and a role", made.text)
	}
	if got := b.counts(); got != [2]any{1.0, 2.0} {
		t.Fatalf("got %v users, want 1 and 2", got)
	}
	if got := fmt.Sprint(b.order(200, "GET", "/", "").body["tenants"]); got != "[map[faults:[] groups:1 name:acme teams:1 users:2]]" {
		t.Errorf("got %s, want the tenant with what it holds", got)
	}
	if got := b.askAs(acmeToken, "GET", "/scim/v2/Users?filter=userName%20eq%20%22bob%22", ""); got.body["totalResults"] != 1.0 {
		t.Errorf("the token of the tenant shows %s, want bob", got.text)
	}
	if got := b.order(200, "POST", "/t/acme/reset", ""); got.body["users"] != 0.0 {
		t.Errorf("after its reset: got %s, want no users", got.text)
	}
	if got := b.counts(); got != [2]any{1.0, 0.0} {
		t.Errorf("after the reset of the tenant: got %v users, want 1 and 0", got)
	}
	b.order(200, "POST", "/t/acme/seed", `{"roles": [Auditor], "people": [{"userName": "bob"}]}`)
	b.order(200, "POST", "/reset", "")
	if got := b.counts(); got != [2]any{0.0, 0.0} {
		t.Errorf("after the reset of all: got %v users, want none", got)
	}
}

func TestFaultsOfATenant(t *testing.T) {
	b := open(t, admin.Options{})
	b.order(200, "POST", "/seed", `{"people": [{"userName": "alice"}]}`)
	b.order(200, "POST", "/t/acme/seed", `{"people": [{"userName": "bob"}]}`)
	b.order(200, "PUT", "/t/acme/faults", `{"on": ["filter-ignored"]}`)
	found := func() [3]any {
		nobody := "/Users?filter=userName%20eq%20%22nobody%22"
		return [3]any{
			b.askAs(scimToken, "GET", "/scim/v2"+nobody, "").body["totalResults"],
			b.askAs(acmeToken, "GET", "/scim/v2"+nobody, "").body["totalResults"],
			b.askAs(acmeToken, "GET", "/t/acme/scim/v2"+nobody, "").body["totalResults"],
		}
	}
	if got := found(); got != [3]any{0.0, 1.0, 1.0} {
		t.Errorf("got %v, want the fault in the tenant alone", got)
	}
	if got := fmt.Sprint(b.order(200, "GET", "/t/acme/", "").body["faults"]); got != "[filter-ignored]" {
		t.Errorf("the tenant says %s", got)
	}
	if got := fmt.Sprint(b.order(200, "GET", "/", "").body["faults"]); got != "[]" {
		t.Errorf("the server says %s, want no fault of its own", got)
	}
	b.order(200, "POST", "/t/acme/reset", "")
	b.order(200, "POST", "/t/acme/seed", `{"people": [{"userName": "bob"}]}`)
	b.order(200, "PUT", "/faults", `{"only": ["etag-missing"]}`)
	if got := found(); got != [3]any{0.0, 1.0, 1.0} {
		t.Errorf("after a reset and faults of the server: got %v, want the tenant's kept", got)
	}
	b.order(200, "PUT", "/t/acme/faults", `{"only": []}`)
	if got := found(); got != [3]any{0.0, 0.0, 0.0} {
		t.Errorf("switched off: got %v", got)
	}
}

func TestHistoryOfATenant(t *testing.T) {
	b := open(t, admin.Options{})
	b.must(201, "POST", "/Users", user("alice"))
	b.askAs(acmeToken, "POST", "/scim/v2/Users", user("bob"))
	b.askAs(acmeToken, "GET", "/t/acme/scim/v2/Users", "")
	seen := func(path string) (list []string) {
		for _, x := range b.order(200, "GET", path, "").body["exchanges"].([]any) {
			x := x.(map[string]any)
			list = append(list, fmt.Sprint(x["method"], " ", x["path"], " ", x["tenant"]))
		}
		return list
	}
	if got, want := seen("/history"), []string{"POST /Users <nil>", "POST /Users acme", "GET /Users acme"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := seen("/t/acme/history"), []string{"POST /Users acme", "GET /Users acme"}; !slices.Equal(got, want) {
		t.Errorf("of the tenant: got %v, want %v", got, want)
	}
	if got := b.order(200, "GET", "/t/acme/history?format=flow", "").text; strings.Contains(got, "alice") || !strings.Contains(got, "bob") {
		t.Errorf("the tenant's flow: got %s, want bob alone", got)
	}
	b.order(204, "DELETE", "/t/acme/history", "")
	if got, want := seen("/history"), []string{"POST /Users <nil>"}; !slices.Equal(got, want) {
		t.Errorf("after it was cleared: got %v, want %v", got, want)
	}
}

func TestTenantErrors(t *testing.T) {
	b := open(t, admin.Options{})
	for _, tt := range []struct {
		status             int
		method, path, want string
	}{
		{404, "GET", "/t/globex/", `there is no tenant "globex"`}, {404, "GET", "/t/", `there is no tenant ""`},
		{404, "GET", "/t/acme/chaos", "/admin/t/acme/seed"}, {405, "PUT", "/t/acme/seed", "PUT is not for /admin/t/acme/seed"},
		{400, "PUT", "/t/acme/faults", "the body is not JSON"}, {400, "GET", "/t/acme/history?tenant=x", "there is no parameter"},
	} {
		if a := b.order(tt.status, tt.method, tt.path, ""); !strings.Contains(strings.ReplaceAll(a.text, `\"`, `"`), tt.want) {
			t.Errorf("%s %s: got %s, want %s", tt.method, tt.path, a.text, tt.want)
		}
	}
	login := b.order(200, "POST", "/t/acme/login", `{"email": "nobody@example.test"}`)
	if login.body["refused"] == nil && login.body["token"] == nil {
		t.Errorf("login: got %s", login.text)
	}
}
