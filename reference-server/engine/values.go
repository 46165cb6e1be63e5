// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// value checks v against the type of a and returns it in canonical form, nil
// for unassigned (RFC 7643 §2.5: null and [] are the same as nothing).
func (rt *ResourceType) value(a *attribute, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if !a.MultiValued {
		return rt.single(a, v)
	}
	if o, ok := v.(*Object); ok && o.Len() == 0 && !rt.Rules.StrictTypes {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, invalidValue("%s is multi-valued: an array is expected", a.path)
	}
	if err := rt.count(a, list); err != nil {
		return nil, err
	}
	values := make([]any, 0, len(list))
	for _, e := range list {
		e, err := rt.single(a, e)
		if err != nil {
			return nil, err
		}
		if e != nil {
			values = append(values, e)
		}
	}
	if len(values) == 0 {
		return nil, nil
	}
	return joinAll(a, values[:0], values), nil // which never has more values than it has taken
}

// count refuses more values than Rules.MaxValues, since telling them apart
// costs the square of their number. Members are told apart by id and may be any
// number.
func (rt *ResourceType) count(a *attribute, list []any) error {
	if a.Name != "members" && len(list) > rt.Rules.MaxValues {
		return invalidValue("%s has more than %d values", a.path, rt.Rules.MaxValues)
	}
	return nil
}

// single checks one value.
func (rt *ResourceType) single(a *attribute, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if a.Type == scim.Complex {
		return rt.complex(a, v)
	}
	switch a.Type {
	case scim.Boolean:
		if _, ok := v.(bool); ok {
			return v, nil
		}
		if b, ok := asBoolean(v); ok && !rt.Rules.StrictTypes {
			return b, nil // Entra without its feature flag sends "True" and "False"
		}
		return nil, wrongType(a)
	case scim.Integer, scim.Decimal:
		n, ok := v.(Number)
		if !ok || !validNumber(n, a.Type) {
			return nil, wrongType(a)
		}
		return v, nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, wrongType(a)
	}
	if err := rt.text(a, s); err != nil {
		return nil, err
	}
	return v, nil
}

func wrongType(a *attribute) error {
	return invalidValue("%s: a value of type %s is expected", a.path, a.Type)
}

// validNumber holds a number against RFC 7643 §2.3.3 and §2.3.4: integers have
// neither fraction nor exponent, and both must fit into 64 bits.
func validNumber(n Number, t scim.Type) bool {
	if t == scim.Integer {
		_, err := strconv.ParseInt(string(n), 10, 64)
		return err == nil
	}
	_, err := strconv.ParseFloat(string(n), 64)
	return err == nil
}

// text checks a value that is a string on the wire.
func (rt *ResourceType) text(a *attribute, s string) error {
	if len(s) > rt.Rules.MaxValue {
		return invalidValue("%s is longer than %d bytes", a.path, rt.Rules.MaxValue)
	}
	identifier := a.Uniqueness == "server" || a.Uniqueness == "global"
	for i := 0; i < len(s); i++ {
		if s[i] == 0 || identifier && (s[i] < ' ' || s[i] == 0x7f) {
			return invalidValue("%s holds a control character", a.path)
		}
	}
	switch {
	case s == "" && a.Required:
		return invalidValue("%s is required and must not be empty", a.path)
	case s == "":
		return nil
	case a.Type == scim.DateTime:
		if _, ok := parseDateTime(s); !ok {
			return invalidValue("%s: an xsd:dateTime is expected, such as 2008-01-23T04:56:22Z", a.path)
		}
	case a.Type == scim.Binary && !validBase64(s):
		return invalidValue("%s: base64 is expected", a.path)
	case a.Type == scim.Reference:
		if _, err := url.Parse(s); err != nil {
			return invalidValue("%s: a URI is expected", a.path)
		}
	}
	return nil
}

// validBase64 takes both alphabets, with or without padding, RFC 7643 §2.3.6.
func validBase64(s string) bool {
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	if len(s)%4 == 0 {
		enc = enc.WithPadding(base64.StdPadding)
	}
	_, err := enc.Strict().DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}

// complex checks one value of a complex attribute. Sub-attributes that the
// schema does not have are dropped, and so are readOnly ones.
func (rt *ResourceType) complex(a *attribute, v any) (any, error) {
	in, err := rt.asObject(a, v)
	if err != nil || in == nil {
		return nil, err
	}
	out := &Object{members: make([]member, 0, in.Len())}
	for name, v := range in.All() {
		s := a.child(name)
		if s == nil || s.readOnly() {
			continue
		}
		v, err := rt.value(s, v)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out.members = append(out.members, member{s.Name, v})
		}
	}
	if out.Len() == 0 {
		return nil, nil
	}
	if out.Len() == 1 && !a.MultiValued && out.members[0].name == "value" && out.members[0].value == "" {
		return nil, nil // Entra clears a manager with {"value":""}
	}
	if a.Name == "members" && out.Text("value") == "" {
		return nil, invalidValue("%s.value is missing", a.path)
	}
	return out, nil
}

