// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// span is a range of bytes.
type span struct{ start, end int }

// locate finds the value that a finding's path names in a JSON text, so that
// it can be marked where it stands. The path is a SCIM attribute path with
// indexes: emails[0].primary, emails[type eq "work"].value,
// urn:…:2.0:User:department. A path it cannot follow is not found; a report
// without the mark is still right.
func locate(text []byte, path string) (span, bool) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if path == "" {
		return next(d)
	}
	switch d.PeekKind() {
	case '{':
		return locateMember(d, text, path)
	case '[':
		return locateElement(d, text, path)
	}
	return span{}, false
}

// next reads one value and says where it stood.
func next(d *jsontext.Decoder) (span, bool) {
	v, err := d.ReadValue()
	end := int(d.InputOffset())
	return span{end - len(v), end}, err == nil
}

// within goes on with the rest of a path inside the value at s.
func within(text []byte, s span, path string) (span, bool) {
	inner, ok := locate(text[s.start:s.end], path)
	return span{s.start + inner.start, s.start + inner.end}, ok
}

func locateMember(d *jsontext.Decoder, text []byte, path string) (span, bool) {
	if _, err := d.ReadToken(); err != nil {
		return span{}, false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			break
		}
		rest, match := step(path, name.String())
		value, ok := next(d)
		if !ok {
			break
		}
		if match {
			return within(text, value, rest)
		}
	}
	return span{}, false
}

// step takes an attribute name from the front of a path. Names are compared
// without regard to case, RFC 7643 §2.1.
func step(path, name string) (rest string, ok bool) {
	if len(path) < len(name) || !strings.EqualFold(path[:len(name)], name) {
		return "", false
	}
	rest = path[len(name):]
	switch {
	case rest == "" || rest[0] == '[':
		return rest, true
	case rest[0] == '.' || rest[0] == ':':
		return rest[1:], true
	}
	return "", false
}

// locateElement follows [2], [type eq "work"], or, without brackets, the first
// element.
func locateElement(d *jsontext.Decoder, text []byte, path string) (span, bool) {
	selector, rest := "0", path
	if strings.HasPrefix(path, "[") {
		inside, after, ok := strings.Cut(path[1:], "]")
		if !ok {
			return span{}, false
		}
		selector, rest = inside, strings.TrimPrefix(after, ".")
	}
	if _, err := d.ReadToken(); err != nil {
		return span{}, false
	}
	index, err := strconv.Atoi(selector)
	attribute, literal, filter := strings.Cut(selector, " eq ")
	if err != nil && !filter {
		return span{}, false
	}
	for i := 0; d.PeekKind() != ']'; i++ {
		element, ok := next(d)
		if !ok {
			break
		}
		if (!filter && i == index) || (filter && equals(text, element, attribute, literal)) {
			return within(text, element, rest)
		}
	}
	return span{}, false
}

func equals(text []byte, element span, attribute, literal string) bool {
	s, ok := within(text, element, attribute)
	return ok && string(text[s.start:s.end]) == literal
}
