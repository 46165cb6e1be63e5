// SPDX-License-Identifier: Apache-2.0

package statsd

import (
	"fmt"
	"strconv"
	"strings"
)

// Metric is one metric line.
type Metric struct {
	Name   string
	Values []string // one, or several packed by v1.1 of the format
	Type   string   // c, g, ms, h, s or d
	Rate   float64  // 1 unless the line says otherwise
	Tags   map[string]string
}

// Parse reads a line such as
//
//	scim.role.assigned:1|c|@0.5|#op:patch,role:admin
//
// Events (_e) and service checks (_sc) are not metrics and are an error.
func Parse(line string) (Metric, error) {
	head, rest, ok := strings.Cut(line, "|")
	name, values, valued := strings.Cut(head, ":")
	if !ok || !valued || name == "" || values == "" || strings.HasPrefix(name, "_") {
		return Metric{}, fmt.Errorf("parse metric %q: want name:value|type", line)
	}
	fields := strings.Split(rest, "|")
	m := Metric{Name: name, Type: fields[0], Rate: 1, Tags: map[string]string{}}
	m.Values = []string{values}
	switch m.Type {
	case "c", "g", "ms", "h", "d":
		m.Values = strings.Split(values, ":")
	case "s": // a set's value is any text
	default:
		return Metric{}, fmt.Errorf("parse metric %q: type %q is none of c, g, ms, h, s, d", line, m.Type)
	}
	for _, field := range fields[1:] {
		if err := m.read(field); err != nil {
			return Metric{}, fmt.Errorf("parse metric %q: %w", line, err)
		}
	}
	return m, nil
}

// read reads an optional field. Those of later versions (container id,
// timestamp) are passed over.
func (m *Metric) read(field string) error {
	switch {
	case strings.HasPrefix(field, "@"):
		rate, err := strconv.ParseFloat(field[1:], 64)
		if err != nil || rate <= 0 || rate > 1 {
			return fmt.Errorf("rate %q is not above 0 and up to 1", field[1:])
		}
		m.Rate = rate
	case strings.HasPrefix(field, "#"):
		for tag := range strings.SplitSeq(field[1:], ",") {
			key, value, _ := strings.Cut(tag, ":")
			m.Tags[key] = value
		}
	}
	return nil
}
