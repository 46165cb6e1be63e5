// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object that keeps the order of its members.
type object struct {
	names  []string
	values []any // nil, string, bool, int, float64, list, *object
}

// list is a JSON array.
type list []any

// set adds a member, or replaces its value where it stands.
func (o *object) set(name string, value any) {
	if i := slices.Index(o.names, name); i >= 0 {
		o.values[i] = value
		return
	}
	o.names, o.values = append(o.names, name), append(o.values, value)
}

func (o *object) get(name string) any {
	if i := slices.Index(o.names, name); i >= 0 {
		return o.values[i]
	}
	return nil
}

// sortBy orders the members.
func (o *object) sortBy(compare func(a, b string) int) {
	order := slices.Clone(o.names)
	slices.SortStableFunc(order, compare)
	values := make([]any, len(order))
	for i, name := range order {
		values[i] = o.get(name)
	}
	o.names, o.values = order, values
}

// appendTo appends the JSON text, without blanks.
func (o *object) appendTo(b []byte) []byte {
	b = append(b, '{')
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		b = appendJSON(b, o.values[i])
	}
	return append(b, '}')
}

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case *object:
		return v.appendTo(b)
	case list:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e)
		}
		return append(b, ']')
	}
	return appendString(b, text(v))
}

// appendString appends a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // the error tells of those bytes only
	return b
}
