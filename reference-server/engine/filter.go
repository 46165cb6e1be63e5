// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"strings"
)

// Filter is a parsed filter, RFC 7644 §3.4.2.2. It knows no schema: bind it to
// a resource type to use it.
type Filter struct {
	root     *node
	unquoted bool
}

// node is an expression. op is "and", "or" (two kids or more, none of them of
// the same op), "not" (one kid), "[]" (a value path: name, one kid), "pr" or a
// comparison operator in lower case.
type node struct {
	op    string
	name  name
	value any // nil, bool, string or Number
	kids  []*node
}

// String returns the filter in canonical spelling: operators in lower case, one
// blank between words, brackets only where they matter. ParseFilter of it gives
// the same filter.
func (f *Filter) String() string {
	var b strings.Builder
	f.root.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	switch n.op {
	case "and", "or":
		for i, k := range n.kids {
			if i > 0 {
				b.WriteString(" " + n.op + " ")
			}
			if k.op == "or" {
				k.writeIn(b, "(", ")")
			} else {
				k.write(b)
			}
		}
	case "not":
		n.kids[0].writeIn(b, "not (", ")")
	case "[]":
		n.kids[0].writeIn(b, n.name.String()+"[", "]")
	case "pr":
		b.WriteString(n.name.String() + " pr")
	default:
		b.WriteString(n.name.String() + " " + n.op + " ")
		b.Write(AppendValue(nil, n.value))
	}
}

func (n *node) writeIn(b *strings.Builder, before, after string) {
	b.WriteString(before)
	n.write(b)
	b.WriteString(after)
}

// Equality returns attribute and value when the filter is one comparison
// `attribute eq "value"` and nothing else, with the attribute as written. See
// Matcher.Equalities for what an index can use.
func (f *Filter) Equality() (attr, value string, ok bool) {
	if f.root.op != "eq" {
		return "", "", false
	}
	value, ok = f.root.value.(string)
	return f.root.name.String(), value, ok
}

// Equal says whether two filters are the same but for the letter case of names.
func (f *Filter) Equal(g *Filter) bool { return f.root.same(g.root) }

// terms yields the comparisons that must all hold for n to hold.
func (n *node) terms() []*node {
	if n.op == "and" {
		return n.kids
	}
	return []*node{n}
}

// same says whether two expressions are the same but for the case of names.
func (n *node) same(m *node) bool {
	return n.op == m.op && sameName(n.name.String(), m.name.String()) && n.value == m.value &&
		slices.EqualFunc(n.kids, m.kids, (*node).same)
}
