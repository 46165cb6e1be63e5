// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FilterOptions bound and widen what a filter may be. Zero fields stand for the
// defaults.
type FilterOptions struct {
	MaxBytes int // 16 KiB
	MaxDepth int // 32 brackets within each other
	MaxTerms int // 256 comparisons

	// Unquoted takes a bare word for a string, `userName eq alice`, as
	// Datadog's documentation writes it. RFC 7644 does not.
	Unquoted bool
}

// ParseFilter reads a filter within the default bounds. Errors are 400
// invalidFilter and name the byte at which the filter stops making sense.
func ParseFilter(s string) (*Filter, error) { return FilterOptions{}.Parse(s) }

// Parse reads a filter.
func (c FilterOptions) Parse(s string) (*Filter, error) {
	p := filterParser{src: s, FilterOptions: c.withDefaults()}
	if len(s) > p.MaxBytes {
		return nil, invalidFilter("filter is longer than %d bytes", p.MaxBytes)
	}
	root, err := p.or(0, false)
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.pos < len(s) {
		return nil, p.fail("the end of the filter, 'and' or 'or' belongs here")
	}
	return &Filter{root: root, unquoted: c.Unquoted}, nil
}

func (c FilterOptions) withDefaults() FilterOptions {
	if c.MaxBytes == 0 {
		c.MaxBytes = 16 << 10
	}
	if c.MaxDepth == 0 {
		c.MaxDepth = 32
	}
	if c.MaxTerms == 0 {
		c.MaxTerms = 256
	}
	return c
}

// filterParser is a recursive descent over the rules of RFC 7644 figure 1. The
// recursion is bounded by MaxDepth, since only brackets recurse.
type filterParser struct {
	FilterOptions
	src   string
	pos   int
	terms int
}

func (p *filterParser) fail(format string, args ...any) *Error {
	e := invalidFilter(format, args...)
	e.Detail = "filter, byte " + itoa(p.pos) + ": " + e.Detail
	return e
}

// or reads and *("or" and). Within a value path, inner is true.
func (p *filterParser) or(depth int, inner bool) (*node, error) {
	return p.chain("or", func() (*node, error) {
		return p.chain("and", func() (*node, error) { return p.factor(depth, inner) })
	})
}

// chain reads operands joined by a logical operator. An operand that is itself
// such a chain, in brackets, is taken apart: `a and (b and c)` is one chain.
func (p *filterParser) chain(op string, operand func() (*node, error)) (*node, error) {
	var kids []*node
	for {
		k, err := operand()
		if err != nil {
			return nil, err
		}
		if k.op == op {
			kids = append(kids, k.kids...)
		} else {
			kids = append(kids, k)
		}
		if !p.keyword(op) {
			break
		}
	}
	if len(kids) == 1 {
		return kids[0], nil
	}
	return &node{op: op, kids: kids}, nil
}

// keyword reads a word between blanks, or nothing.
func (p *filterParser) keyword(word string) bool {
	rest := strings.TrimLeft(p.src[p.pos:], " ")
	blank := len(p.src) - p.pos - len(rest)
	// A bracket may stand in for a blank on either side: `(a pr)and(b pr)`.
	if blank == 0 && !(p.pos > 0 && strings.IndexByte(")]", p.src[p.pos-1]) >= 0) {
		return false
	}
	if len(rest) <= len(word) || !sameName(rest[:len(word)], word) || rest[len(word)] != ' ' && rest[len(word)] != '(' {
		return false
	}
	p.pos += blank + len(word)
	return true
}

func (p *filterParser) blanks() {
	for p.pos < len(p.src) && p.src[p.pos] == ' ' {
		p.pos++
	}
}

func (p *filterParser) at(c byte) bool { return p.pos < len(p.src) && p.src[p.pos] == c }

