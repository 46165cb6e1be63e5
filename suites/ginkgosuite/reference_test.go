// SPDX-License-Identifier: Apache-2.0

package ginkgosuite_test

import (
	"context"
	"net/http/httptest"
	"os"
	"testing"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/check/statsd"
)

const (
	token    flow.Secret = "a-token-of-a-test-run"
	adminKey flow.Secret = "an-admin-key-of-a-test-run"
)

// reference starts the reference server with faults planted and gives it as a
// target, with both probes.
func reference(t testing.TB, faults ...fault.Fault) suites.Target {
	t.Helper()
	metrics, err := statsd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = metrics.Close() })
	profile := *profiles.Datadog()
	profile.Within = profiles.Within{Users: "500ms", Roles: "500ms", Teams: "500ms", Audit: "500ms"} // nothing here takes long
	profile.Wire.Pagination = true                                                                   // so that it is checked
	server, err := refserver.New(refserver.Options{
		Token: token, AdminKey: adminKey, Profile: &profile, StatsD: metrics.Address(), Faults: faults,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	return suites.Target{
		BaseURL: srv.URL + "/scim/v2", Token: token, Profile: &profile,
		Product: datadog.New(srv.URL, adminKey, adminKey, nil), Metrics: metrics, Login: server,
	}
}

// target is the provider that SCIMPROOF_TARGET and SCIMPROOF_TOKEN name, or
// the reference server.
func target(t testing.TB) suites.Target {
	t.Helper()
	if url := os.Getenv("SCIMPROOF_TARGET"); url != "" {
		return suites.Target{BaseURL: url, Token: flow.Secret(os.Getenv("SCIMPROOF_TOKEN"))}
	}
	return reference(t)
}

func open(t testing.TB, target suites.Target) *check.Provider {
	t.Helper()
	p, err := check.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
