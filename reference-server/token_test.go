// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/storetest"
)

const (
	reader  = "a-token-that-reads-only-xx"
	expired = "a-token-that-has-expired-x"
	acme    = "the-token-of-tenant-acme-x"
	globex  = "the-token-of-tenant-globex"
	alices  = "the-token-of-user-alice-xx"
)

// tokens opens a server with a token of each kind.
func tokens(t *testing.T, change ...func(*refserver.Options)) *client {
	return open(t, append([]func(*refserver.Options){profile(profiles.RFC()), func(o *refserver.Options) {
		o.Tokens = []refserver.Token{
			{Secret: reader, Rights: refserver.ReadOnly},
			{Secret: expired, Expires: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)},
			{Secret: acme, Tenant: "acme"},
			{Secret: globex, Tenant: "globex"},
			{Secret: alices, User: "alice"},
		}
	}}, change...)...)
}

func as(token string) string { return "Authorization: Bearer " + token }

func TestTokenRights(t *testing.T) {
	c := tokens(t)
	alice := c.user("alice")
	at := neutral + "/Users/" + alice.id()
	search := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`
	for _, tt := range []struct {
		name, token, method, path, body string
		status                          int
		challenge                       string
	}{
		{"read", reader, "GET", at, "", 200, ""},
		{"head", reader, "HEAD", at, "", 200, ""},
		{"search", reader, "POST", neutral + "/Users/.search", search, 200, ""},
		{"create", reader, "POST", neutral + "/Users", userBody("bob"), 403, `error="insufficient_scope"`},
		{"replace", reader, "PUT", at, userBody("alice"), 403, `error="insufficient_scope"`},
		{"patch", reader, "PATCH", at, patchBody(`{"op":"add","path":"title","value":"x"}`), 403, `error="insufficient_scope"`},
		{"delete", reader, "DELETE", at, "", 403, `error="insufficient_scope"`},
		{"bulk", reader, "POST", neutral + "/Bulk", bulkBody(`{"method":"DELETE","path":"/Users/` + alice.id() + `"}`), 403, `error="insufficient_scope"`},
		{"expired", expired, "GET", at, "", 401, `error="invalid_token"`},
		{"unknown", "a-token-that-nobody-has-xxx", "GET", at, "", 401, `error="invalid_token"`},
		{"unknown id, expired", expired, "GET", neutral + "/Users/unknown", "", 401, `error="invalid_token"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.want(c.do(tt.method, tt.path, tt.body, as(tt.token)), tt.status)
			if got := a.Header().Get("WWW-Authenticate"); !strings.Contains(got, tt.challenge) || (tt.challenge == "") != (got == "") {
				t.Errorf("got challenge %q, want %q", got, tt.challenge)
			}
		})
	}
	if a := c.do("GET", at, ""); a.version() != alice.version() || len(c.do("GET", neutral+"/Users", "").ids()) != 1 {
		t.Errorf("a refused write changed something: %s", a.Body)
	}
	if got := c.do("GET", neutral+"/Users", "", "Authorization: ").Header().Get("WWW-Authenticate"); got != `Bearer realm="scimproof"` {
		t.Errorf("without a token: got challenge %q, want one without error (RFC 6750 §3.1)", got)
	}
}

