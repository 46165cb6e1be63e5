// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

// Product gives the probe of the product behind the provider. Name it in
// Needs: without one the check is broken. What the check makes through it is
// removed at the end, and what others made cannot be changed.
func (t *T) Product() ProductProbe {
	if t.provider.target.Product == nil {
		t.breakOff("the check looks at the product without naming " + CapProduct + " in Needs")
	}
	return &watchedProduct{t: t, probe: t.provider.target.Product}
}

// Metrics gives the probe of what the product sends as StatsD datagrams.
func (t *T) Metrics() MetricsProbe {
	if t.provider.target.Metrics == nil {
		t.breakOff("the check looks at metrics without naming " + CapMetrics + " in Needs")
	}
	t.looked()
	return t.provider.target.Metrics
}

func (t *T) looked() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looks++
}

// look gives the value of a look at the product. An error of the probe is ours
// or the environment's and breaks the check off.
func look[V any](t *T, value V, err error) V {
	if err != nil {
		t.stopIfOver()
		t.breakOff("look at the product: " + t.provider.redact.Text(err.Error()))
	}
	return value
}

// ProductUser gives the user with an e-mail address as the product shows it,
// or an empty one. The roles are given by the values that name them in SCIM.
func (t *T) ProductUser(email string) ProductUser {
	u, err := t.Product().User(t.ctx, email)
	if u = look(t, u, err); u == nil {
		return ProductUser{}
	}
	u.Roles = t.roleValues(u.Roles...)
	return *u
}

// roleValues gives the values that name roles in SCIM: their ids or, where the
// profile says so, their names.
func (t *T) roleValues(ids ...string) []string {
	if len(ids) == 0 || t.Profile().Roles.Match != "name" {
		return ids
	}
	all := t.ProductRoles()
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = id
		for _, r := range all {
			if r.ID == id {
				values[i] = r.Name
			}
		}
	}
	return values
}

// ProductTeam gives the team with a handle as the product shows it, or an
// empty one.
func (t *T) ProductTeam(handle string) ProductTeam {
	team, err := t.Product().Team(t.ctx, handle)
	if team = look(t, team, err); team == nil {
		return ProductTeam{}
	}
	return *team
}

// CreateProductTeam makes a team as an administrator of the product would. It
// is removed at the end.
func (t *T) CreateProductTeam(name, handle string) ProductTeam {
	team, err := t.Product().CreateTeam(t.ctx, name, handle)
	return *look(t, team, err)
}

// AddProductTeamMember tries to add a user to a team by the product's own API
// and gives the status that the product answered.
func (t *T) AddProductTeamMember(team ProductTeam, userID string) int {
	status, err := t.Product().AddTeamMember(t.ctx, team.ID, userID)
	return look(t, status, err)
}

// DefaultRole gives the value of the organisation's default role, or nothing.
func (t *T) DefaultRole() string {
	id, err := t.Product().DefaultRole(t.ctx)
	if id = look(t, id, err); id == "" {
		return ""
	}
	return t.roleValues(id)[0]
}

// ProductRoles gives the roles of the organisation.
func (t *T) ProductRoles() []ProductRole {
	all, err := t.Product().Roles(t.ctx)
	return look(t, all, err)
}

// Audit gives the events of the product's audit trail since the check began
// that mention text.
func (t *T) Audit(text string) []AuditEvent {
	events, err := t.Product().Audit(t.ctx, t.begun, text)
	return look(t, events, err)
}

// Heard gives the StatsD lines heard since the check began.
func (t *T) Heard() []string { return t.Metrics().Since(t.begun) }

