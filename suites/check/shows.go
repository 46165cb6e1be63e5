// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Limits are how long changes may take to show in the product.
type Limits struct{ Users, Roles, Teams, Audit time.Duration }

// Within gives the limits of the profile.
func (t *T) Within() Limits {
	limit := func(text string) time.Duration {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.breakOff("the profile's limits: " + err.Error())
		}
		return d
	}
	w := t.Profile().Within
	return Limits{limit(w.Users), limit(w.Roles), limit(w.Teams), limit(w.Audit)}
}

// Shows asserts that something outside SCIM comes to be want within a time,
// and says whether it did. Strings in a list may stand in any order. what and
// where name what is looked at in the finding: "product user alice@…" and
// "roles".
func (t *T) Shows(what, where string, within time.Duration, want any, look func() any) bool {
	return t.Eventually(look, within).Should(&showing{what: what, where: where, want: want})
}

// Await is Shows as a precondition: what does not come to be blocks the check.
func (t *T) Await(what, where string, within time.Duration, want any, look func() any) {
	a := t.eventually(look, within, func(f Finding) { t.block(f.String()) })
	a.Should(&showing{what: what, where: where, want: want})
}

// showing is a matcher whose finding says where outside SCIM it looked.
type showing struct {
	what, where string
	got, want   any
}

func (s *showing) Match(got any) (bool, error) {
	s.got = got
	return reflect.DeepEqual(sorted(got), sorted(s.want)), nil
}

// sorted gives lists of strings in order, none as an empty one.
func sorted(v any) any {
	list, ok := v.([]string)
	if !ok {
		return v
	}
	list = append([]string{}, list...)
	slices.Sort(list)
	return list
}

// Mismatch gives what the last Match found.
func (s *showing) Mismatch() (Finding, bool) {
	return Finding{LookedAt: s.what, Where: s.where, Got: inWords(s.got), Want: inWords(s.want)}, true
}

func (s *showing) FailureMessage(any) string {
	f, _ := s.Mismatch()
	return f.String()
}

func (s *showing) NegatedFailureMessage(any) string {
	return Finding{LookedAt: s.what, Where: s.where, Text: "did not want " + inWords(s.want)}.String()
}

func inWords(v any) string {
	switch v := sorted(v).(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		if len(v) == 0 {
			return "none"
		}
		return strings.Join(v, ", ")
	default:
		return fmt.Sprint(v)
	}
}
