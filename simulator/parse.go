// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/scimproof/scimproof/simulator/directory"
)

// Parse reads the text form of a scenario; file is for messages. Unknown keys
// are errors, as are ids that nobody has. A [SyntaxError] says what, where, and
// what is allowed.
func Parse(file string, b []byte) (Scenario, error) {
	var document yaml.Node
	if err := yaml.Load(b, &document); err != nil {
		return Scenario{}, fmt.Errorf("parse scenario %s: %w", file, err)
	}
	root := &document
	if document.Kind == yaml.DocumentNode && len(document.Content) == 1 {
		root = document.Content[0]
	}
	r := &reader{file: file, ids: map[string]bool{}}
	s := r.scenario(root)
	if r.err != nil {
		return Scenario{}, r.err
	}
	return s, nil
}

func (r *reader) scenario(n *yaml.Node) Scenario {
	m := r.mapping(n, "", nil, "dialect", "seed", "app", "directory", "changes")
	s := Scenario{File: r.file}
	if d := m["dialect"]; d != nil {
		s.Dialect = r.word(d, "dialect", Dialects()...)
	}
	if seed := m["seed"]; seed != nil {
		number, err := strconv.ParseUint(seed.Value, 10, 64)
		if err != nil {
			r.fail(seed.Line, "seed", found(seed), "a whole number from 0")
		}
		s.Seed = number
	}
	s.App = r.app(m["app"])
	s.Directory = r.start(m["directory"])
	for i, c := range r.sequence(m["changes"], "changes") {
		s.Changes = append(s.Changes, r.change(c, fmt.Sprintf("changes[%d]", i)))
	}
	return s
}

func (r *reader) app(n *yaml.Node) App {
	m := r.mapping(n, "app", nil, "name", "features", "options", "roles", "mappings")
	a := App{Lines: map[string]int{}, Name: r.text(m["name"], "app.name"), Features: map[string]bool{}}
	note := func(key string, n *yaml.Node) { a.Lines["app."+key] = n.Line }
	for _, p := range r.pairs(m["features"], "app.features") {
		a.Features[p.name] = r.boolean(p.value, p.key)
		note("features."+p.name, p.value)
	}
	for _, part := range []struct {
		name string
		to   *map[string]string
	}{{"options", &a.Options}, {"roles", &a.Roles}} {
		*part.to = map[string]string{}
		for _, p := range r.pairs(m[part.name], "app."+part.name) {
			(*part.to)[p.name] = r.text(p.value, p.key)
			note(part.name+"."+p.name, p.value)
		}
	}
	for _, p := range r.pairs(m["mappings"], "app.mappings") {
		source := ""
		if p.value.Tag != "!!null" {
			source = r.text(p.value, p.key)
		}
		a.Mappings = append(a.Mappings, Mapping{Target: p.name, Source: source})
		note("mappings."+p.name, p.value)
	}
	return a
}

func (r *reader) start(n *yaml.Node) Start {
	m := r.mapping(n, "directory", nil, "people", "groups", "assigned")
	var s Start
	for i, p := range r.sequence(m["people"], "directory.people") {
		s.People = append(s.People, r.person(p, fmt.Sprintf("directory.people[%d]", i)))
	}
	for i, p := range s.People { // a manager may stand below
		if p.Manager != "" && !r.ids[p.Manager] && r.err == nil {
			key := fmt.Sprintf("directory.people[%d].%s", i, directory.Manager)
			r.fail(m["people"].Content[i].Line, key, strconv.Quote(p.Manager), "the id of a person: "+r.someIDs())
		}
	}
	for i, g := range r.sequence(m["groups"], "directory.groups") {
		s.Groups = append(s.Groups, r.group(g, fmt.Sprintf("directory.groups[%d]", i)))
	}
	s.Assigned = r.knownIDs(m["assigned"], "directory.assigned")
	return s
}

// personKeys are those of a person besides the attributes of the directory.
func personKeys() []string {
	return append([]string{"externalId", "password", "disabled", "roles", "attributes"}, directory.BuiltIn()...)
}

func (r *reader) person(n *yaml.Node, key string) directory.Person {
	m := r.mapping(n, key, []string{"id", directory.UserName}, slices.DeleteFunc(personKeys(), func(s string) bool { return s == directory.UserName })...)
	p := directory.Person{
		ID:         r.newID(m["id"], key+".id"),
		ExternalID: r.text(m["externalId"], key+".externalId"),
		Password:   r.text(m["password"], key+".password"),
		Roles:      r.roles(m["roles"], key+".roles"),
	}
	if m["disabled"] != nil {
		p.Disabled = r.boolean(m["disabled"], key+".disabled")
	}
	for _, name := range directory.BuiltIn() {
		p.SetAttribute(name, r.text(m[name], key+"."+name))
	}
	for _, a := range r.pairs(m["attributes"], key+".attributes") {
		p.SetAttribute(a.name, r.text(a.value, a.key))
	}
	return p
}

func (r *reader) group(n *yaml.Node, key string) directory.Group {
	m := r.mapping(n, key, []string{"id", "displayName"}, "description", "members")
	return directory.Group{
		ID:          r.newID(m["id"], key+".id"),
		DisplayName: r.text(m["displayName"], key+".displayName"),
		Description: r.text(m["description"], key+".description"),
		Members:     r.knownIDs(m["members"], key+".members"),
	}
}

// roles gives a list of roles, each a value or a mapping.
func (r *reader) roles(n *yaml.Node, key string) []directory.Role {
	var roles []directory.Role
	for i, e := range r.sequence(n, key) {
		at := fmt.Sprintf("%s[%d]", key, i)
		if e.Kind == yaml.ScalarNode {
			roles = append(roles, directory.Role{Value: r.text(e, at)})
			continue
		}
		m := r.mapping(e, at, []string{"value"}, "display", "type", "primary")
		role := directory.Role{
			Value: r.text(m["value"], at+".value"), Display: r.text(m["display"], at+".display"), Type: r.text(m["type"], at+".type"),
		}
		if m["primary"] != nil {
			role.Primary = r.boolean(m["primary"], at+".primary")
		}
		roles = append(roles, role)
	}
	return roles
}

// duration gives a time such as 40m.
func (r *reader) duration(n *yaml.Node, key string) string {
	s := r.text(n, key)
	if d, err := time.ParseDuration(s); n != nil && (err != nil || d < 0) {
		r.fail(n.Line, key, strconv.Quote(s), "a time such as 90s, 40m or 24h")
	}
	return s
}

// words joins kinds for a message.
func words(kinds []directory.Kind) string {
	s := make([]string, len(kinds))
	for i, k := range kinds {
		s[i] = string(k)
	}
	return strings.Join(s, ", ")
}
