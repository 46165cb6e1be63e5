// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
)

// test is one comparison, ready to be made: the operator, the attribute and
// the value in the form of the attribute's type.
type test struct {
	op   string
	attr *attribute // what present looks at
	leaf *attribute // what is compared: attr, or its value sub-attribute
	null bool       // eq null, ne null
	ok   func(v any) bool
}

// newTest checks operator and value against the type of a, RFC 7644 §3.4.2.2.
func newTest(a *attribute, n *node, unquoted bool) (*test, error) {
	t := &test{op: n.op, attr: a, leaf: a}
	if n.op == "pr" {
		return t, nil
	}
	if t.leaf = a.leaf(); t.leaf == nil {
		return nil, invalidFilter("filter: %s is complex: name one of its sub-attributes", a.path)
	}
	if n.value == nil {
		if n.op != "eq" && n.op != "ne" {
			return nil, invalidFilter("filter: %s cannot be used with null", n.op)
		}
		t.null = true
		return t, nil
	}
	value := n.value
	if unquoted && t.leaf.Type != scim.Boolean && t.leaf.Type != scim.Integer && t.leaf.Type != scim.Decimal {
		value = literalText(value)
	}
	var err error
	t.ok, err = t.compare(value)
	return t, err
}

func literalText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(AppendValue(nil, v))
}

// any says whether the test holds for o: one value that passes is enough. ne
// also holds where there is no value, since nothing is not equal to something.
func (t *test) any(o *Object) bool {
	if t.op == "pr" || t.null {
		found := false
		t.attr.each(o, func(v any) bool { found = present(v); return !found })
		return found == (t.op != "eq")
	}
	some, found := false, false
	t.leaf.each(o, func(v any) bool {
		some, found = true, t.ok(v)
		return !found
	})
	return found || t.op == "ne" && !some
}

// ordered says whether an operator needs an order.
func ordered(op string) bool { return op == "gt" || op == "ge" || op == "lt" || op == "le" }

// holds says whether an order of -1, 0 or 1 satisfies the operator.
func holds(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	}
	return order <= 0
}

func (t *test) compare(value any) (func(any) bool, error) {
	a, op := t.leaf, t.op
	wrongType := func() error {
		return invalidFilter("filter: %s is compared with a value of type %s", a.path, a.Type)
	}
	wrongOp := func() error {
		return invalidFilter("filter: operator %s does not apply to %s, which is of type %s", op, a.path, a.Type)
	}
	switch a.Type {
	case scim.Boolean:
		want, ok := asBoolean(value)
		if op != "eq" && op != "ne" {
			return nil, wrongOp()
		}
		if !ok {
			return nil, wrongType()
		}
		return func(v any) bool {
			got, ok := asBoolean(v)
			return ok && (got == want) == (op == "eq")
		}, nil
	case scim.Integer, scim.Decimal:
		want, ok := value.(Number)
		if op == "co" || op == "sw" || op == "ew" {
			return nil, wrongOp()
		}
		if !ok {
			return nil, wrongType()
		}
		return func(v any) bool {
			got, ok := v.(Number)
			return ok && holds(op, compareNumbers(got, want))
		}, nil
	}
	want, ok := value.(string)
	if a.Type == scim.Binary && ordered(op) {
		return nil, wrongOp()
	}
	if !ok {
		return nil, wrongType()
	}
	if a.Type == scim.DateTime && op != "co" && op != "sw" && op != "ew" {
		instant, ok := parseDateTime(want)
		if !ok {
			return nil, wrongType()
		}
		return func(v any) bool {
			s, _ := v.(string)
			got, ok := parseDateTime(s)
			return ok && holds(op, got.Compare(instant))
		}, nil
	}
	return textTest(op, want, a.exact()), nil
}

func textTest(op, want string, exact bool) func(any) bool {
	fold := Fold
	if exact {
		fold = func(s string) string { return s }
	}
	want = fold(want)
	on := func(f func(s, want string) bool) func(any) bool {
		return func(v any) bool {
			s, ok := v.(string)
			return ok && f(fold(s), want)
		}
	}
	switch {
	case op == "eq" && !exact:
		return func(v any) bool {
			s, ok := v.(string)
			return ok && foldEqual(want, s)
		}
	case op == "co":
		return on(strings.Contains)
	case op == "sw":
		return on(strings.HasPrefix)
	case op == "ew":
		return on(strings.HasSuffix)
	}
	return on(func(s, want string) bool { return holds(op, strings.Compare(s, want)) })
}

// asBoolean takes true and false, and the strings by which Entra says them,
// `roles[primary eq "True"]`.
func asBoolean(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		if sameName(v, "true") {
			return true, true
		}
		return false, sameName(v, "false")
	}
	return false, false
}

// compareNumbers orders by value: exactly for integers of 64 bits, else as
// binary64.
func compareNumbers(a, b Number) int {
	x, err := strconv.ParseInt(string(a), 10, 64)
	y, err2 := strconv.ParseInt(string(b), 10, 64)
	if err == nil && err2 == nil {
		return order(x, y)
	}
	f, _ := strconv.ParseFloat(string(a), 64)
	g, _ := strconv.ParseFloat(string(b), 64)
	return order(f, g)
}

func order[T int64 | float64](a, b T) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// parseDateTime reads an xsd:dateTime, RFC 7643 §2.3.5. Without a time zone it
// is taken as UTC.
func parseDateTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999", s)
	}
	return t, err == nil
}

func itoa(n int) string { return strconv.Itoa(n) }
