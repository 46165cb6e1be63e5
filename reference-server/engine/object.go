// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"iter"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Number is a JSON number, kept as its text so that no digit is lost.
type Number string

// Object is a JSON object that keeps the order of its members. Values are nil,
// bool, string, Number, []any and *Object. Names are found without regard to
// case, RFC 7643 §2.1. The zero value is an empty object.
type Object struct {
	members []member
}

type member struct {
	name  string
	value any
}

// NewObject returns an object of names and values in turn.
func NewObject(pairs ...any) *Object {
	o := &Object{members: make([]member, 0, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *Object) find(name string) int {
	if o == nil {
		return -1
	}
	for i := range o.members {
		if sameName(o.members[i].name, name) {
			return i
		}
	}
	return -1
}

// Get returns the value of a member and whether there is one. A nil object has
// none.
func (o *Object) Get(name string) (any, bool) {
	if i := o.find(name); i >= 0 {
		return o.members[i].value, true
	}
	return nil, false
}

// Text returns the value of a member if it is a string, and else "".
func (o *Object) Text(name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// Object returns the value of a member if it is an object, and else nil.
func (o *Object) Object(name string) *Object {
	v, _ := o.Get(name)
	sub, _ := v.(*Object)
	return sub
}

// Array returns the value of a member if it is an array, and else nil.
func (o *Object) Array(name string) []any {
	v, _ := o.Get(name)
	a, _ := v.([]any)
	return a
}

// Set changes a member in place or appends it. The name of a member that is
// there stays as it is spelt.
func (o *Object) Set(name string, v any) {
	if i := o.find(name); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{name, v})
}

// Delete removes a member and says whether it was there.
func (o *Object) Delete(name string) bool {
	i := o.find(name)
	if i < 0 {
		return false
	}
	o.members = append(o.members[:i], o.members[i+1:]...)
	return true
}

// Len returns the number of members.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// All yields names and values in order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if o == nil {
			return
		}
		for _, m := range o.members {
			if !yield(m.name, m.value) {
				return
			}
		}
	}
}

// Clone returns a deep copy.
func (o *Object) Clone() *Object {
	if o == nil {
		return nil
	}
	c := &Object{members: make([]member, len(o.members), len(o.members)+2)}
	for i, m := range o.members {
		c.members[i] = member{m.name, clone(m.value)}
	}
	return c
}

func clone(v any) any {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case []any:
		c := make([]any, len(v))
		for i := range v {
			c[i] = clone(v[i])
		}
		return c
	}
	return v
}

// Shallow returns a copy that shares all values with o: its own members may be
// changed, and nothing in them.
func (o *Object) Shallow() *Object {
	c := &Object{members: make([]member, o.Len(), o.Len()+2)}
	if o != nil {
		copy(c.members, o.members)
	}
	return c
}

// With returns an object that shares all values with o and has one member set.
// Neither may be changed afterwards.
func (o *Object) With(name string, v any) *Object {
	c := o.Shallow()
	c.Set(name, v)
	return c
}

// Map returns an object of the same names whose values are what f makes of them.
func (o *Object) Map(f func(name string, v any) any) *Object {
	c := &Object{members: make([]member, len(o.members))}
	for i, m := range o.members {
		c.members[i] = member{m.name, f(m.name, m.value)}
	}
	return c
}

// Append writes o as JSON without blanks, members in order.
func (o *Object) Append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range o.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendValue(append(appendString(dst, m.name), ':'), m.value)
	}
	return append(dst, '}')
}

// MarshalJSON returns what Append writes.
func (o *Object) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	return o.Append(nil), nil
}

// String returns the JSON text.
func (o *Object) String() string {
	b, _ := o.MarshalJSON()
	return string(b)
}

// AppendValue writes a value of an Object as JSON.
func AppendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case Number:
		return append(dst, v...)
	case *Object:
		if v != nil {
			return v.Append(dst)
		}
	case []any:
		dst = append(dst, '[')
		for i := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendValue(dst, v[i])
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

// appendString quotes s. Parse admits UTF-8 only; a string from elsewhere that
// is not gets replacement characters, so the output is JSON whatever happens.
func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// Equal says whether two values are the same JSON: objects without regard to
// the order of members, arrays with regard to it.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case *Object:
		b, ok := b.(*Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		if a == b {
			return true
		}
		for name, v := range a.All() {
			if w, ok := b.Get(name); !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		if len(a) == 0 || &a[0] == &b[0] {
			return true
		}
		for i := range a {
			if !Equal(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case *Object, []any:
		return false
	}
	return a == b
}
