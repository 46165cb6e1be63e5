// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/simulator/directory"
)

// RolePrefix stands in a scenario before the name of a role of the product, in
// the place of the value by which SCIM knows it: products give such values
// anew to each organisation. Options.Roles has the values.
const RolePrefix = "role:"

// withRoles puts the values of roles in the place of their names. An error says
// that the product has no role of a name.
func (s *Simulator) withRoles(c directory.Change) (directory.Change, error) {
	var err error
	if c.Roles, err = s.valuesOf(c.Roles); err != nil || c.Person == nil {
		return c, err
	}
	p := *c.Person
	p.Roles, err = s.valuesOf(p.Roles)
	c.Person = &p
	return c, err
}

func (s *Simulator) valuesOf(roles []directory.Role) ([]directory.Role, error) {
	roles = slices.Clone(roles)
	for i, r := range roles {
		name, named := strings.CutPrefix(r.Value, RolePrefix)
		if !named {
			continue
		}
		value, known := s.o.Roles[name]
		switch {
		case known:
			roles[i].Value = value
		case len(s.o.Roles) == 0:
			return nil, fmt.Errorf("role %q: there is no product to ask for its value; give the value", name)
		default:
			return nil, fmt.Errorf("role %q: the product has none of that name; it has: %s", name, strings.Join(slices.Sorted(maps.Keys(s.o.Roles)), ", "))
		}
	}
	return roles, nil
}
