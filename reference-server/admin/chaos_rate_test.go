// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
)

// What is published as the rates of chaos is what comes: over 10,000 requests
// each kind comes as often as its rate says, within five standard deviations,
// and without chaos none does.
func TestChaosComesAsOftenAsItSays(t *testing.T) {
	const (
		requests = 10_000
		rate     = 0.02
	)
	for _, on := range []bool{true, false} {
		t.Run(fmt.Sprint(on), func(t *testing.T) {
			control, err := refserver.NewControl(refserver.Options{Token: scimToken, AdminKey: adminKey})
			if err != nil {
				t.Fatal(err)
			}
			defer control.Close()
			chaos := admin.Chaos{Seed: 7, Rates: map[string]float64{}, Delay: 1}
			for _, kind := range admin.Kinds() {
				if on {
					chaos.Rates[kind] = rate
				}
			}
			a, err := admin.New(admin.Options{Server: control, Token: adminToken, Chaos: chaos})
			if err != nil {
				t.Fatal(err)
			}
			provider := a.Provider()
			seen := map[string]int{}
			for range requests {
				seen[ask(provider)]++
			}
			for _, kind := range admin.Kinds() {
				name := kind
				if strings.HasPrefix(kind, "drop-") {
					name = "dropped"
				}
				want, times := 0.0, 1.0
				if name == "dropped" {
					times = 2
				}
				if on {
					want = requests * rate * times
				}
				if got := float64(seen[name]); math.Abs(got-want) > 5*math.Sqrt(want) {
					t.Errorf("%s: came %v times, want about %v", name, got, want)
				}
			}
			var published struct {
				Rates    map[string]float64
				Requests int
				Came     map[string]int
			}
			r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/admin/chaos", nil)
			r.Header.Set("Authorization", "Bearer "+adminToken)
			rec := httptest.NewRecorder()
			a.ServeHTTP(rec, r)
			if err := json.Unmarshal(rec.Body.Bytes(), &published); err != nil {
				t.Fatal(err)
			}
			if on && published.Requests != requests || len(published.Rates) != len(chaos.Rates) {
				t.Errorf("published: got %s", rec.Body)
			}
			for kind, n := range published.Came {
				if !strings.HasPrefix(kind, "drop-") && seen[kind] != n {
					t.Errorf("%s: published %d, came %d", kind, n, seen[kind])
				}
			}
			t.Logf("%d requests, rates %v: %v", requests, published.Rates, seen)
		})
	}
}

// ask asks for a page and returns the kind of trouble that came, "" for none.
func ask(h http.Handler) (kind string) {
	defer func() {
		if v := recover(); v != nil {
			if err, _ := v.(error); !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			kind = "dropped"
		}
	}()
	r := httptest.NewRequest(http.MethodGet, "/scim/v2/Users?count=5", nil)
	r.Header.Set("Authorization", "Bearer "+scimToken)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Header().Get("X-Scimproof-Chaos")
}
