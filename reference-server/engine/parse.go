// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits bound what Parse reads. Zero fields stand for the defaults.
type Limits struct {
	MaxBytes int // 1 MiB
	MaxDepth int // 64 levels of objects and arrays
}

// Parse reads one JSON object. It is strict, because a server that guesses
// gives two readers two meanings: it refuses a name given twice, also in another
// letter case (RFC 7643 §2.1), invalid UTF-8, lone surrogates, bytes after the
// object, and what exceeds the limits. Every refusal is 400 invalidSyntax and
// says where; a body over MaxBytes is 413.
func Parse(b []byte, lim Limits) (*Object, error) {
	if lim.MaxBytes == 0 {
		lim.MaxBytes = 1 << 20
	}
	if lim.MaxDepth == 0 {
		lim.MaxDepth = 64
	}
	if len(b) > lim.MaxBytes {
		return nil, &Error{Status: 413, Detail: "body is longer than " + itoa(lim.MaxBytes) + " bytes"}
	}
	r := reader{dec: jsontext.NewDecoder(bytes.NewBuffer(b)), depth: lim.MaxDepth}
	if k := r.dec.PeekKind(); k != '{' && k != 0 {
		return nil, invalidSyntax("body is a JSON %s, not an object", kindName(k))
	}
	v, err := r.value()
	if err == nil {
		if _, err = r.dec.ReadToken(); err == nil {
			return nil, invalidSyntax("body goes on after the JSON object, at byte %d", r.dec.InputOffset())
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || v == nil) {
		return nil, syntax(err)
	}
	return v.(*Object), nil
}

// Pick reads the named top-level members of a body that Parse has accepted
// before, and skips the rest. It is the cheap way to look at a stored body.
func Pick(b []byte, names ...string) (*Object, error) {
	r := reader{dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(true)), depth: 1 << 16, trusted: true}
	o := &Object{}
	if t, err := r.dec.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, invalidSyntax("stored body is not an object")
	}
	for r.dec.PeekKind() == '"' {
		t, err := r.dec.ReadToken()
		if err != nil {
			return nil, syntax(err)
		}
		if name := t.String(); !wanted(names, name) {
			err = r.dec.SkipValue()
		} else if v, e := r.value(); e != nil {
			err = e
		} else {
			o.members = append(o.members, member{name, v})
		}
		if err != nil {
			return nil, syntax(err)
		}
	}
	return o, nil
}

func wanted(names []string, name string) bool {
	for _, n := range names {
		if sameName(n, name) {
			return true
		}
	}
	return false
}

type reader struct {
	dec     *jsontext.Decoder
	depth   int
	trusted bool // the body was checked when it was stored
}

func (r *reader) value() (any, error) {
	t, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return t.Bool(), nil
	case '"':
		return t.String(), nil
	case '0':
		return Number(t.String()), nil
	}
	if r.dec.StackDepth() > r.depth {
		return nil, invalidSyntax("body is nested deeper than %d levels, at %s", r.depth, r.where())
	}
	if t.Kind() == '[' {
		return r.array()
	}
	return r.object()
}

func (r *reader) array() (any, error) {
	a := []any{}
	for r.dec.PeekKind() != ']' {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := r.dec.ReadToken()
	return a, err
}

func (r *reader) object() (any, error) {
	o := &Object{members: make([]member, 0, 8)}
	var seen map[string]bool // once the members are many
	for r.dec.PeekKind() != '}' {
		t, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := t.String()
		if !r.trusted {
			if seen == nil && len(o.members) == 32 {
				seen = make(map[string]bool, 64)
				for _, m := range o.members {
					seen[nameKey(m.name)] = true
				}
			}
			if seen[nameKey(name)] || seen == nil && o.find(name) >= 0 {
				return nil, invalidSyntax("attribute is given twice, in different letter case, at %s", r.where())
			}
			if seen != nil {
				seen[nameKey(name)] = true
			}
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, member{name, v})
	}
	_, err := r.dec.ReadToken()
	return o, err
}

func (r *reader) where() string { return place(r.dec.StackPointer()) }

func place(p jsontext.Pointer) string {
	const most = 200 // a pointer into a hostile body may be as long as the body
	if len(p) > most {
		return string(p[:most]) + "…"
	}
	if p == "" {
		return "the top level"
	}
	return string(p)
}

// syntax turns an error of the decoder into a SCIM error with a place in it.
func syntax(err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	var at *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalidSyntax("body ends before the JSON object does")
	case errors.As(err, &at):
		what := "syntax error"
		if at.Err != nil {
			what = at.Err.Error()
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			what = "attribute is given twice"
		}
		return invalidSyntax("body is not JSON: %s, at %s, byte %d", what, place(at.JSONPointer), at.ByteOffset)
	}
	return invalidSyntax("body cannot be read")
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '[':
		return "array"
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "value"
}