func TestTenantsAreApart(t *testing.T) {
	c := tokens(t)
	mine := c.user("alice")
	theirs := c.want(c.do("POST", neutral+"/Users", userBody("alice"), as(acme)), 201)
	group := c.want(c.do("POST", neutral+"/Groups", groupBody("Everyone", theirs.id()), as(acme)), 201)
	for _, token := range []string{token, globex} {
		for _, tt := range []struct{ method, path, body string }{
			{"GET", "/Users/" + theirs.id(), ""}, {"PUT", "/Users/" + theirs.id(), userBody("x")}, {"DELETE", "/Users/" + theirs.id(), ""},
			{"PATCH", "/Users/" + theirs.id(), patchBody(`{"op":"add","path":"title","value":"x"}`)}, {"GET", "/Groups/" + group.id(), ""},
		} {
			if a := c.do(tt.method, neutral+tt.path, tt.body, as(token)); a.Code != 404 {
				t.Errorf("%s of another tenant's: got %d, want 404", tt.method, a.Code)
			}
		}
		a := c.do("POST", neutral+"/Groups", groupBody("G", theirs.id()), as(token))
		if a.Code != 400 || a.body["scimType"] != "invalidValue" {
			t.Errorf("member of another tenant: got %d %s, want 400 invalidValue", a.Code, a.Body)
		}
	}
	for _, tt := range []struct{ token, want string }{{token, mine.id()}, {acme, theirs.id()}, {globex, ""}} {
		a := c.do("GET", neutral+"/Users?filter="+url.QueryEscape(`userName eq "ALICE"`), "", as(tt.token))
		if got := strings.Join(a.ids(), " "); got != tt.want || strings.Contains(a.Body.String(), "acme") {
			t.Errorf("got %s, want user %q", a.Body, tt.want)
		}
	}
	a := c.want(c.do("GET", "/t/acme"+neutral+"/Users/"+theirs.id(), "", as(acme)), 200)
	if want := "/t/acme" + neutral + "/Users/" + theirs.id(); !strings.HasSuffix(a.meta("location"), want) {
		t.Errorf("got location %s, want %s", a.meta("location"), want)
	}
	if got := a.body["groups"]; !strings.Contains(fmt.Sprint(got), group.id()) {
		t.Errorf("got groups %v, want %s", got, group.id())
	}
	for _, tt := range []struct{ tenant, token string }{{"acme", token}, {"acme", globex}, {"globex", acme}, {"nobody", acme}, {"", acme}} {
		if a := c.do("GET", "/t/"+tt.tenant+neutral+"/Users", "", as(tt.token)); a.Code != 401 {
			t.Errorf("at tenant %q: got %d, want 401", tt.tenant, a.Code)
		}
	}
	cursor := c.do("GET", neutral+"/Users?cursor=&count=1", "", as(acme))
	c.want(cursor, 200)
}

// A cursor is of no use with another token, whatever it may read.
func TestCursorsOfOtherTokens(t *testing.T) {
	c := tokens(t)
	for _, name := range []string{"a", "b"} {
		c.user(name)
		c.want(c.do("POST", neutral+"/Users", userBody(name), as(acme)), 201)
	}
	next := fmt.Sprint(c.do("GET", neutral+"/Users?cursor=&count=1", "").body["nextCursor"])
	want := c.do("GET", neutral+"/Users?cursor=garbage&count=1", "").Body.String()
	for _, other := range []string{reader, acme} {
		if a := c.do("GET", neutral+"/Users?count=1&cursor="+next, "", as(other)); a.Code != 400 || a.Body.String() != want {
			t.Errorf("got %d %s, want what garbage gets: %s", a.Code, a.Body, want)
		}
	}
}

// A cursor is of no use any more once its token may less than it did, though the
// server that made it was another process on the same store.
func TestCursorsEndWithTheRights(t *testing.T) {
	kept := store.NewMemory()
	with := func(tokens ...refserver.Token) *client {
		return open(t, profile(profiles.RFC()), func(o *refserver.Options) { o.Store, o.Tokens = kept, tokens })
	}
	before := refserver.Token{Secret: acme, Tenant: "acme", User: "a"}
	c := with(before)
	for _, name := range []string{"a", "b"} {
		c.want(c.do("POST", neutral+"/Users", userBody(name), as(acme)), 201)
	}
	next := fmt.Sprint(c.do("GET", neutral+"/Users?cursor=&count=1", "", as(acme)).body["nextCursor"])
	for _, tt := range []struct {
		name  string
		now   refserver.Token
		count int
	}{
		{"as before", before, 1},
		{"reads only", refserver.Token{Secret: acme, Tenant: "acme", User: "a", Rights: refserver.ReadOnly}, 0},
		{"speaks for another", refserver.Token{Secret: acme, Tenant: "acme", User: "b"}, 0},
		{"of another tenant", refserver.Token{Secret: acme, Tenant: "globex", User: "a"}, 0},
	} {
		a := with(tt.now).do("GET", neutral+"/Users?count=1&cursor="+next, "", as(acme))
		if len(a.ids()) != tt.count || tt.count == 0 && a.body["scimType"] != "invalidCursor" {
			t.Errorf("%s: got %d %s, want %d users", tt.name, a.Code, a.Body, tt.count)
		}
	}
}

