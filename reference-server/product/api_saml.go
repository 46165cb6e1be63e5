// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// samlResource is the one SAML configuration; its id is that of the organisation.
func (a *api) samlResource(tx store.Tx) (resource, []resource, error) {
	rec, err := tx.Get(kindOrg, orgID)
	if err != nil {
		return resource{}, nil, err
	}
	org, err := decode[organisation](rec)
	if err != nil {
		return resource{}, nil, err
	}
	standard, err := a.defaultRole(tx)
	if err != nil {
		return resource{}, nil, err
	}
	roles, included := toMany{Data: []ref{}}, []resource{}
	if standard != nil {
		roles.Data = append(roles.Data, ref{"roles", standard.ID})
		included = append(included, standard.resource(tx))
	}
	return resource{
		Type: "saml_configurations", ID: org.UUID,
		Attributes: map[string]any{
			"idp_initiated": true, "jit_domains": append([]string{}, org.JITDomains...),
			"entity_id": "https://idp.example/" + org.UUID, "sso_url": "https://idp.example/" + org.UUID + "/sso",
			"assertion_consumer_service": []string{"/account/saml/assertion"}, "expires_at": nil,
			"created_at": stamp(rec.Created), "modified_at": stamp(rec.Modified),
		},
		Relationships: map[string]any{"default_roles": roles},
	}, included, nil
}

// samlConfigurations shows where the organisation's default role is set.
func (a *api) samlConfigurations(tx store.Tx, _ *request) (int, any, error) {
	data, included, err := a.samlResource(tx)
	return http.StatusOK, document{Data: []resource{data}, Included: included}, err
}

func (a *api) samlConfiguration(tx store.Tx, r *request) (int, any, error) {
	data, included, err := a.samlResource(tx)
	if err == nil && data.ID != r.PathValue("saml_config_uuid") {
		err = store.ErrNotFound
	}
	return http.StatusOK, document{Data: data, Included: included}, err
}

// maxDomains is how many domains may have their people made at their first
// login.
const maxDomains = 50

// patchSAML changes the domains whose people are made at their first login, and
// the organisation's default role.
func (a *api) patchSAML(tx store.Tx, r *request) (int, any, error) {
	body, err := read[struct {
		Data struct {
			Attributes struct {
				Domains *[]string `json:"jit_domains"`
				Roles   *[]string `json:"default_role_uuids"`
			} `json:"attributes"`
		} `json:"data"`
	}](r)
	if err != nil {
		return 0, nil, err
	}
	org, err := a.org(tx)
	if err != nil {
		return 0, nil, err
	}
	if domains := body.Data.Attributes.Domains; domains != nil {
		if len(*domains) > maxDomains {
			return 0, nil, refuse(http.StatusBadRequest, "Too many jit_domains")
		}
		org.JITDomains = nil
		for _, d := range *domains {
			if d == "" || strings.ContainsAny(d, "@ ") {
				return 0, nil, refuse(http.StatusBadRequest, "Invalid jit_domains")
			}
			org.JITDomains = append(org.JITDomains, strings.ToLower(d))
		}
	}
	if roles := body.Data.Attributes.Roles; roles != nil {
		if len(*roles) != 1 {
			return 0, nil, refuse(http.StatusBadRequest, "default_role_uuids must have one role")
		}
		x, err := a.role(tx, strings.ToLower((*roles)[0]))
		if errors.Is(err, store.ErrNotFound) {
			return 0, nil, refuse(http.StatusBadRequest, "Invalid default_role_uuids")
		}
		if err != nil {
			return 0, nil, err
		}
		org.DefaultRole = x.ID
	}
	if err := a.update(tx, kindOrg, orgID, org); err != nil {
		return 0, nil, err
	}
	data, included, err := a.samlResource(tx)
	return http.StatusOK, document{Data: data, Included: included}, err
}
