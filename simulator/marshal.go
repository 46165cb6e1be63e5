// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/simulator/directory"
)

// Marshal gives the text form of a scenario, a line each for a person, a group
// and a change. Parse reads it back.
func Marshal(s Scenario) []byte {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	if s.Dialect != "" {
		line("dialect: %s", s.Dialect)
	}
	if s.Seed != 0 {
		line("seed: %d", s.Seed)
	}
	if app := s.App.fields(); app != nil {
		line("app:")
		for _, f := range app {
			line("  %s", f)
		}
	}
	line("directory:")
	for _, part := range []struct {
		name  string
		lines []string
	}{{"people", each(s.Directory.People, personText)}, {"groups", each(s.Directory.Groups, groupText)}} {
		if len(part.lines) > 0 {
			line("  %s:", part.name)
		}
		for _, l := range part.lines {
			line("    - %s", l)
		}
	}
	line("  assigned: %s", texts(s.Directory.Assigned))
	if len(s.Changes) == 0 {
		line("changes: []")
		return []byte(b.String())
	}
	line("changes:")
	for _, c := range s.Changes {
		line("  - %s: %s", c.Kind, changeText(c))
	}
	return []byte(b.String())
}

// fields gives a line for each key of app.
func (a App) fields() []string {
	var lines []string
	if a.Name != "" {
		lines = append(lines, "name: "+plain(a.Name))
	}
	if len(a.Features) > 0 {
		f := &fields{}
		for _, name := range slices.Sorted(maps.Keys(a.Features)) {
			f.raw(name, strconv.FormatBool(a.Features[name]))
		}
		lines = append(lines, "features: "+f.String())
	}
	if len(a.Options) > 0 {
		lines = append(lines, "options: "+mappingText(a.Options))
	}
	if len(a.Roles) > 0 {
		lines = append(lines, "roles: "+mappingText(a.Roles))
	}
	if len(a.Mappings) > 0 {
		f := &fields{}
		for _, m := range a.Mappings {
			if m.Source == "" {
				f.raw(m.Target, "null")
			} else {
				f.text(m.Target, m.Source)
			}
		}
		lines = append(lines, "mappings: "+f.String())
	}
	return lines
}

func personText(p directory.Person) string {
	f := &fields{}
	f.text("id", p.ID)
	for _, name := range directory.BuiltIn() {
		f.text(name, p.Attribute(name))
	}
	f.text("externalId", p.ExternalID)
	f.text("password", p.Password)
	if p.Disabled {
		f.raw("disabled", "true")
	}
	if len(p.Roles) > 0 {
		f.raw("roles", rolesText(p.Roles))
	}
	if len(p.Attributes) > 0 {
		f.raw("attributes", mappingText(p.Attributes))
	}
	return f.String()
}

func groupText(g directory.Group) string {
	f := &fields{}
	f.text("id", g.ID)
	f.text("displayName", g.DisplayName)
	f.text("description", g.Description)
	if len(g.Members) > 0 {
		f.raw("members", texts(g.Members))
	}
	return f.String()
}

func rolesText(roles []directory.Role) string {
	return "[" + strings.Join(each(roles, func(r directory.Role) string {
		f := &fields{}
		f.text("value", r.Value)
		f.text("display", r.Display)
		f.text("type", r.Type)
		if r.Primary {
			f.raw("primary", "true")
		}
		return f.String()
	}), ", ") + "]"
}

// changeText gives what stands behind the kind of a change.
func changeText(c directory.Change) string {
	f := &fields{}
	switch c.Kind {
	case directory.Join:
		return personText(*c.Person)
	case directory.Found:
		return groupText(*c.Group)
	case directory.Set:
		f.text("person", c.ID())
		custom := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			if slices.Contains(directory.BuiltIn(), name) {
				f.raw(name, plain(c.Values[name]))
			} else {
				custom[name] = c.Values[name]
			}
		}
		if len(custom) > 0 {
			f.raw("attributes", mappingText(custom))
		}
	case directory.Roles:
		f.text("person", c.ID())
		f.raw("values", rolesText(c.Roles))
	case directory.SetPassword:
		f.text("person", c.ID())
		f.text("value", c.Password)
	case directory.Add, directory.Remove:
		f.text("group", c.ID())
		f.raw("members", texts(c.Members))
	case directory.Swap:
		f.text("group", c.ID())
		f.raw("add", texts(c.Members))
		f.raw("remove", texts(c.Leavers))
	case directory.Rename:
		f.text("group", c.ID())
		f.text("displayName", c.Name)
	case directory.Link, directory.Unlink:
		f.text("group", c.ID())
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			f.raw(name, c.Values[name])
		}
	case directory.Import:
		return c.Values["of"]
	case directory.Wait:
		return c.Wait
	case directory.Features:
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			f.raw(name, c.Values[name])
		}
	case directory.Probe, directory.Retry, directory.Cycle, directory.Initial:
	default:
		return texts(c.IDs)
	}
	return f.String()
}

// fields is a mapping on one line.
type fields []string

// text adds a key with a text, if there is one.
func (f *fields) text(key, value string) {
	if value != "" {
		f.raw(key, plain(value))
	}
}

func (f *fields) raw(key, value string) { *f = append(*f, plain(key)+": "+value) }

// String gives {key: value, key: value}.
func (f *fields) String() string { return "{" + strings.Join(*f, ", ") + "}" }

func mappingText(m map[string]string) string {
	f := &fields{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		f.raw(key, plain(m[key]))
	}
	return f.String()
}

func texts(list []string) string { return "[" + strings.Join(each(list, plain), ", ") + "]" }

// unquoted is a text that means itself in YAML; null is none.
var unquoted = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.@+-]*$`)

func plain(s string) string {
	if unquoted.MatchString(s) && !strings.EqualFold(s, "null") {
		return s
	}
	return strconv.Quote(s) // its escapes are YAML's too
}

func each[E any](list []E, text func(E) string) []string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = text(e)
	}
	return lines
}