func TestMe(t *testing.T) {
	c := tokens(t)
	if a := c.do("GET", neutral+"/Me", ""); a.Code != 501 {
		t.Errorf("token of nobody: got %d, want 501", a.Code)
	}
	if a := c.do("GET", neutral+"/Me", "", as(alices)); a.Code != 404 {
		t.Errorf("before the user is there: got %d, want 404", a.Code)
	}
	c.user("bob")
	alice := c.user("Alice")
	a := c.want(c.do("GET", neutral+"/Me", "", as(alices)), 200)
	if a.id() != alice.id() || !strings.HasSuffix(a.Header().Get("Location"), neutral+"/Users/"+alice.id()) || a.meta("location") != a.Header().Get("Location") {
		t.Errorf("got %s at %s, want alice at her own address", a.Body, a.Header().Get("Location"))
	}
	c.want(c.do("PATCH", neutral+"/Me", patchBody(`{"op":"add","path":"title","value":"x"}`), as(alices)), 200)
	if got := c.do("GET", neutral+"/Users/"+alice.id(), "").body["title"]; got != "x" {
		t.Errorf("got title %v, want x", got)
	}
	c.want(c.do("POST", neutral+"/Me", userBody("x"), as(alices)), 405)
}

func TestClientCredentials(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := open(t, profile(profiles.RFC()), func(o *refserver.Options) {
		o.Clock = func() time.Time { return now }
		o.Clients = []refserver.Client{
			{ID: "idp", Secret: "the-secret-of-the-idp", Lifetime: time.Minute},
			{ID: "auditor:1", Secret: "the secret & the auditor", Rights: refserver.ReadOnly, Tenant: "acme"},
		}
	})
	const form = "Content-Type: application/x-www-form-urlencoded"
	grant := "grant_type=client_credentials"
	inForm := grant + "&client_id=idp&client_secret=the-secret-of-the-idp"
	basic := "Authorization: Basic YXVkaXRvciUzQTE6dGhlK3NlY3JldCslMjYrdGhlK2F1ZGl0b3I=" // form-encoded first, RFC 6749 §2.3.1
	for _, tt := range []struct {
		name, method, body, header, auth string
		status                           int
		want                             string
	}{
		{"form", "POST", inForm, form, "Authorization: ", 200, "write"},
		{"narrowed", "POST", inForm + "&scope=read", form, "Authorization: ", 200, "read"},
		{"basic", "POST", grant, form, basic, 200, "read"},
		{"widened", "POST", grant + "&scope=write", form, basic, 400, "invalid_scope"},
		{"both ways", "POST", inForm, form, basic, 400, "invalid_request"},
		{"wrong secret", "POST", inForm + "x", form, "Authorization: ", 401, "invalid_client"},
		{"no secret", "POST", grant + "&client_id=idp", form, "Authorization: ", 401, "invalid_client"},
		{"nobody", "POST", grant + "&client_id=x", form, "Authorization: ", 401, "invalid_client"},
		{"other grant", "POST", strings.Replace(inForm, "client_credentials", "password", 1), form, "Authorization: ", 400, "unsupported_grant_type"},
		{"no grant", "POST", strings.Replace(inForm, grant, "", 1), form, "Authorization: ", 400, "invalid_request"},
		{"grant twice", "POST", inForm + "&" + grant, form, "Authorization: ", 400, "invalid_request"},
		{"JSON", "POST", `{}`, "Content-Type: application/json", "Authorization: ", 400, "invalid_request"},
		{"GET", "GET", "", form, "Authorization: ", 405, "invalid_request"},
		{"long", "POST", inForm + "&x=" + strings.Repeat("x", 64<<10), form, "Authorization: ", 400, "invalid_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.want(c.do(tt.method, "/oauth/token", tt.body, tt.header, tt.auth), tt.status)
			got := a.body["error"]
			if tt.status == 200 {
				got = a.body["scope"]
			}
			if got != tt.want || a.Header().Get("Cache-Control") != "no-store" || (tt.status == 401) != (a.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("got %s with %v, want %s", a.Body, a.Header(), tt.want)
			}
		})
	}
	first := c.do("POST", "/oauth/token", inForm, form, "Authorization: ")
	bearer := as(fmt.Sprint(first.body["access_token"]))
	if first.body["token_type"] != "Bearer" || first.body["expires_in"] != 60.0 {
		t.Errorf("got %s, want a bearer token of a minute", first.Body)
	}
	c.want(c.do("POST", neutral+"/Users", userBody("alice"), bearer), 201)
	auditor := as(fmt.Sprint(c.do("POST", "/oauth/token", grant, form, basic).body["access_token"]))
	if a := c.want(c.do("GET", neutral+"/Users", "", auditor), 200); len(a.ids()) != 0 {
		t.Errorf("got %s, want the users of acme, none", a.Body)
	}
	c.want(c.do("POST", neutral+"/Users", userBody("bob"), auditor), 403)
	c.want(c.do("GET", neutral+"/Users", "", bearer+"A"), 401)
	now = now.Add(time.Minute)
	if a := c.want(c.do("GET", neutral+"/Users", "", bearer), 401); !strings.Contains(a.Header().Get("WWW-Authenticate"), "expired") {
		t.Errorf("got challenge %q, want one that says expired", a.Header().Get("WWW-Authenticate"))
	}
	if got := fmt.Sprint(c.do("GET", neutral+"/ServiceProviderConfig", "").body["authenticationSchemes"]); !strings.Contains(got, "type:oauth2") {
		t.Errorf("got schemes %s, want oauth2 among them", got)
	}
	none := tokens(t)
	if a := none.do("POST", "/oauth/token", inForm, form); a.Code != 404 {
		t.Errorf("server without clients: got %d, want 404", a.Code)
	}
}

