// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"slices"

	"github.com/scimproof/scimproof/internal/scim"
)

// kind is what an operation of a PATCH does.
type kind int

const (
	add kind = iota
	replaceValue
	remove
)

// word gives the op: capitalised without the flag, in lower case with it.
func (k kind) word(flag bool) string {
	words := [...]string{"Add", "Replace", "Remove"}
	if flag {
		words = [...]string{"add", "replace", "remove"}
	}
	return words[k]
}

// change is what one attribute needs so that the provider holds what is wanted.
type change struct {
	kind   kind
	target Target
	value  any
}

// diff compares what is wanted with what the provider answered: what it does
// not have is added, what differs is replaced, and what is wanted empty is left
// as it is. What Entra ID sent earlier plays no part.
func diff(resource map[string]any, values []wanted, k Knobs) []change {
	var out []change
	for _, w := range values {
		if w.value == nil || w.create {
			continue
		}
		if c, ok := diffOne(resource, w, k); ok {
			out = append(out, c)
		}
	}
	return out
}

func diffOne(resource map[string]any, w wanted, k Knobs) (change, bool) {
	held, there := w.target.find(resource)
	c := change{add, w.target, w.value}
	switch v := w.value.(type) {
	case roleSet:
		return diffRoles(c, v, held)
	case []string:
		var missing []string
		for _, s := range v {
			if !slices.Contains(heldValues(held), s) {
				missing = append(missing, s)
			}
		}
		c.value = missing
		if missing == nil && k.EmptyObject {
			c.value = &object{}
		}
		return c, missing != nil || k.EmptyObject
	}
	if there && same(w, held) {
		return c, false
	}
	if there {
		c.kind = replaceValue
	}
	return c, true
}

func diffRoles(c change, set roleSet, held any) (change, bool) {
	values := heldValues(held)
	switch {
	case c.target.sub != "" || set.mode == singleRole:
		if len(set.roles) == 0 || len(set.missing(values).roles) == 0 {
			return c, false
		}
	case set.mode == assertRoles:
		c.kind = replaceValue
		return c, !set.same(values)
	default:
		missing := set.missing(values)
		c.value = missing
		return c, len(missing.roles) > 0
	}
	if c.target.sub != "" && len(values) > 0 {
		c.kind = replaceValue
	}
	return c, true
}

// same compares as texts, in their letter case; booleans by what they mean.
func same(w wanted, held any) bool {
	if w.target.boolean() {
		return isTrue(w.value) == isTrue(held)
	}
	return text(w.value) == text(held)
}

// patch gives the body of a PATCH with the changes, in the form of k.
func patch(changes []change, k Knobs) []byte {
	var operations list
	if k.Flag {
		operations = flagOperations(changes, k)
	} else {
		operations = legacyOperations(changes)
	}
	primaryText(operations, k)
	body := &object{}
	if k.OperationsFirst {
		body.set("Operations", operations)
		body.set("schemas", list{scim.PatchOpURN})
	} else {
		body.set("schemas", list{scim.PatchOpURN})
		body.set("Operations", operations)
	}
	return body.appendTo(nil)
}

func operation(op string, c change, value any) *object {
	o := &object{}
	o.set("op", op)
	o.set("path", c.target.text)
	if value != nil {
		o.set("value", value)
	}
	return o
}

// legacyOperations gives one operation for each attribute, each with its path,
// single values as texts.
func legacyOperations(changes []change) list {
	var out list
	for _, c := range changes {
		op := c.kind.word(false)
		switch v := c.value.(type) {
		case roleSet:
			switch {
			case v.mode == assertRoles: // the one op in lower case, as documented
				out = append(out, operation(replaceValue.word(true), c, v.elements()))
			case c.target.sub != "": // the documented form only adds
				out = append(out, operation(add.word(false), wholeTarget(c), v.inText()))
			default:
				out = append(out, operation(op, c, v.inText()))
			}
		case []string:
			out = append(out, operation(op, c, valueElements(v)))
		case *object, list, nil:
			out = append(out, operation(op, c, v))
		default:
			out = append(out, operation(op, c, text(v)))
		}
	}
	return out
}

// wholeTarget gives the change of the whole attribute, for a target within it.
func wholeTarget(c change) change {
	return change{c.kind, Target{text: c.target.attribute, attribute: c.target.attribute}, c.value}
}

// flagOperations gives first the operations that keep a path: those with a
// filter, active, and sets. What is left of each kind becomes one operation
// without a path, whose value has a member for each attribute.
func flagOperations(changes []change, k Knobs) list {
	var out list
	rest := map[kind][]change{}
	var kinds []kind
	for _, c := range changes {
		if o := flagAlone(c, k); o != nil {
			out = append(out, o)
			continue
		}
		if rest[c.kind] == nil {
			kinds = append(kinds, c.kind)
		}
		rest[c.kind] = append(rest[c.kind], c)
	}
	for _, kind := range kinds {
		group := rest[kind]
		if len(group) == 1 && (kind == add && !k.SingleAddPathless || kind == replaceValue && k.SingleReplacePath) {
			out = append(out, operation(kind.word(true), group[0], group[0].value))
			continue
		}
		values := &object{}
		for _, c := range group {
			values.set(c.target.text, c.value)
		}
		o := &object{}
		o.set("op", kind.word(true))
		o.set("value", values)
		out = append(out, o)
	}
	return out
}

// flagAlone gives the operation of a change that keeps its path, else nil.
func flagAlone(c change, k Knobs) *object {
	op := c.kind.word(true)
	switch v := c.value.(type) {
	case roleSet:
		switch {
		case c.target.sub != "" && k.SingleRolePath:
			return operation(op, c, v.roles[0].Value)
		case c.target.sub != "":
			return operation(op, wholeTarget(c), v.elements())
		}
		return operation(op, c, v.elements())
	case []string:
		return operation(op, c, valueElements(v))
	case *object, list, nil:
		return operation(op, c, v)
	}
	switch {
	case c.target.boolean():
		return operation(op, c, isTrue(c.value))
	case c.target.filter != "":
		return operation(op, c, c.value)
	}
	return nil
}
