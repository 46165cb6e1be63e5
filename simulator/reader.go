// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reader takes a scenario from a YAML tree. It stops at the first mistake: err
// is set once, and what is read after it is not used.
type reader struct {
	file string
	ids  map[string]bool // of the people and groups that were read
	err  error
}

func (r *reader) fail(line int, key, found, allowed string) {
	if r.err == nil {
		r.err = &SyntaxError{File: r.file, Line: line, Key: key, Found: found, Allowed: allowed}
	}
}

// pair is one entry of a mapping, with its path.
type pair struct {
	name, key string
	line      int
	value     *yaml.Node
}

// pairs gives the entries of a mapping in the order of the file; nil has none.
func (r *reader) pairs(n *yaml.Node, key string) []pair {
	if n == nil || r.err != nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, key, found(n), "a mapping")
		return nil
	}
	var all []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		at := name.Value
		if key != "" {
			at = key + "." + name.Value
		}
		if slices.ContainsFunc(all, func(p pair) bool { return p.name == name.Value }) {
			r.fail(name.Line, at, "the key a second time", "each key once")
		}
		all = append(all, pair{name.Value, at, name.Line, n.Content[i+1]})
	}
	return all
}

// mapping gives the values of n by key. Required keys must be there; keys that
// are neither required nor optional are errors.
func (r *reader) mapping(n *yaml.Node, key string, required []string, optional ...string) map[string]*yaml.Node {
	allowed := append(slices.Clone(required), optional...)
	m := map[string]*yaml.Node{}
	for _, p := range r.pairs(n, key) {
		if !slices.Contains(allowed, p.name) {
			r.fail(p.line, p.key, "an unknown key", orNone(allowed))
		}
		m[p.name] = p.value
	}
	for _, name := range required {
		if n != nil && m[name] == nil {
			r.fail(n.Line, strings.TrimPrefix(key+"."+name, "."), "nothing", "a value: the key is required")
		}
	}
	return m
}

func orNone(allowed []string) string {
	if len(allowed) == 0 {
		return "no key: {}"
	}
	sort.Strings(allowed)
	return strings.Join(allowed, ", ")
}

func (r *reader) sequence(n *yaml.Node, key string) []*yaml.Node {
	if n == nil || r.err != nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, key, found(n), "a list")
		return nil
	}
	return n.Content
}

// text gives a scalar as it is written; nil is "".
func (r *reader) text(n *yaml.Node, key string) string {
	if n == nil || r.err != nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		r.fail(n.Line, key, found(n), "a text")
	}
	return n.Value
}

func (r *reader) word(n *yaml.Node, key string, allowed ...string) string {
	s := r.text(n, key)
	if n != nil && !slices.Contains(allowed, s) {
		r.fail(n.Line, key, strconv.Quote(s), strings.Join(allowed, ", "))
	}
	return s
}

func (r *reader) boolean(n *yaml.Node, key string) bool {
	if r.err == nil && n.Tag != "!!bool" {
		r.fail(n.Line, key, found(n), "true, false")
	}
	return strings.EqualFold(n.Value, "true")
}

// newID gives the id of somebody new.
func (r *reader) newID(n *yaml.Node, key string) string {
	id := r.text(n, key)
	if n != nil && r.ids[id] {
		r.fail(n.Line, key, fmt.Sprintf("%q a second time", id), "an id that no person and no group has")
	}
	r.ids[id] = true
	return id
}

// populated are the ids of an invented population, which no file mentions.
var populated = regexp.MustCompile(`^(p|team)[1-9][0-9]*$`)

// one gives the id of somebody who was mentioned, alone.
func (r *reader) one(n *yaml.Node, key string) []string {
	if n == nil || r.err != nil {
		return nil
	}
	id := r.text(n, key)
	if !r.ids[id] && !populated.MatchString(id) {
		r.fail(n.Line, key, strconv.Quote(id), "the id of a person or group: "+r.someIDs())
	}
	return []string{id}
}

// knownIDs gives one id or a list of them.
func (r *reader) knownIDs(n *yaml.Node, key string) []string {
	if n == nil || r.err != nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return r.one(n, key)
	}
	ids := []string{}
	for i, e := range n.Content {
		ids = append(ids, r.one(e, fmt.Sprintf("%s[%d]", key, i))...)
	}
	return ids
}

// someIDs lists ids for a message, not too many.
func (r *reader) someIDs() string {
	const enough = 12
	ids := make([]string, 0, len(r.ids))
	for id := range r.ids {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	if len(ids) > enough {
		ids = append(ids[:enough], "…")
	}
	return strings.Join(ids, ", ")
}

// found describes a node for a message.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	case yaml.ScalarNode:
		if n.Tag != "!!null" {
			return strconv.Quote(n.Value)
		}
	}
	return "nothing"
}