func TestGrantsAreChecked(t *testing.T) {
	good := refserver.Token{Secret: acme}
	for _, tt := range []struct {
		name    string
		options refserver.Options
		want    string
	}{
		{"short secret", refserver.Options{Tokens: []refserver.Token{{Secret: "short"}}}, "token 1: the secret"},
		{"same secret", refserver.Options{Tokens: []refserver.Token{good, good}}, "token 2: the secret is that of another"},
		{"the first token again", refserver.Options{Tokens: []refserver.Token{{Secret: token}}}, "token 1: the secret is that of another"},
		{"rights", refserver.Options{Tokens: []refserver.Token{{Secret: acme, Rights: "all"}}}, `rights are "all"`},
		{"tenant", refserver.Options{Tokens: []refserver.Token{{Secret: acme, Tenant: "../x"}}}, `tenant is "../x"`},
		{"client without id", refserver.Options{Clients: []refserver.Client{{Secret: acme}}}, "the id is missing"},
		{"client with a short secret", refserver.Options{Clients: []refserver.Client{{ID: "x", Secret: "x"}}}, `client "x": the secret`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Token = token
			if _, err := refserver.New(tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// Every tenant has a store that keeps what every store promises.
func TestTenantStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return refserver.TenantStore(store.NewMemory(), "acme") })
}

// A reset empties the tenants and custom types as well.
func TestResetForgetsTenants(t *testing.T) {
	whole := store.NewMemory()
	c, err := refserver.NewControl(refserver.Options{
		Token: token, Profile: profiles.RFC(), Store: whole, Schemas: "testdata/schemas.json",
		Tokens: []refserver.Token{{Secret: acme, Tenant: "acme"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, neutral+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+acme)
		rec := httptest.NewRecorder()
		c.ServeHTTP(rec, r)
		return rec
	}
	for path, body := range map[string]string{"/Users": userBody("alice"), "/Devices": deviceBody("S1")} {
		if a := send("POST", path, body); a.Code != 201 {
			t.Fatalf("got %d %s, want 201", a.Code, a.Body)
		}
	}
	if err := c.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := send("GET", "", ""); !strings.Contains(a.Body.String(), `"totalResults":0`) {
		t.Errorf("got %s, want nothing", a.Body)
	}
}
