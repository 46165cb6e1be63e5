// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// OrganisationProbe is a ProductProbe that can change settings which everybody
// in the organisation feels. A check that does is Alone, and needs a product
// made for tests (CapOrganisation).
type OrganisationProbe interface {
	// SetDefaultRole makes a role the organisation's default one.
	SetDefaultRole(ctx context.Context, id string) error
	// LoginDomains returns the domains whose people are made at their first login.
	LoginDomains(ctx context.Context) ([]string, error)
	// SetLoginDomains replaces those domains.
	SetLoginDomains(ctx context.Context, domains []string) error
}

// settings are those of the organisation as they were before a check.
type settings struct {
	role    *string   // id of the default role, "" for none
	domains *[]string // whose people are made at their first login
	added   []string  // domains that the check added
}

// organisation gives the probe of settings. Name CapOrganisation in Needs.
func (t *T) organisation() OrganisationProbe {
	probe, ok := t.provider.target.Product.(OrganisationProbe)
	switch {
	case !ok || !t.provider.caps[CapOrganisation]:
		t.breakOff("the check changes settings of the organisation without naming " + CapOrganisation + " in Needs")
	case !t.check.Alone:
		t.breakOff("the check changes settings of the organisation beside other checks: it has to be Alone")
	}
	t.looked()
	return probe
}

// UseDefaultRole makes a role that the check made the default one of the
// organisation. The one before is set again at the end.
func (t *T) UseDefaultRole(r ProductRole) {
	t.mine("role", &t.held.roles, r.ID)
	probe := t.organisation()
	if t.settings.role == nil {
		id, err := t.provider.target.Product.DefaultRole(t.ctx)
		id = look(t, id, err)
		t.settings.role = &id
	}
	look(t, 0, probe.SetDefaultRole(t.ctx, r.ID))
}

// WithoutDefaultRole takes the organisation's default role away for as long as
// the check runs: no product lets an administrator choose none, but each has
// to do without one that is removed.
func (t *T) WithoutDefaultRole() {
	r := t.CreateRole("default")
	t.UseDefaultRole(r)
	t.DeleteRole(r)
	id, err := t.provider.target.Product.DefaultRole(t.ctx)
	if look(t, id, err) != "" {
		t.block("the organisation has a default role although the one it had was removed")
	}
}

// MakeAtLogin lets people of a domain that carries the run's mark be made at
// their first login. It ends with the check.
func (t *T) MakeAtLogin(domain string) {
	if !strings.Contains(domain, t.provider.mark()) {
		t.breakOff("make people of " + domain + " at login: it does not carry the mark of this run")
	}
	probe := t.organisation()
	before, err := probe.LoginDomains(t.ctx)
	before = look(t, before, err)
	if t.settings.domains == nil {
		t.settings.domains = &before
	}
	look(t, 0, probe.SetLoginDomains(t.ctx, append(slices.Clone(before), domain)))
	t.settings.added = append(t.settings.added, domain)
}

// learnLogin remembers somebody whom a login may have made, so that they are
// removed through SCIM.
func (t *T) learnLogin(email string) {
	_, domain, _ := strings.Cut(email, "@")
	if !slices.Contains(t.settings.added, domain) {
		return
	}
	u, err := t.provider.target.Product.User(t.ctx, email)
	if u = look(t, u, err); u != nil {
		t.ledger.add(&Resource{Endpoint: scim.UsersEndpoint, ID: u.ID})
	}
}

// cleanUpSettings sets the organisation's settings as they were.
func (t *T) cleanUpSettings(ctx context.Context) (left []string) {
	probe, ok := t.provider.target.Product.(OrganisationProbe)
	if !ok {
		return nil
	}
	undo := func(what string, err error) {
		if err != nil {
			left = append(left, t.provider.redact.Text(fmt.Sprintf("product %s: %v", what, err)))
		}
	}
	if role := t.settings.role; role != nil && *role != "" {
		undo("default role, which was "+*role, probe.SetDefaultRole(ctx, *role))
	}
	if domains := t.settings.domains; domains != nil {
		undo("domains whose people are made at login, which were "+inWords(*domains), probe.SetLoginDomains(ctx, *domains))
	}
	return left
}
