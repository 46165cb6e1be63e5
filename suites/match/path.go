// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Path is a SCIM attribute path (RFC 7644 §3.10 and figure 7) read for looking
// at a tree: "userName", "name.givenName", `emails[type eq "work"].value`,
// "urn:…:User:department", and "emails[0].value" besides.
type Path struct {
	text  string
	urn   string // what stands before the last colon of the first name, if any
	steps []step
}

// step goes down one level: by name, by index, or to the elements that pass
// all the conditions of a bracket.
type step struct {
	name  string
	index int // -1: not an index
	where []condition
}

// condition is one comparison inside brackets; conditions are joined by "and".
type condition struct {
	attribute string
	operator  string
	value     *Node // nil for "pr"
}

// Found is a value that a path leads to and the way there, names as received.
type Found struct {
	Where string // "body.emails[0].value"
	Node  *Node
}

// ParsePath reads a path. An error is the mistake of who wrote the path.
func ParsePath(text string) (*Path, error) {
	p := &Path{text: text}
	rest := text
	if strings.HasPrefix(strings.ToLower(text), "urn:") {
		head, _, _ := strings.Cut(text, "[")
		colon := strings.LastIndexByte(head, ':')
		p.urn, rest = text[:colon], text[colon+1:]
	}
	for first := true; first || rest != ""; first = false {
		if !first {
			var dot bool
			if rest, dot = strings.CutPrefix(rest, "."); !dot {
				return nil, fmt.Errorf("read path %q: want '.' before %q", text, rest)
			}
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, fmt.Errorf("read path %q: want an attribute name before %q", text, rest)
		}
		p.steps = append(p.steps, step{name: rest[:end], index: -1})
		rest = rest[end:]
		for strings.HasPrefix(rest, "[") {
			s, after, err := parseBracket(rest)
			if err != nil {
				return nil, fmt.Errorf("read path %q: %w", text, err)
			}
			p.steps = append(p.steps, s)
			rest = after
		}
	}
	return p, nil
}

// String gives the path as it was written.
func (p *Path) String() string { return p.text }

// parseBracket reads "[0]" or `[type eq "work" and primary eq true]`.
func parseBracket(s string) (step, string, error) {
	inside, after, ok := cutBracket(s)
	if !ok {
		return step{}, "", fmt.Errorf("no ']' closes %q", s)
	}
	if i, err := strconv.Atoi(inside); err == nil {
		if i < 0 {
			return step{}, "", fmt.Errorf("index %d is negative", i)
		}
		return step{index: i}, after, nil
	}
	out := step{index: -1}
	for inside != "" {
		c, rest, err := parseCondition(inside)
		if err != nil {
			return step{}, "", err
		}
		out.where = append(out.where, c)
		inside = rest
	}
	if out.where == nil {
		return step{}, "", fmt.Errorf("nothing stands in %q", s)
	}
	return out, after, nil
}

// cutBracket splits "[x]y" into x and y, minding strings inside.
func cutBracket(s string) (inside, after string, ok bool) {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == ']':
			return s[1:i], s[i+1:], true
		}
	}
	return "", "", false
}

// operators gives the words of RFC 7644 §3.4.2.2, table 3.
func operators() []string {
	return []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}
}

func parseCondition(s string) (condition, string, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	op, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	c := condition{attribute: name, operator: strings.ToLower(op)}
	if !slices.Contains(operators(), c.operator) {
		return c, "", fmt.Errorf("want one of %s, got %q", strings.Join(operators(), " "), op)
	}
	rest = strings.TrimSpace(rest)
	if c.operator != "pr" {
		literal, after := cutLiteral(rest)
		tree, err := Parse([]byte(literal))
		if err != nil {
			return c, "", fmt.Errorf("value %q: %w", literal, err)
		}
		c.value, rest = tree.Root, strings.TrimSpace(after)
	}
	if rest == "" {
		return c, "", nil
	}
	and, rest, _ := strings.Cut(rest, " ")
	if !strings.EqualFold(and, "and") || strings.TrimSpace(rest) == "" {
		return c, "", fmt.Errorf("want \"and\" and a condition, got %q", and)
	}
	return c, rest, nil
}

// cutLiteral splits a JSON scalar from what follows it.
func cutLiteral(s string) (literal, after string) {
	if !strings.HasPrefix(s, `"`) {
		literal, after, _ = strings.Cut(s, " ")
		return literal, after
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i+1], s[i+1:]
		}
	}
	return s, ""
}
