// SPDX-License-Identifier: Apache-2.0

package engine

import "strings"

// Path is the path of a PATCH operation, RFC 7644 §3.5.2: an attribute path, or
// a value path with or without a sub-attribute. It knows no schema.
type Path struct {
	name   name  // name.sub is the sub-attribute, also after a value filter
	filter *node // nil without brackets
}

// ParsePath reads a path. Errors are 400 invalidPath.
func ParsePath(s string) (*Path, error) {
	p := filterParser{src: s, FilterOptions: FilterOptions{}.withDefaults()}
	if len(s) > p.MaxBytes {
		return nil, invalidPath("path is longer than %d bytes", p.MaxBytes)
	}
	n, wrong := parseName(p.word())
	if wrong != "" {
		return nil, invalidPath("path: %s", wrong)
	}
	path := &Path{name: n}
	if p.at('[') {
		if n.sub != "" {
			return nil, invalidPath("path: a value filter follows an attribute, not a sub-attribute")
		}
		k, err := p.group(']', 0, true)
		if err != nil {
			return nil, invalidPath("path: %s", detailOf(err))
		}
		path.filter = k
		if rest := s[p.pos:]; strings.HasPrefix(rest, ".") {
			if wrong := badName(rest[1:]); wrong != "" {
				return nil, invalidPath("path: %s", wrong)
			}
			path.name.sub, p.pos = rest[1:], len(s)
		}
	}
	if p.pos < len(s) {
		return nil, invalidPath("path: unexpected text at byte %d", p.pos)
	}
	return path, nil
}

// String returns the path in canonical spelling; ParsePath of it gives the same
// path.
func (p *Path) String() string {
	if p.filter == nil {
		return p.name.String()
	}
	var b strings.Builder
	b.WriteString(name{urn: p.name.urn, attr: p.name.attr}.String())
	p.filter.writeIn(&b, "[", "]")
	if p.name.sub != "" {
		b.WriteString("." + p.name.sub)
	}
	return b.String()
}
