// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites/check"
)

// product is a probe whose organisation has four roles and every team that is
// asked for. It notes which teams were removed.
type product struct{ removed *[]string }

func (product) User(context.Context, string) (*check.ProductUser, error) { return nil, nil }

func (product) Roles(context.Context) ([]check.ProductRole, error) {
	return []check.ProductRole{{ID: "1", Name: "An Admin Role"}, {ID: "2", Name: "Standard"}, {ID: "3", Name: "Reader"}, {ID: "4", Name: "Owner"}}, nil
}

func (product) DefaultRole(context.Context) (string, error) { return "2", nil }

func (product) Team(_ context.Context, handle string) (*check.ProductTeam, error) {
	return &check.ProductTeam{ID: "team of " + handle, Handle: handle}, nil
}

func (product) CreateTeam(_ context.Context, name, handle string) (*check.ProductTeam, error) {
	return &check.ProductTeam{ID: "made " + handle, Name: name, Handle: handle}, nil
}

func (product) AddTeamMember(context.Context, string, string) (int, error) { return 403, nil }

func (p product) DeleteTeam(_ context.Context, id string) error {
	*p.removed = append(*p.removed, id)
	return nil
}

func (product) Audit(context.Context, time.Time, string) ([]check.AuditEvent, error) { return nil, nil }

// judged judges run with a product probe and gives the removed teams too.
func judged(t *testing.T, run func(*check.T)) (check.Result, []string) {
	t.Helper()
	var removed []string
	at := target(script(t))
	at.Profile, at.Product = profiles.Datadog(), product{&removed}
	return check.Judge(context.Background(), check.Check{ID: "a.b", Run: run}, open(t, at)), removed
}

func TestRolesLeaveOutTheDefaultAndPutAdministratorsLast(t *testing.T) {
	var got []string
	judged(t, func(t *check.T) { got = t.Roles() })
	if diff := cmp.Diff([]string{"4", "3", "1"}, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestProductIsChangedOnlyWhereTheRunMadeIt(t *testing.T) {
	var errs []error
	r, removed := judged(t, func(t *check.T) {
		team, err := t.Product().Team(t.Context(), "customer-team")
		errs = append(errs, err)
		_, err = t.Product().AddTeamMember(t.Context(), team.ID, "u")
		errs = append(errs, err, t.Product().DeleteTeam(t.Context(), team.ID))
		_, err = t.Product().CreateTeam(t.Context(), "n", "customer-team-2")
		errs = append(errs, err)
		_, err = t.Product().CreateTeam(t.Context(), "n", t.Name("own"))
		errs = append(errs, err)
	})
	if errs[0] != nil || errs[1] == nil || errs[2] == nil || errs[3] == nil || errs[4] != nil {
		t.Errorf("got %v, want errors at 1, 2 and 3 only", errs)
	}
	if r.Outcome != check.Passed || len(removed) != 1 || !strings.HasSuffix(removed[0], "-own") {
		t.Errorf("got %s %s and removed %v, want the own team removed", r.Outcome, r.Reason, removed)
	}
}

func TestTeamsOfGroupsAreRemoved(t *testing.T) {
	_, removed := judged(t, func(t *check.T) { t.CreateGroup(t.Name("Blue Team")) })
	if !slices.ContainsFunc(removed, func(id string) bool { return strings.HasSuffix(id, "-blue_team") }) {
		t.Errorf("got %v removed, want the team of the group", removed)
	}
}

func TestProductWithoutProbeBreaks(t *testing.T) {
	r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) { t.Product() }}, open(t, target(script(t))))
	if r.Outcome != check.Broken || !strings.Contains(r.Reason, "Needs") {
		t.Errorf("got %s %q, want broken for Needs", r.Outcome, r.Reason)
	}
}
