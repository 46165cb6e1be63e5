// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

const token flow.Secret = "a-token-of-a-test-run"

// TestStatements holds how many statements a request costs that shares its
// commit with no other, those that begin, count and commit among them: each
// statement more is one more round trip in a PostgreSQL store, or one more
// under its lock.
func TestStatements(t *testing.T) {
	for _, p := range []struct {
		profile *profiles.Profile
		most    map[string]int64
	}{
		{profiles.RFC(), map[string]int64{"create": 17, "read": 7, "patch": 11, "join": 19, "leave": 18, "delete": 34}},
		{profiles.Datadog(), map[string]int64{"create": 26, "read": 7, "patch": 19, "join": 28, "leave": 26, "delete": 31}},
	} {
		t.Run(p.profile.Name, func(t *testing.T) {
			s := open(t, filepath.Join(t.TempDir(), "store.db"), sqlite.Options{})
			server, err := refserver.New(refserver.Options{Token: token, Profile: p.profile, Store: s})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			send := func(method, path, body string) string {
				r := httptest.NewRequest(method, "/scim/v2"+path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+token.Reveal())
				r.Header.Set("Content-Type", "application/scim+json")
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code/100 != 2 {
					t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
				}
				_, id, _ := strings.Cut(w.Header().Get("Location"), "/scim/v2")
				return id
			}
			const patch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`
			group := send(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Crew"}`)
			cost := map[string]int64{}
			count := func(name, method, path, body string) string {
				before := sqlite.Statements(s)
				location := send(method, path, body)
				cost[name] = sqlite.Statements(s) - before
				return location
			}
			for i := range 3 { // the first ones read what later ones need not
				user := count("create", http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
					"userName":"u%[1]d@x.example","externalId":"e%[1]d","emails":[{"value":"u%[1]d@x.example","type":"work"}]}`, i))
				id := strings.TrimPrefix(user, "/Users/")
				count("read", http.MethodGet, user, "")
				count("patch", http.MethodPatch, user, fmt.Sprintf(patch, `{"op":"replace","path":"active","value":false}`))
				count("join", http.MethodPatch, group, fmt.Sprintf(patch, `{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`))
				count("leave", http.MethodPatch, group, fmt.Sprintf(patch, `{"op":"remove","path":"members[value eq \"`+id+`\"]"}`))
				count("delete", http.MethodDelete, user, "")
			}
			t.Log(cost)
			for name, most := range p.most {
				if cost[name] == 0 || cost[name] > most {
					t.Errorf("%s: got %d statements, want at most %d", name, cost[name], most)
				}
			}
		})
	}
}
