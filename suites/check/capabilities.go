// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// discover reads what the provider says of itself and what the target offers
// besides.
func (p *Provider) discover(ctx context.Context) error {
	config, err := p.get(ctx, scim.ServiceProviderConfigEndpoint)
	if err != nil {
		return err
	}
	types, err := p.get(ctx, scim.ResourceTypesEndpoint)
	if err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	p.readConfig(config)
	p.readTypes(types)
	p.readTarget()
	p.readTokens()
	return nil
}

// grant notes that a capability is there, or why it is not.
func (p *Provider) grant(capability string, there bool, reason string) {
	if there {
		p.caps[capability] = true
		return
	}
	p.reasons[capability] = reason
}

// readConfig reads ServiceProviderConfig (RFC 7643 §5). A provider without one
// is taken to have what Okta and Entra ID use without asking.
func (p *Provider) readConfig(x *flow.Exchange) {
	type feature struct {
		Supported any `json:"supported"`
	}
	var config struct {
		Schemas any      `json:"schemas"`
		Patch   *feature `json:"patch"`
		Filter  *feature `json:"filter"`
		Sort    *feature `json:"sort"`
		ETag    *feature `json:"etag"`
		Bulk    *feature `json:"bulk"`

		Pagination *struct {
			Cursor any `json:"cursor"`
		} `json:"pagination"`
	}
	err := json.Unmarshal(x.Response.Body, &config, lax())
	served := x.Status == http.StatusOK && err == nil &&
		(config.Schemas != nil || config.Patch != nil || config.Filter != nil)
	none := "ServiceProviderConfig is not served: got " + answer(x)
	p.grant(CapDiscovery, served, none)
	if !served {
		p.grant(CapPatch, true, "")
		p.grant(CapFilter, true, "")
		for _, capability := range []string{CapSort, CapETag, CapBulk, CapCursor} {
			p.grant(capability, false, none)
		}
		return
	}
	for capability, f := range map[string]*feature{
		CapPatch: config.Patch, CapFilter: config.Filter, CapSort: config.Sort,
		CapETag: config.ETag, CapBulk: config.Bulk,
	} {
		yes := f != nil && isTrue(f.Supported)
		p.grant(capability, yes, "ServiceProviderConfig does not say "+capability+".supported: true")
	}
	p.grant(CapCursor, config.Pagination != nil && isTrue(config.Pagination.Cursor), "ServiceProviderConfig does not say pagination.cursor: true")
}

// isTrue reads a flag, also one that is written as text.
func isTrue(v any) bool { return v == true || v == "true" || v == "True" }

// readTypes reads ResourceTypes (RFC 7643 §6), a list or a bare array.
func (p *Provider) readTypes(x *flow.Exchange) {
	type resourceType struct {
		Endpoint   any `json:"endpoint"`
		Extensions []struct {
			Schema any `json:"schema"`
		} `json:"schemaExtensions"`
	}
	var list struct {
		Resources []resourceType `json:"Resources"`
	}
	if x.Status != http.StatusOK || json.Unmarshal(x.Response.Body, &list, lax()) != nil || len(list.Resources) == 0 {
		p.grant(CapGroup, true, "")
		p.grant(CapEnterprise, false, "ResourceTypes is not served: got "+answer(x))
		return
	}
	for _, rt := range list.Resources {
		endpoint, _ := rt.Endpoint.(string)
		if strings.HasSuffix(strings.TrimRight(endpoint, "/"), scim.GroupsEndpoint) {
			p.grant(CapGroup, true, "")
		}
		for _, e := range rt.Extensions {
			if urn, _ := e.Schema.(string); strings.EqualFold(urn, scim.EnterpriseUserURN) {
				p.grant(CapEnterprise, true, "")
			}
		}
	}
	p.grant(CapGroup, p.caps[CapGroup], "ResourceTypes names no endpoint "+scim.GroupsEndpoint)
	p.grant(CapEnterprise, p.caps[CapEnterprise], "ResourceTypes names no extension "+scim.EnterpriseUserURN)
}

// readTarget notes what can be looked at beside SCIM.
func (p *Provider) readTarget() {
	profile := p.target.Profile
	probe := p.target.Product != nil
	why := func(what string) string {
		if !probe {
			return "the target has no product probe"
		}
		return "the profile " + profile.Name + " " + what
	}
	teams, roles := profile.Teams.Target == "team", profile.Roles.Source == "user.roles"
	p.grant(CapProduct, probe, why(""))
	p.grant(CapTeams, probe && teams, why("makes no teams of groups"))
	p.grant(CapRoles, probe && roles, why("does not read roles"))
	_, keys := p.target.Product.(KeyProbe)
	p.grant(CapKeys, keys, why("is looked at by a probe that makes no keys"))
	p.grant(CapLogin, p.target.Login != nil, "logins cannot be simulated in the target")
	_, settings := p.target.Product.(OrganisationProbe)
	p.grant(CapOrganisation, settings && keys && p.target.Login != nil, "settings of the organisation are changed only in a product made for tests")
	p.grant(CapAudit, probe && profile.Audit.Enabled, why("has no audit trail"))
	if p.target.Metrics == nil {
		p.grant(CapMetrics, false, "the target has no metrics probe")
		return
	}
	p.grant(CapMetrics, profile.Metrics.Enabled, "the profile "+profile.Name+" sends no metrics")
}
