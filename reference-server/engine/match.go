// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"iter"
	"slices"

	"github.com/scimproof/scimproof/internal/scim"
)

// Matcher is a filter bound to a resource type: names resolved, values checked
// against types and folded. It does not change, and any number of goroutines
// may use it.
type Matcher struct {
	cond       cond
	attributes []string
	equalities []Equality
	sole       bool
}

// Equality is a condition that must hold for the filter to hold: some value of
// Path has this Key. An Index narrows a search with it.
type Equality struct {
	Path string // canonical: "userName", "emails.value", "urn:…:User:employeeNumber"
	Key  string // folded, unless the attribute is caseExact
}

// subject is what a condition is asked about. members is nil for an object
// that holds its own.
type subject struct {
	o       *Object
	members Members
}

type cond func(s subject) bool

// Match says whether o satisfies f. To ask more than once, Bind f first.
func (rt *ResourceType) Match(f *Filter, o *Object) (bool, error) {
	m, err := rt.Bind(f)
	if err != nil {
		return false, err
	}
	return m.Match(o), nil
}

// Bind checks a filter against the schemas of rt.
//
// An attribute that no schema has matches nothing, whatever the operator: with
// several resource types behind one endpoint RFC 7644 §3.4.2.1 wants it so. An
// unknown sub-attribute in brackets is 400 invalidFilter. A filter that would
// compare a password is 403 sensitive.
func (rt *ResourceType) Bind(f *Filter) (*Matcher, error) {
	b := &binder{rt: rt, unquoted: f.unquoted}
	c, err := b.bind(f.root)
	if err != nil {
		return nil, err
	}
	m := &Matcher{cond: c, attributes: b.attributes, equalities: b.equalities(f.root)}
	m.sole = f.root.op == "eq" && len(m.equalities) == 1
	return m, nil
}

// Match says whether o satisfies the filter.
func (m *Matcher) Match(o *Object) bool { return m.cond(subject{o: o}) }

// MatchMembers is Match for a group whose members are not in o. Only a filter
// on something else than a member's value walks the members.
func (m *Matcher) MatchMembers(o *Object, ms Members) bool { return m.cond(subject{o, ms}) }

// Attributes returns the names of the top-level members that the filter reads,
// as Pick takes them.
func (m *Matcher) Attributes() []string { return m.attributes }

// Uses says whether the filter reads the top-level attribute.
func (m *Matcher) Uses(attr string) bool { return wanted(m.attributes, attr) }

// Equalities returns the equality conditions at the top of the filter: each of
// them must hold, so the rarest one may choose the candidates.
func (m *Matcher) Equalities() []Equality { return m.equalities }

// Sole returns the one equality that the filter consists of: it holds for the
// very resources that have the key.
func (m *Matcher) Sole() (Equality, bool) {
	if !m.sole {
		return Equality{}, false
	}
	return m.equalities[0], true
}

type binder struct {
	rt         *ResourceType
	unquoted   bool
	attributes []string
}

func (b *binder) bind(n *node) (cond, error) {
	switch n.op {
	case "and", "or", "not":
		return b.logical(n, b.bind)
	case "[]":
		return b.valuePath(n)
	}
	a, ext, core := b.rt.resolve(n.name)
	if core || ext != nil && n.op != "pr" {
		return nil, invalidFilter("filter: %s is a schema, not an attribute", n.name)
	}
	if ext != nil {
		b.uses(ext.urn)
		return func(s subject) bool { return present(s.o.Object(ext.urn)) }, nil
	}
	if a == nil {
		return func(subject) bool { return false }, nil
	}
	if a.top().secret() || a.secret() {
		return nil, &Error{Status: 403, Type: scim.Sensitive, Detail: "filter: " + a.path + " cannot be searched for"}
	}
	b.note(a)
	t, err := newTest(a, n, b.unquoted)
	if err != nil {
		return nil, err
	}
	own := func(s subject) bool { return t.any(s.o) }
	if a.top().Name != "members" || a.extension != nil {
		return own, nil
	}
	return onMembers(own, t, a.leaf(), n), nil
}

// onMembers answers from Members where there are some: at once for
// `members.value eq "id"`, else by walking.
func onMembers(own cond, t *test, leaf *attribute, n *node) cond {
	id, plain := n.value.(string)
	direct := plain && n.op == "eq" && leaf != nil && leaf.Name == "value"
	return func(s subject) bool {
		switch {
		case s.members == nil:
			return own(s)
		case direct:
			return s.members.Has(id)
		}
		found, some := false, false
		s.members.Each(func(m Member) bool {
			some = true
			found = t.any(NewObject("members", []any{m.object()}))
			return !found
		})
		return found || !some && t.any(&Object{})
	}
}

