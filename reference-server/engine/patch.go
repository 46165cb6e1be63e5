// SPDX-License-Identifier: Apache-2.0

package engine

import "slices"

// Patch applies operations to a copy of o, in order, each to what the one
// before left (RFC 7644 §3.5.2). On an error there is no copy: PATCH is atomic,
// and o itself never changes. changed is false when the outcome equals o, so
// that meta.lastModified stays (RFC 7644 §3.5.2.1).
func (rt *ResourceType) Patch(o *Object, ops []Operation) (next *Object, changed bool, err error) {
	next, _, changed, err = rt.PatchGroup(o, nil, ops)
	return next, changed, err
}

// PatchGroup is Patch for a group whose members are kept outside o. It returns
// the changes to make to them, in the order to make them. Adding or removing
// members by id asks ms for these ids alone.
func (rt *ResourceType) PatchGroup(o *Object, ms Members, ops []Operation) (next *Object, links []MemberChange, changed bool, err error) {
	p := &patcher{rt: rt, o: o.Shallow()}
	if ms != nil {
		p.members = newMemberSet(ms)
	}
	for i, op := range ops {
		if err := p.apply(op); err != nil {
			return nil, nil, false, inOperation(i, err)
		}
	}
	p.tidy()
	if p.members != nil {
		links = p.members.changes()
	}
	if err := rt.checkRequired(p.o); err != nil {
		return nil, nil, false, err
	}
	return p.o, links, len(links) > 0 || !Equal(p.o, o), nil
}

type patcher struct {
	rt      *ResourceType
	o       *Object
	owned   []string   // top-level members of o that nobody else has
	members *memberSet // nil: members are in o
	dirty   bool       // extensions may have come or gone
}

// own copies the part of o that a is in, once: the rest is shared with what the
// patch is of.
func (p *patcher) own(a *attribute) {
	name := a.top().Name
	if a.extension != nil {
		name = a.extension.urn
	}
	if slices.Contains(p.owned, name) {
		return
	}
	p.owned = append(p.owned, name)
	if i := p.o.find(name); i >= 0 {
		p.o.members[i].value = clone(p.o.members[i].value)
	}
}

// tidy drops extensions without attributes and lets schemas name the others:
// writing an extension attribute adds its URN by itself (RFC 7644 §3.5.2).
func (p *patcher) tidy() {
	if !p.dirty {
		return
	}
	for _, e := range p.rt.extensions {
		if in := p.o.Object(e.urn); in != nil && in.Len() == 0 {
			p.o.Delete(e.urn)
		}
	}
	p.rt.completeSchemas(p.o)
}

func (p *patcher) apply(op Operation) error {
	if op.Path != nil {
		return p.at(op, false)
	}
	if op.Op == "remove" {
		return noTarget("remove needs a path") // RFC 7644 §3.5.2.2
	}
	in, ok := op.Value.(*Object)
	if !ok {
		return invalidValue("without a path, value is an object of attributes")
	}
	return p.pathless(op.Op, in, nil)
}

// pathless applies an object of attributes, RFC 7644 §3.5.2.1 and §3.5.2.3.
// Beside attributes its keys may be URNs of extensions holding attributes, and,
// as Entra sends with its feature flag on, whole paths: `name.givenName`,
// `urn:…:User:department`. What is unknown or readOnly is ignored as it is in
// PUT: Okta renames a group with its id in the value.
func (p *patcher) pathless(op string, in *Object, ext *extension) error {
	for key, v := range in.All() {
		if ext == nil && sameName(key, "schemas") {
			continue // follows from what is there
		}
		path, err := ParsePath(key)
		if ext != nil && err == nil && path.name.urn == "" {
			path.name.urn = ext.urn
		}
		if err != nil {
			continue
		}
		if ext == nil && path.name.urn == "" && named(p.rt.coreByName, path.name.attr) == nil {
			continue // an extension's attribute at the top level is unknown
		}
		if err := p.at(Operation{Op: op, Path: path, Value: v, Given: true}, true); err != nil {
			return err
		}
	}
	return nil
}

