// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// Extension is a schema that adds attributes to a resource type under its own
// URN, RFC 7643 §3.3.
type Extension struct {
	Schema   scim.Schema
	Required bool
}

// Definition says what a resource type is: RFC 7643 §6 plus the rules by which
// a product is stricter or kinder than RFC 7644. Change the characteristics of
// an attribute (an immutable userName, for instance) in Schema.
type Definition struct {
	Name        string // "User"
	Endpoint    string // "/Users"
	Description string
	Schema      scim.Schema
	Extensions  []Extension
	Rules       Rules
}

// Rules are the choices that RFC 7643 and 7644 leave to the provider. The zero
// value is the kind one.
type Rules struct {
	// ObjectsOnly names multi-valued complex attributes whose values must be
	// objects. A plain string is then refused with "'roles' should be object"
	// instead of being read as the value sub-attribute.
	ObjectsOnly []string
	// StrictTypes refuses "True" and "false" for booleans and every other
	// tolerance for what Okta and Entra send beside the RFC.
	StrictTypes bool
	// CreateOnReplace lets a replace whose value filter matches nothing create
	// the value, as an add does, where RFC 7644 §3.5.2.3 asks for noTarget.
	CreateOnReplace bool
	// MaxValue is the longest string value in bytes; 0 stands for 64 KiB.
	MaxValue int
	// MaxValues is how many values a multi-valued attribute other than members
	// may have; 0 stands for 1,000.
	MaxValues int
}

// ResourceType is a Definition made ready for use. It does not change, and any
// number of goroutines may use it.
type ResourceType struct {
	Definition
	core       []*attribute
	coreByName map[string]*attribute
	extensions []*extension
	whole      bool // nothing that a stored body may hold is returned on request only
	all        *Projection
}

// attribute is a row of the schema with its place: path is canonical.
type attribute struct {
	scim.Attribute
	path      string     // "emails.value", "urn:…:User:department"
	extension *extension // nil for core attributes
	parent    *attribute // nil for attributes at the top
	sub       []*attribute
}

type extension struct {
	urn    string
	byName map[string]*attribute
	attrs  []*attribute
}

// NewResourceType prepares a definition. It panics when two attributes share a
// name, which only a programmer can bring about.
func NewResourceType(d Definition) *ResourceType {
	rt := &ResourceType{Definition: d, whole: true}
	if rt.Rules.MaxValue == 0 {
		rt.Rules.MaxValue = 64 << 10
	}
	if rt.Rules.MaxValues == 0 {
		rt.Rules.MaxValues = 1000
	}
	rt.core, rt.coreByName = rt.index(append(scim.CommonAttributes(), d.Schema.Attributes...), "", nil)
	for _, e := range d.Extensions {
		ext := &extension{urn: e.Schema.ID}
		ext.attrs, ext.byName = rt.index(e.Schema.Attributes, ext.urn+":", ext)
		rt.extensions = append(rt.extensions, ext)
	}
	rt.all = &Projection{rt: rt}
	return rt
}

func (rt *ResourceType) index(list []scim.Attribute, prefix string, ext *extension) ([]*attribute, map[string]*attribute) {
	attrs, byName := make([]*attribute, 0, len(list)), make(map[string]*attribute, len(list))
	for _, row := range list {
		a := &attribute{Attribute: row, path: prefix + row.Name, extension: ext}
		for _, s := range row.Sub {
			a.sub = append(a.sub, &attribute{Attribute: s, path: a.path + "." + s.Name, extension: ext, parent: a})
			rt.whole = rt.whole && s.Returned != "request"
		}
		rt.whole = rt.whole && row.Returned != "request"
		if byName[nameKey(row.Name)] != nil {
			panic("engine: attribute " + a.path + " is defined twice") // a schema that a program gave
		}
		attrs, byName[nameKey(row.Name)], byName[row.Name] = append(attrs, a), a, a
	}
	return attrs, byName
}