// logical binds and, or, not; below binds what they join.
func (b *binder) logical(n *node, below func(*node) (cond, error)) (cond, error) {
	kids := make([]cond, len(n.kids))
	for i, k := range n.kids {
		c, err := below(k)
		if err != nil {
			return nil, err
		}
		kids[i] = c
	}
	switch n.op {
	case "not":
		return func(s subject) bool { return !kids[0](s) }, nil
	case "and":
		return func(s subject) bool {
			for _, k := range kids {
				if !k(s) {
					return false
				}
			}
			return true
		}, nil
	}
	return func(s subject) bool {
		for _, k := range kids {
			if k(s) {
				return true
			}
		}
		return false
	}, nil
}

// valuePath binds `attr[…]`: one value must satisfy all of it, RFC 7644
// §3.4.2.2.
func (b *binder) valuePath(n *node) (cond, error) {
	a, ext, core := b.rt.resolve(n.name)
	if core || ext != nil {
		return nil, invalidFilter("filter: %s is a schema, not an attribute", n.name)
	}
	if a == nil {
		return func(subject) bool { return false }, nil
	}
	b.note(a)
	c, err := b.element(a, n.kids[0])
	if err != nil {
		return nil, err
	}
	id, direct := memberID(a, n.kids[0])
	return func(s subject) bool {
		found := false
		visit := func(v any) bool {
			e, ok := v.(*Object)
			found = ok && c(subject{o: e})
			return !found
		}
		switch {
		case s.members == nil || a.Name != "members":
			a.each(s.o, visit)
		case direct:
			return s.members.Has(id)
		default:
			s.members.Each(func(m Member) bool { return visit(m.object()) })
		}
		return found
	}, nil
}

// memberID returns the id in `value eq "id"`, so that Members can be asked
// instead of walked.
func memberID(a *attribute, n *node) (string, bool) {
	id, ok := n.value.(string)
	return id, ok && n.op == "eq" && a.Name == "members" && sameName(n.name.attr, "value")
}

// element binds an expression over the sub-attributes of a.
func (b *binder) element(a *attribute, n *node) (cond, error) {
	if a.Type != scim.Complex {
		return nil, invalidFilter("filter: %s has no sub-attributes", a.path)
	}
	if n.op == "and" || n.op == "or" || n.op == "not" {
		return b.logical(n, func(k *node) (cond, error) { return b.element(a, k) })
	}
	sub := a.child(n.name.attr)
	if sub == nil {
		return nil, invalidFilter("filter: %s has no sub-attribute %s", a.path, n.name.attr)
	}
	t, err := newTest(&attribute{Attribute: sub.Attribute, path: sub.path}, n, b.unquoted)
	if err != nil {
		return nil, err
	}
	return func(s subject) bool { return t.any(s.o) }, nil
}

func (b *binder) note(a *attribute) {
	if a.extension != nil {
		b.uses(a.extension.urn)
		return
	}
	b.uses(a.top().Name)
}

func (b *binder) uses(name string) {
	if !wanted(b.attributes, name) {
		b.attributes = append(b.attributes, name)
	}
}

func (b *binder) equalities(n *node) []Equality {
	var list []Equality
	add := func(a *attribute, v any) {
		if s, ok := v.(string); ok && a != nil && (a.Type == scim.String || a.Type == scim.Reference) {
			list = append(list, Equality{a.path, a.key(s)})
		}
	}
	for _, t := range n.terms() {
		a, _, _ := b.rt.resolve(t.name)
		switch {
		case a == nil:
		case t.op == "eq":
			add(a.leaf(), t.value)
		case t.op == "[]":
			for _, k := range t.kids[0].terms() {
				if k.op == "eq" {
					add(a.child(k.name.attr), k.value)
				}
			}
		}
	}
	return list
}

// key is the form in which values of a are indexed.
func (a *attribute) key(s string) string {
	if a.exact() {
		return s
	}
	return Fold(s)
}

// Index is an attribute path by whose values resources are found.
type Index struct {
	Path string
	leaf *attribute // nil: no such attribute
}

// Index returns the index of an attribute path.
func (rt *ResourceType) Index(path string) Index {
	n, wrong := parseName(path)
	if a, _, _ := rt.resolve(n); a != nil && wrong == "" {
		return Index{path, a.leaf()}
	}
	return Index{Path: path}
}

// Keys yields the index keys of o, in the form of Equality.Key: one for each
// string value.
func (x Index) Keys(o *Object) iter.Seq[string] {
	return func(yield func(string) bool) {
		if x.leaf == nil {
			return
		}
		x.leaf.each(o, func(v any) bool {
			s, ok := v.(string)
			return !ok || yield(x.leaf.key(s))
		})
	}
}

// present says whether a value counts for pr: "non-empty", RFC 7644 §3.4.2.2
// table 3.
func present(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, present)
	case *Object:
		for _, e := range v.All() {
			if present(e) {
				return true
			}
		}
		return false
	}
	return true
}
