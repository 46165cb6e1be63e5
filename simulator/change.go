// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/scimproof/scimproof/simulator/directory"
)

// change reads one thing that an administrator does: a mapping of one key.
func (r *reader) change(n *yaml.Node, key string) directory.Change {
	pairs := r.pairs(n, key)
	if r.err != nil {
		return directory.Change{}
	}
	if len(pairs) != 1 {
		r.fail(n.Line, key, strconv.Itoa(len(pairs))+" keys", "one of "+words(directory.Kinds()))
		return directory.Change{}
	}
	kind, v, at := directory.Kind(pairs[0].name), pairs[0].value, pairs[0].key
	c := directory.Change{Kind: kind, Line: n.Line}
	switch kind {
	case directory.Assign, directory.Unassign, directory.Disable, directory.Enable,
		directory.Delete, directory.Restore, directory.Purge, directory.OnDemand,
		directory.Push, directory.PushNow, directory.Pause, directory.Resume:
		c.IDs = r.knownIDs(v, at)
	case directory.Join:
		p := r.person(v, at)
		c.Person = &p
	case directory.Found:
		g := r.group(v, at)
		c.Group = &g
	case directory.Set:
		r.set(&c, v, at)
	case directory.Roles:
		m := r.mapping(v, at, []string{"person", "values"})
		c.IDs, c.Roles = r.one(m["person"], at+".person"), r.roles(m["values"], at+".values")
	case directory.SetPassword:
		m := r.mapping(v, at, []string{"person", "value"})
		c.IDs, c.Password = r.one(m["person"], at+".person"), r.text(m["value"], at+".value")
	case directory.Add, directory.Remove:
		m := r.mapping(v, at, []string{"group", "members"})
		c.IDs, c.Members = r.one(m["group"], at+".group"), r.knownIDs(m["members"], at+".members")
	case directory.Swap:
		m := r.mapping(v, at, []string{"group"}, "add", "remove")
		c.IDs = r.one(m["group"], at+".group")
		c.Members, c.Leavers = r.knownIDs(m["add"], at+".add"), r.knownIDs(m["remove"], at+".remove")
	case directory.Rename:
		m := r.mapping(v, at, []string{"group", "displayName"})
		c.IDs, c.Name = r.one(m["group"], at+".group"), r.text(m["displayName"], at+".displayName")
	default:
		r.command(&c, v, at)
	}
	return c
}

// command reads a change that does not alter the directory.
func (r *reader) command(c *directory.Change, v *yaml.Node, at string) {
	switch c.Kind {
	case directory.Link, directory.Unlink:
		option := map[directory.Kind]string{directory.Link: "rename", directory.Unlink: "delete"}[c.Kind]
		if v.Kind == yaml.ScalarNode {
			c.IDs = r.one(v, at)
			return
		}
		m := r.mapping(v, at, []string{"group"}, option)
		c.IDs = r.one(m["group"], at+".group")
		if m[option] != nil {
			c.Values = map[string]string{option: strconv.FormatBool(r.boolean(m[option], at+"."+option))}
		}
	case directory.Import:
		c.Values = map[string]string{"of": r.word(v, at, "users", "groups")}
	case directory.Wait:
		c.Wait = r.duration(v, at)
	case directory.Features:
		c.Values = map[string]string{}
		for _, p := range r.pairs(v, at) {
			c.Values[p.name] = strconv.FormatBool(r.boolean(p.value, p.key))
		}
	case directory.Probe, directory.Retry, directory.Cycle, directory.Initial:
		r.mapping(v, at, nil)
	default:
		r.fail(c.Line, at, "an unknown key", words(directory.Kinds()))
	}
}

// set reads new attributes of a person: those of the directory by name, custom
// ones under attributes; an empty one is "" or null.
func (r *reader) set(c *directory.Change, v *yaml.Node, at string) {
	m := r.mapping(v, at, []string{"person"}, append([]string{"attributes"}, directory.BuiltIn()...)...)
	c.IDs, c.Values = r.one(m["person"], at+".person"), map[string]string{}
	pairs := r.pairs(v, at)
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return p.name == "person" || p.name == "attributes" })
	for _, p := range append(pairs, r.pairs(m["attributes"], at+".attributes")...) {
		switch {
		case p.value.Kind != yaml.ScalarNode:
			r.fail(p.value.Line, p.key, found(p.value), `a text, or "" to empty the attribute`)
		case p.value.Tag == "!!null":
			c.Values[p.name] = ""
		default:
			c.Values[p.name] = p.value.Value
		}
	}
	if len(c.Values) == 0 {
		r.fail(c.Line, at, "no attribute", "at least one attribute to set")
	}
	if name, renamed := c.Values[directory.UserName]; renamed && name == "" {
		r.fail(c.Line, at+"."+directory.UserName, "nothing", "a user name")
	}
}
