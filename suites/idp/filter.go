// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/match"
)

// comparison is one attribute expression of a filter.
type comparison struct {
	attribute attributeName
	operator  string      // lower case
	value     *match.Node // nil for pr
	parent    string      // the attribute before the bracket, if it stands inside one
}

// attributeName is an attribute in the notation of RFC 7644 §3.10.
type attributeName struct {
	urn, name, sub string
}

func (a attributeName) String() string {
	s := a.name
	if a.sub != "" {
		s += "." + a.sub
	}
	if a.urn != "" {
		s = a.urn + ":" + s
	}
	return s
}

var (
	nameForm = regexp.MustCompile(`^(\$ref|[A-Za-z][A-Za-z0-9_-]*)$`)
	urnForm  = regexp.MustCompile(`(?i)^urn:[a-z0-9][a-z0-9-]{0,31}:[a-z0-9()+,\-.:=@;$_!*'%/?#]+$`)
)

// readName reads an attribute name: [URI ":"] ATTRNAME ["." ATTRNAME].
func readName(s string) (attributeName, error) {
	var a attributeName
	rest := s
	if colon := strings.LastIndexByte(s, ':'); colon >= 0 {
		a.urn, rest = s[:colon], s[colon+1:]
		if !urnForm.MatchString(a.urn) {
			return a, fmt.Errorf("%q is no schema URN", a.urn)
		}
	}
	var dotted bool
	a.name, a.sub, dotted = strings.Cut(rest, ".")
	if !nameForm.MatchString(a.name) || dotted && !nameForm.MatchString(a.sub) {
		return a, fmt.Errorf("%q is no attribute name", rest)
	}
	return a, nil
}

// filterOperators are those of RFC 7644 §3.4.2.2, table 3.
func filterOperators() []string {
	return []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}
}

// filterReader reads a filter by the grammar of RFC 7644 figure 1. It is there
// to tell valid from invalid: what a filter means is of no interest here.
type filterReader struct {
	rest  string
	depth int
	all   []comparison
}

// errFilter marks what the grammar does not allow.
var errFilter = errors.New("not a filter")

// readFilter reads a whole filter and gives its comparisons.
func readFilter(s string) ([]comparison, error) {
	r := &filterReader{rest: s}
	if err := r.or(""); err != nil {
		return nil, err
	}
	if r.blanks(); r.rest != "" {
		return nil, fmt.Errorf("%w: %q is too much", errFilter, r.rest)
	}
	return r.all, nil
}

func (r *filterReader) blanks() { r.rest = strings.TrimLeft(r.rest, " ") }

// word takes a keyword that a blank, a bracket or the end follows.
func (r *filterReader) word(w string) bool {
	r.blanks()
	if len(r.rest) < len(w) || !strings.EqualFold(r.rest[:len(w)], w) {
		return false
	}
	if after := r.rest[len(w):]; after != "" && after[0] != ' ' && after[0] != '(' {
		return false
	}
	r.rest = r.rest[len(w):]
	return true
}

func (r *filterReader) or(parent string) error {
	for {
		if err := r.and(parent); err != nil {
			return err
		}
		if !r.word("or") {
			return nil
		}
	}
}

func (r *filterReader) and(parent string) error {
	for {
		if err := r.term(parent); err != nil {
			return err
		}
		if !r.word("and") {
			return nil
		}
	}
}

func (r *filterReader) term(parent string) error {
	if r.depth++; r.depth > 64 {
		return fmt.Errorf("%w: nested deeper than 64", errFilter)
	}
	defer func() { r.depth-- }()
	negated := r.word("not")
	r.blanks()
	if after, ok := strings.CutPrefix(r.rest, "("); ok {
		r.rest = after
		return r.inside(parent, ")")
	}
	if negated {
		return fmt.Errorf("%w: want ( after not", errFilter)
	}
	end := strings.IndexAny(r.rest, " ()[]")
	if end < 0 {
		end = len(r.rest)
	}
	name, err := readName(r.rest[:end])
	if err != nil {
		return fmt.Errorf("%w: %w", errFilter, err)
	}
	r.rest = r.rest[end:]
	if after, ok := strings.CutPrefix(r.rest, "["); ok {
		if parent != "" {
			return fmt.Errorf("%w: a bracket inside a bracket", errFilter)
		}
		r.rest = after
		return r.inside(name.String(), "]")
	}
	return r.compare(name, parent)
}

// inside reads a filter up to its closing bracket.
func (r *filterReader) inside(parent, closing string) error {
	if err := r.or(parent); err != nil {
		return err
	}
	r.blanks()
	after, ok := strings.CutPrefix(r.rest, closing)
	if !ok {
		return fmt.Errorf("%w: want %s before %q", errFilter, closing, r.rest)
	}
	r.rest = after
	return nil
}

func (r *filterReader) compare(name attributeName, parent string) error {
	r.blanks()
	end := strings.IndexAny(r.rest, " )]")
	if end < 0 {
		end = len(r.rest)
	}
	c := comparison{attribute: name, operator: strings.ToLower(r.rest[:end]), parent: parent}
	if !slices.Contains(filterOperators(), c.operator) {
		return fmt.Errorf("%w: after %s want an operator, found %q", errFilter, name, r.rest[:end])
	}
	r.rest = r.rest[end:]
	if c.operator != "pr" {
		r.blanks()
		literal := r.literal()
		tree, err := match.Parse([]byte(literal))
		if err != nil || tree.Root.Kind == match.KindObject || tree.Root.Kind == match.KindArray {
			return fmt.Errorf("%w: after %s %s want a JSON value, found %q", errFilter, name, c.operator, literal)
		}
		c.value = tree.Root
	}
	r.all = append(r.all, c)
	return nil
}

// literal takes a JSON scalar.
func (r *filterReader) literal() string {
	end := strings.IndexAny(r.rest, " )]")
	if strings.HasPrefix(r.rest, `"`) {
		end = -1
		for i := 1; i < len(r.rest); i++ {
			if r.rest[i] == '\\' {
				i++
			} else if r.rest[i] == '"' {
				end = i + 1
				break
			}
		}
	}
	if end < 0 {
		end = len(r.rest)
	}
	literal := r.rest[:end]
	r.rest = r.rest[end:]
	return literal
}

// path is the path of an operation, RFC 7644 figure 7.
type path struct {
	attributeName
	filter []comparison // nil: no bracket
	after  string       // the sub-attribute after the bracket
}

// readPath reads the path of an operation.
func readPath(s string) (*path, error) {
	head, rest, bracket := strings.Cut(s, "[")
	if strings.EqualFold(s, enterpriseURN) { // the whole extension
		return &path{attributeName: attributeName{urn: s}}, nil
	}
	name, err := readName(head)
	if err != nil {
		return nil, err
	}
	p := &path{attributeName: name}
	if !bracket {
		return p, nil
	}
	r := &filterReader{rest: rest}
	if err := r.inside(name.String(), "]"); err != nil {
		return nil, err
	}
	p.filter = r.all
	if r.rest == "" {
		return p, nil
	}
	after, ok := strings.CutPrefix(r.rest, ".")
	if !ok || !nameForm.MatchString(after) {
		return nil, fmt.Errorf("want a sub-attribute after the bracket, found %q", r.rest)
	}
	p.after = after
	return p, nil
}
