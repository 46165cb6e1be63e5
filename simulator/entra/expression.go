// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep calls may be nested.
const maxDepth = 32

// Expression is the source of an attribute mapping: an attribute of the
// directory, a constant, or functions of them, as Microsoft's "Reference for
// writing expressions for attribute mappings" has it. It is safe for use by
// several goroutines.
type Expression struct {
	text string
	root node
}

// SyntaxError says where an expression is wrong.
type SyntaxError struct {
	Expression string
	Offset     int    // of Found, in bytes from 0
	Found      string // as it is there; "the end"
	Expected   string
}

// Error gives the place, what is there and what may be.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("parse expression %s: at character %d: found %s, expected %s",
		e.Expression, utf8.RuneCountInString(e.Expression[:e.Offset])+1, e.Found, e.Expected)
}

// ParseSource reads the source of a mapping as it stands in a scenario: a bare
// word is an attribute, all else is an expression.
func ParseSource(text string) (*Expression, error) {
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !wordRune(r) }) < 0 {
		return &Expression{text: text, root: attribute(text)}, nil
	}
	return ParseExpression(text)
}

// ParseExpression reads an expression. Names of functions are the same in any
// letter case, strings are in double quotes with \" and \\ within them,
// attributes in brackets, and an argument may be empty, which is null.
func ParseExpression(text string) (*Expression, error) {
	p := parser{text: text}
	root, err := p.condition(0)
	if err != nil {
		return nil, err
	}
	if p.skipBlanks(); p.at < len(text) {
		return nil, p.expected("the end")
	}
	return &Expression{text: text, root: root}, nil
}

// String gives the expression as it was written.
func (e *Expression) String() string { return e.text }

// Evaluate gives the value for what the directory holds: nil, a string, a
// bool, an int, []string, or the roles that a role function made. attribute
// answers with one of those too, or with []Role.
func (e *Expression) Evaluate(attribute func(name string) any) (any, error) {
	v, err := e.root.value(attribute)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", e.text, err)
	}
	return v, nil
}

// node is one part of an expression.
type node interface {
	value(attribute func(string) any) (any, error)
}

type (
	constant   struct{ of any }
	attribute  string
	comparison struct {
		operator    string
		left, right node
	}
	call struct {
		function *function
		args     []node
	}
)

func (c constant) value(func(string) any) (any, error) { return c.of, nil }

func (a attribute) value(of func(string) any) (any, error) { return of(string(a)), nil }

func (c comparison) value(of func(string) any) (any, error) {
	left, err := c.left.value(of)
	if err != nil {
		return nil, err
	}
	right, err := c.right.value(of)
	if err != nil {
		return nil, err
	}
	return compare(c.operator, left, right)
}

func (c call) value(of func(string) any) (any, error) {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		v, err := arg.value(of)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	v, err := c.function.call(args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.function.name, err)
	}
	return v, nil
}

type parser struct {
	text string
	at   int
}

// condition reads an operand, or two with a comparison between them.
func (p *parser) condition(depth int) (node, error) {
	left, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	p.skipBlanks()
	for _, operator := range [...]string{"<>", ">=", "<=", "=", ">", "<"} {
		if !strings.HasPrefix(p.text[p.at:], operator) {
			continue
		}
		p.at += len(operator)
		right, err := p.operand(depth)
		if err != nil {
			return nil, err
		}
		return comparison{operator, left, right}, nil
	}
	return left, nil
}

func (p *parser) operand(depth int) (node, error) {
	p.skipBlanks()
	const wanted = `a function, an attribute in brackets, a string in double quotes or a number`
	if p.at == len(p.text) {
		return nil, p.expected(wanted)
	}
	switch c := p.text[p.at]; {
	case c == '"':
		return p.quoted()
	case c == '[':
		return p.bracketed()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case wordByte(c):
		return p.call(depth)
	}
	return nil, p.expected(wanted)
}

func (p *parser) quoted() (node, error) {
	var out strings.Builder
	start := p.at
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; c {
		case '"':
			p.at = i + 1
			return constant{out.String()}, nil
		case '\\':
			// Only a quotation mark and a backslash are escaped: patterns keep the rest.
			if i+1 < len(p.text) && (p.text[i+1] == '"' || p.text[i+1] == '\\') {
				i++
			}
			out.WriteByte(p.text[i])
		default:
			out.WriteByte(c)
		}
	}
	return nil, &SyntaxError{p.text, start, "a string without an end", `a closing "`}
}

func (p *parser) bracketed() (node, error) {
	end := strings.IndexByte(p.text[p.at:], ']')
	if end < 0 {
		return nil, &SyntaxError{p.text, p.at, "[ without an end", "a closing ]"}
	}
	name := strings.TrimSpace(p.text[p.at+1 : p.at+end])
	if name == "" {
		return nil, &SyntaxError{p.text, p.at, "[]", "the name of an attribute in the brackets"}
	}
	p.at += end + 1
	return attribute(name), nil
}

func (p *parser) number() (node, error) {
	start := p.at
	for p.at++; p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9'; {
		p.at++
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil {
		return nil, &SyntaxError{p.text, start, p.text[start:p.at], "a whole number"}
	}
	return constant{n}, nil
}

func (p *parser) call(depth int) (node, error) {
	start := p.at
	for p.at < len(p.text) && wordByte(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	fn := lookUp(name)
	if fn == nil {
		return nil, &SyntaxError{p.text, start, name, "one of the functions " + functionNames()}
	}
	if depth == maxDepth {
		return nil, &SyntaxError{p.text, start, name, fmt.Sprintf("at most %d calls in each other", maxDepth)}
	}
	if p.skipBlanks(); !p.take('(') {
		return nil, p.expected("( after " + fn.name)
	}
	args, err := p.arguments(depth + 1)
	if err != nil {
		return nil, err
	}
	if wanted := fn.arity(len(args)); wanted != "" {
		return nil, &SyntaxError{p.text, start, fmt.Sprintf("%s with %d arguments", fn.name, len(args)), wanted}
	}
	return call{fn, args}, nil
}

// arguments reads up to the closing parenthesis.
func (p *parser) arguments(depth int) ([]node, error) {
	if p.skipBlanks(); p.take(')') {
		return nil, nil
	}
	var args []node
	for {
		var arg node = constant{}
		if p.skipBlanks(); p.at < len(p.text) && p.text[p.at] != ',' && p.text[p.at] != ')' {
			var err error
			if arg, err = p.condition(depth); err != nil {
				return nil, err
			}
		}
		args = append(args, arg)
		p.skipBlanks()
		if p.take(')') {
			return args, nil
		}
		if !p.take(',') {
			return nil, p.expected(", or )")
		}
	}
}

func (p *parser) skipBlanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) expected(what string) error {
	found := "the end"
	if p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		found = strconv.QuoteRune(r)
		if size == 1 && r == utf8.RuneError {
			found = "a byte that is not UTF-8"
		}
	}
	return &SyntaxError{p.text, p.at, found, what}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func wordRune(r rune) bool { return r < utf8.RuneSelf && wordByte(byte(r)) }
