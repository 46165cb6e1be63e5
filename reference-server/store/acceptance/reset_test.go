// SPDX-License-Identifier: Apache-2.0

package acceptance_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// TestReset empties each store by the admin API, and starts anew on what is
// left.
func TestReset(t *testing.T) {
	for _, s := range kept {
		t.Run(s.name, func(t *testing.T) {
			kept := s.open(t)
			control, err := refserver.NewControl(refserver.Options{Token: token, AdminKey: adminKey, Store: kept})
			if err != nil {
				t.Fatal(err)
			}
			defer control.Close()
			a, err := admin.New(admin.Options{Server: control, Token: token})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			provider, orders := httptest.NewServer(a.Provider()), httptest.NewServer(a)
			defer provider.Close()
			defer orders.Close()
			users := provider.URL + "/scim/v2/Users"
			const body = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d@x.example"}`
			const crew = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Crew","members":[{"value":"%s"}]}`
			fresh := records(t, kept)
			for range 2 {
				for i := range 3 {
					location := send(t, http.MethodPost, users, fmt.Sprintf(body, i))
					if i == 0 {
						send(t, http.MethodPost, provider.URL+"/scim/v2/Groups", fmt.Sprintf(crew, location[len(users)+1:]))
					}
				}
				if got := records(t, kept); got["User"] != 3 || got["Group"] != 1 || got["product.team"] != 1 {
					t.Fatalf("before the reset: got %v", got)
				}
				send(t, http.MethodPost, orders.URL+"/admin/reset", "")
				if got := records(t, kept); fmt.Sprint(got) != fmt.Sprint(fresh) {
					t.Fatalf("after the reset: got %v, want %v", got, fresh)
				}
			}
		})
	}
}

// records counts the records of each kind in two ways, which must agree.
func records(t *testing.T, s store.Store) map[store.Kind]int {
	t.Helper()
	counted := map[store.Kind]int{}
	if err := s.View(context.Background(), func(tx store.Tx) error {
		for _, kind := range append(product.Kinds(), "User", "Group") {
			n := 0
			for range tx.Scan(kind, 0) {
				n++
			}
			if n != tx.Count(kind) {
				t.Errorf("%s: found %d, counted %d", kind, n, tx.Count(kind))
			}
			counted[kind] = n
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return counted
}
