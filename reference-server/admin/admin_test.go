// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/reference-server/fault"
)

const (
	scimToken  = "scim-token-0123456789"
	adminToken = "admin-token-0123456789"
	adminKey   = "admin-key-0123456789"
	acmeToken  = "acme-token-0123456789"
)

// bench is a server under control, seen from both sides.
type bench struct {
	t       *testing.T
	control *refserver.Control
	scim    *httptest.Server
	admin   *httptest.Server
	inside  *admin.Admin
}

func open(t *testing.T, o admin.Options, faults ...fault.Fault) *bench {
	t.Helper()
	control, err := refserver.NewControl(refserver.Options{Token: scimToken, AdminKey: adminKey, Faults: faults, Tokens: []refserver.Token{{Secret: acmeToken, Tenant: "acme"}}})
	if err != nil {
		t.Fatal(err)
	}
	o.Server, o.Token = control, adminToken
	o.Secrets = append(o.Secrets, scimToken, adminKey, acmeToken)
	a, err := admin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bench{t, control, httptest.NewServer(a.Provider()), httptest.NewServer(a), a}
	// A client that keeps connections asks again when one is dropped.
	b.scim.Client().Transport.(*http.Transport).DisableKeepAlives = true
	t.Cleanup(func() {
		b.scim.Close()
		b.admin.Close()
		if err := control.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// answer is a reply with its body read.
type answer struct {
	*http.Response
	text string
	body map[string]any
}

func (b *bench) send(method, url, body string, header ...string) (answer, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	res, err := b.scim.Client().Transport.RoundTrip(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	a := answer{Response: res, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // some are no JSON
	return a, err
}

// ask sends a request to the SCIM API.
func (b *bench) ask(method, path, body string) (answer, error) {
	return b.send(method, b.scim.URL+"/scim/v2"+path, body, "Authorization: Bearer "+scimToken, "Content-Type: application/scim+json")
}

// must asks and wants an answer.
func (b *bench) must(status int, method, path, body string) answer {
	b.t.Helper()
	a, err := b.ask(method, path, body)
	if err != nil || a.StatusCode != status {
		b.t.Fatalf("%s %s: got %v %s, %v, want %d", method, path, a.Response, a.text, err, status)
	}
	return a
}

// order sends a request to the admin API.
func (b *bench) order(status int, method, path, body string) answer {
	b.t.Helper()
	a, err := b.send(method, b.admin.URL+"/admin"+path, body, "Authorization: Bearer "+adminToken)
	if err != nil || a.StatusCode != status {
		b.t.Fatalf("%s /admin%s: got %v %s, %v, want %d", method, path, a.Response, a.text, err, status)
	}
	return a
}

func user(name string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `@x.example","active":true}`
}

func (b *bench) create(name string) (id string) {
	b.t.Helper()
	id, _ = b.must(201, "POST", "/Users", user(name)).body["id"].(string)
	return id
}

func TestWhoMayUseIt(t *testing.T) {
	b := open(t, admin.Options{})
	auth := "Authorization: Bearer " + adminToken
	host := strings.TrimPrefix(b.admin.URL, "http://")
	for _, tt := range []struct {
		name   string
		header []string
		status int
	}{
		{"token", []string{auth}, 200},
		{"lower-case scheme", []string{"Authorization: bearer " + adminToken}, 200},
		{"no token", nil, 401},
		{"another token", []string{"Authorization: Bearer " + adminToken + "x"}, 401},
		{"token of the SCIM API", []string{"Authorization: Bearer " + scimToken}, 401},
		{"Basic", []string{"Authorization: Basic " + adminToken}, 401},
		{"localhost", []string{auth, "Host: localhost:8081"}, 200},
		{"IPv6", []string{auth, "Host: [::1]:8081"}, 200},
		{"rebound name", []string{auth, "Host: attacker.example:8081"}, 403},
		{"name that begins well", []string{auth, "Host: 127.0.0.1.attacker.example"}, 403},
		{"another address", []string{auth, "Host: 10.0.0.1:8081"}, 403},
		{"own origin", []string{auth, "Origin: http://" + host}, 200},
		{"foreign origin", []string{auth, "Origin: https://attacker.example"}, 403},
		{"origin of another port", []string{auth, "Origin: http://127.0.0.1:1"}, 403},
		{"no origin to name", []string{auth, "Origin: null"}, 403},
		{"foreign page", []string{auth, "Sec-Fetch-Site: cross-site"}, 403},
		{"neighbouring page", []string{auth, "Sec-Fetch-Site: same-site"}, 403},
		{"typed in", []string{auth, "Sec-Fetch-Site: none"}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := b.send("GET", b.admin.URL+"/admin/", "", tt.header...)
			if err != nil || a.StatusCode != tt.status {
				t.Fatalf("got %v %s, want %d", err, a.text, tt.status)
			}
			if tt.status != 200 && a.body["error"] == "" {
				t.Errorf("got %s, want an error", a.text)
			}
			if a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("another origin may read the answer")
			}
		})
	}
}

func TestBeyondThisMachineAnyHostWillDo(t *testing.T) {
	b := open(t, admin.Options{AnyHost: true})
	a, err := b.send("GET", b.admin.URL+"/admin/", "", "Authorization: Bearer "+adminToken, "Host: scimproof:8081")
	if err != nil || a.StatusCode != 200 {
		t.Errorf("got %v %s, want 200", err, a.text)
	}
}

func TestRefusals(t *testing.T) {
	b := open(t, admin.Options{})
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		says, allows             string
	}{
		{"address", "GET", "/nothing", "", 404, "there is no", "/admin/chaos"},
		{"method", "GET", "/reset", "", 405, "GET", "POST"},
		{"no JSON", "PUT", "/faults", "{", 400, "not JSON", ""},
		{"unknown member", "PUT", "/faults", `{"om":[]}`, 400, "om", ""},
		{"wrong type", "PUT", "/faults", `{"on":"x"}`, 400, "on", ""},
		{"nothing to switch", "PUT", "/faults", `{}`, 400, "only", `{"only":[]}`},
		{"unknown fault", "PUT", "/faults", `{"on":["filter-ignore"]}`, 400, "did you mean", "GET /admin/faults"},
		{"unknown fault off", "PUT", "/faults", `{"off":["x"]}`, 400, `"x"`, ""},
		{"too much", "POST", "/seed", strings.Repeat(" ", 16<<20+1), 413, "larger", ""},
		{"backwards", "POST", "/clock", `{"forward":"-5m"}`, 400, "-5m", ""},
		{"no duration", "POST", "/clock", `{"forward":"soon"}`, 400, "soon", ""},
		{"standing still", "POST", "/clock", `{}`, 400, "forward", "5m"},
		{"no rate", "PUT", "/chaos", `{}`, 400, "rate", ""},
		{"rate above 1", "PUT", "/chaos", `{"rate":1.5}`, 400, "1.5", "0 to 1"},
		{"unknown kind", "PUT", "/chaos", `{"rates":{"500":0.1}}`, 400, "500", "drop-after"},
		{"too much chaos", "PUT", "/chaos", `{"rates":{"503":0.6,"slow":0.6}}`, 400, "sum", ""},
		{"no replies", "PUT", "/replies", `{"replies":[]}`, 400, "none", ""},
		{"no answer", "PUT", "/replies", `{"replies":[{"status":200},{"method":"GET"}]}`, 400, "replies[1]", "drop"},
		{"two answers", "PUT", "/replies", `{"replies":[{"status":200,"drop":"after"}]}`, 400, "more than one", "raw"},
		{"drop when", "PUT", "/replies", `{"replies":[{"drop":"soon"}]}`, 400, "soon", "before"},
		{"early status", "PUT", "/replies", `{"replies":[{"status":100}]}`, 400, "100", "200 to 999"},
		{"relative path", "PUT", "/replies", `{"replies":[{"status":200,"path":"Users"}]}`, 400, "Users", ""},
		{"header splitting", "PUT", "/replies", `{"replies":[{"status":200,"headers":{"A":"b\r\nC: d"}}]}`, 400, "headers.A", "raw"},
		{"no base64", "PUT", "/replies", `{"replies":[{"status":200,"bodyBase64":"?"}]}`, 400, "bodyBase64", ""},
		{"format", "GET", "/history?format=har", "", 400, "har", "flow"},
		{"parameter", "GET", "/history?from=1", "", 400, "from", "since"},
		{"since", "GET", "/history?since=yesterday", "", 400, "yesterday", "number"},
		{"no flow", "GET", "/history?format=flow", "", 409, "no exchange", ""},
		{"seed key", "POST", "/seed", `{"persons":[]}`, 400, "persons", ""},
		{"seed of nobody", "POST", "/seed", `{"groups":[{"displayName":"G","members":["x"]}]}`, 400, `"x" is no person`, ""},
		{"seed of a role", "POST", "/seed", `{"people":[{"userName":"x@x.example","roles":["King"]}]}`, 400, "King", ""},
		{"seed too large", "POST", "/seed", `{"population":1000000000}`, 400, "population", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			a := b.order(tt.status, tt.method, tt.path, tt.body)
			says, _ := a.body["error"].(string)
			allows, _ := json.Marshal(a.body["allowed"])
			if !strings.Contains(says, tt.says) {
				t.Errorf("got %q, want it to say %q", says, tt.says)
			}
			if want, _ := json.Marshal(tt.allows); !strings.Contains(string(allows), strings.Trim(string(want), `"`)) {
				t.Errorf("got allowed %s, want %s in it", allows, tt.allows)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	b := open(t, admin.Options{})
	b.create("alice")
	list := func() string { return "/Users?filter=userName%20eq%20%22nobody%22" }
	total := func() any { return b.must(200, "GET", list(), "").body["totalResults"] }
	if got := total(); got != 0.0 {
		t.Fatalf("got %v, want 0", got)
	}
	b.order(200, "PUT", "/faults", `{"on":["filter-ignored"]}`)
	if got := total(); got != 1.0 {
		t.Errorf("with the fault: got %v, want 1", got)
	}
	b.order(200, "PUT", "/faults", `{"on":["error-no-detail"]}`)
	if got, want := b.order(200, "GET", "/", "").body["faults"], []any{"filter-ignored", "error-no-detail"}; !slices.Equal(got.([]any), want) {
		t.Errorf("got %v, want %v", got, want)
	}
	b.order(200, "PUT", "/faults", `{"off":["filter-ignored"]}`)
	if got := total(); got != 0.0 {
		t.Errorf("without the fault: got %v, want 0", got)
	}
	a := b.order(200, "PUT", "/faults", `{"only":[]}`)
	if strings.Contains(a.text, `"on": true`) || !strings.Contains(a.text, `"breaks"`) {
		t.Errorf("got %s, want all faults off", a.text)
	}
}

// A fault that changes what the product does works on the people who are there
// already, and they stay.
func TestProfileFaults(t *testing.T) {
	b := open(t, admin.Options{})
	id := b.create("alice")
	i := slices.IndexFunc(fault.All(), func(f fault.Fault) bool { return f.Name == "user-delete-erases" || f.Profile != nil })
	name := fault.All()[i].Name
	a := b.order(200, "PUT", "/faults", `{"on":["`+name+`"]}`)
	if !strings.Contains(a.text, `"acts": "profile"`) {
		t.Errorf("no fault acts on the profile: %s", a.text)
	}
	b.must(200, "GET", "/Users/"+id, "")
	b.create("bob")
	b.order(200, "PUT", "/faults", `{"off":["`+name+`"]}`)
	b.must(200, "GET", "/Users/"+id, "")
}

func TestClock(t *testing.T) {
	b := open(t, admin.Options{})
	before, _ := b.must(201, "POST", "/Users", user("alice")).body["meta"].(map[string]any)
	a := b.order(200, "POST", "/clock", `{"forward":"48h"}`)
	if a.body["ahead"] != "48h0m0s" {
		t.Errorf("got %s, want ahead 48h", a.text)
	}
	after, _ := b.must(201, "POST", "/Users", user("bob")).body["meta"].(map[string]any)
	if got, want := after["created"].(string)[:10], before["created"].(string)[:10]; got <= want {
		t.Errorf("created: got %s after %s, want two days later", got, want)
	}
	if got := b.order(200, "GET", "/clock", "").body["ahead"]; got != "48h0m0s" {
		t.Errorf("got %v", got)
	}
}

func TestState(t *testing.T) {
	b := open(t, admin.Options{Version: "1.2.3", Chaos: admin.Chaos{Seed: 7}})
	b.create("alice")
	s := b.order(200, "GET", "/", "").body
	for name, want := range map[string]any{"version": "1.2.3", "profile": "datadog", "users": 1.0, "groups": 0.0, "teams": 0.0, "requests": 1.0, "history": 1.0, "replies": 0.0} {
		if s[name] != want {
			t.Errorf("%s: got %v, want %v", name, s[name], want)
		}
	}
	if s["uptime"] == "" || s["started"] == "" {
		t.Errorf("got %v, want the time of the start", s)
	}
}

func TestNew(t *testing.T) {
	control, err := refserver.NewControl(refserver.Options{Token: scimToken})
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]admin.Options{
		"no server":   {Token: adminToken},
		"no token":    {Server: control},
		"short token": {Server: control, Token: flow.Secret("short")},
		"bad chaos":   {Server: control, Token: adminToken, Chaos: admin.Chaos{Rates: map[string]float64{"x": 1}}},
	} {
		if _, err := admin.New(o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestLogin(t *testing.T) {
	b := open(t, admin.Options{})
	b.create("alice")
	a := b.order(200, "POST", "/login", `{"email":"alice@x.example","attributes":{"group":["engineering"]}}`)
	token, _ := a.body["token"].(string)
	if token == "" || a.body["refused"] != nil {
		t.Fatalf("got %s, want a token", a.text)
	}
	if b.order(200, "POST", "/login", `{"email":"nobody@x.example"}`).body["refused"] == nil {
		t.Error("nobody logged in")
	}
	b.order(400, "POST", "/login", `{"attributes":{}}`)
}
