// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// access reads an access file of that text, beside a file "secret".
func access(t *testing.T, text string) (*refserver.Access, error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"access.yaml": text, "secret": "the-secret-in-a-file\n", "empty": " \n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	variables := map[string]string{"A": "the-secret-in-variable-a", "B": "the-secret-in-variable-b", "C": "the-secret-in-variable-c", "SHORT": "hunter2", "SPACED": "hunter2 and some more of it"}
	a, err := refserver.ReadAccess(filepath.Join(dir, "access.yaml"), func(name string) (string, bool) {
		v, ok := variables[name]
		return v, ok
	}, noon)
	if err != nil {
		err = &shortened{strings.ReplaceAll(err.Error(), dir+"/", "")}
	}
	return a, err
}

type shortened struct{ text string }

func (e *shortened) Error() string { return e.text }

func TestAccessFile(t *testing.T) {
	got, err := access(t, `
tenants:
  - name: acme
    adminKey: {env: C}
  - {name: globex}
tokens:
  - {secret: {env: A}, tenant: acme, rights: read, expires: 2027-01-31T00:00:00Z, user: alice}
  - {secret: {file: secret}, expiresIn: 90s}
clients:
  - {id: okta, secret: {env: B}, tenant: globex, lifetime: 5m, user: bob}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := &refserver.Access{
		Tenants: []refserver.Tenant{{Name: "acme", AdminKey: "the-secret-in-variable-c"}, {Name: "globex"}},
		Tokens: []refserver.Token{
			{Secret: "the-secret-in-variable-a", Tenant: "acme", Rights: refserver.ReadOnly, Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), User: "alice"},
			{Secret: "the-secret-in-a-file", Rights: refserver.ReadWrite, Expires: noon.Add(90 * time.Second)},
		},
		Clients: []refserver.Client{{ID: "okta", Secret: "the-secret-in-variable-b", Tenant: "globex", Rights: refserver.ReadWrite, Lifetime: 5 * time.Minute, User: "bob"}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b flow.Secret) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got, err := access(t, "tenants: []\n"); err != nil || len(got.Tokens) != 0 {
		t.Errorf("without entries: got %v, %v", got, err)
	}
}

// The file that docs/access-file.md shows is one.
func TestAccessFileOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../docs/access-file.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if shown == nil {
		t.Fatal("the page shows no file")
	}
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "secrets"), 0o700), os.WriteFile(filepath.Join(dir, "access.yaml"), shown[1], 0o600),
		os.WriteFile(filepath.Join(dir, "secrets", "short-lived"), []byte("the-secret-in-a-file\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	a, err := refserver.ReadAccess(filepath.Join(dir, "access.yaml"), func(name string) (string, bool) { return "secret-of-" + name, true }, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := []int{len(a.Tenants), len(a.Tokens), len(a.Clients), len(a.Secrets())}; !slices.Equal(got, []int{2, 4, 1, 6}) {
		t.Errorf("got %v tenants, tokens, clients and secrets", got)
	}
	s, err := refserver.New(refserver.Options{Token: token, Tenants: a.Tenants, Tokens: a.Tokens, Clients: a.Clients})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAccessFileErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no YAML", "a: b: c", "access.yaml: "},
		{"nothing", "# nothing\n", "access.yaml: "},
		{"a list", "- tokens\n", "line 1: found no keys; allowed: tenants, tokens, clients"},
		{"unknown list", "tokens: []\ntoken: []\n", `line 2: unknown key "token"; allowed: tenants, tokens, clients`},
		{"unknown key of a token", "tokens:\n  - secret: {env: A}\n    right: read\n", `line 3: unknown key "right"; allowed: secret, tenant, rights, expires, expiresIn, user`},
		{"unknown key of a client", "clients:\n  - name: okta\n", `line 2: unknown key "name"; allowed: id, secret`},
		{"unknown key of a tenant", "tenants:\n  - id: acme\n", `line 2: unknown key "id"; allowed: name, adminKey`},
		{"unknown key of a secret", "tokens:\n  - secret: {var: A}\n", `line 2: unknown key "var"; allowed: env, file`},
		{"key twice", "tokens:\n  - rights: read\n    rights: write\n", "line 3: mapping key \"rights\" already defined"},
		{"the secret itself", "tokens:\n  - secret: hunter2hunter2hunter2\n", "line 2: a secret does not stand in the file"},
		{"secrets in a list", "tokens:\n  - secret: [hunter2hunter2hunter2]\n", "line 2: a secret does not stand in the file"},
		{"no secret", "tokens:\n  - rights: read\n", "line 2: secret: name where it is"},
		{"secret of two places", "tokens:\n  - secret: {env: A, file: secret}\n", "line 2: secret: name where it is"},
		{"variable not set", "tokens:\n  - secret: {env: NONE}\n", "line 2: secret: the variable NONE is not set"},
		{"no such file", "tokens:\n  - secret: {file: none}\n", "line 2: secret: open none"},
		{"empty file", "tokens:\n  - secret: {file: empty}\n", "line 2: secret: empty holds 0 bytes; a secret has at least 16"},
		{"short", "tokens:\n  - secret: {env: SHORT}\n", "line 2: secret: the variable SHORT holds 7 bytes"},
		{"spaces", "tokens:\n  - secret: {env: SPACED}\n", "line 2: secret: the variable SPACED holds a space"},
		{"secret twice", "tokens:\n  - secret: {env: A}\n  - secret: {env: A}\n", "line 3: secret: it is the secret of line 2 as well"},
		{"rights", "tokens:\n  - {secret: {env: A}, rights: admin}\n", `line 2: rights are "admin", allowed: write, read`},
		{"rights of a client", "clients:\n  - {id: x, secret: {env: A}, rights: all}\n", `line 2: rights are "all"`},
		{"day alone", "tokens:\n  - {secret: {env: A}, expires: tomorrow}\n", "line 2: "},
		{"no duration", "tokens:\n  - {secret: {env: A}, expiresIn: 5}\n", `line 2: "5" is no duration above zero`},
		{"no lifetime", "clients:\n  - {id: x, secret: {env: A}, lifetime: -5m}\n", `line 2: "-5m" is no duration above zero`},
		{"two ends", "tokens:\n  - {secret: {env: A}, expires: 2027-01-31T00:00:00Z, expiresIn: 5m}\n", "line 2: expires, expiresIn: write one of them"},
		{"tenant of no name", "tenants:\n  - {adminKey: {env: A}}\n", `line 2: name: ""; allowed: up to 63 lower-case letters`},
		{"tenant with a slash", "tenants:\n  - name: a/b\n", `line 2: name: "a/b"`},
		{"tenant twice", "tenants:\n  - name: acme\n  - name: acme\n", "line 3: name: tenant acme is listed twice"},
		{"tenant not listed", "tenants: [{name: acme}, {name: globex}]\ntokens:\n  - {secret: {env: A}, tenant: acne}\n", `line 3: tenant: "acne" is not listed in tenants; allowed: acme, globex`},
		{"tenant of a token", "tokens:\n  - {secret: {env: A}, tenant: Acme}\n", `line 2: tenant is "Acme"`},
		{"client without id", "clients:\n  - {secret: {env: A}}\n", `line 2: id: ""`},
		{"client twice", "clients:\n  - {id: x, secret: {env: A}}\n  - {id: x, secret: {env: B}}\n", `line 3: id: client "x" is listed twice`},
		{"no list", "tokens: 5\n", "line 1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := access(t, tt.text)
			if err == nil || !strings.HasPrefix(err.Error(), "access.yaml: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			for _, secret := range []string{"hunter2", "the-secret-in"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
		})
	}
	if _, err := refserver.ReadAccess("no/such/file.yaml", os.LookupEnv, noon); err == nil || !strings.Contains(err.Error(), "no/such/file.yaml") {
		t.Errorf("no file: got %v, want its name", err)
	}
}

// A tenant has a key of its own, and faults of its own; no key opens two.
func TestTenantsOfOptions(t *testing.T) {
	const theirs = flow.Secret("the-admin-key-of-acme-xx")
	filterIgnored, err := fault.ByName("filter-ignored")
	if err != nil {
		t.Fatal(err)
	}
	c := tokens(t, func(o *refserver.Options) {
		o.AdminKey = key
		o.Tenants = []refserver.Tenant{{Name: "acme", AdminKey: theirs, Faults: filterIgnored}, {Name: "initech"}}
	})
	for _, tt := range []struct {
		path, key string
		status    int
	}{
		{"/api/v2/roles", key, 200}, {"/api/v2/roles", theirs.Reveal(), 401},
		{"/t/acme/api/v2/roles", theirs.Reveal(), 200}, {"/t/acme/api/v2/roles", key, 401},
		{"/t/globex/api/v2/roles", key, 401}, {"/t/initech/api/v2/roles", theirs.Reveal(), 401},
	} {
		if a := c.do("GET", tt.path, "", as(tt.key)); a.Code != tt.status {
			t.Errorf("%s: got %d, want %d", tt.path, a.Code, tt.status)
		}
	}
	nobody := neutral + "/Users?filter=userName%20eq%20%22nobody%22"
	for _, tt := range []struct {
		name, path, token string
		want              int
	}{
		{"by token", nobody, acme, 1}, {"by path", "/t/acme" + nobody, acme, 1},
		{"another tenant", nobody, globex, 0}, {"no tenant", nobody, token, 0},
	} {
		c.do("POST", neutral+"/Users", userBody("somebody"), as(tt.token))
		if a := c.want(c.do(http.MethodGet, tt.path, "", as(tt.token)), 200); len(a.ids()) != tt.want {
			t.Errorf("%s: got %s, want %d users", tt.name, a.Body, tt.want)
		}
	}
}

func TestTenantsThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tenants []refserver.Tenant
		want    string
	}{
		{"name", []refserver.Tenant{{Name: "A/B"}}, `tenant "A/B": allowed`},
		{"twice", []refserver.Tenant{{Name: "a"}, {Name: "a"}}, "there are two"},
		{"short key", []refserver.Tenant{{Name: "a", AdminKey: "hunter2"}}, "shorter than 16 bytes"},
		{"shared key", []refserver.Tenant{{Name: "a", AdminKey: key}}, "of another tenant"},
	} {
		_, err := refserver.New(refserver.Options{Token: token, AdminKey: key, Profile: profiles.RFC(), Tenants: tt.tenants})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}
