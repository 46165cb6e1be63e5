// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"errors"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
)

// roleType is the type of each role that Entra ID writes, whatever is mapped
// (MicrosoftDocs/entra-docs issue 391).
const roleType = "WindowsAzureActiveDirectoryRole"

// Role is an app role that a person is assigned.
type Role struct{ ID, Value, Display string }

// ErrManyRoles says that SingleAppRoleAssignment got more than one.
var ErrManyRoles = errors.New("the user has more than one app role, and SingleAppRoleAssignment takes one")

// roleMode is which of the role functions made a value.
type roleMode int

const (
	singleRole  roleMode = iota // SingleAppRoleAssignment: the one role, which is primary
	addRoles                    // AppRoleAssignmentsComplex: never takes one away
	assertRoles                 // AssertiveAppRoleAssignmentsComplex: the whole set each time
)

// roleSet is what a role function gives.
type roleSet struct {
	mode  roleMode
	roles []Role
}

func roleFunction(mode roleMode) func([]any) (any, error) {
	return func(a []any) (any, error) {
		roles, ok := a[0].([]Role)
		switch {
		case a[0] != nil && !ok:
			return nil, errors.New("wants [appRoleAssignments]")
		case mode == singleRole && len(roles) > 1:
			return nil, ErrManyRoles
		case mode != assertRoles && len(roles) == 0:
			return nil, nil
		}
		return roleSet{mode, roles}, nil
	}
}

// elements gives the roles as a POST has them.
func (s roleSet) elements() list {
	out := list{}
	for _, r := range s.roles {
		o := &object{}
		o.set("primary", s.mode == singleRole)
		o.set("type", roleType)
		switch {
		case s.mode == addRoles && r.Display != "":
			o.set("displayName", r.Display)
		case s.mode == assertRoles && r.Display != "":
			o.set("display", r.Display)
		}
		o.set("value", r.Value)
		out = append(out, o)
	}
	return out
}

// inText gives the roles as a PATCH without the flag has them: each is JSON
// inside a string.
func (s roleSet) inText() list {
	out := list{}
	for _, r := range s.roles {
		o := &object{}
		o.set("value", r.text())
		out = append(out, o)
	}
	return out
}

func (r Role) text() string {
	o := &object{}
	o.set("id", r.ID)
	o.set("value", r.Value)
	o.set("displayName", r.Display)
	return string(o.appendTo(nil))
}

// missing gives the roles that none of the values stands for. A provider may
// have kept the text that a PATCH sent.
func (s roleSet) missing(held []string) roleSet {
	out := roleSet{mode: s.mode}
	for _, r := range s.roles {
		if !slices.ContainsFunc(held, func(v string) bool { return v == r.Value || roleInText(v) == r.Value }) {
			out.roles = append(out.roles, r)
		}
	}
	return out
}

// same says whether the values are those of the set, in any order.
func (s roleSet) same(held []string) bool {
	return len(s.missing(held).roles) == 0 && len(held) == len(s.roles)
}

// roleInText gives the value of a role that is JSON inside a string, else "".
func roleInText(s string) string {
	var r struct {
		Value string `json:"value"`
	}
	if s == "" || s[0] != '{' || json.Unmarshal([]byte(s), &r) != nil {
		return ""
	}
	return r.Value
}

// heldValues gives the value of each element of a list in a reply.
func heldValues(v any) []string {
	elements, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		return []string{text(v)}
	}
	var out []string
	for _, e := range elements {
		if o, ok := e.(map[string]any); ok {
			out = append(out, text(member(o, "value")))
		} else {
			out = append(out, text(e))
		}
	}
	return out
}

// ordinal is used for ids of roles that the directory does not give.
func ordinal(n int) string {
	s := strconv.Itoa(n)
	return "5a3c7f10-0000-4000-8000-" + "000000000000"[:12-len(s)] + s
}