// named returns the attribute of a name in whatever letter case. Names as the
// schema has them, the most frequent ones, are found without folding.
func named(byName map[string]*attribute, name string) *attribute {
	if a := byName[name]; a != nil || strings.IndexByte(name, ':') >= 0 {
		return a // a URN names no attribute
	}
	return byName[nameKey(name)]
}

// child returns a sub-attribute by name, or nil.
func (a *attribute) child(name string) *attribute {
	for _, s := range a.sub {
		if sameName(s.Name, name) {
			return s
		}
	}
	return nil
}

func (a *attribute) readOnly() bool  { return a.Mutability == "readOnly" }
func (a *attribute) immutable() bool { return a.Mutability == "immutable" }
func (a *attribute) secret() bool    { return a.Mutability == "writeOnly" || a.Returned == "never" }

// exact says whether values compare with regard to case. References and binary
// values always do, RFC 7643 §2.3.6 and §2.3.7.
func (a *attribute) exact() bool {
	return a.CaseExact || a.Type == scim.Reference || a.Type == scim.Binary
}

// leaf is the attribute that a comparison looks at: a complex attribute stands
// for its value sub-attribute, as in RFC 7644's example `emails co "example"`.
func (a *attribute) leaf() *attribute {
	if a.Type == scim.Complex {
		return a.child("value")
	}
	return a
}

func (rt *ResourceType) extension(urn string) *extension {
	for _, e := range rt.extensions {
		if sameName(e.urn, urn) {
			return e
		}
	}
	return nil
}

// resolve finds what an attribute path names: an attribute, or an extension as
// a whole, or, when core is true, the core schema as a whole. A bare name that
// only an extension has is found there unless Rules.StrictTypes is set, because
// Entra's documentation writes `manager` (RFC 7644 §3.10 says SHOULD qualify).
func (rt *ResourceType) resolve(n name) (a *attribute, ext *extension, core bool) {
	switch {
	case n.urn == "":
		a = named(rt.coreByName, n.attr)
		for _, e := range rt.extensions {
			if a == nil && !rt.Rules.StrictTypes {
				a = named(e.byName, n.attr)
			}
		}
	case sameName(n.urn, rt.Schema.ID):
		a = named(rt.coreByName, n.attr)
	default:
		whole := n.urn + ":" + n.attr
		if e := rt.extension(n.urn); e != nil {
			a = named(e.byName, n.attr)
		} else if e := rt.extension(whole); e != nil {
			if n.sub == "" {
				return nil, e, false
			}
			return named(e.byName, n.sub), nil, false // Entra: urn:…:2.0:User.roles
		} else if sameName(whole, rt.Schema.ID) {
			if n.sub == "" {
				return nil, nil, true
			}
			return named(rt.coreByName, n.sub), nil, false
		}
	}
	if a != nil && n.sub != "" {
		a = a.child(n.sub)
	}
	return a, nil, false
}

// top is the attribute at the top that a belongs to.
func (a *attribute) top() *attribute {
	if a.parent != nil {
		return a.parent
	}
	return a
}

// holder returns the object of o in which a's top attribute lives, or nil.
func (a *attribute) holder(o *Object) *Object {
	if a.extension != nil {
		return o.Object(a.extension.urn)
	}
	return o
}

// each yields the values of a in o: all of them when a is multi-valued, or a
// sub-attribute of such. It stops when yield returns false.
func (a *attribute) each(o *Object, yield func(any) bool) {
	v, ok := a.holder(o).Get(a.top().Name)
	if !ok || v == nil {
		return
	}
	list, many := v.([]any)
	if !many {
		a.pick(v, yield)
		return
	}
	for _, e := range list {
		if !a.pick(e, yield) {
			return
		}
	}
}

func (a *attribute) pick(v any, yield func(any) bool) bool {
	if a.parent == nil {
		return v == nil || yield(v)
	}
	e, _ := v.(*Object)
	w, _ := e.Get(a.Name)
	if list, many := w.([]any); many {
		for _, x := range list {
			if !yield(x) {
				return false
			}
		}
		return true
	}
	return w == nil || yield(w)
}
