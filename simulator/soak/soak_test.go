// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/soak"
	"github.com/scimproof/scimproof/suites/check/datadog"
)

const token = "a-token-of-16-bytes-or-more"

// fresh gives an Open that starts a reference server each time.
func fresh(t *testing.T, profile *profiles.Profile, faults ...string) func(context.Context, simulator.Scenario, int) (*simulator.Simulator, func(), error) {
	t.Helper()
	return func(_ context.Context, s simulator.Scenario, _ int) (*simulator.Simulator, func(), error) {
		planted, err := fault.ByName(faults...)
		if err != nil {
			return nil, nil, err
		}
		own := *profile
		srv, err := refserver.New(refserver.Options{Token: token, AdminKey: token + "2", Profile: &own, Faults: planted})
		if err != nil {
			return nil, nil, err
		}
		web := httptest.NewServer(srv)
		done := func() { web.Close(); _ = srv.Close() }
		own.Within = profiles.Within{Users: "0s", Roles: "0s", Teams: "0s", Audit: "0s"}
		o := simulator.Options{Scenario: s, Handler: srv, BaseURL: web.URL + "/scim/v2", Token: token, Profile: &own}
		if own.Probe == "datadog" {
			o.Product = datadog.New(web.URL, token+"2", token+"2", web.Client())
		}
		sim, err := simulator.New(o)
		if err != nil {
			done()
			return nil, nil, err
		}
		return sim, done, nil
	}
}

func populated(t *testing.T, dialect string, seed uint64) simulator.Scenario {
	t.Helper()
	s, err := soak.Populate(simulator.Scenario{Dialect: dialect, Seed: seed}, directory.Population{People: 12, Groups: 3, Seed: seed}, strings.HasPrefix(dialect, "okta-"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSoak holds that random changes converge at a provider without fault, in
// each dialect and with and without a product behind it.
func TestSoak(t *testing.T) {
	for _, dialect := range simulator.Dialects() {
		for _, profile := range []*profiles.Profile{profiles.RFC(), profiles.Datadog()} {
			t.Run(dialect+"/"+profile.Name, func(t *testing.T) {
				for seed := range uint64(3) {
					r, err := soak.Run(t.Context(), soak.Options{
						Open: fresh(t, profile), Scenario: populated(t, dialect, seed), Seed: seed, Changes: 150,
						Vary: soak.Vary{FixedUserNames: profile.Wire.UserName == "immutable", FixedHandles: profile.Teams.Delete == "unlink"},
					})
					if err != nil {
						t.Fatal(err)
					}
					if r.Failure != nil {
						t.Errorf("seed %d: %s after %d changes:\n%s\n%s", seed, r.Failure.Key, r.Changes, said(r.Failure.Report), simulator.Marshal(r.Failure.Scenario))
					} else if r.Looks < 15 || r.Changes < 150 {
						t.Errorf("seed %d: %d looks at %d changes, want one each 10 of 150", seed, r.Looks, r.Changes)
					}
				}
			})
		}
	}
}

// said gives the tasks and unexpected differences of a report, a line each.
func said(r *simulator.Report) string {
	var b strings.Builder
	for _, task := range r.Tasks {
		b.WriteString(task.String() + "\n")
	}
	for _, d := range r.Differences {
		if d.Expected == "" {
			b.WriteString(d.String() + "\n")
		}
	}
	return b.String()
}

// TestFaults holds that a fault is found, and that what is left of the changes
// is few, can be read from a file and fails when it is played.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault, dialect string
		most           int // changes
	}{
		{"put-ignored", "okta-oin", 1},
		{"reactivate-ignored", "okta-aiw", 2},
		{"deactivate-ignored", "entra-flag", 2},
		{"group-remove-list-ignored", "entra-legacy", 3},
		{"group-add-first-only", "okta-oin", 2},
		{"username-change-ignored", "entra-legacy", 2},
		{"list-hides-new", "okta-aiw", 2},
	}
	for _, tt := range tests {
		t.Run(tt.fault+"/"+tt.dialect, func(t *testing.T) {
			open := fresh(t, profiles.RFC(), tt.fault)
			r, err := soak.Run(t.Context(), soak.Options{Open: open, Scenario: populated(t, tt.dialect, 1), Seed: 1, Changes: 2000})
			if err != nil {
				t.Fatal(err)
			}
			f := r.Failure
			if f == nil || !f.Again {
				t.Fatalf("after %d changes: failure %+v, want one that comes again", r.Changes, f)
			}
			text := simulator.Marshal(f.Scenario)
			if len(f.Scenario.Changes) > tt.most || len(f.Scenario.Directory.People) > 3 {
				t.Errorf("%s: %d changes, %d people, want up to %d and 3:\n%s", f.Key, len(f.Scenario.Changes), len(f.Scenario.Directory.People), tt.most, text)
			}
			s, err := simulator.Parse("shrunk.yaml", text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			sim, done, err := open(t.Context(), s, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			if report, err := sim.Run(t.Context()); err != nil || report.Converged() {
				t.Errorf("played from its file: %v, %v; want a difference or task\n%s", report, err, text)
			}
		})
	}
}

// TestApart holds that two tries at one provider do not meet.
func TestApart(t *testing.T) {
	open := fresh(t, profiles.RFC())
	s := populated(t, "okta-oin", 1)
	s.Changes = append(s.Changes, directory.Change{Kind: directory.Set, IDs: []string{"p1"}, Values: map[string]string{"userName": "x@example.test", "title": "T"}})
	base, done, err := open(t.Context(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if r, err := base.Run(t.Context()); err != nil || !r.Converged() {
		t.Fatalf("the first try: %v, %v", r, err)
	}
	first, second := soak.Apart(s, 0), soak.Apart(s, 2)
	names := map[string]bool{}
	for _, p := range first.Directory.People {
		names[p.UserName], names[p.Email] = true, true
	}
	for i, p := range second.Directory.People {
		if names[p.UserName] || names[p.Email] || p.ID != first.Directory.People[i].ID {
			t.Errorf("%s has the names %s, %s of the first try", p.ID, p.UserName, p.Email)
		}
	}
	set := second.Changes[len(second.Changes)-1].Values
	if set["userName"] == "x@example.test" || set["title"] != "T" {
		t.Errorf("the user name is set to %q, the title to %q", set["userName"], set["title"])
	}
}

func TestNoEnd(t *testing.T) {
	if _, err := soak.Run(t.Context(), soak.Options{}); err == nil || !strings.Contains(err.Error(), "no end") {
		t.Errorf("got %v, want an error: there is no end", err)
	}
}
