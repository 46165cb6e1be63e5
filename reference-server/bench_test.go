// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// BenchmarkRead compares GET of one user with a handler that does nothing but
// write the same bytes, over real connections.
func BenchmarkRead(b *testing.B) {
	s, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		b.Fatal(err)
	}
	post := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", neutral+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code != 201 {
			b.Fatalf("got %d %s", rec.Code, rec.Body)
		}
		return rec
	}
	var created *httptest.ResponseRecorder
	for i := range 10_000 {
		created = post("/Users", userBody(fmt.Sprintf("user%d@x.example", i), `,"name":{"givenName":"A","familyName":"L"},"title":"Engineer"`))
	}
	body := created.Body.Bytes()
	path := strings.TrimPrefix(created.Header().Get("Location"), "http://example.com")
	for _, bench := range []struct {
		name, path string
		handler    http.Handler
	}{
		{"bare", path, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(body) })},
		{"server", path, s},
		{"page", neutral + "/Users?startIndex=9000&count=10", s},
		{"filter", neutral + "/Users?filter=userName%20eq%20%22user77@x.example%22", s},
	} {
		b.Run(bench.name, func(b *testing.B) {
			srv := httptest.NewServer(bench.handler)
			defer srv.Close()
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, srv.URL+bench.path, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
			for b.Loop() {
				res, err := srv.Client().Do(r)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
					b.Fatal(res.Status, err)
				}
				res.Body.Close()
			}
		})
	}
}
