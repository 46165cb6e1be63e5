// SPDX-License-Identifier: Apache-2.0

package engine

import "strings"

// Projection is what a reply shows of a resource: the returned characteristic
// of RFC 7643 §7 and the attributes and excludedAttributes parameters of
// RFC 7644 §3.9. It does not change.
type Projection struct {
	rt       *ResourceType
	only     map[*attribute]bool // asked for; nil: the default set
	excluded map[*attribute]bool
}

// Projection reads the two parameters. Each string may be a list with commas.
// Names that no schema has are passed over. Giving both parameters is 400
// invalidValue: RFC 7644 §3.9 calls them mutually exclusive.
func (rt *ResourceType) Projection(attributes, excluded []string) (*Projection, error) {
	if len(attributes)+len(excluded) == 0 {
		return rt.all, nil
	}
	p := &Projection{rt: rt, excluded: map[*attribute]bool{}}
	only := map[*attribute]bool{}
	asked := rt.names(attributes, only) > 0
	if asked {
		p.only = only
	}
	if rt.names(excluded, p.excluded) > 0 && asked {
		return p, invalidValue("attributes and excludedAttributes exclude each other")
	}
	return p, nil
}

// names notes the attributes that list names and says how many names it has.
func (rt *ResourceType) names(list []string, into map[*attribute]bool) int {
	count := 0
	for _, s := range list {
		for s := range strings.SplitSeq(s, ",") {
			s = strings.TrimSpace(s)
			if s == "" {
				continue
			}
			count++
			n, wrong := parseName(s)
			if wrong != "" {
				continue
			}
			a, ext, core := rt.resolve(n)
			switch {
			case a != nil:
				into[a] = true
			case ext != nil:
				for _, a := range ext.attrs {
					into[a] = true
				}
			case core:
				for _, a := range rt.core {
					into[a] = true
				}
			}
		}
	}
	return count
}

// Whole says that the projection shows a normalised resource as it is, so that
// stored bytes can be sent without reading them.
func (p *Projection) Whole() bool {
	return p.only == nil && len(p.excluded) == 0 && p.rt.whole
}

// Wants says whether a top-level core attribute is shown, in whole or in part:
// whether members or groups need be looked up at all.
func (p *Projection) Wants(attr string) bool {
	a := named(p.rt.coreByName, attr)
	return a != nil && p.wants(a)
}

func (p *Projection) wants(a *attribute) bool {
	if p.shows(a, false) {
		return true
	}
	for _, s := range a.sub {
		if p.only[s] || s.Returned == "always" {
			return a.Returned != "never"
		}
	}
	return false
}

// shows says whether a is shown as a whole; whole says that its parent was
// asked for by name.
func (p *Projection) shows(a *attribute, whole bool) bool {
	switch {
	case a.Returned == "never" || a.Mutability == "writeOnly":
		return false
	case a.Returned == "always":
		return true
	case p.only != nil:
		return p.only[a] || whole && a.Returned != "request"
	}
	return a.Returned != "request" && !p.excluded[a]
}

// Apply returns what is to be shown of o, which shares values with o.
func (p *Projection) Apply(o *Object) *Object {
	out := &Object{members: make([]member, 0, o.Len())}
	for name, v := range o.All() {
		if a := named(p.rt.coreByName, name); a != nil {
			p.show(out, a, v)
		} else if e := p.rt.extension(name); e != nil {
			in, _ := v.(*Object)
			part := &Object{}
			for name, v := range in.All() {
				if a := named(e.byName, name); a != nil {
					p.show(part, a, v)
				}
			}
			if part.Len() > 0 {
				out.members = append(out.members, member{e.urn, part})
			}
		}
	}
	return out
}

func (p *Projection) show(out *Object, a *attribute, v any) {
	if !p.wants(a) {
		return
	}
	switch w := v.(type) {
	case *Object:
		v = p.part(a, w)
	case []any:
		list := make([]any, 0, len(w))
		for _, e := range w {
			if o, ok := e.(*Object); ok {
				if o = p.part(a, o); o.Len() > 0 {
					list = append(list, o)
				}
			} else {
				list = append(list, e)
			}
		}
		v = list
	}
	if o, ok := v.(*Object); ok && o.Len() == 0 {
		return
	}
	if list, ok := v.([]any); ok && len(list) == 0 {
		return
	}
	out.members = append(out.members, member{a.Name, v})
}

// part returns the sub-attributes of one complex value that are shown.
func (p *Projection) part(a *attribute, o *Object) *Object {
	whole := p.only[a] || p.only == nil || a.Returned == "always"
	out := &Object{members: make([]member, 0, o.Len())}
	for name, v := range o.All() {
		if s := a.child(name); s != nil && p.shows(s, whole) {
			out.members = append(out.members, member{s.Name, v})
		}
	}
	return out
}

// Project applies the two parameters to one object. For many objects make the
// Projection once.
func (rt *ResourceType) Project(o *Object, attributes, excluded []string) (*Object, error) {
	p, err := rt.Projection(attributes, excluded)
	if err != nil {
		return nil, err
	}
	return p.Apply(o), nil
}
