// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// standardRole is the name of the built-in role that is an organisation's
// default unless an administrator chose another (SAML page, seen 2026-11-23).
const standardRole = "Datadog Standard Role"

// reference is a JSON:API resource identifier.
type reference struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type user struct {
	ID         string `json:"id"`
	Attributes struct {
		Email  string `json:"email"`
		Name   string `json:"name"`
		Title  string `json:"title"`
		Status string `json:"status"`
	} `json:"attributes"`
	Relationships struct {
		Roles struct {
			Data []reference `json:"data"`
		} `json:"roles"`
	} `json:"relationships"`
}

// User finds a user by e-mail address. The API's filter is free text, so the
// answers are compared whole; addresses are kept in lower case.
func (p *Probe) User(ctx context.Context, email string) (*check.ProductUser, error) {
	var found *check.ProductUser
	query := url.Values{"filter": {email}, "filter[status]": {"Active,Pending,Disabled"}}
	err := pages(ctx, p, "/api/v2/users", query, func(u user) bool {
		if !strings.EqualFold(u.Attributes.Email, email) {
			return true
		}
		found = &check.ProductUser{
			ID: u.ID, Email: u.Attributes.Email, Name: u.Attributes.Name,
			Title: u.Attributes.Title, Status: u.Attributes.Status,
		}
		for _, r := range u.Relationships.Roles.Data {
			found.Roles = append(found.Roles, r.ID)
		}
		return false
	})
	if err != nil {
		return nil, fmt.Errorf("find user: %w", err)
	}
	return found, nil
}

type role struct {
	ID         string `json:"id"`
	Attributes struct {
		Name string `json:"name"`
	} `json:"attributes"`
}

// Roles lists the roles of the organisation.
func (p *Probe) Roles(ctx context.Context) ([]check.ProductRole, error) {
	var all []check.ProductRole
	err := pages(ctx, p, "/api/v2/roles", url.Values{"sort": {"name"}}, func(r role) bool {
		all = append(all, check.ProductRole{ID: r.ID, Name: r.Attributes.Name})
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("list roles: %w", err)
	}
	return all, nil
}

// DefaultRole gives the role that the SAML configuration names as default, and
// where that cannot be read the built-in Standard role.
func (p *Probe) DefaultRole(ctx context.Context) (string, error) {
	var saml struct {
		Data []struct {
			Relationships struct {
				DefaultRoles struct {
					Data []reference `json:"data"`
				} `json:"default_roles"`
			} `json:"relationships"`
		} `json:"data"`
	}
	err := p.call(ctx, http.MethodGet, "/api/v2/saml_configurations", nil, &saml)
	switch {
	case isStatus(err, http.StatusForbidden, http.StatusNotFound):
	case err != nil:
		return "", fmt.Errorf("read default role: %w", err)
	case len(saml.Data) > 0:
		if roles := saml.Data[0].Relationships.DefaultRoles.Data; len(roles) > 0 {
			return roles[0].ID, nil
		}
		return "", nil
	}
	all, err := p.Roles(ctx)
	for _, r := range all {
		if r.Name == standardRole {
			return r.ID, err
		}
	}
	return "", err
}