// at applies an operation with a path. lenient ignores what cannot be written.
func (p *patcher) at(op Operation, lenient bool) error {
	a, ext, core := p.rt.resolve(op.Path.name)
	switch {
	case ext != nil || core:
		return p.schema(op, ext)
	case a == nil && lenient:
		return nil
	case a == nil:
		return invalidPath("path: %s has no attribute %s", p.rt.Name, op.Path.name)
	case a.Name == "schemas" && a.parent == nil && a.extension == nil:
		return p.schemas(op)
	case (a.readOnly() || a.top().readOnly()) && lenient:
		return nil
	case a.readOnly() || a.top().readOnly():
		return mutability("%s is readOnly", a.path)
	case a.secret():
		_, err := p.rt.value(a, op.Value) // checked, and not kept
		return err
	}
	p.dirty = p.dirty || a.extension != nil
	if a.top().Name == "members" && a.extension == nil && p.members != nil {
		return p.patchMembers(op, a)
	}
	p.own(a)
	if op.Path.filter != nil {
		return p.filtered(op, a)
	}
	if a.parent != nil {
		return p.subAttribute(op, a)
	}
	if op.Op == "remove" {
		return p.remove(op, a)
	}
	return p.write(op, a)
}

// schema applies an operation whose path is the URN of a schema: to all of an
// extension, or to the core attributes.
func (p *patcher) schema(op Operation, ext *extension) error {
	if op.Path.filter != nil {
		return invalidPath("path: a schema has no values to filter")
	}
	p.dirty = true
	if ext != nil && (op.Op == "remove" || op.Value == nil) {
		for _, a := range ext.attrs {
			if v, _ := a.holder(p.o).Get(a.Name); v == nil {
				continue
			}
			p.own(a)
			if err := p.remove(Operation{Op: "remove"}, a); err != nil {
				return err
			}
		}
		return nil
	}
	in, ok := op.Value.(*Object)
	if !ok || op.Op == "remove" {
		return invalidValue("%s: an object of attributes is expected", op.Path)
	}
	return p.pathless(op.Op, in, ext)
}

// schemas checks a write to schemas. Its value follows from the attributes that
// are there, so that a correct write changes nothing.
func (p *patcher) schemas(op Operation) error {
	switch {
	case op.Path.filter != nil:
		return invalidPath("path: schemas has no sub-attributes")
	case op.Op == "remove":
		return mutability("schemas is required")
	}
	list, ok := op.Value.([]any)
	if !ok {
		list = []any{op.Value}
	}
	core := op.Op == "add"
	for _, v := range list {
		urn, _ := v.(string)
		core = core || sameName(urn, p.rt.Schema.ID)
		if !sameName(urn, p.rt.Schema.ID) && p.rt.extension(urn) == nil {
			return invalidValue("schemas: a schema of %s is expected", p.rt.Name)
		}
	}
	if !core || len(list) == 0 {
		return invalidValue("schemas does not name %s", p.rt.Schema.ID)
	}
	return nil
}

// remove unassigns a whole attribute, RFC 7644 §3.5.2.2. Entra's legacy form
// lists in value what to take from a multi-valued attribute; a list that names
// nothing then takes nothing, rather than all.
func (p *patcher) remove(op Operation, a *attribute) error {
	holder := a.holder(p.o)
	was, _ := holder.Get(a.Name)
	if a.Required {
		return mutability("%s is required", a.path)
	}
	if was == nil {
		return nil
	}
	if a.immutable() {
		return mutability("%s is immutable", a.path)
	}
	if list, ok := was.([]any); ok && a.MultiValued && op.Given {
		p.set(holder, a, without(a, list, op.Value))
		return nil
	}
	holder.Delete(a.Name)
	return nil
}

// without returns list less the values that gone, one or an array, describes.
func without(a *attribute, list []any, gone any) []any {
	some, ok := gone.([]any)
	if !ok {
		some = []any{gone}
	}
	kept := make([]any, 0, len(list))
	for _, v := range list {
		hit := false
		for _, g := range some {
			hit = hit || describes(a, g, v)
		}
		if !hit {
			kept = append(kept, v)
		}
	}
	return kept
}

