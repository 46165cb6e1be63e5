// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// filter says whether labels are wanted.
type filter func(labels []string) bool

// parser reads an expression by recursive descent, one function for each
// level of precedence.
type parser struct {
	text string
	at   int
}

func parse(text string) (filter, error) {
	if strings.TrimSpace(text) == "" {
		return func([]string) bool { return true }, nil
	}
	p := &parser{text: text}
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek() != 0 {
		if p.peek() == ')' {
			return nil, p.wrong("this ) closes nothing")
		}
		return nil, p.wrong("an operator is missing before this: want && or ||")
	}
	return f, nil
}

func (p *parser) wrong(format string, args ...any) error {
	return &SelectError{p.text, p.at, fmt.Sprintf(format, args...)}
}

// peek gives the next byte that is no blank, or 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take passes over a token if it is next.
func (p *parser) take(token string) bool {
	p.peek()
	if strings.HasPrefix(p.text[p.at:], token) {
		p.at += len(token)
		return true
	}
	return false
}

func (p *parser) or() (filter, error) {
	left, err := p.and()
	for err == nil && (p.take("||") || p.take(",")) {
		a := left
		var b filter
		if b, err = p.and(); err == nil {
			left = func(labels []string) bool { return a(labels) || b(labels) }
		}
	}
	return left, err
}

func (p *parser) and() (filter, error) {
	left, err := p.not()
	for err == nil && p.take("&&") {
		a := left
		var b filter
		if b, err = p.not(); err == nil {
			left = func(labels []string) bool { return a(labels) && b(labels) }
		}
	}
	return left, err
}

func (p *parser) not() (filter, error) {
	if !p.take("!") {
		return p.operand()
	}
	f, err := p.not()
	return func(labels []string) bool { return !f(labels) }, err
}

func (p *parser) operand() (filter, error) {
	switch p.peek() {
	case 0:
		return nil, p.wrong("it ends where a label is wanted")
	case '(':
		return p.group()
	case '/':
		return p.regexp()
	case '&', '|':
		return nil, p.wrong("a label is wanted here; the operators are &&, || and !")
	case ',', ')':
		return nil, p.wrong("a label is wanted here")
	}
	return p.label()
}

func (p *parser) group() (filter, error) {
	open := p.at
	p.at++
	f, err := p.or()
	if err == nil && !p.take(")") {
		if p.peek() == 0 {
			p.at = open
			return nil, p.wrong("this ( is not closed")
		}
		return nil, p.wrong("an operator is missing before this: want && or ||")
	}
	return f, err
}

func (p *parser) regexp() (filter, error) {
	source, _, closed := strings.Cut(p.text[p.at+1:], "/")
	if !closed {
		return nil, p.wrong("this / is not closed")
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, p.wrong("%v", err)
	}
	p.at += len(source) + 2
	return func(labels []string) bool { return slices.ContainsFunc(labels, re.MatchString) }, nil
}

// label reads key:value, or a key with an operation on the set of its values.
func (p *parser) label() (filter, error) {
	start := p.at
	text := p.until(operators)
	key, value, keyed := strings.Cut(text, ":")
	key = strings.ToLower(strings.TrimSpace(key))
	switch {
	case !slices.Contains(keys(), key):
		p.at = start
		return nil, p.wrong("%q begins with none of the keys %s", text, strings.Join(keys(), ": ")+":")
	case !keyed || strings.TrimSpace(value) == "":
		p.at = start
		return nil, p.wrong("the value of %s is missing: want %s:VALUE", key, key)
	case strings.HasPrefix(value, " "):
		p.at = start + strings.Index(text, ":") + 1
		return p.set(key)
	}
	want := strings.TrimSpace(text)
	return func(labels []string) bool {
		return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, want) })
	}, nil
}

// until passes over the text before any of the characters in stop.
func (p *parser) until(stop string) string {
	rest := p.text[p.at:]
	if i := strings.IndexAny(rest, stop); i >= 0 {
		rest = rest[:i]
	}
	p.at += len(rest)
	return rest
}

// set reads an operation on the values of key, with its argument.
func (p *parser) set(key string) (filter, error) {
	p.peek()
	start := p.at
	holds, ok := setOperations()[strings.ToLower(p.until(" )"))]
	name := p.text[start:p.at]
	if !ok {
		p.at = start
		return nil, p.wrong("%q is no operation on a set: want containsAny, containsAll, consistsOf, isSubsetOf or isEmpty, or %s:VALUE without a blank", name, key)
	}
	wanted, err := p.values(name)
	if err != nil {
		return nil, err
	}
	return func(labels []string) bool { return holds(valuesOf(key, labels), wanted) }, nil
}

// values reads the argument of an operation: {a, b} or one value.
func (p *parser) values(operation string) ([]string, error) {
	if strings.EqualFold(operation, "isEmpty") {
		return nil, nil
	}
	var argument string
	if p.take("{") {
		open := p.at - 1
		argument = p.until("}")
		if !p.take("}") {
			p.at = open
			return nil, p.wrong("this { is not closed")
		}
	} else {
		argument = p.until(operators)
	}
	values := strings.Split(strings.ToLower(argument), ",")
	for i, v := range values {
		if values[i] = strings.TrimSpace(v); values[i] == "" || strings.ContainsAny(v, operators) {
			return nil, p.wrong("the argument of %s is %q: want a value, or several as {a, b}", operation, argument)
		}
	}
	return values, nil
}

// setOperations gives the operations by their names in lower case.
func setOperations() map[string]func(have, wanted []string) bool {
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
	}
	return map[string]func(have, wanted []string) bool{
		"isempty":     func(have, _ []string) bool { return len(have) == 0 },
		"containsall": func(have, wanted []string) bool { return within(wanted, have) },
		"issubsetof":  within,
		"consistsof": func(have, wanted []string) bool {
			return len(have) == len(wanted) && within(wanted, have)
		},
		"containsany": func(have, wanted []string) bool {
			return slices.ContainsFunc(wanted, func(v string) bool { return slices.Contains(have, v) })
		},
	}
}

// valuesOf gives the values that labels have for key, each once.
func valuesOf(key string, labels []string) []string {
	var values []string
	for _, l := range labels {
		k, v, ok := strings.Cut(l, ":")
		v = strings.ToLower(strings.TrimSpace(v))
		if ok && strings.EqualFold(strings.TrimSpace(k), key) && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}
