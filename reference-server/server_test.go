// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	token = "a-token-of-32-bytes-for-tests-xx"
	key   = "an-administrators-key-for-tests"
	// neutral and own are the two addresses of the SCIM API.
	neutral = "/scim/v2"
	own     = "/api/v2/scim"
)

// client sends requests to a Server without a network.
type client struct {
	t *testing.T
	*refserver.Server
}

// open starts a server with the datadog profile, a clock that steps a second
// with each look and ids that count, as the options change it.
func open(t *testing.T, change ...func(*refserver.Options)) *client {
	t.Helper()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o := refserver.Options{
		Token: token, AdminKey: key,
		Clock: func() time.Time { now = now.Add(time.Second); return now },
	}
	for _, f := range change {
		f(&o)
	}
	s, err := refserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &client{t, s}
}

func profile(p *profiles.Profile) func(*refserver.Options) {
	return func(o *refserver.Options) { o.Profile = p }
}

// answer is a reply with its body as JSON.
type answer struct {
	*httptest.ResponseRecorder
	body map[string]any
}

// do sends a request. Each of header is "Name: value".
func (c *client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if strings.HasPrefix(path, "/api/v2/") && !strings.HasPrefix(path, own) {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	rec := httptest.NewRecorder()
	c.ServeHTTP(rec, r)
	a := answer{ResponseRecorder: rec}
	if rec.Body.Len() > 0 {
		if err := json.Unmarshal(rec.Body.Bytes(), &a.body); err != nil {
			c.t.Errorf("%s %s: body is not a JSON object: %v\n%s", method, path, err, rec.Body)
		}
	}
	if rec.Header().Get("X-Scimproof") == "" {
		c.t.Errorf("%s %s: no X-Scimproof header", method, path)
	}
	return a
}

func (a answer) id() string      { return fmt.Sprint(a.body["id"]) }
func (a answer) version() string { return a.meta("version") }
func (a answer) meta(name string) string {
	m, _ := a.body["meta"].(map[string]any)
	return fmt.Sprint(m[name])
}

// ids lists the resources of a ListResponse.
func (a answer) ids() []string {
	ids := []string{}
	list, _ := a.body["Resources"].([]any)
	for _, r := range list {
		ids = append(ids, fmt.Sprint(r.(map[string]any)["id"]))
	}
	return ids
}

// want checks the status of an answer.
func (c *client) want(a answer, status int) answer {
	c.t.Helper()
	if a.Code != status {
		c.t.Fatalf("got status %d, want %d\n%s", a.Code, status, a.Body)
	}
	return a
}

func userBody(userName string, more ...string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q%s}`, userName, strings.Join(more, ""))
}

func groupBody(displayName string, members ...string) string {
	var list []string
	for _, id := range members {
		list = append(list, fmt.Sprintf(`{"value":%q}`, id))
	}
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":[%s]}`, displayName, strings.Join(list, ","))
}

