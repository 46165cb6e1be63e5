// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"strconv"
	"strings"
)

// text gives a value as Entra ID writes it where it has only texts: a boolean
// is capitalised, as .NET does it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []string:
		return strings.Join(v, ";")
	}
	return fmt.Sprint(v)
}

// texts gives each of several values, or the one.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []string:
		return v
	}
	return []string{text(v)}
}

// empty says whether v is null, an empty text, or no value of several.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []Role:
		return len(v) == 0
	}
	return false
}

func isTrue(v any) bool {
	return strings.EqualFold(text(v), "true")
}

func number(v any) (int, error) {
	if n, ok := v.(int); ok {
		return n, nil
	}
	n, err := strconv.Atoi(text(v))
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text(v))
	}
	return n, nil
}

// optional gives null for null, else what f makes of the text.
func optional(v any, f func(string) any) any {
	if empty(v) {
		return nil
	}
	return f(text(v))
}

// eachText applies f to a text or to each of several.
func eachText(v any, f func(string) string) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []string:
		out := make([]string, len(v))
		for i, s := range v {
			out[i] = f(s)
		}
		return out
	}
	return f(text(v))
}

// compare applies a comparison operator. Whole numbers are compared as such,
// all else as texts, and order is only for numbers.
func compare(operator string, left, right any) (any, error) {
	a, errA := number(left)
	b, errB := number(right)
	switch {
	case errA != nil || errB != nil:
		switch operator {
		case "=":
			return text(left) == text(right), nil
		case "<>":
			return text(left) != text(right), nil
		}
		return nil, fmt.Errorf("%q %s %q: only numbers have an order", text(left), operator, text(right))
	case operator == "=":
		return a == b, nil
	case operator == "<>":
		return a != b, nil
	case operator == ">":
		return a > b, nil
	case operator == ">=":
		return a >= b, nil
	case operator == "<":
		return a < b, nil
	}
	return a <= b, nil
}
