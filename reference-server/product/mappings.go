// SPDX-License-Identifier: Apache-2.0

package product

import (
	"slices"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// mapping says which role or team those get at a login whose SAML assertion
// has a value of an attribute. Attribute and value are compared byte by byte.
type mapping struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Value string `json:"value"`
	Role  string `json:"role,omitzero"` // id of a role, or else
	Team  string `json:"team,omitzero"` // id of a team

	created, modified time.Time
}

func (m *mapping) kind() string {
	if m.Team != "" {
		return "team"
	}
	return "role"
}

func (m *mapping) keys() []store.Key {
	return []store.Key{
		{Index: "kind", Value: m.kind()},
		{Index: "target", Value: m.Role + m.Team},
		{Index: "rule", Value: m.kind() + "\x00" + m.Key + "\x00" + m.Value + "\x00" + m.Role + m.Team, Unique: true},
	}
}

func (m *mapping) matches(attributes map[string][]string) bool {
	return slices.Contains(attributes[m.Key], m.Value)
}

func decodeMapping(r *store.Record) (*mapping, error) {
	m, err := decode[mapping](r)
	m.created, m.modified = r.Created, r.Modified
	return &m, err
}

// mappings returns the mappings to roles or to teams.
func (o *Organisation) mappings(tx store.Tx, kind string) ([]*mapping, error) {
	found := []*mapping{}
	for r := range tx.Find(kindMapping, "kind", kind) {
		m, err := decodeMapping(r)
		if err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	return found, nil
}

// dropMappings removes the mappings to a role or team that is about to be
// removed.
func dropMappings(tx store.Tx, target string) error {
	for _, r := range slices.Collect(tx.Find(kindMapping, "target", target)) {
		if err := tx.Delete(kindMapping, r.ID); err != nil {
			return err
		}
	}
	return nil
}
