// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/entra"
	"github.com/scimproof/scimproof/simulator/okta"
)

// okta sets up the application in Okta.
func (s *Simulator) okta() (cycle.Dialect, error) {
	app := s.o.Scenario.App
	features := okta.Preset(s.o.Scenario.Dialect)
	for _, name := range slices.Sorted(maps.Keys(app.Features)) {
		if !features.Set(name, app.Features[name]) {
			return nil, s.wrong("features."+name, "an unknown feature", okta.FeatureNames())
		}
	}
	o := okta.Options{
		Dialect: s.o.Scenario.Dialect, Name: app.Name, Seed: s.o.Scenario.Seed, Features: &features, Mappings: okta.DefaultMappings(),
	}
	for _, name := range slices.Sorted(maps.Keys(app.Options)) {
		allowed, known := o.Switches.Set(name, app.Options[name])
		if !known {
			return nil, s.wrong("options."+name, "an unknown option", okta.SwitchNames())
		}
		if allowed != nil {
			return nil, s.wrong("options."+name, fmt.Sprintf("%q", app.Options[name]), allowed)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(app.Roles)) {
		o.Roles = okta.RoleForm(app.Roles[name])
		switch {
		case name != "form":
			return nil, s.wrong("roles."+name, "an unknown key", []string{"form"})
		case !slices.Contains(okta.RoleForms(), o.Roles):
			return nil, s.wrong("roles."+name, fmt.Sprintf("%q", o.Roles), text(okta.RoleForms()))
		}
	}
	for _, m := range app.Mappings {
		o.Mappings = okta.WithMapping(o.Mappings, okta.Mapping(m))
	}
	s.sendsRoles = o.Roles != okta.RolesOff
	return okta.New(s.dir, s.sender(okta.Policy(o.Switches), okta.Timeout), s.clock, o)
}

// entra sets up the application in Entra ID.
func (s *Simulator) entra() (cycle.Dialect, error) {
	app := s.o.Scenario.App
	for name := range app.Features {
		return nil, s.wrong("features."+name, "a feature, as Okta's applications have", []string{"none; options, roles and mappings are Entra ID's"})
	}
	o := entra.Options{Dialect: s.o.Scenario.Dialect, Seed: s.o.Scenario.Seed, Mappings: entra.DefaultMappings()}
	for _, name := range slices.Sorted(maps.Keys(app.Options)) {
		if err := o.Set(name, app.Options[name]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", s.o.Scenario.File, app.Lines["app.options."+name], err)
		}
	}
	for _, m := range app.Mappings {
		o.Mappings = entra.WithMapping(o.Mappings, entra.Mapping{Target: m.Target, Source: m.Source})
	}
	for _, name := range slices.Sorted(maps.Keys(app.Roles)) {
		if name != "function" {
			return nil, s.wrong("roles."+name, "an unknown key", []string{"function"})
		}
		m, err := entra.RoleMapping(app.Roles[name])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", s.o.Scenario.File, app.Lines["app.roles.function"], err)
		}
		o.Mappings = entra.WithMapping(o.Mappings, m)
	}
	s.sendsRoles = o.Dialect != entra.Pod &&
		slices.ContainsFunc(o.Mappings, func(m entra.Mapping) bool { return strings.HasPrefix(m.Target, "roles") })
	return entra.New(s.dir, s.sender(entra.Policy(o.Knobs), entra.Timeout), s.clock, o)
}

func (s *Simulator) wrong(key, found string, allowed []string) error {
	key = "app." + key
	return &SyntaxError{
		File: s.o.Scenario.File, Line: s.o.Scenario.App.Lines[key], Key: key, Found: found, Allowed: strings.Join(allowed, ", "),
	}
}

func text[T ~string](words []T) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}
