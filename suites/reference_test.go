// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"net/http/httptest"
	"os"
	"testing"

	refserver "github.com/scimproof/scimproof/reference-server"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/check/statsd"
)

const (
	token    flow.Secret = "a-token-of-a-test-run"
	adminKey flow.Secret = "an-admin-key-of-a-test-run"
)

// reference starts the reference server and gives it as a target, with both
// probes. SCIMPROOF_TARGET names another provider, SCIMPROOF_TOKEN its token.
func reference(t *testing.T) suites.Target {
	t.Helper()
	if url := os.Getenv("SCIMPROOF_TARGET"); url != "" {
		return suites.Target{BaseURL: url, Token: flow.Secret(os.Getenv("SCIMPROOF_TOKEN"))}
	}
	metrics, err := statsd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = metrics.Close() })
	profile := *profiles.Datadog()
	profile.Within = profiles.Within{Users: "2s", Roles: "2s", Teams: "2s", Audit: "2s"} // nothing here takes long
	server, err := refserver.New(refserver.Options{Token: token, AdminKey: adminKey, Profile: &profile, StatsD: metrics.Address()})
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

func TestReferenceServerPassesTheCatalogue(t *testing.T) {
	suites.Run(t, reference(t))
}
