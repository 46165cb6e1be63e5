// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"cmp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// createUser gives the body that creates a user: schemas, externalId,
// userName, active, the other core attributes by name, then the extensions. A
// null is never sent; both URNs are listed whether or not there is enterprise
// data, and no other URN is.
func createUser(values []wanted, k Knobs) []byte {
	core := &object{}
	extensions := &object{}
	for _, w := range values {
		if w.value == nil {
			continue
		}
		in := core
		if w.target.schema != "" {
			in = nested(extensions, w.target.schema)
		}
		put(in, w)
	}
	core.set("meta", resourceMeta("User"))
	if k.EmptyRoles && core.get("roles") == nil {
		core.set("roles", list{})
	}
	for _, v := range core.values {
		sortElements(v)
		primaryText(v, k)
	}
	core.sortBy(func(a, b string) int {
		return cmp.Or(rank(firstMembers[:], a)-rank(firstMembers[:], b), cmp.Compare(strings.ToLower(a), strings.ToLower(b)))
	})
	body := &object{}
	body.set("schemas", list{scim.UserURN, scim.EnterpriseUserURN})
	for _, part := range []*object{core, extensions} {
		for i, name := range part.names {
			body.set(name, part.values[i])
		}
	}
	return body.appendTo(nil)
}

// createGroup gives the body that creates a group, always without members.
func createGroup(values []wanted, k Knobs) []byte {
	if k.Validator {
		return createValidatorGroup(values)
	}
	body := &object{}
	schemas := list{scim.GroupURN}
	if k.ADSCIMSchema {
		schemas = append(schemas, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group")
	}
	body.set("schemas", schemas)
	for _, name := range []string{"externalId", "displayName"} {
		for _, w := range values {
			if w.value != nil && w.target.schema == "" && w.target.attribute == name {
				put(body, w)
			}
		}
	}
	for _, w := range values {
		if w.value != nil && w.target.schema == "" {
			put(body, w)
		}
	}
	body.set("members", list{})
	body.set("meta", resourceMeta("Group"))
	return body.appendTo(nil)
}

func resourceMeta(of string) *object {
	meta := &object{}
	meta.set("resourceType", of)
	return meta
}

// put writes one value where the target says.
func put(in *object, w wanted) {
	t := w.target
	v := inCreate(w)
	switch {
	case t.filter != "":
		e := elementOf(in, t)
		e.set(t.sub, v)
	case t.sub != "":
		nested(in, t.attribute).set(t.sub, v)
	default:
		in.set(t.attribute, v)
	}
}

// inCreate gives a value as a POST has it: booleans are booleans in either
// form, several values are elements.
func inCreate(w wanted) any {
	switch v := w.value.(type) {
	case roleSet:
		if w.target.sub != "" { // roles[primary eq "True"].value
			return v.roles[0].Value
		}
		return v.elements()
	case []string:
		return valueElements(v)
	}
	if w.target.boolean() {
		return isTrue(w.value)
	}
	return w.value
}

// valueElements gives [{"value":…},…].
func valueElements(values []string) list {
	out := list{}
	for _, v := range values {
		e := &object{}
		e.set("value", v)
		out = append(out, e)
	}
	return out
}

// primaryText writes each primary of a value as a text, if the knob says so.
func primaryText(v any, k Knobs) {
	words := map[bool]string{true: k.PrimaryText, false: "False"}
	if k.PrimaryText == "true" {
		words[false] = "false"
	}
	switch v := v.(type) {
	case list:
		for _, e := range v {
			primaryText(e, k)
		}
	case *object:
		for i, name := range v.names {
			if on, ok := v.values[i].(bool); ok && name == "primary" && k.PrimaryText != "" {
				v.values[i] = words[on]
			} else {
				primaryText(v.values[i], k)
			}
		}
	}
}

func nested(in *object, name string) *object {
	if o, ok := in.get(name).(*object); ok {
		return o
	}
	o := &object{}
	in.set(name, o)
	return o
}

// elementOf gives the element that the filter of t would select, made if there
// is none. An e-mail address for work is the primary one; a role has its type.
func elementOf(in *object, t Target) *object {
	elements, _ := in.get(t.attribute).(list)
	for _, e := range elements {
		if o, ok := e.(*object); ok && strings.EqualFold(text(o.get(t.filter)), t.equals) {
			return o
		}
	}
	o := &object{}
	switch {
	case t.attribute == "roles":
		o.set("type", roleType)
	case t.attribute == "emails" && t.filter == "type" && len(elements) == 0:
		o.set("primary", true)
	}
	if strings.EqualFold(t.filter, "primary") {
		o.set(t.filter, strings.EqualFold(t.equals, "true"))
	} else {
		o.set(t.filter, t.equals)
	}
	in.set(t.attribute, append(elements, o))
	return o
}

// firstMembers stand before the other attributes of a user.
var firstMembers = [...]string{"externalId", "userName", "active"}

// subOrder is the order of sub-attributes in recorded bodies.
var subOrder = [...]string{
	"primary", "type", "display", "displayName", "value", "formatted", "familyName", "givenName",
	"streetAddress", "locality", "region", "postalCode", "country",
}

func rank(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// sortElements orders the members of complex values.
func sortElements(v any) {
	switch v := v.(type) {
	case *object:
		v.sortBy(func(a, b string) int { return cmp.Or(rank(subOrder[:], a)-rank(subOrder[:], b), cmp.Compare(a, b)) })
	case list:
		for _, e := range v {
			sortElements(e)
		}
	}
}
