// SPDX-License-Identifier: Apache-2.0

package engine

import "slices"

// scalar unwraps what a sub-attribute is given: [{"value":"x"}] and
// {"value":"x"} for "x", as Entra sends them.
func scalar(a *attribute, v any) any {
	if a.MultiValued {
		return v
	}
	v = first(v)
	if o, ok := v.(*Object); ok {
		if w, ok := o.Get("value"); ok {
			return w
		}
	}
	return v
}

// subAttribute applies an operation to `attr.sub`. Where attr is multi-valued
// all its values are meant, which RFC 7644 leaves open; an add or replace finds
// or makes one value to write to.
func (p *patcher) subAttribute(op Operation, a *attribute) error {
	top := a.parent
	holder := p.rt.open(p.o, top)
	var v any
	if op.Op != "remove" {
		var err error
		if v, err = p.rt.value(a, scalar(a, op.Value)); err != nil {
			return err
		}
	}
	if v == "" && a.Name == "value" && !top.MultiValued && !p.rt.Rules.StrictTypes {
		v = nil // manager.value "" clears the manager
	}
	if top.MultiValued {
		targets := holder.Array(top.Name)
		if len(targets) == 0 && v != nil {
			return p.store(holder, top, []any{NewObject(a.Name, v)})
		}
		return p.setSub(holder, top, a, targets, targets, v)
	}
	in := holder.Object(top.Name)
	if in == nil {
		if v == nil {
			return nil
		}
		return p.setSingle(holder, top, NewObject(a.Name, v))
	}
	if err := p.setSingle(in, a, v); err != nil {
		return err
	}
	if in.Len() == 0 || v == nil && a.Name == "value" {
		return p.setSingle(holder, top, nil)
	}
	return nil
}

// setSub sets one sub-attribute of targets, some of the values in list, and
// keeps the list. A value of which only its labels are left goes.
func (p *patcher) setSub(holder *Object, top, a *attribute, list, targets []any, v any) error {
	for _, t := range targets {
		e, ok := t.(*Object)
		if !ok {
			continue
		}
		if err := p.setSingle(e, a, v); err != nil {
			return err
		}
		if a.Name == "primary" && v == true {
			onlyPrimary(list, e)
		}
	}
	kept := make([]any, 0, len(list))
	for _, e := range list {
		if o, ok := e.(*Object); !ok || !bare(o) {
			kept = append(kept, e)
		}
	}
	return p.store(holder, top, kept)
}

// bare says that o has nothing but type and primary, which say something about
// a value that is no longer there.
func bare(o *Object) bool {
	for name := range o.All() {
		if name != "type" && name != "primary" {
			return false
		}
	}
	return true
}

// filtered applies an operation to `attr[filter]` or `attr[filter].sub`.
func (p *patcher) filtered(op Operation, a *attribute) error {
	top := a.top()
	match, err := p.element(top, op.Path.filter)
	if err != nil {
		return err
	}
	if !top.MultiValued {
		return p.filteredSingle(op, a, match)
	}
	holder := p.rt.open(p.o, top)
	list := holder.Array(top.Name)
	var hits []any
	for _, v := range list {
		if e, ok := v.(*Object); ok && match(subject{o: e}) {
			hits = append(hits, v)
		}
	}
	switch {
	case op.Op == "remove" && len(hits) == 0:
		return nil // what is to be gone is gone
	case op.Op == "remove" && a.parent == nil:
		return p.store(holder, a, minus(list, hits))
	case op.Op == "remove":
		return p.setSub(holder, top, a, list, hits, nil)
	case len(hits) == 0 && (op.Op == "add" || p.rt.Rules.CreateOnReplace):
		return p.create(op, a, holder, list)
	case len(hits) == 0:
		return noTarget("path: no value of %s matches the filter", top.path) // RFC 7644 §3.5.2.3
	case a.parent != nil:
		v, err := p.rt.value(a, scalar(a, op.Value))
		if err != nil {
			return err
		}
		return p.setSub(holder, top, a, list, hits, v)
	}
	return p.filteredWhole(op, a, holder, list, hits)
}

