// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"strings"

	"github.com/scimproof/scimproof/simulator/directory"
)

// personAttribute gives the attributes of a person under the names that Entra
// ID has for them, then under those of the directory.
func (c *Connector) personAttribute(p *directory.Person, softDeleted bool) func(string) any {
	return func(name string) any {
		switch name {
		case "IsSoftDeleted":
			return softDeleted
		case "accountEnabled":
			return !p.Disabled
		case "userPrincipalName":
			return orNull(p.UserName)
		case "mail":
			return orNull(p.Email)
		case "surname":
			return orNull(p.FamilyName)
		case directory.DisplayName:
			return orNull(p.Name())
		case "jobTitle":
			return orNull(p.Title)
		case "preferredLanguage":
			return orNull(p.Locale)
		case "telephoneNumber":
			return orNull(p.Phone)
		case "objectId":
			return p.ID
		case "mailNickname":
			if nick := p.Attribute(name); nick != "" {
				return nick
			}
			nick, _, _ := strings.Cut(p.UserName, "@")
			return orNull(nick)
		case "appRoleAssignments":
			return c.appRoles(p)
		}
		return orNull(p.Attribute(name))
	}
}

func groupAttribute(g *directory.Group) func(string) any {
	return func(name string) any {
		switch name {
		case "objectId":
			return g.ID
		case directory.DisplayName:
			return orNull(g.DisplayName)
		case "description":
			return orNull(g.Description)
		}
		return nil
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// appRoles gives the app roles of a person. The directory has no ids for them:
// each value gets one when it is first seen. Roles do not work on demand.
func (c *Connector) appRoles(p *directory.Person) any {
	if len(p.Roles) == 0 || c.options.Dialect == Pod {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Role
	for _, r := range p.Roles {
		if c.roles[r.Value] == "" {
			c.roles[r.Value] = ordinal(len(c.roles) + 1)
		}
		out = append(out, Role{c.roles[r.Value], r.Value, r.Display})
	}
	return out
}