func patchBody(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

func (c *client) user(userName string, more ...string) answer {
	c.t.Helper()
	return c.want(c.do("POST", neutral+"/Users", userBody(userName, more...)), 201)
}

func (c *client) group(displayName string, members ...string) answer {
	c.t.Helper()
	return c.want(c.do("POST", neutral+"/Groups", groupBody(displayName, members...)), 201)
}

func TestNewRefusesWeakTokens(t *testing.T) {
	for _, token := range []flow.Secret{"", "null", "fifteen bytes.."} {
		if _, err := refserver.New(refserver.Options{Token: token}); err == nil {
			t.Errorf("got a server with a token of %d bytes, want an error", len(token))
		}
	}
}

func TestCredentialsComeFirst(t *testing.T) {
	c := open(t)
	for _, header := range []string{
		"Authorization: ", "Authorization: Bearer", "Authorization: Bearer ", "Authorization: Bearer null", "Authorization: Bearer undefined",
		"Authorization: Bearer " + token + "x", "Authorization: Basic " + token, "Authorization: " + token,
	} {
		for _, path := range []string{"/Users", "/Users/unknown", "/nowhere", "/ServiceProviderConfig", "/Bulk", "//Users"} {
			a := c.do("GET", neutral+path, "", header)
			if path == "/ServiceProviderConfig" && header == "Authorization: " { // none at all
				if a.Code != 200 || a.body["authenticationSchemes"] == nil {
					t.Errorf("GET %s without credentials: got %d %s, want how to authenticate, RFC 7643 §5", path, a.Code, a.Body)
				}
				continue
			}
			if a.Code != 401 || a.Header().Get("WWW-Authenticate") == "" || a.body["status"] != "401" {
				t.Errorf("GET %s with %q: got %d %s, want 401 with a challenge", path, header, a.Code, a.Body)
			}
		}
	}
	if a := c.do("GET", neutral+"/Users", "", "Authorization: bearer  "+token); a.Code != 200 {
		t.Errorf("lower-case scheme: got %d, want 200", a.Code)
	}
	r := httptest.NewRequest("GET", neutral+"/Users", nil)
	r.Header["Authorization"] = []string{"Bearer " + token, "Bearer other"}
	rec := httptest.NewRecorder()
	c.ServeHTTP(rec, r)
	if rec.Code != 401 {
		t.Errorf("two Authorization headers: got %d, want 401", rec.Code)
	}
	for path, want := range map[string]int{"/api/v2/users": 403, "/api/v2/nowhere": 404} {
		if a := c.do("GET", path, "", "Authorization: Bearer "+token); a.Code != want {
			t.Errorf("SCIM token at %s: got %d, want %d", path, a.Code, want)
		}
		keyless := open(t, func(o *refserver.Options) { o.AdminKey = "" })
		if a := keyless.do("GET", path, "", "Authorization: Bearer "); a.Code != 401 {
			t.Errorf("%s of a server without key: got %d, want 401", path, a.Code)
		}
	}
}

func TestFaults(t *testing.T) {
	c := open(t, func(o *refserver.Options) {
		o.Faults = []fault.Fault{
			{Name: "teapot", Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodHead {
						rw.WriteHeader(http.StatusTeapot)
						return
					}
					next.ServeHTTP(rw, r)
				})
			}},
			{Name: "conflict", Profile: func(p *profiles.Profile) { p.Users.Returning = "conflict" }},
		}
	})
	if a := c.do("HEAD", neutral+"/Users", ""); a.Code != http.StatusTeapot {
		t.Errorf("got %d, want the fault's 418", a.Code)
	}
	alice := c.user("alice")
	c.want(c.do("DELETE", neutral+"/Users/"+alice.id(), ""), 204)
	if a := c.do("POST", neutral+"/Users", userBody("alice")); a.Code != 409 {
		t.Errorf("returning user under the faulty profile: got %d, want 409", a.Code)
	}
}

// broken is a store whose errors nobody foresees.
type broken struct{ store.Store }

var errBroken = errors.New("disk of db7.internal is full")

func (broken) View(context.Context, func(store.Tx) error) error { return errBroken }

func TestUnforeseenErrorsSayNothing(t *testing.T) {
	c := open(t, func(o *refserver.Options) { o.Store = broken{store.NewMemory()} })
	a := c.want(c.do("GET", neutral+"/Users", ""), 500)
	if strings.Contains(a.Body.String(), "db7") || a.body["status"] != "500" {
		t.Errorf("got %s, want a SCIM error without detail", a.Body)
	}
}

func TestHTTPServerHasLimits(t *testing.T) {
	s := open(t).HTTPServer("127.0.0.1:0")
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 30*time.Second || s.WriteTimeout != 30*time.Second ||
		s.IdleTimeout != 60*time.Second || s.MaxHeaderBytes != 32<<10 {
		t.Errorf("got %+v", s)
	}
}
