// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Part is the control of one organisation: of a tenant, or of the one of
// Options.Token.
type Part struct {
	c    *Control
	name string // of the tenant; ""
}

// Tenants lists the names of the tenants.
func (c *Control) Tenants() []string {
	return slices.Sorted(maps.Keys(c.acting.Load().server.gate.parts))
}

// Tenant returns the control of a tenant, or false if there is none of that
// name.
func (c *Control) Tenant(name string) (*Part, bool) {
	_, there := c.acting.Load().server.gate.parts[name]
	return &Part{c, name}, there
}

// Whole returns the control of the organisation that is no tenant.
func (c *Control) Whole() *Part { return &Part{c, ""} }

// TenantOf returns the tenant that a request concerns, by its address or else by
// its token, "" if it is none.
func (c *Control) TenantOf(r *http.Request) string { return c.acting.Load().server.tenantOf(r) }

// Name is the name of the tenant, "" if it is none.
func (p *Part) Name() string { return p.name }

func (p *Part) server() *Server { return p.c.acting.Load().server.gate.tenants[p.name] }

// Counts says how much the organisation holds.
func (p *Part) Counts(ctx context.Context) (n Counts, err error) {
	err = p.server().store.View(ctx, func(tx store.Tx) error {
		n = Counts{Users: tx.Count(userKind), Groups: tx.Count(groupKind), Teams: product.CountTeams(tx)}
		return nil
	})
	return n, err
}

// Login acts a SAML login, as Server.Login does.
func (p *Part) Login(ctx context.Context, email string, attributes map[string][]string) (token, refused string, err error) {
	return p.server().Login(ctx, email, attributes)
}

// Faults returns the faults of the tenant that are on, the innermost first.
// Those of the whole server come on top.
func (p *Part) Faults() []fault.Fault { return slices.Clone(p.c.acting.Load().parts[p.name]) }

// SetFaults turns these faults of the tenant on and all others of it off.
func (p *Part) SetFaults(faults []fault.Fault) error {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	old := p.c.acting.Load()
	parts := maps.Clone(old.parts)
	parts[p.name] = slices.Clone(faults)
	return p.c.replace(old.faults, parts)
}

// Reset removes everything of the tenant and starts its organisation anew. The
// other tenants, the clock and the faults stay as they are. O(records + links)
// of the tenant.
func (p *Part) Reset(ctx context.Context) error {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	s := p.server()
	if err := s.store.Update(ctx, s.clearPart); err != nil {
		return fmt.Errorf("empty tenant %s: %w", p.name, err)
	}
	old := p.c.acting.Load()
	return p.c.replace(old.faults, old.parts)
}

// SCIM sends a request to the neutral wire as a client with the token of the
// organisation does, past all faults that are wrappers of the whole server, and
// returns the answer. The path is below the base.
func (p *Part) SCIM(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	return p.do(ctx, method, neutralPath+path, body, http.Header{
		"Authorization": {"Bearer " + p.server().key.Reveal()}, "Content-Type": {"application/scim+json"},
	})
}

// Product sends a request to the product API as an administrator does. The
// path is below the base.
func (p *Part) Product(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	return p.do(ctx, method, productPath+path, body, http.Header{
		"Authorization": {"Bearer " + p.server().adminKey.Reveal()}, "Content-Type": {"application/json"},
	})
}

func (p *Part) do(ctx context.Context, method, target string, body []byte, h http.Header) (int, []byte, error) {
	if p.name != "" {
		target = tenantPath + p.name + target
	}
	return p.c.do(ctx, method, target, body, h)
}

// partsOf returns what the options say of each tenant, with a key for those
// that have none: the control needs one to plant a seed.
func (c *Control) partsOf(faults map[string][]fault.Fault) ([]Tenant, error) {
	gate, err := newGate(c.options)
	if err != nil {
		return nil, fmt.Errorf("start reference server: %w", err)
	}
	var list []Tenant
	for name, t := range gate.parts {
		t.AdminKey = cmp.Or(t.AdminKey, ownSecret(c.options.AdminKey, name))
		t.Faults = faults[name]
		list = append(list, t)
	}
	return list, nil
}

// inTenant cuts the address of a tenant off an escaped path.
func (s *Server) inTenant(path string) (prefix, rest string) {
	if after, ok := strings.CutPrefix(path, tenantPath); ok {
		name, _, _ := strings.Cut(after, "/")
		if s.gate.tenants[name] != nil && name != "" {
			prefix = tenantPath + name
		}
	}
	return prefix, path[len(prefix):]
}