// element binds a value filter; what is wrong with it is an invalidPath.
func (p *patcher) element(top *attribute, filter *node) (cond, error) {
	b := &binder{rt: p.rt}
	match, err := b.element(top, filter)
	if err != nil {
		return nil, invalidPath("path: %s", detailOf(err))
	}
	return match, nil
}

// minus returns list without the very values in gone.
func minus(list, gone []any) []any {
	kept := make([]any, 0, len(list))
	for _, v := range list {
		if len(gone) > 0 && v == gone[0] {
			gone = gone[1:]
			continue
		}
		kept = append(kept, v)
	}
	return kept
}

// filteredWhole replaces the values in hits, RFC 7644 §3.5.2.3, or adds
// sub-attributes to them.
func (p *patcher) filteredWhole(op Operation, a *attribute, holder *Object, list, hits []any) error {
	v, err := p.rt.single(a, first(op.Value))
	if err != nil {
		return err
	}
	if v == nil {
		if o, ok := op.Value.(*Object); ok && o.Len() == 0 || op.Op == "add" {
			return nil
		}
		return p.store(holder, a, minus(list, hits))
	}
	next := v.(*Object)
	for _, h := range hits {
		was := h.(*Object)
		for _, s := range a.sub {
			x, _ := was.Get(s.Name)
			if y, ok := next.Get(s.Name); s.immutable() && x != nil && ok && !sameSimple(s, x, y) {
				return mutability("%s is immutable", s.path)
			}
		}
		if op.Op == "replace" {
			was.members = was.members[:0]
		}
		merge(was, next.Clone())
		if on, _ := was.Get("primary"); on == true {
			onlyPrimary(list, was)
		}
	}
	return p.store(holder, a, list)
}

// create makes the value that a filter describes, as Entra expects of an add
// that matches nothing: `emails[type eq "work"].value` gives type and value.
func (p *patcher) create(op Operation, a *attribute, holder *Object, list []any) error {
	top := a.top()
	seed, ok := p.seed(top, op.Path.filter)
	if !ok {
		return noTarget("path: no value of %s matches the filter, and it does not say what a new one would be", top.path)
	}
	if a.parent != nil {
		w, err := p.rt.value(a, scalar(a, op.Value))
		if err != nil || w == nil {
			return err
		}
		seed.Set(a.Name, w)
	} else {
		w, err := p.rt.single(a, first(op.Value))
		if err != nil || w == nil {
			return err
		}
		merge(seed, w.(*Object))
	}
	e, err := p.rt.single(top, seed)
	if err != nil || e == nil {
		return err
	}
	list = append(slices.Clip(list), e)
	if on, _ := e.(*Object).Get("primary"); on == true {
		onlyPrimary(list, e.(*Object))
	}
	return p.store(holder, top, list)
}

// seed returns the sub-attributes that a filter of eq terms asks for. ok is
// false when the filter says anything else.
func (p *patcher) seed(top *attribute, filter *node) (*Object, bool) {
	o := &Object{}
	for _, t := range filter.terms() {
		s := top.child(t.name.attr)
		if t.op != "eq" || s == nil || t.value == nil {
			return nil, false
		}
		v, err := p.rt.value(s, t.value)
		if err != nil {
			return nil, false
		}
		o.Set(s.Name, v)
	}
	return o, true
}

// filteredSingle applies `manager[value eq "x"]`, a value filter on a
// single-valued attribute, which Entra was seen to send.
func (p *patcher) filteredSingle(op Operation, a *attribute, match cond) error {
	top := a.top()
	in := top.holder(p.o).Object(top.Name)
	hit := in != nil && match(subject{o: in})
	rest := op
	rest.Path = &Path{name: op.Path.name}
	switch {
	case !hit && op.Op == "remove":
		return nil
	case !hit && op.Op == "replace":
		return noTarget("path: %s does not match the filter", top.path)
	case a.parent != nil:
		return p.subAttribute(rest, a)
	case op.Op == "remove":
		return p.remove(Operation{Op: "remove"}, a)
	}
	return p.write(rest, a)
}

