// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"slices"

	"github.com/scimproof/scimproof/internal/scim"
)

// Mapping is one line of the table of attribute mappings of an application.
type Mapping struct {
	Target     string // attribute of the provider: emails[type eq "work"].value
	Source     string // attribute of the directory, or an expression
	Matching   int    // precedence in matching, from 1; 0: not matched by
	CreateOnly bool   // "only during object creation"
	Default    string // "default value if null"; "": none
}

// enterprise is the prefix of attributes of the enterprise extension.
const enterprise = scim.EnterpriseUserURN + ":"

// DefaultMappings gives the mappings of users that Microsoft documents for an
// application that is not in the gallery, in the order of its table.
func DefaultMappings() []Mapping {
	return []Mapping{
		{Target: "userName", Source: "userPrincipalName", Matching: 1},
		{Target: "active", Source: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
		{Target: "displayName", Source: "displayName"},
		{Target: "title", Source: "jobTitle"},
		{Target: `emails[type eq "work"].value`, Source: "mail"},
		{Target: "preferredLanguage", Source: "preferredLanguage"},
		{Target: "name.givenName", Source: "givenName"},
		{Target: "name.familyName", Source: "surname"},
		{Target: "name.formatted", Source: `Join(" ", [givenName], [surname])`},
		{Target: `addresses[type eq "work"].formatted`, Source: "physicalDeliveryOfficeName"},
		{Target: `addresses[type eq "work"].streetAddress`, Source: "streetAddress"},
		{Target: `addresses[type eq "work"].locality`, Source: "city"},
		{Target: `addresses[type eq "work"].region`, Source: "state"},
		{Target: `addresses[type eq "work"].postalCode`, Source: "postalCode"},
		{Target: `addresses[type eq "work"].country`, Source: "country"},
		{Target: `phoneNumbers[type eq "work"].value`, Source: "telephoneNumber"},
		{Target: `phoneNumbers[type eq "mobile"].value`, Source: "mobile"},
		{Target: `phoneNumbers[type eq "fax"].value`, Source: "facsimileTelephoneNumber"},
		{Target: "externalId", Source: "mailNickname"},
		{Target: enterprise + "employeeNumber", Source: "employeeId"},
		{Target: enterprise + "department", Source: "department"},
		{Target: enterprise + "manager", Source: "manager"},
	}
}

// DatadogMappings gives the mappings of Datadog's application in the gallery,
// as Datadog documents them. Its groups are not provisioned.
func DatadogMappings() []Mapping {
	return []Mapping{
		{Target: "userName", Source: "userPrincipalName", Matching: 1},
		{Target: "active", Source: "Not([IsSoftDeleted])"},
		{Target: "title", Source: "jobTitle"},
		{Target: `emails[type eq "work"].value`, Source: "mail"},
		{Target: "name.formatted", Source: "displayName"},
		{Target: "roles", Source: "AppRoleAssignmentsComplex([appRoleAssignments])"},
	}
}

// DefaultGroupMappings gives the mappings of groups that Microsoft documents;
// members are always written, one by one.
func DefaultGroupMappings() []Mapping {
	return []Mapping{
		{Target: "displayName", Source: "displayName", Matching: 1},
		{Target: "externalId", Source: "objectId"},
	}
}

// WithMapping gives the mappings with the one of the same target replaced, its
// place and matching kept, or with m at the end. A mapping without a source is
// left out.
func WithMapping(mappings []Mapping, m Mapping) []Mapping {
	out := slices.Clone(mappings)
	i := slices.IndexFunc(out, func(o Mapping) bool { return o.Target == m.Target })
	switch {
	case m.Source == "" && i < 0:
		return out
	case m.Source == "":
		return slices.Delete(out, i, i+1)
	case i < 0:
		return append(out, m)
	}
	if m.Matching == 0 {
		m.Matching = out[i].Matching
	}
	out[i] = m
	return out
}

// RoleMapping gives the mapping of app roles by one of the role functions, to
// the target that Microsoft documents for it.
func RoleMapping(function string) (Mapping, error) {
	target := "roles"
	switch function {
	case "SingleAppRoleAssignment":
		target = `roles[primary eq "True"].value`
	case "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex":
	default:
		return Mapping{}, fmt.Errorf("map roles: function is %q, it must be SingleAppRoleAssignment, "+
			"AppRoleAssignmentsComplex or AssertiveAppRoleAssignmentsComplex", function)
	}
	return Mapping{Target: target, Source: function + "([appRoleAssignments])"}, nil
}

// rule is a mapping that was read.
type rule struct {
	Mapping
	target Target
	source *Expression
}

func readMappings(mappings []Mapping) ([]rule, error) {
	rules := make([]rule, 0, len(mappings))
	for _, m := range mappings {
		target, err := ParseTarget(m.Target)
		if err != nil {
			return nil, err
		}
		source, err := ParseSource(m.Source)
		if err != nil {
			return nil, fmt.Errorf("mapping of %s: %w", m.Target, err)
		}
		rules = append(rules, rule{m, target, source})
	}
	if !slices.ContainsFunc(rules, func(r rule) bool { return r.Matching > 0 }) {
		return nil, fmt.Errorf("read mappings: none of the %d is used for matching", len(rules))
	}
	return rules, nil
}

// matching gives the rules to match by, the first first.
func matching(rules []rule) []rule {
	var out []rule
	for _, r := range rules {
		if r.Matching > 0 {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b rule) int { return a.Matching - b.Matching })
	return out
}

// wanted is what a mapping says that the provider should hold.
type wanted struct {
	target Target
	value  any // nil: the source is empty
	create bool
}

// evaluate applies the rules. The manager is left out: it is a reference and
// has a request of its own.
func evaluate(rules []rule, attribute func(string) any) ([]wanted, error) {
	out := make([]wanted, 0, len(rules))
	for _, r := range rules {
		if r.target.manager() {
			continue
		}
		v, err := r.source.Evaluate(attribute)
		if err != nil {
			return nil, fmt.Errorf("mapping of %s: %w", r.target, err)
		}
		if empty(v) {
			v = nil
			if r.Default != "" {
				v = r.Default
			}
		}
		out = append(out, wanted{r.target, v, r.CreateOnly})
	}
	return out, nil
}
