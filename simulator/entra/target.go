// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"strings"
)

// Target is the attribute of the provider that a mapping writes:
// userName, name.givenName, emails[type eq "work"].value, or any of these
// after the URN of a schema and a colon.
type Target struct {
	text      string // as in the mapping and on the wire
	schema    string // URN of the extension, "" for the core schema
	attribute string
	filter    string // attribute of the filter, "" if there is none
	equals    string // value of the filter
	sub       string // sub-attribute, "" if there is none
}

// TargetError says what is wrong with the target of a mapping.
type TargetError struct{ Target, Reason string }

// Error names the target and the reason.
func (e *TargetError) Error() string { return "read target " + e.Target + ": " + e.Reason }

// corePrefix begins the URNs of the schemas of RFC 7643 §4, whose attributes
// stand at the top of a resource.
const corePrefix = "urn:ietf:params:scim:schemas:core:2.0:"

// ParseTarget reads a target. Its form is that of RFC 7644 figure 1, of which
// Entra ID knows one filter only, with eq.
func ParseTarget(s string) (Target, error) {
	t := Target{text: s}
	rest, filter := s, ""
	if open := strings.IndexByte(s, '['); open >= 0 {
		end := strings.LastIndexByte(s, ']')
		if end < open {
			return t, &TargetError{s, "[ without a closing ]"}
		}
		filter, rest = s[open+1:end], s[:open]+s[end+1:]
		if err := t.readFilter(filter); err != nil {
			return t, err
		}
	}
	if strings.HasPrefix(strings.ToLower(rest), "urn:") {
		colon := strings.LastIndexByte(rest, ':')
		t.schema, rest = rest[:colon], rest[colon+1:]
		if strings.HasPrefix(t.schema, corePrefix) {
			t.schema = ""
		}
	}
	t.attribute, t.sub, _ = strings.Cut(rest, ".")
	switch {
	case t.attribute == "":
		return t, &TargetError{s, "no attribute"}
	case strings.ContainsAny(rest, " \t\"[]:"):
		return t, &TargetError{s, fmt.Sprintf("%q is no name of an attribute", rest)}
	case filter != "" && t.sub == "":
		return t, &TargetError{s, "a filter wants a sub-attribute after it"}
	}
	return t, nil
}

func (t *Target) readFilter(s string) error {
	words := strings.SplitN(s, " ", 3)
	if len(words) != 3 || words[1] != "eq" || words[0] == "" {
		return &TargetError{t.text, fmt.Sprintf("%q is not attribute eq value", s)}
	}
	t.filter, t.equals = words[0], words[2]
	if value, ok := strings.CutPrefix(t.equals, `"`); ok {
		if t.equals, ok = strings.CutSuffix(value, `"`); !ok {
			return &TargetError{t.text, fmt.Sprintf("%q has no closing quotation mark", s)}
		}
	}
	return nil
}

// String gives the target as it was written.
func (t Target) String() string { return t.text }

// boolean says whether Entra ID's model has a boolean there.
func (t Target) boolean() bool {
	return t.schema == "" && (t.text == "active" || strings.EqualFold(t.sub, "primary"))
}

// manager says whether the target is the reference to another user.
func (t Target) manager() bool {
	return t.schema != "" && strings.EqualFold(t.attribute, "manager") && t.sub == ""
}

// find gives what a resource has at the target; ok is false where it has no
// value (RFC 7643 §2.5: null, nothing and an empty array are the same). Names
// are found in any letter case.
func (t Target) find(resource map[string]any) (any, bool) {
	if t.schema != "" {
		extension, ok := member(resource, t.schema).(map[string]any)
		if !ok {
			return nil, false
		}
		resource = extension
	}
	v := member(resource, t.attribute)
	if t.filter != "" {
		v = t.element(v)
	}
	if t.sub != "" {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		v = member(object, t.sub)
	}
	if list, ok := v.([]any); ok && len(list) == 0 {
		return nil, false
	}
	return v, v != nil && v != ""
}

// element gives the first element that the filter selects. A boolean is
// compared with its text, as in roles[primary eq "True"].
func (t Target) element(v any) any {
	list, _ := v.([]any)
	for _, e := range list {
		if object, ok := e.(map[string]any); ok && strings.EqualFold(text(member(object, t.filter)), t.equals) {
			return object
		}
	}
	return nil
}

// member gives a member by its name in any letter case, the exact one first.
func member(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	var found string
	for key := range object {
		if strings.EqualFold(key, name) && (found == "" || key < found) {
			found = key
		}
	}
	return object[found]
}
