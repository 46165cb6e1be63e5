// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// Find gives every value that path leads to, in the order of the text; an
// absent value is not in it, a null is. Attribute names ignore letter case
// (RFC 7643 §2.1); values do not.
func (t *Tree) Find(path string) ([]Found, error) {
	p, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	return p.Find(t), nil
}

// Find gives every value of t that p leads to.
func (p *Path) Find(t *Tree) []Found {
	at := []Found{{"body", t.Root}}
	steps := p.steps
	if p.urn != "" {
		at, steps = p.enter(at[0])
	}
	for _, s := range steps {
		at = s.from(at)
	}
	return at
}

// enter goes into the extension that the path is qualified with. The whole of
// "urn:…:enterprise:2.0:User" may itself be the name of a member, and
// attributes of the core schemas stand at the top (RFC 7644 §3.10).
func (p *Path) enter(root Found) ([]Found, []step) {
	whole := p.urn + ":" + p.steps[0].name
	if m, ok := root.Node.Member(whole); ok {
		return []Found{{root.Where + "." + m.Name, m.Value}}, p.steps[1:]
	}
	if m, ok := root.Node.Member(p.urn); ok {
		return []Found{{root.Where + "." + m.Name, m.Value}}, p.steps
	}
	if strings.EqualFold(p.urn, scim.UserURN) || strings.EqualFold(p.urn, scim.GroupURN) {
		return []Found{root}, p.steps
	}
	return nil, nil
}

// from takes the step from every place reached so far. A name goes through the
// elements of a multi-valued attribute.
func (s step) from(at []Found) []Found {
	var next []Found
	for _, f := range at {
		switch {
		case s.name != "":
			next = append(next, s.byName(f)...)
		case s.index >= 0:
			if s.index < len(f.Node.Elements) {
				next = append(next, f.element(s.index))
			}
		default:
			for i, e := range f.Node.Elements {
				if s.admits(e) {
					next = append(next, f.element(i))
				}
			}
		}
	}
	return next
}

func (s step) byName(f Found) []Found {
	if f.Node.Kind != KindArray {
		m, ok := f.Node.Member(s.name)
		if !ok {
			return nil
		}
		return []Found{{f.Where + "." + m.Name, m.Value}}
	}
	var all []Found
	for i, e := range f.Node.Elements {
		if m, ok := e.Member(s.name); ok {
			all = append(all, Found{f.element(i).Where + "." + m.Name, m.Value})
		}
	}
	return all
}

func (f Found) element(i int) Found {
	return Found{f.Where + "[" + strconv.Itoa(i) + "]", f.Node.Elements[i]}
}

// admits says whether e passes every condition. A condition on "value" also
// holds for simple values, as in `schemas[value eq "urn:…"]` (RFC 7643 §2.4).
func (s step) admits(e *Node) bool {
	for _, c := range s.where {
		v := e
		if e.Kind == KindObject || !strings.EqualFold(c.attribute, "value") {
			v = e.at(c.attribute)
		}
		if !c.holds(v) {
			return false
		}
	}
	return true
}

// at goes down dotted names below n.
func (n *Node) at(dotted string) *Node {
	for name := range strings.SplitSeq(dotted, ".") {
		m, ok := n.Member(name)
		if !ok {
			return nil
		}
		n = m.Value
	}
	return n
}

// holds compares by JSON type and value, exactly: a looser comparison would
// hide what the oracle is to find.
func (c condition) holds(v *Node) bool {
	switch c.operator {
	case "pr":
		return !v.Unassigned()
	case "eq":
		return equal(v, c.value)
	case "ne":
		return !equal(v, c.value)
	}
	if v == nil || v.Kind != c.value.Kind {
		return false
	}
	if v.Kind == KindNumber {
		return ordered(c.operator, v.float()-c.value.float())
	}
	if v.Kind != KindString {
		return false
	}
	switch c.operator {
	case "co":
		return strings.Contains(v.Text, c.value.Text)
	case "sw":
		return strings.HasPrefix(v.Text, c.value.Text)
	case "ew":
		return strings.HasSuffix(v.Text, c.value.Text)
	}
	return ordered(c.operator, float64(strings.Compare(v.Text, c.value.Text)))
}

func ordered(operator string, difference float64) bool {
	switch operator {
	case "gt":
		return difference > 0
	case "ge":
		return difference >= 0
	case "lt":
		return difference < 0
	case "le":
		return difference <= 0
	}
	return false
}
