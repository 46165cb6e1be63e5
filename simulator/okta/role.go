// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// RoleForm says how the roles of a person are written. Okta has no roles of its
// own: an administrator adds attributes to the application's profile.
type RoleForm string

// The forms. No capture of any was found; the bodies are those of support
// articles and of vendors' guides.
const (
	RolesStrings RoleForm = "strings" // the template's attribute: ["a","b"]; strict providers refuse it
	RolesPrimary RoleForm = "primary" // roles.^[primary==true].value: one role, as Datadog documents
	RolesSlots   RoleForm = "slots"   // roles.^[type=='X'].value: one role a type
	RolesNested  RoleForm = "nested"  // the same inside an object keyed by the core URN, as the support article prints it
	RolesOff     RoleForm = "none"
)

// RoleForms lists the forms.
func RoleForms() []RoleForm {
	return []RoleForm{RolesStrings, RolesPrimary, RolesSlots, RolesNested, RolesOff}
}

// roles gives the roles of p that the form can write.
func (f RoleForm) roles(p *directory.Person) []directory.Role {
	switch {
	case f == RolesOff || len(p.Roles) == 0:
		return nil
	case f == RolesPrimary:
		at := max(0, slices.IndexFunc(p.Roles, func(r directory.Role) bool { return r.Primary }))
		return p.Roles[at : at+1]
	case f == RolesSlots || f == RolesNested:
		roles := slices.Clone(p.Roles)
		for i := range roles {
			if roles[i].Type == "" {
				roles[i].Type = fmt.Sprintf("slot%d", i+1)
			}
		}
		return roles
	}
	return p.Roles
}

// write puts the roles of p into a user: in place where the provider has them,
// else at the end. Entries that are not Okta's stay.
func (f RoleForm) write(o *object, p *directory.Person) {
	roles := f.roles(p)
	switch f {
	case RolesOff:
	case RolesStrings:
		f.writeStrings(o, roles)
	case RolesNested:
		inner := o.object(scim.UserURN)
		if inner == nil && len(roles) == 0 {
			return
		}
		o.setWithin(scim.UserURN, func(o *object) { writeEntries(o, "type", roles) })
	case RolesSlots:
		writeEntries(o, "type", roles)
	default:
		writeEntries(o, "primary", roles)
	}
}

func (RoleForm) writeStrings(o *object, roles []directory.Role) {
	if len(roles) == 0 && len(elements(o.get("roles"))) == 0 {
		return
	}
	values := make([]jsontext.Value, len(roles))
	for i, r := range roles {
		values[i] = quote(r.Value)
	}
	o.set("roles", array(values))
}

// writeEntries writes one entry for each role. key tells which are Okta's: those
// that are primary, or those with the type of a slot.
func writeEntries(o *object, key string, roles []directory.Role) {
	held := elements(o.get("roles"))
	if len(roles) == 0 && len(held) == 0 {
		return
	}
	kept := []jsontext.Value{}
	written := map[int]bool{}
	for _, v := range held {
		entry, err := parseObject(v)
		if err != nil {
			kept = append(kept, v)
			continue
		}
		at := slices.IndexFunc(roles, func(r directory.Role) bool {
			return key == "type" && entry.text(key) == r.Type || key == "primary" && truth(entry.get(key))
		})
		switch {
		case at >= 0 && !written[at]:
			written[at] = true
			entry.setText("value", roles[at].Value)
			kept = append(kept, entry.bytes())
		case at >= 0 || key == "primary" && truth(entry.get(key)) || key == "type" && entry.get(key) != nil:
		default:
			kept = append(kept, v)
		}
	}
	for i, r := range roles {
		if written[i] {
			continue
		}
		entry := &object{}
		if key == "type" {
			entry.setText(key, r.Type)
		} else {
			entry.set(key, jsontext.Value("true"))
		}
		entry.setText("value", r.Value)
		kept = append(kept, entry.bytes())
	}
	o.set("roles", array(kept))
}
