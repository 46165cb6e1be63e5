// SPDX-License-Identifier: Apache-2.0

package acceptance_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/postgres"
	"github.com/scimproof/scimproof/reference-server/store/postgres/postgrestest"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/check/statsd"
)

const (
	token    flow.Secret = "a-token-of-a-test-run"
	adminKey flow.Secret = "an-admin-key-of-a-test-run"
)

var cluster *postgrestest.Cluster

func TestMain(m *testing.M) {
	var err error
	if cluster, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL:", err)
		os.Exit(1)
	}
	code := m.Run()
	cluster.Stop()
	os.Exit(code)
}

// kept are the stores that keep what they are told.
var kept = []struct {
	name string
	open func(testing.TB) store.Store
}{
	{"sqlite", func(t testing.TB) store.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
	{"postgres", func(t testing.TB) store.Store {
		s, err := postgres.Open(t.Context(), cluster.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
}

// serve starts the reference server on a store.
func serve(t testing.TB, o refserver.Options) string {
	t.Helper()
	o.Token, o.AdminKey = token, adminKey
	server, err := refserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(server)
	t.Cleanup(func() {
		srv.Close()
		if err := server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return srv.URL
}

// TestCatalogue judges the server on each store by every check.
func TestCatalogue(t *testing.T) {
	for _, s := range kept {
		t.Run(s.name, func(t *testing.T) {
			metrics, err := statsd.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer metrics.Close()
			profile := profiles.Datadog()
			url := serve(t, refserver.Options{Profile: profile, StatsD: metrics.Address(), Store: s.open(t)})
			provider, err := check.Open(t.Context(), suites.Target{
				BaseURL: url + "/scim/v2", Token: token, Profile: profile,
				Product: datadog.New(url, adminKey, adminKey, nil), Metrics: metrics,
			})
			if err != nil {
				t.Fatal(err)
			}
			passed := 0
			for _, c := range suites.All() {
				r := check.Judge(t.Context(), c, provider)
				if suites.Fails(r) {
					var b bytes.Buffer
					suites.Describe(&b, r)
					t.Errorf("%s: %s", c.ID, &b)
				}
				if r.Outcome == check.Passed {
					passed++
				}
			}
			if all := len(suites.All()); passed*10 < all*9 {
				t.Errorf("only %d of %d checks passed; the others did not run", passed, all)
			}
		})
	}
}

// TestPassword creates and changes a user with a password and looks for it in
// all that the store has written.
func TestPassword(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, refserver.Options{Store: s}) + "/scim/v2/Users"
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"needle@x.example","password":"%s"}`
	location := send(t, http.MethodPost, url, fmt.Sprintf(user, "hay-s3cret-1"))
	send(t, http.MethodPut, location, fmt.Sprintf(user, "hay-s3cret-2"))
	send(t, http.MethodPatch, location, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"password","value":"hay-s3cret-3"}]}`)
	seen := 0
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		seen += bytes.Count(b, []byte("needle@x.example"))
		if bytes.Contains(b, []byte("hay-s3cret")) {
			t.Errorf("%s holds a password", f)
		}
	}
	if seen == 0 {
		t.Errorf("the user is in none of %v", files)
	}
}

// send sends one request that must succeed and returns the resource's address.
func send(t testing.TB, method, url, body string) string {
	t.Helper()
	location, err := try(t, http.DefaultTransport, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func try(t testing.TB, client http.RoundTripper, method, url, body string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	r.Header.Set("Content-Type", "application/scim+json")
	res, err := client.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = errors.New(res.Status + " " + string(reply))
	}
	return res.Header.Get("Location"), err
}
