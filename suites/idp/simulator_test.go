// SPDX-License-Identifier: Apache-2.0

package idp_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
	"github.com/scimproof/scimproof/suites/idp"
)

// busy answers every fifth request by 429, every eleventh by 503 and every
// thirteenth write after it was done by 409.
func busy(next http.Handler) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := n.Add(1); {
		case n%5 == 0:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		case n%11 == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case n%13 == 0 && r.Method == http.MethodPost:
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusConflict)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// governed declares roles and an entitlement, as Okta's guide "Build a SCIM 2.0
// server with entitlements" has them (2025-10-19).
func governed(next http.Handler) http.Handler {
	list := func(n int, resources string) string {
		return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"Resources":[%s]}`, n, resources)
	}
	answers := map[string]string{
		"/ResourceTypes": list(2, `{"name":"Role","endpoint":"/Roles","schema":"urn:okta:scim:schemas:core:1.0:Role"},`+
			`{"name":"Profile","endpoint":"/Profiles","schema":"urn:okta:scim:schemas:core:1.0:Entitlement"}`),
		"/Roles":    list(101, strings.Repeat(`{"id":"r","displayName":"Reader"},`, 99)+`{"id":"r","displayName":"Reader"}`),
		"/Profiles": list(1, `{"id":"p","displayName":"Standard","type":"Profile"}`),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := answers[strings.TrimPrefix(r.URL.Path, "/scim/v2")]
		if body == "" {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Query().Get("startIndex") == "101" {
			body = list(101, `{"id":"w","displayName":"Writer"}`)
		}
		w.Header().Set("Content-Type", "application/scim+json")
		_, _ = io.WriteString(w, body)
	})
}

// simulated plays a scenario against the reference server, which is busy or
// governed if the scenario says "# busy" or "# governed", and gives what was sent.
func simulated(t *testing.T, scenario string, people directory.Population) []flow.Exchange {
	t.Helper()
	const token = "a-token-of-16-bytes-or-more"
	srv, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	var provider http.Handler = srv
	if strings.Contains(scenario, "# busy") {
		provider = busy(srv)
	}
	if strings.Contains(scenario, "# governed") {
		provider = governed(srv)
	}
	parsed, err := simulator.Parse("scenario.yaml", []byte(scenario))
	if err != nil {
		t.Fatal(err)
	}
	var sent []flow.Exchange
	s, err := simulator.New(simulator.Options{
		Scenario: parsed, Population: people, Handler: provider, BaseURL: "https://provider.example/scim/v2", Token: token,
		Record: func(x flow.Exchange) { sent = append(sent, x) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(sent, func(a, b flow.Exchange) int { return a.Start.Compare(b.Start) })
	return sent
}

// dialectOf gives the dialect that a simulated one speaks on the wire.
func dialectOf(name string) string {
	if name == entra.Pod {
		return flow.EntraLegacy // its bodies
	}
	return name
}

// TestSimulators holds that what the simulators send in all of their scenarios
// is clean or a known quirk.
func TestSimulators(t *testing.T) {
	files, err := os.ReadDir("testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	played, paths := map[string]int{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile("testdata/scenarios/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		idpName, _, _ := strings.Cut(file.Name(), "-")
		for _, dialect := range simulator.Dialects() {
			if !strings.HasPrefix(dialect, idpName+"-") || strings.Contains(string(text), "# not "+dialect) {
				continue
			}
			t.Run(strings.TrimSuffix(file.Name(), ".yaml")+"/"+dialect, func(t *testing.T) {
				sent := simulated(t, "dialect: "+dialect+"\n"+string(text), directory.Population{People: 20, Groups: 2, Seed: 7})
				played[dialect] += len(sent)
				for _, x := range sent {
					paths[x.Path] = true
				}
				complain(t, idp.JudgeExchanges(file.Name(), dialectOf(dialect), sent))
				wrong := idp.JudgeExchanges(file.Name(), map[bool]string{true: flow.EntraFlag, false: flow.OktaOIN}[idpName == "okta"], sent)
				if wrong.Count(idp.Deviation) < len(sent)/2 {
					t.Errorf("as the other IdP %d of %d deviate: the rules do not bite", wrong.Count(idp.Deviation), len(sent))
				}
			})
		}
	}
	for _, path := range []string{"/ResourceTypes", "/Schemas", "/Roles?startIndex=101&count=100", "/Profiles?startIndex=1&count=100"} {
		if !paths[path] {
			t.Errorf("no scenario has Okta read %s", path)
		}
	}
	for _, dialect := range simulator.Dialects() {
		if played[dialect] < 8 {
			t.Errorf("%s: %d requests, want 8 at least", dialect, played[dialect])
		}
	}
}

// TestGuess holds that the dialect of simulated traffic is found without being
// told.
func TestGuess(t *testing.T) {
	const scenario = `
directory:
  people:
    - {id: ada, userName: ada@example.test, givenName: Ada, familyName: Test, email: ada@example.test}
  groups:
    - {id: eng, displayName: Engineering, members: [ada]}
changes:
  - assign: [ada, eng]
`
	more := map[string]string{
		"okta":  "  - push: eng\n  - unassign: ada\n",
		"entra": "  - cycle: {}\n  - unassign: ada\n  - cycle: {}\n",
	}
	for _, dialect := range simulator.Dialects() {
		name, _, _ := strings.Cut(dialect, "-")
		sent := simulated(t, "dialect: "+dialect+scenario+more[name], directory.Population{})
		r := idp.JudgeExchanges("x", "", sent)
		if r.Dialect != dialectOf(dialect) || r.Why == "" {
			t.Errorf("%s is taken for %s (%s)", dialect, r.Dialect, r.Why)
		}
	}
	if got, why := idp.Guess(flow.Flow{}); got != idp.RFC || why == "" {
		t.Errorf("nothing is taken for %s (%s)", got, why)
	}
}

// assertions maps what the simulators promise of themselves to the rules that
// hold it, or to the test of the simulator where no recording can show it.
var assertions = map[string][]string{
	"sim-okta-ua":                     {"okta.header.user-agent"},
	"sim-okta-headers":                {"okta.header.accept", "okta.header.accept-charset", "okta.header.accept-encoding", "okta.header.content-type"},
	"sim-okta-compact-json":           {"okta.body.compact", "okta.body.unescaped"},
	"sim-okta-query":                  {"okta.query.parameters", "okta.query.encoding", "okta.query.filter", "okta.query.paging"},
	"sim-okta-lookup-first":           {"okta.user.lookup-first", "okta.group.lookup-first"},
	"sim-okta-create-order":           {"okta.user.create-order", "okta.user.create-members", "okta.user.groups-empty"},
	"sim-okta-unmapped-absent":        {"okta.user.create-no-empty"},
	"sim-okta-merge-order":            {"okta.put.keeps-order", "okta.put.keeps-unknown"},
	"sim-okta-put-after-get":          {"okta.put.read-first"},
	"sim-okta-aiw-deactivate-minimal": {"okta.aiw.deactivate"},
	"sim-okta-patch-nopath":           {"okta.user.patch-form"},
	"sim-okta-rename-before-members":  {"okta.group.name-first", "okta.group.name-form"},
	"sim-okta-remove-then-add":        {"okta.group.remove-then-add", "okta.group.remove-form"},
	"sim-okta-aiw-group-four-calls":   {"okta.group.lookup-first", "okta.put.read-first", "okta.aiw.group-put"},
	"sim-okta-never-delete-user":      {"okta.user.never-deleted"},
	"sim-okta-429":                    {"okta.retry.waits", "simulator/okta/wait_test.go TestWaits"},
	"sim-okta-no-retry-4xx":           {"simulator/okta/error_test.go TestTasks"}, // an administrator's retry looks the same
	"sim-okta-no-discovery":           {"okta.endpoints"},

	"sim-entra-no-user-agent":     {"entra.header.user-agent"},
	"sim-entra-version":           {"entra.header.version"},
	"sim-entra-content-type":      {"entra.header.content-type"},
	"sim-entra-unconditional":     {"entra.header.unconditional"},
	"sim-entra-query":             {"entra.query.encoding", "entra.query.parameters", "entra.query.operators"},
	"sim-entra-probe":             {"entra.probe", "simulator/entra/golden_test.go TestProbe"},
	"sim-entra-match-first":       {"entra.create.match-first"},
	"sim-entra-read-before-write": {"entra.write.read-first"},
	"sim-entra-create-order":      {"entra.user.create-order", "entra.user.create-schemas", "entra.user.create-meta", "entra.group.create-order", "entra.group.create-empty"},
	"sim-entra-no-null":           {"entra.user.create-no-empty", "entra.patch.no-null"},
	"sim-entra-legacy-patch":      {"entra.legacy.op", "entra.legacy.path", "entra.legacy.text", "entra.legacy.remove-member"},
	"sim-entra-flag-patch":        {"patch.op", "entra.flag.merged", "entra.flag.active", "entra.flag.remove-member"},
	"sim-entra-patch-order":       {"entra.patch.member-order"},
	"sim-entra-manager":           {"entra.manager.own-request"},
	"sim-entra-roles":             {"entra.role.type"},
	"sim-entra-one-member":        {"entra.group.one-member", "entra.group.member-form", "entra.group.no-replace"},
	"sim-entra-members-unread":    {"entra.group.members-unread"},
	"sim-entra-disable-delete":    {"entra.user.disabled-before-deleted"},
	"sim-entra-never":             {"entra.endpoints"},
	"sim-entra-retry":             {"simulator/entra/error_test.go TestEscrow"}, // by object, over cycles
}

// TestAssertions holds that each of the assertions is a rule that is there, a
// quirk, or a test that is there, and that each rule of a vendor is one.
func TestAssertions(t *testing.T) {
	known := map[string]bool{}
	for _, r := range idp.Rules() {
		known[r.ID] = true
	}
	for _, k := range idp.Quirks() {
		known[k.ID] = true
	}
	held := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(assertions)) {
		for _, by := range assertions[name] {
			held[by] = true
			file, test, isTest := strings.Cut(by, " ")
			if !isTest {
				if !known[by] {
					t.Errorf("%s: there is no rule %s", name, by)
				}
				continue
			}
			text, err := os.ReadFile("../../" + file)
			if err != nil || !regexp.MustCompile(`(?m)^func `+test+`\(t \*testing\.T\)`).Match(text) {
				t.Errorf("%s: there is no test %s (%v)", name, by, err)
			}
		}
	}
	for _, r := range idp.Rules() {
		vendor := strings.HasPrefix(r.ID, "okta.") || strings.HasPrefix(r.ID, "entra.")
		if vendor && !held[r.ID] && !slices.Contains([]string{"okta.header.unconditional", "okta.group.create-order", "okta.group.member-form", "okta.group.chunks", "okta.aiw.no-patch"}, r.ID) {
			t.Errorf("rule %s belongs to no assertion", r.ID)
		}
	}
}
