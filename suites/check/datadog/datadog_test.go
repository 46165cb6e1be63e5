// SPDX-License-Identifier: Apache-2.0

package datadog_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
)

const base = "https://api.product.example"

func probe(t *testing.T) (*datadog.Probe, *httpmock.MockTransport) {
	t.Helper()
	m := httpmock.NewMockTransport()
	return datadog.New(base+"/", "the-api-key", "the-app-key", &http.Client{Transport: m}), m
}

func answer(m *httpmock.MockTransport, method, path string, status int, body string) {
	m.RegisterResponder(method, base+path, httpmock.NewStringResponder(status, body))
}

func TestUserIsFoundByWholeAddressOnAnyPage(t *testing.T) {
	p, m := probe(t)
	m.RegisterResponder("GET", base+"/api/v2/users", func(q *http.Request) (*http.Response, error) {
		if q.Header.Get("DD-API-KEY") != "the-api-key" || q.Header.Get("DD-APPLICATION-KEY") != "the-app-key" {
			return httpmock.NewStringResponse(403, `{"errors":["Forbidden"]}`), nil
		}
		if q.FormValue("filter[status]") != "Active,Pending,Disabled" {
			return httpmock.NewStringResponse(400, ""), nil
		}
		if q.FormValue("page[number]") == "0" {
			other := `{"id":"x","attributes":{"email":"xa@x.test"}}`
			return httpmock.NewStringResponse(200, `{"data":[`+strings.Repeat(other+",", 99)+other+`]}`), nil
		}
		return httpmock.NewStringResponse(200, `{"data":[{"id":"u1","attributes":{"email":"a@x.test","name":"A","title":null,
			"status":"Pending"},"relationships":{"roles":{"data":[{"type":"roles","id":"r1"},{"type":"roles","id":"r2"}]}}}]}`), nil
	})
	got, err := p.User(context.Background(), "A@x.test")
	if err != nil {
		t.Fatal(err)
	}
	want := &check.ProductUser{ID: "u1", Email: "a@x.test", Name: "A", Status: "Pending", Roles: []string{"r1", "r2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
}

func TestDefaultRole(t *testing.T) {
	roles := `{"data":[{"id":"r1","attributes":{"name":"Datadog Admin Role"}},{"id":"r2","attributes":{"name":"Datadog Standard Role"}}]}`
	tests := []struct {
		name   string
		status int
		saml   string
		want   string
	}{
		{"the configured one", 200, `{"data":[{"relationships":{"default_roles":{"data":[{"id":"r9"}]}}}]}`, "r9"},
		{"none configured", 200, `{"data":[{"relationships":{"default_roles":{"data":[]}}}]}`, ""},
		{"no SAML", 200, `{"data":[]}`, "r2"},
		{"not to be read", 403, `{"errors":["Forbidden"]}`, "r2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, m := probe(t)
			answer(m, "GET", "/api/v2/saml_configurations", test.status, test.saml)
			answer(m, "GET", "/api/v2/roles", 200, roles)
			got, err := p.DefaultRole(context.Background())
			if got != test.want || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestTeamWithMembers(t *testing.T) {
	p, m := probe(t)
	answer(m, "GET", "/api/v2/team", 200, `{"data":[{"id":"t0","attributes":{"name":"Eng 2","handle":"eng2"}},
		{"id":"t1","attributes":{"name":"Eng","handle":"eng","is_managed":true}}]}`)
	answer(m, "GET", "/api/v2/team/t1/memberships", 200, `{"data":[{"id":"TeamMembership-t1-1","relationships":{"user":{"data":{"id":"u1","type":"users"}}}}]}`)
	got, err := p.Team(context.Background(), "eng")
	if err != nil {
		t.Fatal(err)
	}
	want := &check.ProductTeam{ID: "t1", Name: "Eng", Handle: "eng", Managed: true, Members: []string{"u1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("team (-want +got):\n%s", diff)
	}
	if none, err := p.Team(context.Background(), "en"); none != nil || err != nil {
		t.Errorf("got %v, %v, want nothing for part of a handle", none, err)
	}
}

func TestTeamCalls(t *testing.T) {
	p, m := probe(t)
	var sent string
	m.RegisterResponder("POST", base+"/api/v2/team", func(q *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(q.Body)
		sent = string(b)
		return httpmock.NewStringResponse(201, `{"data":{"id":"t1","type":"team","attributes":{"name":"N","handle":"h"}}}`), err
	})
	answer(m, "POST", "/api/v2/team/t1/memberships", 403, `{"errors":["managed"]}`)
	answer(m, "DELETE", "/api/v2/team/t1", 404, `{"errors":["gone"]}`)
	team, err := p.CreateTeam(context.Background(), "N", "h")
	if err != nil || team.ID != "t1" {
		t.Fatalf("got %v, %v, want team t1", team, err)
	}
	if want := `{"data":{"type":"team","attributes":{"name":"N","handle":"h"}}}`; sent != want {
		t.Errorf("sent %s, want %s", sent, want)
	}
	if status, err := p.AddTeamMember(context.Background(), "t1", "u1"); status != 403 || err != nil {
		t.Errorf("got %d, %v, want 403 as data", status, err)
	}
	if err := p.DeleteTeam(context.Background(), "t1"); err != nil {
		t.Errorf("got %v, want no error for a team that is gone", err)
	}
}

func TestAuditReadsEveryPageAndKeepsWhatMentionsTheText(t *testing.T) {
	p, m := probe(t)
	event := `{"id":"%s","type":"audit","attributes":{"timestamp":"2026-01-01T00:00:00.123Z","attributes":{"evt":{"name":"Access Management","actor":{"type":"USER"}},"asset":{"type":"user","id":"u1"},"metadata":{"unmatched_roles":["%s"]}}}}`
	m.RegisterResponder("POST", base+"/api/v2/audit/events/search", func(q *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(q.Body)
		if strings.Contains(string(b), `"cursor":"c1"`) {
			return httpmock.NewStringResponse(200, `{"data":[`+fmt.Sprintf(event, "2", "nosuch")+`]}`), err
		}
		return httpmock.NewStringResponse(200, `{"data":[`+fmt.Sprintf(event, "1", "other")+`],"meta":{"page":{"after":"c1"}}}`), err
	})
	got, err := p.Audit(context.Background(), time.Now(), "nosuch")
	if err != nil || len(got) != 1 {
		t.Fatalf("got %v, %v, want one event", got, err)
	}
	if got[0].Name != "Access Management" || got[0].Asset != "user:u1" || got[0].Actor != "USER" || got[0].Time.Year() != 2026 {
		t.Errorf("got %+v", got[0])
	}
}

func TestErrorsSayWhatAndHideKeys(t *testing.T) {
	p, m := probe(t)
	answer(m, "GET", "/api/v2/roles", 500, `{"errors":["bad the-app-key"]}`)
	_, err := p.Roles(context.Background())
	if err == nil || !strings.Contains(err.Error(), "got 500") || strings.Contains(err.Error(), "the-app-key") {
		t.Errorf("got %v, want the status without the key", err)
	}
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	p, m := probe(t)
	limited := httpmock.NewStringResponder(429, "").HeaderSet(http.Header{"X-RateLimit-Reset": {"1"}})
	m.RegisterResponder("GET", base+"/api/v2/roles", limited.Then(httpmock.NewStringResponder(200, `{"data":[]}`)))
	if _, err := p.Roles(context.Background()); err != nil {
		t.Errorf("got %v, want the second answer", err)
	}
}
