// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

var _ check.KeyProbe = (*Probe)(nil)

// references is a relationship to many.
type references struct {
	Data []reference `json:"data"`
}

func referTo(kind string, ids ...string) references {
	r := references{Data: []reference{}}
	for _, id := range ids {
		r.Data = append(r.Data, reference{ID: id, Type: kind})
	}
	return r
}

// made is what the product answers of something new.
type made struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Name string      `json:"name"`
			Key  flow.Secret `json:"key"`
		} `json:"attributes"`
	} `json:"data"`
}

// create makes a resource of a kind.
func (p *Probe) create(ctx context.Context, path, kind string, attributes, relationships map[string]any) (made, error) {
	body := map[string]any{"type": kind, "attributes": attributes}
	if relationships != nil {
		body["relationships"] = relationships
	}
	var m made
	err := p.call(ctx, http.MethodPost, path, document[map[string]any]{Data: body}, &m)
	if err == nil && m.Data.ID == "" {
		err = errors.New("the answer holds no id")
	}
	return m, err
}

// CreateRole makes a role. The product adds the permissions that every role
// has.
func (p *Probe) CreateRole(ctx context.Context, name string, permissions ...string) (*check.ProductRole, error) {
	ids, err := p.permissions(ctx, permissions)
	if err != nil {
		return nil, fmt.Errorf("create role: %w", err)
	}
	m, err := p.create(ctx, "/api/v2/roles", "roles", map[string]any{"name": name},
		map[string]any{"permissions": referTo("permissions", ids...)})
	if err != nil {
		return nil, fmt.Errorf("create role: %w", err)
	}
	return &check.ProductRole{ID: m.Data.ID, Name: m.Data.Attributes.Name}, nil
}

// permissions gives the ids of the permissions of these names.
func (p *Probe) permissions(ctx context.Context, names []string) ([]string, error) {
	var all struct {
		Data []role `json:"data"` // an id and a name, as a role has
	}
	if err := p.call(ctx, http.MethodGet, "/api/v2/permissions", nil, &all); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, name := range names {
		i := slices.IndexFunc(all.Data, func(r role) bool { return r.Attributes.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("the product has no permission %q", name)
		}
		ids = append(ids, all.Data[i].ID)
	}
	return ids, nil
}

// DeleteRole removes a role.
func (p *Probe) DeleteRole(ctx context.Context, id string) error {
	return p.remove(ctx, "delete role", "/api/v2/roles/"+url.PathEscape(id))
}

// remove deletes something; what is gone is no error.
func (p *Probe) remove(ctx context.Context, what, path string) error {
	err := p.call(ctx, http.MethodDelete, path, nil, nil)
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return wrap(what, err)
}

// CreateServiceAccount makes a service account.
func (p *Probe) CreateServiceAccount(ctx context.Context, name, email string, roles ...string) (string, error) {
	m, err := p.create(ctx, "/api/v2/service_accounts", "users",
		map[string]any{"name": name, "email": email, "service_account": true},
		map[string]any{"roles": referTo("roles", roles...)})
	return m.Data.ID, wrap("create service account", err)
}

// DisableServiceAccount disables an account; one that is disabled is no error.
func (p *Probe) DisableServiceAccount(ctx context.Context, id string) error {
	return p.remove(ctx, "disable service account", "/api/v2/users/"+url.PathEscape(id))
}

// CreateKey makes an application key of a service account.
func (p *Probe) CreateKey(ctx context.Context, account, name string, scopes ...string) (*check.ProductKey, error) {
	return p.createKey(ctx, "/api/v2/service_accounts/"+url.PathEscape(account)+"/application_keys", name, scopes...)
}

// CreateOwnKey makes an application key of whoever a session speaks for.
func (p *Probe) CreateOwnKey(ctx context.Context, session flow.Secret, name string) (*check.ProductKey, error) {
	own := *p
	own.appKey, own.redact = session, flow.NewRedactor(p.apiKey, p.appKey, session)
	return own.createKey(ctx, "/api/v2/current_user/application_keys", name)
}

func (p *Probe) createKey(ctx context.Context, path, name string, scopes ...string) (*check.ProductKey, error) {
	attributes := map[string]any{"name": name}
	if len(scopes) > 0 {
		attributes["scopes"] = scopes
	}
	m, err := p.create(ctx, path, "application_keys", attributes, nil)
	if err != nil {
		return nil, fmt.Errorf("create application key: %w", err)
	}
	if m.Data.Attributes.Key == "" {
		return nil, errors.New("create application key: the answer does not tell the key")
	}
	return &check.ProductKey{ID: m.Data.ID, Secret: m.Data.Attributes.Key}, nil
}

// RevokeKey revokes an application key, whoever owns it.
func (p *Probe) RevokeKey(ctx context.Context, id string) error {
	return p.remove(ctx, "revoke application key", "/api/v2/application_keys/"+url.PathEscape(id))
}

// KeyStatus asks validate_keys, the documented way to test an application key.
func (p *Probe) KeyStatus(ctx context.Context, key flow.Secret) (int, error) {
	own := *p
	own.appKey, own.redact = key, flow.NewRedactor(p.apiKey, key)
	err := own.call(ctx, http.MethodGet, "/api/v2/validate_keys", nil, nil)
	if refused, ok := errors.AsType[*StatusError](err); ok {
		return refused.Status, nil
	}
	return http.StatusOK, wrap("validate key", err)
}

// MapRole maps a value of an attribute of SAML assertions to a role.
func (p *Probe) MapRole(ctx context.Context, attribute, value, roleID string) (string, error) {
	m, err := p.create(ctx, "/api/v2/authn_mappings", "authn_mappings",
		map[string]any{"attribute_key": attribute, "attribute_value": value},
		map[string]any{"role": document[reference]{Data: reference{ID: roleID, Type: "roles"}}})
	return m.Data.ID, wrap("map role", err)
}

// UnmapRole removes a mapping.
func (p *Probe) UnmapRole(ctx context.Context, id string) error {
	return p.remove(ctx, "remove role mapping", "/api/v2/authn_mappings/"+url.PathEscape(id))
}
