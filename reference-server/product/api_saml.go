// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"

	"github.com/scimproof/scimproof/reference-server/store"
)

// samlResource is the one SAML configuration; its id is that of the organisation.
func (a *api) samlResource(tx store.Tx) (resource, []resource, error) {
	org, err := a.org(tx)
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
		Attributes: struct {
			IDPInitiated bool     `json:"idp_initiated"`
			JITDomains   []string `json:"jit_domains"`
		}{JITDomains: []string{}},
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
