// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"context"
	"errors"
	"net/http"

	"github.com/scimproof/scimproof/suites/check"
)

var _ check.OrganisationProbe = (*Probe)(nil)

// configuration is what the product tells of a SAML configuration.
type configuration struct {
	Attributes struct {
		Domains []string `json:"jit_domains"`
	} `json:"attributes"`
}

// SetDefaultRole makes a role the default one (SAML configurations, update).
func (p *Probe) SetDefaultRole(ctx context.Context, id string) error {
	return wrap("set default role", p.configure(ctx, map[string]any{"default_role_uuids": []string{id}}))
}

// LoginDomains gives the domains whose people are made at their first login.
func (p *Probe) LoginDomains(ctx context.Context) ([]string, error) {
	c, err := p.configuration(ctx)
	return c.Attributes.Domains, wrap("read login domains", err)
}

// SetLoginDomains replaces the domains whose people are made at their first
// login.
func (p *Probe) SetLoginDomains(ctx context.Context, domains []string) error {
	return wrap("set login domains", p.configure(ctx, map[string]any{"jit_domains": append([]string{}, domains...)}))
}

// configuration reads the organisation's first SAML configuration.
func (p *Probe) configuration(ctx context.Context) (configuration, error) {
	var all document[[]configuration]
	if err := p.call(ctx, http.MethodGet, "/api/v2/saml_configurations", nil, &all); err != nil {
		return configuration{}, err
	}
	if len(all.Data) == 0 {
		return configuration{}, errors.New("the organisation has no SAML configuration")
	}
	return all.Data[0], nil
}

func (p *Probe) configure(ctx context.Context, attributes map[string]any) error {
	return p.call(ctx, http.MethodPatch, "/api/v2/org/saml_configurations", document[map[string]any]{
		Data: map[string]any{"type": "saml_configurations", "attributes": attributes},
	}, nil)
}
