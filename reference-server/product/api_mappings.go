// SPDX-License-Identifier: Apache-2.0

package product

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// maxMappings is how many mappings to roles there may be, and how many to
// teams.
const maxMappings = 1000

func (m *mapping) resource() resource {
	attribute := idOf("assertion attribute", m.Key)
	relationships := map[string]any{"saml_assertion_attribute": toOne{ref{"saml_assertion_attributes", attribute}}}
	if m.Team != "" {
		relationships["team"] = toOne{ref{"team", m.Team}}
	} else {
		relationships["role"] = toOne{ref{"roles", m.Role}}
	}
	return resource{
		Type: "authn_mappings", ID: m.ID,
		Attributes: map[string]any{
			"attribute_key": m.Key, "attribute_value": m.Value, "saml_assertion_attribute_id": attribute,
			"created_at": stamp(m.created), "modified_at": stamp(m.modified),
		},
		Relationships: relationships,
	}
}

// target is the role or team of a mapping, as included beside it.
func (a *api) target(tx store.Tx, m *mapping) (resource, error) {
	if m.Team == "" {
		x, err := a.role(tx, m.Role)
		if err != nil {
			return resource{}, err
		}
		return x.resource(tx), nil
	}
	rec, err := tx.Get(kindTeam, m.Team)
	if err != nil {
		return resource{}, err
	}
	t, err := decodeTeam(rec)
	return t.resource(tx), err
}

func (a *api) listMappings(tx store.Tx, r *request) (int, any, error) {
	q := r.URL.Query()
	p, err := pageOf(q)
	if err != nil {
		return 0, nil, err
	}
	kind := cmp.Or(q.Get("resource_type"), q.Get("filter[resource_type]"), "role")
	if kind != "role" && kind != "team" {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid resource_type")
	}
	found, err := a.mappings(tx, kind)
	if err != nil {
		return 0, nil, err
	}
	total := len(found)
	found = slices.DeleteFunc(found, func(m *mapping) bool { return !mentions(q.Get("filter"), m.Key, m.Value) })
	err = order(found, q.Get("sort"), false, "created_at", map[string]func(x, y *mapping) int{
		"created_at":                               func(x, y *mapping) int { return x.created.Compare(y.created) },
		"role_id":                                  compareBy(func(m *mapping) string { return m.Role }),
		"saml_assertion_attribute_id":              compareBy(func(m *mapping) string { return m.Key }),
		"saml_assertion_attribute.attribute_key":   compareBy(func(m *mapping) string { return m.Key }),
		"saml_assertion_attribute.attribute_value": compareBy(func(m *mapping) string { return m.Value }),
	})
	if err != nil {
		return 0, nil, err
	}
	data, included, seen := []resource{}, []resource{}, map[string]bool{}
	for _, m := range cut(found, p.offset(), p.size) {
		data = append(data, m.resource())
		if to := m.Role + m.Team; !seen[to] {
			x, err := a.target(tx, m)
			if err != nil {
				return 0, nil, err
			}
			seen[to], included = true, append(included, x)
		}
	}
	return http.StatusOK, document{Data: data, Included: included, Meta: countMeta(total, len(found))}, nil
}

func (a *api) mappingAt(tx store.Tx, r *request) (*mapping, error) {
	rec, err := tx.Get(kindMapping, strings.ToLower(r.PathValue("id")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "Could not find AuthN Mapping with UUID: %s", r.PathValue("id"))
	}
	if err != nil {
		return nil, err
	}
	return decodeMapping(rec)
}

func (a *api) oneMapping(tx store.Tx, m *mapping) (int, any, error) {
	x, err := a.target(tx, m)
	return http.StatusOK, document{Data: m.resource(), Included: []resource{x}}, err
}

func (a *api) getMapping(tx store.Tx, r *request) (int, any, error) {
	m, err := a.mappingAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return a.oneMapping(tx, m)
}

type mappingBody struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Key   *string `json:"attribute_key"`
			Value *string `json:"attribute_value"`
		} `json:"attributes"`
		Relationships struct {
			Role *toOne `json:"role"`
			Team *toOne `json:"team"`
		} `json:"relationships"`
	} `json:"data"`
}

// readMapping puts into a mapping what a body says.
func (a *api) readMapping(tx store.Tx, r *request, m *mapping) error {
	body, err := read[mappingBody](r)
	if err != nil {
		return err
	}
	d := body.Data
	if d.ID != "" && !strings.EqualFold(d.ID, m.ID) {
		return refuse(http.StatusUnprocessableEntity, "UUID's in the URL and request body do not match")
	}
	if d.Attributes.Key != nil {
		m.Key = *d.Attributes.Key
	}
	if d.Attributes.Value != nil {
		m.Value = *d.Attributes.Value
	}
	switch to := d.Relationships; {
	case to.Role != nil && to.Team != nil:
		return refuse(http.StatusBadRequest, "Invalid relationships")
	case to.Role != nil:
		m.Role, m.Team = strings.ToLower(to.Role.Data.ID), ""
	case to.Team != nil:
		m.Role, m.Team = "", strings.ToLower(to.Team.Data.ID)
	}
	if m.Key == "" || m.Value == "" {
		return refuse(http.StatusBadRequest, "Invalid attribute")
	}
	if _, err := a.target(tx, m); errors.Is(err, store.ErrNotFound) {
		return refuse(http.StatusBadRequest, "Invalid %s", m.kind())
	} else if err != nil {
		return err
	}
	return nil
}

func sameMapping(err error) error {
	if errors.Is(err, store.ErrUniqueness) {
		return refuse(http.StatusConflict, "AuthN Mapping already exists")
	}
	return err
}

// createMapping answers 200, as recorded, not 201.
func (a *api) createMapping(tx store.Tx, r *request) (int, any, error) {
	m := &mapping{ID: a.newID(), created: a.now(), modified: a.now()}
	body, err := read[mappingBody](r)
	if err != nil {
		return 0, nil, err
	}
	if body.Data.ID != "" {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid id")
	}
	if err := a.readMapping(tx, r, m); err != nil {
		return 0, nil, err
	}
	there, err := a.mappings(tx, m.kind())
	if err != nil {
		return 0, nil, err
	}
	if len(there) >= maxMappings {
		return 0, nil, refuse(http.StatusBadRequest, "Too many AuthN Mappings")
	}
	if err := a.insert(tx, kindMapping, m.ID, m, m.keys()...); err != nil {
		return 0, nil, sameMapping(err)
	}
	return a.oneMapping(tx, m)
}

func (a *api) patchMapping(tx store.Tx, r *request) (int, any, error) {
	m, err := a.mappingAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.readMapping(tx, r, m); err != nil {
		return 0, nil, err
	}
	if err := a.update(tx, kindMapping, m.ID, m, m.keys()...); err != nil {
		return 0, nil, sameMapping(err)
	}
	return a.getMapping(tx, r)
}

func (a *api) deleteMapping(tx store.Tx, r *request) (int, any, error) {
	m, err := a.mappingAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, tx.Delete(kindMapping, m.ID)
}
