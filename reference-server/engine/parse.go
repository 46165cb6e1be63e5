// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"cmp"
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
	src := string(b)
	if o, ok := scan(src, lim.MaxDepth); ok {
		return o, nil
	}
	return read(b, src, lim.MaxDepth)
}

// read reads one object, or says why it cannot.
func read(b []byte, src string, depth int) (*Object, error) {
	r := newReader(b, src, depth)
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
	r := newReader(b, string(b), 1<<16)
	r.trusted = true
	o := &Object{}
	if t, err := r.dec.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, invalidSyntax("stored body is not an object")
	}
	for r.dec.PeekKind() == '"' {
		name, err := r.text()
		if err != nil {
			return nil, syntax(err)
		}
		if !wanted(names, name) {
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

// reader builds values from the tokens of a body. Strings without escapes are
// parts of src, so that reading them costs no memory of their own. It looks for
// names given twice itself, for the decoder knows nothing of letter case.
type reader struct {
	dec     *jsontext.Decoder
	src     string
	depth   int
	trusted bool // the body was checked when it was stored
}

func newReader(b []byte, src string, depth int) reader {
	return reader{dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(true)), src: src, depth: depth}
}

// text reads a string.
func (r *reader) text() (string, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		end := int(r.dec.InputOffset())
		return r.src[end-len(raw)+1 : end-1], nil
	}
	plain, err := jsontext.AppendUnquote(nil, raw)
	return string(plain), err
}

// scalar reads a value that is neither object nor array.
func (r *reader) scalar(k jsontext.Kind) (any, error) {
	if k == '"' {
		return r.text()
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	switch k {
	case 'n':
		return nil, nil
	case '0':
		return Number(raw), nil
	}
	return k == 't', nil
}

func (r *reader) value() (any, error) {
	switch k := r.dec.PeekKind(); k {
	case 'n', 't', 'f', '"', '0':
		return r.scalar(k)
	}
	t, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
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
		if k := r.dec.PeekKind(); k != '"' {
			_, err := r.dec.ReadToken() // says what is wrong
			return nil, cmp.Or(err, io.ErrUnexpectedEOF)
		}
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if !r.trusted {
			if seen == nil && len(o.members) == 32 {
				seen = make(map[string]bool, 64)
				for _, m := range o.members {
					seen[nameKey(m.name)] = true
				}
			}
			if seen[nameKey(name)] || seen == nil && o.find(name) >= 0 {
				return nil, r.twice(o, name)
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

// twice refuses a name that o has already.
func (r *reader) twice(o *Object, name string) error {
	if i := o.find(name); i >= 0 && o.members[i].name == name {
		return invalidSyntax("attribute is given twice, at %s", r.where())
	}
	return invalidSyntax("attribute is given twice, in different letter case, at %s", r.where())
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
