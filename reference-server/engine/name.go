// SPDX-License-Identifier: Apache-2.0

package engine

import "strings"

// name is an attribute name in the notation of RFC 7644 §3.10:
// [URN ":"] attribute ["." sub-attribute].
type name struct{ urn, attr, sub string }

func (n name) String() string {
	s := n.attr
	if n.urn != "" {
		s = n.urn + ":" + s
	}
	if n.sub != "" {
		s += "." + n.sub
	}
	return s
}

// parseName reads a whole attribute name. It returns "" or what is wrong.
func parseName(s string) (n name, wrong string) {
	rest := s
	if len(s) >= 4 && sameName(s[:4], "urn:") {
		i := strings.LastIndexByte(s, ':')
		if i < 4 {
			return n, "a URN is followed by a colon and an attribute name"
		}
		n.urn, rest = s[:i], s[i+1:]
		for i := range len(n.urn) {
			if c := n.urn[i]; !nameByte(c) && c != '.' && c != ':' {
				return n, "a URN holds a character that does not belong there"
			}
		}
	}
	n.attr = rest
	if i := strings.IndexByte(rest, '.'); i >= 0 {
		n.attr, n.sub = rest[:i], rest[i+1:]
		if wrong := badName(n.sub); wrong != "" {
			return n, wrong
		}
	}
	return n, badName(n.attr)
}

// badName holds s against ATTRNAME of RFC 7643 §2.1, and $ref, which the
// printed rule forgets.
func badName(s string) string {
	if s == "" {
		return "an attribute name is missing"
	}
	if c := s[0]; !letter(c) && !(c == '$' && len(s) > 1) {
		return "an attribute name begins with a letter"
	}
	for i := 1; i < len(s); i++ {
		if !nameByte(s[i]) {
			return "an attribute name holds letters, digits, '-', '_' and '$' only, and has one sub-attribute at most"
		}
	}
	return ""
}

func letter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }

func nameByte(c byte) bool {
	return letter(c) || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '$'
}
