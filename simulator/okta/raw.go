// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object as it was on the wire: the order of its members, the
// spelling of their values and members that nobody knows are kept.
type object struct{ members []member }

type member struct {
	name  string
	raw   jsontext.Value // the name as it was spelt
	value jsontext.Value // without blanks, else as it was spelt
}

var errNotObject = errors.New("is not a JSON object")

// lenient takes what Okta's parser takes; to find fault is for the checks.
func lenient() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}

// parseObject reads an object.
func parseObject(b []byte) (*object, error) {
	v := jsontext.Value(bytes.Clone(b))
	if err := v.Compact(lenient()...); err != nil {
		return nil, fmt.Errorf("read reply: %w", err)
	}
	if v.Kind() != '{' {
		return nil, fmt.Errorf("read reply: %w", errNotObject)
	}
	d := jsontext.NewDecoder(bytes.NewReader(v), lenient()...)
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("read reply: %w", err)
	}
	o := &object{}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("read reply: %w", err)
		}
		m := member{name: unquote(name), raw: name.Clone()}
		value, err := d.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("read reply: %w", err)
		}
		m.value = value.Clone()
		o.members = append(o.members, m)
	}
	return o, nil
}

// get gives the value of a member, nil if it is not there.
func (o *object) get(name string) jsontext.Value {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// anyCase is get, and where there is no such member, one in other letter case
// (documented in 2018 for the members of a list).
func (o *object) anyCase(name string) jsontext.Value {
	if v := o.get(name); v != nil {
		return v
	}
	for _, m := range o.members {
		if strings.EqualFold(m.name, name) {
			return m.value
		}
	}
	return nil
}

// text gives a member that is a string, "" for any other.
func (o *object) text(name string) string { return unquote(o.get(name)) }

// object gives a member that is an object, nil for any other.
func (o *object) object(name string) *object { return objectOf(o.get(name)) }

// objectOf reads an object, nil if v is none.
func objectOf(v jsontext.Value) *object {
	o, err := parseObject(v)
	if err != nil {
		return nil
	}
	return o
}

// set puts a value in the place of the member, or at the end.
func (o *object) set(name string, value jsontext.Value) {
	for i := range o.members {
		if o.members[i].name == name {
			o.members[i].value = value
			return
		}
	}
	o.members = append(o.members, member{name, quote(name), value})
}

// setText sets a string; one that is there with the same value keeps its
// spelling.
func (o *object) setText(name, value string) {
	if v := o.get(name); v.Kind() == '"' && unquote(v) == value {
		return
	}
	o.set(name, quote(value))
}

// setWithin changes the object that a member is, or makes one.
func (o *object) setWithin(name string, change func(*object)) {
	inner := o.object(name)
	if inner == nil {
		inner = &object{}
	}
	change(inner)
	if len(inner.members) > 0 {
		o.set(name, inner.bytes())
	}
}

// bytes gives the object without blanks.
func (o *object) bytes() jsontext.Value {
	b := jsontext.Value{'{'}
	for i, m := range o.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, m.raw...), ':')
		b = append(b, m.value...)
	}
	return append(b, '}')
}

// elements gives the values of an array, nil if v is none.
func elements(v jsontext.Value) []jsontext.Value {
	if v.Kind() != '[' {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(v), lenient()...)
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	all := []jsontext.Value{}
	for d.PeekKind() != ']' {
		e, err := d.ReadValue()
		if err != nil {
			return nil
		}
		all = append(all, e.Clone())
	}
	return all
}

// array gives the text of an array.
func array(values []jsontext.Value) jsontext.Value {
	return slices.Concat(jsontext.Value{'['}, bytes.Join(raws(values), []byte{','}), jsontext.Value{']'})
}

func raws(values []jsontext.Value) [][]byte {
	out := make([][]byte, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// quote gives a JSON string. Slashes and letters outside ASCII stand as they
// are; whether Okta escapes the latter is not known.
func quote(s string) jsontext.Value {
	b, _ := jsontext.AppendQuote(nil, s) // the error tells of bytes that are no UTF-8; they become U+FFFD
	return b
}

// unquote gives the text of a JSON string, "" of anything else.
func unquote(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	b, _ := jsontext.AppendUnquote(nil, v)
	return string(b)
}

// truth says whether v is the literal true.
func truth(v jsontext.Value) bool { return v.Kind() == 't' }