// Roles gives role values that the provider knows, at least two, none of them
// the default role. Where the profile takes any value they are made up.
func (t *T) Roles() []string {
	switch {
	case len(t.provider.target.Roles) >= 2:
		return slices.Clone(t.provider.target.Roles)
	case t.provider.target.Product == nil && t.Profile().Roles.Match == "any":
		return []string{"scimproof-reader", "scimproof-writer", "scimproof-owner"}
	case t.provider.target.Product == nil:
		t.block("no role values are known: the target names none and there is no product probe to ask")
	}
	product := t.Product()
	all, err := product.Roles(t.ctx)
	all = look(t, all, err)
	standard, err := product.DefaultRole(t.ctx)
	standard = look(t, standard, err)
	var values []string
	for _, r := range rolesByReach(all) {
		switch {
		case r.ID == standard, strings.HasPrefix(r.Name, namePrefix): // the latter goes when the check that made it ends
		case t.Profile().Roles.Match == "name":
			values = append(values, r.Name)
		default:
			values = append(values, r.ID)
		}
	}
	if len(values) < 2 {
		t.block(fmt.Sprintf("the organisation has %d roles besides the default one, and the check needs 2", len(values)))
	}
	return values
}

// TeamHandle gives the handle that the profile derives from a group's name.
func (t *T) TeamHandle(displayName string) string { return TeamHandle(t.Profile(), displayName) }

// TeamHandle gives the handle that a product derives from a group's name:
// lower-case, and its separator for every character outside a-z 0-9 . _ - : /
// (Datadog, Managing Teams, seen 2026-11-23).
func TeamHandle(p *profiles.Profile, displayName string) string {
	handle := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-:/", r) {
			return r
		}
		return '\uFFFD'
	}, strings.ToLower(displayName))
	return strings.TrimRight(strings.ReplaceAll(handle, "\uFFFD", p.Teams.Separator), "_")
}

// rolesByReach orders roles by name, administrators last, so that a check
// gives a test user no more than it must.
func rolesByReach(all []ProductRole) []ProductRole {
	sorted := slices.Clone(all)
	admin := func(r ProductRole) int { return strings.Count(strings.ToLower(r.Name), "admin") }
	slices.SortStableFunc(sorted, func(a, b ProductRole) int {
		if d := admin(a) - admin(b); d != 0 {
			return d
		}
		return strings.Compare(a.Name+a.ID, b.Name+b.ID)
	})
	return sorted
}

// watchedProduct counts looks and applies the ledger's rule to what is done
// through the product's own API.
type watchedProduct struct {
	t     *T
	probe ProductProbe
}

func (w *watchedProduct) User(ctx context.Context, email string) (*ProductUser, error) {
	w.t.looked()
	return w.probe.User(ctx, email)
}

func (w *watchedProduct) Roles(ctx context.Context) ([]ProductRole, error) {
	w.t.looked()
	return w.probe.Roles(ctx)
}

func (w *watchedProduct) DefaultRole(ctx context.Context) (string, error) {
	w.t.looked()
	return w.probe.DefaultRole(ctx)
}

func (w *watchedProduct) Team(ctx context.Context, handle string) (*ProductTeam, error) {
	w.t.looked()
	team, err := w.probe.Team(ctx, handle)
	if team != nil && strings.Contains(team.Handle, w.t.provider.mark()) {
		w.t.ledger.addTeam(team.ID)
	}
	return team, err
}

func (w *watchedProduct) CreateTeam(ctx context.Context, name, handle string) (*ProductTeam, error) {
	if !strings.Contains(handle, w.t.provider.mark()) {
		return nil, fmt.Errorf("create team %q: its handle does not carry the mark of this run", handle)
	}
	w.t.looked()
	team, err := w.probe.CreateTeam(ctx, name, handle)
	if err == nil && team != nil {
		w.t.ledger.addTeam(team.ID)
	}
	return team, err
}

func (w *watchedProduct) AddTeamMember(ctx context.Context, teamID, userID string) (int, error) {
	if !w.t.ledger.ownsTeam(teamID) {
		return 0, fmt.Errorf("add a member to team %s: this run did not make it", teamID)
	}
	w.t.looked()
	return w.probe.AddTeamMember(ctx, teamID, userID)
}

func (w *watchedProduct) DeleteTeam(ctx context.Context, teamID string) error {
	if !w.t.ledger.ownsTeam(teamID) {
		return fmt.Errorf("delete team %s: this run did not make it", teamID)
	}
	w.t.looked()
	return w.probe.DeleteTeam(ctx, teamID)
}

func (w *watchedProduct) Audit(ctx context.Context, since time.Time, text string) ([]AuditEvent, error) {
	w.t.looked()
	return w.probe.Audit(ctx, since, text)
}
