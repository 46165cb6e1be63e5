// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Mapping is one line of "Attribute Mappings": which attribute of the directory
// goes to an attribute of the provider. A Target is a name ("title"), a
// sub-attribute of name ("name.givenName"), the value of the primary entry of a
// list ("emails.value"), or an attribute of an extension with its URN. The
// constant source `work` is what emails.type has.
type Mapping struct {
	Target string
	Source string
}

// emailType is the target whose source is not an attribute but the type itself.
const emailType = "emails.type"

// DefaultMappings gives those of a new application, in the order of the profile
// that the documented create shows; title and department are the extras that
// recordings have.
func DefaultMappings() []Mapping {
	return []Mapping{
		{"userName", directory.UserName},
		{"name.givenName", directory.GivenName},
		{"name.familyName", directory.FamilyName},
		{"emails.value", directory.Email},
		{emailType, "work"},
		{"title", directory.Title},
		{"displayName", directory.DisplayName},
		{"locale", directory.Locale},
		{scim.EnterpriseUserURN + ":department", directory.Department},
	}
}

// WithMapping gives the mappings with the source of one target replaced, left
// out where source is "", or with a new one before displayName: extra core
// attributes stand there (concluded; only title was seen).
func WithMapping(mappings []Mapping, m Mapping) []Mapping {
	out := slices.Clone(mappings)
	same := func(o Mapping) bool { return o.Target == m.Target }
	at := slices.IndexFunc(out, same)
	switch {
	case m.Source == "":
		return slices.DeleteFunc(out, same)
	case at >= 0:
		out[at].Source = m.Source
		return out
	}
	at = slices.IndexFunc(out, func(o Mapping) bool { return o.Target == directory.DisplayName })
	if at < 0 || strings.HasPrefix(m.Target, "urn:") {
		at = len(out)
	}
	return slices.Insert(out, at, m)
}

// checkMappings refuses what cannot be written.
func checkMappings(mappings []Mapping) error {
	if !slices.ContainsFunc(mappings, func(m Mapping) bool { return m.Target == directory.UserName }) {
		return fmt.Errorf("open application: no mapping for userName, by which people are matched")
	}
	for _, m := range mappings {
		_, name := m.extension()
		parent, sub, nested := strings.Cut(name, ".")
		switch {
		case name == "" || parent == "" || nested && sub == "" || strings.ContainsAny(name, ` []"^`):
		case slices.Contains([]string{"id", "meta", "schemas", "groups", "active", "password", "externalId", "roles"}, parent):
			return fmt.Errorf("open application: mapping of %q: the application writes it by itself", m.Target)
		case nested && parent != "name" && sub != "value" && m.Target != emailType:
		default:
			continue
		}
		return fmt.Errorf("open application: mapping of %q: the target must be NAME, name.NAME, NAME.value, %s or URN:NAME", m.Target, emailType)
	}
	return nil
}

// extension splits a target into the URN of its extension, "" for the core
// schema, and the rest.
func (m Mapping) extension() (urn, name string) {
	if !strings.HasPrefix(m.Target, "urn:") {
		return "", m.Target
	}
	colon := strings.LastIndexByte(m.Target, ':')
	return m.Target[:colon], m.Target[colon+1:]
}

// value gives what the directory has for a mapping.
func (m Mapping) value(p *directory.Person) string {
	switch m.Source {
	case directory.DisplayName:
		return p.Name()
	case directory.Email:
		return p.Address()
	case directory.Locale:
		if p.Locale == "" {
			return defaultLocale
		}
	}
	if m.Target == emailType {
		return m.Source
	}
	return p.Attribute(m.Source)
}

// defaultLocale is that of every sample and recording.
const defaultLocale = "en-US"

// maps says whether a change is about attributes that go to the provider. A
// name is within displayName too, and the user name stands for an address.
func (a *Application) maps(c directory.Change) bool {
	if c.Kind == directory.Roles {
		return a.o.Roles != RolesOff
	}
	return slices.ContainsFunc(a.o.Mappings, func(m Mapping) bool {
		_, changed := c.Values[m.Source]
		switch m.Source {
		case directory.DisplayName:
			_, given := c.Values[directory.GivenName]
			_, family := c.Values[directory.FamilyName]
			changed = changed || given || family
		case directory.Email:
			_, name := c.Values[directory.UserName]
			changed = changed || name
		}
		return changed
	})
}
