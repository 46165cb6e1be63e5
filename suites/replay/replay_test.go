// SPDX-License-Identifier: Apache-2.0

package replay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/replay"
)

const token = "replay-test-token-0123456789"

func open(t *testing.T, h http.Handler, p *profiles.Profile) *check.Provider {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	provider, err := check.Open(t.Context(), check.Target{
		BaseURL: server.URL + "/scim/v2",
		Token:   token,
		Profile: p,
		Roles:   []string{"33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// TestReferenceServerAnswersEveryFlow plays all flows against the reference
// server, once for each profile.
func TestReferenceServerAnswersEveryFlow(t *testing.T) {
	for _, profile := range []*profiles.Profile{profiles.Datadog(), profiles.RFC()} {
		server, err := refserver.New(refserver.Options{Token: token, Profile: profile})
		if err != nil {
			t.Fatal(err)
		}
		provider := open(t, server, profile)
		for _, c := range replay.Checks() {
			t.Run(profile.Name+"/"+c.ID, func(t *testing.T) {
				r := check.Judge(t.Context(), c, provider)
				if r.Outcome != check.Passed {
					t.Errorf("got %s %s, want passed", r.Outcome, r.Reason)
				}
				for _, f := range r.Findings {
					t.Error(f)
				}
				if len(r.Leftovers) > 0 {
					t.Errorf("got leftovers %q, want none", r.Leftovers)
				}
			})
		}
	}
}

// TestEveryFlowCanFail holds that no flow is content with a provider that says
// yes to everything and does nothing.
func TestEveryFlowCanFail(t *testing.T) {
	provider := open(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "application/scim+json")
		body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"x"}]}`
		switch {
		case strings.HasSuffix(q.URL.Path, "/ResourceTypes") || strings.HasSuffix(q.URL.Path, "/ServiceProviderConfig"):
			w.WriteHeader(http.StatusNotFound)
		case q.URL.RawQuery == "startIndex=1&count=2" && !opened(q):
			body = `[]`
		case q.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			body = `{"id":"x"}`
		}
		_, _ = io.WriteString(w, body)
	}), profiles.RFC())
	for _, c := range replay.Checks() {
		t.Run(c.ID, func(t *testing.T) {
			r := check.Judge(t.Context(), c, provider)
			if r.Outcome != check.Failed || len(r.Findings) == 0 {
				t.Fatalf("got %s %s with %d findings, want failed with one at least", r.Outcome, r.Reason, len(r.Findings))
			}
			if f := r.Findings[0]; f.LookedAt == "" || f.Where == "" || f.Got == "" || f.Want == "" {
				t.Errorf("got finding %+v, want each of its four parts", f)
			}
		})
	}
}

// TestEndStateIsLookedAt holds that a provider which accepts every change and
// makes none is found out by each flow that changes something. What becomes of
// roles is not a flow's affair, and the PUT of a push repeats the POST.
func TestEndStateIsLookedAt(t *testing.T) {
	server, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	idle := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.Method {
		case http.MethodPatch, http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		case http.MethodPut:
			q = q.Clone(q.Context())
			q.Method, q.Body, q.ContentLength = http.MethodGet, http.NoBody, 0
			server.ServeHTTP(w, q)
		default:
			server.ServeHTTP(w, q)
		}
	})
	provider := open(t, idle, profiles.RFC())
	still := regexp.MustCompile(`\.(probe|test-connection|user-create|user-import|user-schema|group-import|group-match|roles-[a-z-]+)$|^flow\.okta-aiw\.group-push$`)
	for _, c := range replay.Checks() {
		t.Run(c.ID, func(t *testing.T) {
			want := check.Failed
			if still.MatchString(c.ID) {
				want = check.Passed
			}
			if r := check.Judge(t.Context(), c, provider); r.Outcome != want {
				t.Errorf("got %s %s, want %s", r.Outcome, r.Reason, want)
			}
		})
	}
}

// opened tells the judge's own greeting from Okta's probe.
func opened(q *http.Request) bool { return !strings.HasPrefix(q.UserAgent(), "Okta") }

// TestFlowsAddNoHeader holds that what a flow does not list is not on the wire:
// Entra ID sends no User-Agent, and a proxy in front of a provider may mind.
func TestFlowsAddNoHeader(t *testing.T) {
	server, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var agents []string
	judging := false
	provider := open(t, http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		mu.Lock()
		if judging && q.UserAgent() != "scimproof" { // looking at the end state and cleaning up are ours
			agents = append(agents, q.UserAgent())
		}
		mu.Unlock()
		server.ServeHTTP(rw, q)
	}), profiles.RFC())
	judging = true
	for _, c := range replay.Checks() {
		agents = nil
		check.Judge(t.Context(), c, provider)
		if c.Counts(check.Okta) != slices.Contains(agents, "Okta SCIM Client 1.0.0") {
			t.Errorf("%s: User-Agents on the wire are %q", c.ID, agents)
		}
		if c.Counts(check.Entra) && (len(agents) == 0 || strings.Join(agents, "") != "") {
			t.Errorf("%s: User-Agents on the wire are %q, want requests without", c.ID, agents)
		}
	}
}

func TestChecksAreWellFormed(t *testing.T) {
	id := regexp.MustCompile(`^flow\.[a-z]+-[a-z]+\.[a-z0-9-]+$`)
	seen := map[string]bool{}
	for _, c := range replay.Checks() {
		if !id.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("got id %s, want a new one like %s", c.ID, id)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Level != check.Vendor || len(c.Profiles) != 1 || c.Fix == "" || c.Source.Evidence == "" || c.Source.Section == "" {
			t.Errorf("%s: got %+v, want title, level vendor, one verdict, fix and source", c.ID, c)
		}
		if strings.Contains(c.Breaks, "are not provisioned") && !strings.Contains(c.ID, "user-create") {
			t.Errorf("%s: got %q, want what this flow is about", c.ID, c.Breaks)
		}
	}
	if len(seen) == 0 {
		t.Error("got no checks")
	}
}
