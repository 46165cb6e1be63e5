// SPDX-License-Identifier: Apache-2.0

package engine

// Normalize returns the resource that the document of a POST or PUT describes,
// as a new object: schemas first, then attributes in the order given, then extensions.
//
// Names get their canonical spelling, and what no schema of rt defines is
// dropped. readOnly attributes are dropped too (RFC 7644 §3.5.1: "shall be
// ignored"), and so is the password, of which nothing is kept. Values are
// checked against their types: 400 invalidValue names the attribute. Core
// attributes below the core URN (Okta writes roles there) count as if they
// stood at the top, where those at the top win.
func (rt *ResourceType) Normalize(o *Object) (*Object, error) {
	if err := rt.checkSchemas(o); err != nil {
		return nil, err
	}
	out := &Object{members: make([]member, 1, o.Len()+1)}
	out.members[0] = member{"schemas", nil}
	var extensions []member
	for name, v := range o.All() {
		if a := named(rt.coreByName, name); a != nil {
			if err := rt.put(out, a, v); err != nil {
				return nil, err
			}
		} else if e := rt.extension(name); e != nil {
			v, err := rt.extensionValue(e, v)
			if err != nil {
				return nil, err
			}
			if v != nil {
				extensions = append(extensions, member{e.urn, v})
			}
		}
	}
	if below := o.Object(rt.Schema.ID); below != nil {
		for name, v := range below.All() {
			a := named(rt.coreByName, name)
			if a == nil || out.find(a.Name) >= 0 {
				continue
			}
			if err := rt.put(out, a, v); err != nil {
				return nil, err
			}
		}
	}
	out.members = append(out.members, extensions...)
	rt.completeSchemas(out)
	return out, rt.checkRequired(out)
}

// put sets one core attribute.
func (rt *ResourceType) put(out *Object, a *attribute, v any) error {
	if a.readOnly() || a.Name == "schemas" {
		return nil
	}
	v, err := rt.value(a, v)
	if err == nil && v != nil && !a.secret() {
		out.members = append(out.members, member{a.Name, v})
	}
	return err
}

func (rt *ResourceType) extensionValue(e *extension, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	in, ok := v.(*Object)
	if !ok {
		return nil, invalidValue("%s: an object is expected", e.urn)
	}
	out := &Object{members: make([]member, 0, in.Len())}
	for name, v := range in.All() {
		if a := named(e.byName, name); a != nil {
			if err := rt.put(out, a, v); err != nil {
				return nil, err
			}
		}
	}
	if out.Len() == 0 {
		return nil, nil
	}
	return out, nil
}

// checkSchemas holds the schemas member against RFC 7643 §3: an array that
// names the core schema. URNs of extensions that rt does not know are ignored,
// since Entra lists what its administrator mapped; a core schema or message
// that is not rt's says that the document is something else, and is refused.
func (rt *ResourceType) checkSchemas(o *Object) error {
	v, _ := o.Get("schemas")
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return invalidSyntax("schemas is missing: an array with %s is expected", rt.Schema.ID)
	}
	core := false
	for _, v := range list {
		urn, ok := v.(string)
		if !ok {
			return invalidSyntax("schemas: an array of strings is expected")
		}
		switch {
		case sameName(urn, rt.Schema.ID):
			core = true
		case rt.extension(urn) != nil:
		case rt.Rules.StrictTypes, hasPrefix(urn, "urn:ietf:params:scim:schemas:core:"), hasPrefix(urn, "urn:ietf:params:scim:api:"):
			return invalidValue("schemas names a schema that %s does not have", rt.Name)
		}
	}
	if !core {
		return invalidSyntax("schemas does not name %s", rt.Schema.ID)
	}
	return nil
}

func hasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && sameName(s[:len(prefix)], prefix)
}

// completeSchemas makes schemas name the core schema and the extensions that
// are there, RFC 7643 §3.
func (rt *ResourceType) completeSchemas(o *Object) {
	list := append(make([]any, 0, 1+len(rt.extensions)), rt.Schema.ID)
	for _, e := range rt.extensions {
		if o.Object(e.urn).Len() > 0 {
			list = append(list, e.urn)
		}
	}
	o.Set("schemas", list)
}

func (rt *ResourceType) checkRequired(o *Object) error {
	for _, a := range rt.core {
		if err := a.checkRequired(o); err != nil {
			return err
		}
	}
	for i, e := range rt.extensions {
		in := o.Object(e.urn)
		if in == nil {
			if rt.Extensions[i].Required {
				return invalidValue("extension %s is required", e.urn)
			}
			continue
		}
		for _, a := range e.attrs {
			if err := a.checkRequired(in); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *attribute) checkRequired(holder *Object) error {
	if !a.Required || a.readOnly() {
		return nil
	}
	if v, _ := holder.Get(a.Name); v == nil {
		return invalidValue("%s is required", a.path)
	}
	return nil
}

// CheckImmutable refuses, with 400 mutability, a next resource that gives an
// immutable attribute of current another value (RFC 7644 §3.5.1), and carries
// over the ones that next leaves out or that differ in letter case only where
// case does not count.
func (rt *ResourceType) CheckImmutable(current, next *Object) error {
	check := func(a *attribute) error {
		if !a.immutable() {
			return nil
		}
		was, _ := a.holder(current).Get(a.Name)
		if was == nil {
			return nil
		}
		holder := rt.open(next, a)
		if is, _ := holder.Get(a.Name); is != nil && !sameSimple(a, was, is) {
			return mutability("%s is immutable", a.path)
		}
		holder.Set(a.Name, clone(was))
		return nil
	}
	for _, a := range rt.core {
		if err := check(a); err != nil {
			return err
		}
	}
	for _, e := range rt.extensions {
		for _, a := range e.attrs {
			if err := check(a); err != nil {
				return err
			}
		}
	}
	rt.completeSchemas(next)
	return nil
}

// open returns the object of o in which a lives, and makes it if need be.
func (rt *ResourceType) open(o *Object, a *attribute) *Object {
	if a.extension == nil {
		return o
	}
	in := o.Object(a.extension.urn)
	if in == nil {
		in = &Object{}
		o.Set(a.extension.urn, in)
	}
	return in
}

// isMessage says whether a document's schemas name urn.
func isMessage(o *Object, urn string) bool {
	for _, v := range o.Array("schemas") {
		if s, ok := v.(string); ok && sameName(s, urn) {
			return true
		}
	}
	return false
}