// patchMembers applies an operation to members that are kept outside the
// object. The sub-attributes of a member are immutable, RFC 7643 §4.2: a member
// comes and goes as a whole.
func (p *patcher) patchMembers(op Operation, a *attribute) error {
	top := a.top()
	if op.Path.filter != nil {
		return p.filteredMembers(op, a)
	}
	if a.parent != nil && op.Op != "remove" {
		return mutability("%s is immutable", a.path)
	}
	if a.parent != nil {
		return p.removeFromMember(a)
	}
	if op.Op == "remove" {
		p.removeMembers(op)
		return nil
	}
	value, nothing := p.plural(op.Value)
	if nothing {
		return nil
	}
	v, err := p.rt.value(top, value)
	if err != nil {
		return err
	}
	if op.Op == "replace" {
		p.members.clear()
	}
	list, _ := v.([]any)
	for _, e := range list {
		p.members.add(asMember(e))
	}
	return nil
}

func (p *patcher) removeMembers(op Operation) {
	if !op.Given {
		p.members.clear()
		return
	}
	list, ok := op.Value.([]any)
	if !ok {
		list = []any{op.Value}
	}
	for _, v := range list {
		id, _ := v.(string)
		if o, ok := v.(*Object); ok {
			id = o.Text("value")
		}
		if id != "" {
			p.members.remove(id)
		}
	}
}

// removeFromMember refuses to take an immutable sub-attribute away; display and
// $ref are the server's and come back by themselves.
func (p *patcher) removeFromMember(a *attribute) error {
	if a.Name == "display" || a.Name == "$ref" {
		return nil
	}
	return mutability("%s is immutable", a.path)
}

func (p *patcher) filteredMembers(op Operation, a *attribute) error {
	top := a.top()
	match, err := p.element(top, op.Path.filter)
	if err != nil {
		return err
	}
	var hits []Member
	if id, direct := memberID(top, op.Path.filter); direct {
		if p.members.Has(id) {
			hits = []Member{{Value: id}}
		}
	} else {
		p.members.Each(func(m Member) bool {
			if match(subject{o: m.object()}) {
				hits = append(hits, m)
			}
			return true
		})
	}
	switch {
	case op.Op == "remove" && len(hits) == 0:
		return nil
	case op.Op == "remove" && a.parent != nil:
		return p.removeFromMember(a)
	case op.Op == "remove":
		for _, m := range hits {
			p.members.remove(m.Value)
		}
		return nil
	case len(hits) == 0 && op.Op == "replace" && !p.rt.Rules.CreateOnReplace:
		return noTarget("path: no value of members matches the filter")
	}
	return p.writeMember(op, a, hits)
}

// writeMember adds the member that a filter describes, or leaves those it
// matches as they are: another value for one is refused.
func (p *patcher) writeMember(op Operation, a *attribute, hits []Member) error {
	if len(hits) > 0 {
		value := scalar(a, op.Value)
		if o, ok := value.(*Object); ok && a.parent == nil {
			value, _ = o.Get("value")
		} else if a.parent == nil || a.Name == "display" || a.Name == "$ref" {
			return nil
		}
		for _, m := range hits {
			if (a.parent == nil || a.Name == "value") && value != nil && value != m.Value {
				return mutability("%s.value is immutable", a.top().path)
			}
			if a.Name == "type" && m.Type != "" && value != m.Type {
				return mutability("%s is immutable", a.path)
			}
		}
		return nil
	}
	list := &Object{}
	if err := p.create(op, a, list, nil); err != nil {
		return err
	}
	for _, v := range list.Array("members") {
		p.members.add(asMember(v))
	}
	return nil
}