// describes says whether g, a value or its value sub-attribute, means v.
func describes(a *attribute, g, v any) bool {
	have, ok := v.(*Object)
	if !ok {
		return g != nil && sameSimple(a, g, v)
	}
	if s, ok := g.(string); ok && a.child("value") != nil {
		g = NewObject("value", s)
	}
	want, ok := g.(*Object)
	if !ok {
		return false
	}
	if value := a.child("value"); value != nil {
		w, _ := want.Get("value")
		x, _ := have.Get("value")
		if w == nil || !sameSimple(value, w, x) {
			return false
		}
		t := want.Text("type")
		return t == "" || a.Name == "members" || sameSimple(a.child("type"), t, have.Text("type"))
	}
	return want.Len() > 0 && contains(have, want)
}

// write adds or replaces a whole attribute.
func (p *patcher) write(op Operation, a *attribute) error {
	if !a.MultiValued {
		return p.writeSingle(op, a)
	}
	value, nothing := p.plural(op.Value)
	if nothing {
		return nil
	}
	v, err := p.rt.value(a, value)
	if err != nil {
		return err
	}
	values, _ := v.([]any)
	holder := p.rt.open(p.o, a)
	if op.Op == "add" {
		values = joinAll(a, holder.Array(a.Name), values)
	}
	return p.store(holder, a, values)
}

// plural wraps a single value where the RFC shows an array. Entra sends
// "value":{} for what it leaves as it is: nothing is to be done then.
func (p *patcher) plural(v any) (value any, nothing bool) {
	if p.rt.Rules.StrictTypes {
		return v, false
	}
	switch w := v.(type) {
	case *Object:
		return []any{v}, w.Len() == 0
	case string:
		return []any{v}, false
	}
	return v, false
}

// store keeps the values of a multi-valued attribute, if it may change.
func (p *patcher) store(holder *Object, a *attribute, values []any) error {
	if was := holder.Array(a.Name); a.immutable() && len(was) > 0 && !Equal(was, values) {
		return mutability("%s is immutable", a.path)
	}
	if len(values) == 0 && a.Required {
		return mutability("%s is required", a.path)
	}
	if err := p.rt.count(a, values); err != nil {
		return err
	}
	p.set(holder, a, values)
	return nil
}

func (p *patcher) set(holder *Object, a *attribute, values []any) {
	if len(values) == 0 {
		holder.Delete(a.Name)
		return
	}
	holder.Set(a.Name, values)
}

// writeSingle adds or replaces a single-valued attribute. For a complex one the
// value is a set of sub-attributes and those not in it stay as they are,
// RFC 7644 §3.5.2.3.
func (p *patcher) writeSingle(op Operation, a *attribute) error {
	value := first(op.Value)
	v, err := p.rt.value(a, value)
	if err != nil {
		return err
	}
	holder := p.rt.open(p.o, a)
	in, partial := value.(*Object)
	if was := holder.Object(a.Name); was != nil && partial && !clears(in, v) {
		return p.mergeSub(was, a, in, v)
	}
	return p.setSingle(holder, a, v)
}

// clears says that a set of sub-attributes means nothing at all: Entra takes a
// manager away with {"value":""}.
func clears(in *Object, v any) bool {
	w, ok := in.Get("value")
	return v == nil && ok && w == ""
}

// mergeSub puts the sub-attributes of v into was, and takes those away that in
// gives as null.
func (p *patcher) mergeSub(was *Object, a *attribute, in *Object, v any) error {
	next, _ := v.(*Object)
	for name := range in.All() {
		s := a.child(name)
		if s == nil || s.readOnly() {
			continue
		}
		w, _ := next.Get(s.Name)
		if err := p.setSingle(was, s, w); err != nil {
			return err
		}
	}
	if was.Len() == 0 {
		a.holder(p.o).Delete(a.Name)
	}
	return nil
}

// setSingle sets one attribute in its holder, or unassigns it with nil.
func (p *patcher) setSingle(holder *Object, a *attribute, v any) error {
	was, _ := holder.Get(a.Name)
	switch {
	case v == nil && a.Required:
		return mutability("%s is required", a.path)
	case was != nil && a.immutable():
		if v == nil || !sameSimple(a, was, v) {
			return mutability("%s is immutable", a.path)
		}
		return nil
	case v == nil:
		holder.Delete(a.Name)
		return nil
	}
	holder.Set(a.Name, v)
	return nil
}

// first unwraps an array where one value belongs: Entra sends
// [{"value":"x"}] for what it thinks is multi-valued.
func first(v any) any {
	if list, ok := v.([]any); ok {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	return v
}