func (p *filterParser) factor(depth int, inner bool) (*node, error) {
	p.blanks()
	start := p.pos
	word := p.word()
	if sameName(word, "not") {
		p.blanks()
		if p.at('(') {
			k, err := p.group(')', depth, inner)
			if err != nil {
				return nil, err
			}
			return &node{op: "not", kids: []*node{k}}, nil
		}
		return nil, p.fail("'not' is followed by an expression in brackets")
	}
	if word == "" {
		if p.at('(') {
			return p.group(')', depth, inner)
		}
		return nil, p.fail("an expression is missing")
	}
	n, wrong := parseName(word)
	if wrong != "" {
		p.pos = start
		return nil, p.fail("%s", wrong)
	}
	if inner && (n.urn != "" || n.sub != "") {
		p.pos = start
		return nil, p.fail("between [ and ] stand sub-attributes by their bare names")
	}
	if p.at('[') {
		switch {
		case inner:
			return nil, p.fail("a value path holds no other value path")
		case n.sub != "":
			return nil, p.fail("a value path begins with an attribute, not with a sub-attribute")
		}
		k, err := p.group(']', depth, true)
		if err != nil {
			return nil, err
		}
		return &node{op: "[]", name: n, kids: []*node{k}}, nil
	}
	return p.comparison(n)
}

// group reads an expression between the bracket at pos and its partner.
func (p *filterParser) group(closing byte, depth int, inner bool) (*node, error) {
	if depth++; depth > p.MaxDepth {
		return nil, p.fail("brackets are nested deeper than %d", p.MaxDepth)
	}
	p.pos++
	k, err := p.or(depth, inner)
	if err != nil {
		return nil, err
	}
	p.blanks()
	if !p.at(closing) {
		return nil, p.fail("a %q is missing", closing)
	}
	p.pos++
	return k, nil
}

// word reads a run of the characters that names and operators are made of.
func (p *filterParser) word() string {
	start := p.pos
	for p.pos < len(p.src) && (nameByte(p.src[p.pos]) || p.src[p.pos] == '.' || p.src[p.pos] == ':') {
		p.pos++
	}
	return p.src[start:p.pos]
}

func (p *filterParser) comparison(n name) (*node, error) {
	if p.terms++; p.terms > p.MaxTerms {
		return nil, p.fail("filter has more than %d comparisons", p.MaxTerms)
	}
	if !p.at(' ') {
		return nil, p.fail("an attribute name is followed by a blank and an operator")
	}
	p.blanks()
	start := p.pos
	op := nameKey(p.word())
	switch op {
	case "pr":
		return &node{op: op, name: n}, nil
	case "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
	case "":
		return nil, p.fail("an operator is missing")
	default:
		p.pos = start
		return nil, p.fail("no such operator: eq, ne, co, sw, ew, gt, ge, lt, le and pr are known")
	}
	if !p.at(' ') {
		return nil, p.fail("operator %s is followed by a blank and a value", op)
	}
	p.blanks()
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	return &node{op: op, name: n, value: v}, nil
}

// literal reads a JSON string, number, true, false or null.
func (p *filterParser) literal() (any, error) {
	rest := p.src[p.pos:]
	if strings.HasPrefix(rest, `"`) {
		return p.quoted(rest)
	}
	end := strings.IndexAny(rest, " )]")
	if end < 0 {
		end = len(rest)
	}
	word := rest[:end]
	var v any
	switch {
	case word == "true", word == "false":
		v = word == "true"
	case word == "null":
	case word == "":
		return nil, p.fail("a value is missing")
	case jsontext.Value(word).Kind() == '0' && jsontext.Value(word).IsValid():
		v = Number(word)
	case p.Unquoted && !strings.ContainsAny(word, "\"'\\([") && jsontext.Value(appendString(nil, word)).IsValid():
		v = word
	default:
		return nil, p.fail("a value is a JSON literal: a string stands between double quotes")
	}
	p.pos += end
	return v, nil
}

func (p *filterParser) quoted(rest string) (any, error) {
	for end := 1; end < len(rest); end++ {
		switch rest[end] {
		case '\\':
			end++
		case '"':
			b, err := jsontext.AppendUnquote(nil, rest[:end+1])
			if err != nil {
				return nil, p.fail("string is not a JSON string")
			}
			p.pos += end + 1
			if p.pos < len(p.src) && strings.IndexByte(" )]", p.src[p.pos]) < 0 {
				return nil, p.fail("a value is followed by a blank or a closing bracket")
			}
			return string(b), nil
		}
	}
	return nil, p.fail("string does not end")
}