// asObject returns the object that v stands for, nil when it stands for
// nothing. Beside objects the kind server takes what clients are known to send:
// a string for the value sub-attribute (Entra's manager, Okta's roles), "" to
// clear one, and a role written as JSON in a string (Entra's app roles).
func (rt *ResourceType) asObject(a *attribute, v any) (*Object, error) {
	if o, ok := v.(*Object); ok {
		if a.Name == "roles" && !rt.Rules.StrictTypes {
			return role(o), nil
		}
		return o, nil
	}
	s, isText := v.(string)
	if isText && wanted(rt.Rules.ObjectsOnly, a.Name) {
		return nil, invalidValue("'%s' should be object", a.Name)
	}
	if !isText || a.child("value") == nil || rt.Rules.StrictTypes {
		return nil, invalidValue("%s: an object is expected", a.path)
	}
	if s == "" {
		return nil, nil
	}
	o := NewObject("value", s)
	if a.Name == "roles" {
		o = role(o)
	}
	return o, nil
}

// role reads the two shapes in which Entra sends app roles: displayName for
// display, and in legacy mode {"value":"{\"id\":…,\"value\":…,\"displayName\":…}"}.
// Seen in Microsoft's customize-application-attributes page, 2026-11.
func role(o *Object) *Object {
	const deepest = 4
	if text := o.Text("value"); len(text) > 1 && text[0] == '{' {
		if in, err := Parse([]byte(text), Limits{MaxDepth: deepest}); err == nil && in.Text("value") != "" {
			o = o.With("value", in.Text("value"))
			if d := in.Text("displayName"); d != "" {
				o.Set("display", d)
			}
		}
	}
	if d := o.Text("displayName"); d != "" && o.Text("display") == "" {
		o = o.With("display", d)
	}
	return o
}

// joinAll adds values to those in list and returns them all.
func joinAll(a *attribute, list, values []any) []any {
	if a.Name != "members" {
		for _, e := range values {
			list = join(a, list, e)
		}
		return list
	}
	seen := make(map[string]bool, len(list)+len(values))
	for _, v := range list {
		seen[asMember(v).Value] = true
	}
	for _, v := range values {
		if id := asMember(v).Value; !seen[id] {
			seen[id] = true
			list = append(list, v)
		}
	}
	return list
}

// join adds e to the values of a multi-valued attribute. A value that is there
// already, by type and value (RFC 7643 §2.4), is not added again but takes over
// the sub-attributes of e; and a new primary value takes the place of the old
// one.
func join(a *attribute, list []any, e any) []any {
	o, ok := e.(*Object)
	if !ok {
		for _, have := range list {
			if sameSimple(a, have, e) {
				return list
			}
		}
		return append(list, e)
	}
	at := findSame(a, list, o)
	if at == nil {
		list = append(list, o)
		at = o
	} else {
		merge(at, o)
	}
	if v, _ := o.Get("primary"); v == true {
		onlyPrimary(list, at)
	}
	return list
}

// findSame returns the value in list that o would repeat, or nil.
func findSame(a *attribute, list []any, o *Object) *Object {
	for _, v := range list {
		have, ok := v.(*Object)
		if !ok {
			continue
		}
		if a.child("value") == nil {
			if Equal(have, o) {
				return have
			}
			continue
		}
		value, pair := same(a, have, o, "value"), same(a, have, o, "type")
		if value && (pair || contains(have, o)) {
			return have
		}
	}
	return nil
}

func same(a *attribute, x, y *Object, sub string) bool {
	s := a.child(sub)
	v, _ := x.Get(sub)
	w, _ := y.Get(sub)
	return s == nil || sameSimple(s, v, w)
}

// sameSimple compares two simple values as the attribute compares.
func sameSimple(a *attribute, v, w any) bool {
	s, ok := v.(string)
	t, ok2 := w.(string)
	if ok && ok2 {
		return a.key(s) == a.key(t)
	}
	return Equal(v, w)
}

// contains says whether every member of part is in o with the same value.
func contains(o, part *Object) bool {
	for name, v := range part.All() {
		if w, ok := o.Get(name); !ok || !Equal(v, w) {
			return false
		}
	}
	return true
}

// merge sets the members of from in o.
func merge(o, from *Object) {
	for name, v := range from.All() {
		o.Set(name, v)
	}
}

// onlyPrimary makes at the only value whose primary is true, RFC 7644 §3.5.2.
func onlyPrimary(list []any, at *Object) {
	for _, v := range list {
		if o, ok := v.(*Object); ok && o != at {
			if p, _ := o.Get("primary"); p == true {
				o.Set("primary", false)
			}
		}
	}
}
