// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites/check"
)

func TestOpenRefusesBadTargets(t *testing.T) {
	tests := []struct{ name, url, want string }{
		{"empty", "", "it is empty"},
		{"another scheme", "ftp://host/scim", "scheme"},
		{"no scheme", "host/scim", "scheme"},
		{"no host", "https:///scim", "no host"},
		{"a query", "https://host/scim?tenant=1", "query"},
		{"the flag and more", "https://host/scim?aadOptscim062020&x=1", "query"},
		{"a fragment", "https://host/scim#x", "fragment"},
		{"credentials", "https://user:hunter2@host/scim", "credentials"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := check.Open(context.Background(), check.Target{BaseURL: test.url})
			var target *check.TargetError
			if !errors.As(err, &target) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a TargetError about %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error shows the password: %v", err)
			}
		})
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		answer httpmock.Responder
		want   any // pointer to the type of error
		text   string
	}{
		{"dead", httpmock.NewErrorResponder(errors.New("connection refused")), new(*check.UnreachableError), "connection refused"},
		{"out of order", reply(503, "busy"), new(*check.UnreachableError), "503"},
		{"wrong token", reply(401, `{}`), new(*check.CredentialsError), "401"},
		{"no right", reply(403, `{}`), new(*check.CredentialsError), "403"},
		{"a page", reply(200, `<html>Log in</html>`), new(*check.NotSCIMError), "<html>"},
		{"a redirect", httpmock.NewStringResponder(302, "").HeaderSet(http.Header{"Location": {"https://elsewhere.example/"}}), new(*check.NotSCIMError), "elsewhere.example"},
		{"another path", reply(404, `{}`), new(*check.NotSCIMError), "/scim/v2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			m.RegisterResponder("GET", base+"/Users", test.answer)
			_, err := check.Open(context.Background(), target(m))
			if err == nil || !errors.As(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v (%T), want %T about %q", err, err, test.want, test.text)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "tried GET "+base+"/Users?startIndex=1&count=2: ") {
				t.Errorf("got %q, want what was tried first", err)
			}
		})
	}
}

func TestOpenTakesTheFlagOfEntraOff(t *testing.T) {
	at := target(script(t))
	at.BaseURL += "/?aadOptscim062020"
	p := open(t, at)
	if p.BaseURL() != base || p.Flag() != "aadOptscim062020" {
		t.Errorf("got %s and %s, want %s and aadOptscim062020", p.BaseURL(), p.Flag(), base)
	}
}

func TestOpenReadsCapabilities(t *testing.T) {
	types := `{"Resources":[{"endpoint":"/Users","schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}]}]}`
	tests := []struct {
		name, config, types string
		want                string
	}{
		{"none served", "", "", "filter group patch"},
		{"all that is said", `{"schemas":[],"patch":{"supported":true},"etag":{"supported":"True"},"sort":{"supported":false}}`, types, "discovery enterprise etag patch"},
		{"a config that is no config", `{"error":"no"}`, types, "enterprise filter patch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			m.RegisterResponder("GET", base+"/ServiceProviderConfig", served(test.config))
			m.RegisterResponder("GET", base+"/ResourceTypes", served(test.types))
			if got := strings.Join(open(t, target(m)).Capabilities(), " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func served(body string) httpmock.Responder {
	if body == "" {
		return reply(404, "")
	}
	return reply(200, body)
}

func TestOpenGrantsWhatTheProfilePromises(t *testing.T) {
	at := target(script(t))
	at.Profile, at.Product = profiles.Datadog(), product{}
	got := open(t, at).Capabilities()
	for _, want := range []string{check.CapProduct, check.CapTeams, check.CapRoles, check.CapAudit} {
		if !slices.Contains(got, want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if slices.Contains(got, check.CapMetrics) {
		t.Errorf("got metrics without a probe")
	}
}
