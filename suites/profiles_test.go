// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
)

// TestEveryProfileIsJudgedFairly lets the reference server act each built-in
// profile and judges the whole catalogue by it: what the profile does not
// promise is skipped and says why, all else passes.
func TestEveryProfileIsJudgedFairly(t *testing.T) {
	for _, name := range profiles.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := acting(t, name)
			catalogue := suites.All()
			results := make([]check.Result, len(catalogue))
			next := make(chan int)
			var workers sync.WaitGroup
			for range 8 {
				workers.Go(func() {
					for i := range next {
						results[i] = check.Judge(t.Context(), catalogue[i], provider)
					}
				})
			}
			for i := range catalogue {
				next <- i
			}
			close(next)
			workers.Wait()
			for _, r := range results {
				fair := r.Outcome == check.Passed || r.Outcome == check.Skipped && r.Reason != ""
				if !fair {
					t.Errorf("%s is %s: %s %v", r.Check.ID, r.Outcome, r.Reason, r.Findings)
				}
			}
		})
	}
}

// acting starts a reference server that acts a profile, and opens it with a
// probe of the product API that it serves whatever it acts.
func acting(t *testing.T, name string) *check.Provider {
	t.Helper()
	profile, err := profiles.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	profile.Within = profiles.Within{Users: "2s", Roles: "2s", Teams: "2s", Audit: "2s"}
	profile.Wire.Pagination = true // so that it is checked
	others := check.Tokens{ReadOnly: "a-token-that-may-only-read", Expired: "a-token-that-was-good-once", Tenant: "a-token-of-another-tenant"}
	server, err := refserver.New(refserver.Options{Token: token, AdminKey: adminKey, Profile: profile, Tokens: []refserver.Token{
		{Secret: others.ReadOnly, Rights: refserver.ReadOnly},
		{Secret: others.Expired, Expires: time.Unix(1, 0)},
		{Secret: others.Tenant, Tenant: "neighbour"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	target := check.Target{BaseURL: srv.URL + "/scim/v2", Token: token, Tokens: others, Profile: profile, Timeout: 10 * time.Second, Login: server}
	if name != "rfc" {
		target.Product = datadog.New(srv.URL, adminKey, adminKey, nil)
	}
	provider, err := check.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}
