// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner reads a body in one pass, as long as there is nothing to say about
// it. It accepts what reader accepts, no more and no less, and makes the same of
// it; but it cannot tell what is wrong with the rest, which reader then does.
// O(bytes), and as much for the names of an object, however many they are.
type scanner struct {
	src   string
	pos   int
	depth int // levels that may still be opened

	// What is read of the objects and arrays that are open, the innermost last.
	members []member
	values  []any
}

var scanners = sync.Pool{New: func() any { return new(scanner) }} //nolint:gochecknoglobals // what is in a pool is nobody's

// scan reads one object with at most depth levels.
func scan(src string, depth int) (*Object, bool) {
	s := scanners.Get().(*scanner)
	defer s.free()
	s.src, s.depth = src, depth
	s.blank()
	if s.at() != '{' {
		return nil, false
	}
	o, ok := s.object()
	s.blank()
	return o, ok && s.pos == len(src)
}

// free keeps the room that the scanner has, unless it is large.
func (s *scanner) free() {
	const most = 256
	if cap(s.members) > most || cap(s.values) > most {
		return
	}
	clear(s.members[:cap(s.members)])
	clear(s.values[:cap(s.values)])
	*s = scanner{members: s.members[:0], values: s.values[:0]}
	scanners.Put(s)
}

// at returns the next byte, 0 at the end.
func (s *scanner) at() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// blank skips white space.
func (s *scanner) blank() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// next says whether another member or element follows, and whether that is as
// it should be: a comma or the closing bracket, and no comma before the latter.
func (s *scanner) next(first bool, closing byte) (more, ok bool) {
	s.blank()
	c := s.at()
	switch {
	case c == closing:
		s.pos++
		return false, true
	case first:
		return true, true
	case c == ',':
		s.pos++
		s.blank()
		return true, s.at() != closing
	}
	return false, false
}

func (s *scanner) value() (any, bool) {
	switch c := s.at(); c {
	case '"':
		return s.text()
	case '{':
		return s.object()
	case '[':
		return s.array()
	case 't':
		return true, s.word("true")
	case 'f':
		return false, s.word("false")
	case 'n':
		return nil, s.word("null")
	}
	return s.number()
}

func (s *scanner) word(w string) bool {
	ok := strings.HasPrefix(s.src[s.pos:], w)
	s.pos += len(w)
	return ok
}

func (s *scanner) object() (*Object, bool) {
	s.pos++
	s.depth--
	base := len(s.members)
	var seen map[string]bool // once the members are many
	for first := true; ; first = false {
		more, ok := s.next(first, '}')
		if !ok || s.depth < 0 {
			return nil, false
		}
		if !more {
			break
		}
		name, ok := s.text()
		if !ok || !s.fresh(s.members[base:], name, &seen) {
			return nil, false
		}
		if s.blank(); s.at() != ':' {
			return nil, false
		}
		s.pos++
		s.blank()
		v, ok := s.value()
		if !ok {
			return nil, false
		}
		s.members = append(s.members, member{name, v})
	}
	s.depth++
	o := &Object{members: slices.Clone(s.members[base:])}
	s.members = s.members[:base]
	return o, true
}

// fresh says whether a name differs from all before it, and not in letter case
// alone.
func (s *scanner) fresh(have []member, name string, seen *map[string]bool) bool {
	const many = 32
	if len(have) < many {
		for i := range have {
			if sameName(have[i].name, name) {
				return false
			}
		}
		return true
	}
	if *seen == nil {
		*seen = make(map[string]bool, 2*many)
		for _, m := range have {
			(*seen)[nameKey(m.name)] = true
		}
	}
	key := nameKey(name)
	if (*seen)[key] {
		return false
	}
	(*seen)[key] = true
	return true
}

func (s *scanner) array() (any, bool) {
	s.pos++
	s.depth--
	base := len(s.values)
	for first := true; ; first = false {
		more, ok := s.next(first, ']')
		if !ok || s.depth < 0 {
			return nil, false
		}
		if !more {
			break
		}
		v, ok := s.value()
		if !ok {
			return nil, false
		}
		s.values = append(s.values, v)
	}
	s.depth++
	list := append(make([]any, 0, len(s.values)-base), s.values[base:]...)
	s.values = s.values[:base]
	return list, true
}

// text reads a string, which is a part of the source unless it has escapes.
func (s *scanner) text() (string, bool) {
	if s.at() != '"' {
		return "", false
	}
	start, ascii, plain := s.pos, true, true
	for i := start + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			s.pos = i + 1
			text := s.src[start+1 : i]
			if !plain {
				b, err := jsontext.AppendUnquote(nil, s.src[start:i+1])
				return string(b), err == nil
			}
			return text, ascii || utf8.ValidString(text)
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// number reads a number, RFC 8259 §6.
func (s *scanner) number() (any, bool) {
	start := s.pos
	if s.at() == '-' {
		s.pos++
	}
	whole := s.pos
	if n := s.digits(); n == 0 || n > 1 && s.src[whole] == '0' {
		return nil, false
	}
	if s.at() == '.' {
		s.pos++
		if s.digits() == 0 {
			return nil, false
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.at(); c == '+' || c == '-' {
			s.pos++
		}
		if s.digits() == 0 {
			return nil, false
		}
	}
	return Number(s.src[start:s.pos]), true
}

func (s *scanner) digits() int {
	start := s.pos
	for c := s.at(); '0' <= c && c <= '9'; c = s.at() {
		s.pos++
	}
	return s.pos - start
}
