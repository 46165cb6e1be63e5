// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rows gives the rules in the tables of doc.go: the rule, its marks, what is
// done.
func rows(t *testing.T) [][3]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out [][3]string
	for line := range strings.SplitSeq(string(text), "\n") {
		row, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			continue
		}
		m := regexp.MustCompile(`^(\S.*?) +((?:(?:doc|rec|rep|infer|unsure) ?)+) +(\S.*)$`).FindStringSubmatch(row)
		if m == nil {
			t.Errorf("not a row with rule, marks and what is done: %s", row)
			continue
		}
		out = append(out, [3]string{m[1], strings.TrimSpace(m[2]), m[3]})
	}
	return out
}

// fields gives the names of the fields of a struct.
func fields(v any) []string {
	var out []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		out = append(out, f.Name)
	}
	return out
}

// snake gives the name of a field as a scenario has it.
func snake(name string) string {
	name = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`).ReplaceAllString(name, "${1}${3}_${2}${4}")
	return strings.ToLower(name)
}

// TestTables holds the table of doc.go against features and switches: each is
// named there, each that is named is there and can be set by a scenario, and the
// switches are off at first.
func TestTables(t *testing.T) {
	if n := len(rows(t)); n < 50 {
		t.Errorf("%d rows, want 50 at least", n)
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for kind, known := range map[string][]string{"Switches": fields(Switches{}), "Features": fields(Features{})} {
		var named []string
		for _, m := range regexp.MustCompile(kind+`\.(\w+)`).FindAllStringSubmatch(string(text), -1) {
			named = append(named, m[1])
		}
		for _, name := range named {
			if !slices.Contains(known, name) {
				t.Errorf("doc.go names %s.%s, which is not there", kind, name)
			}
		}
		for _, name := range known {
			if !slices.Contains(named, name) {
				t.Errorf("doc.go does not name %s.%s", kind, name)
			}
			if kind == "Features" {
				var f Features
				if !f.Set(snake(name), true) || reflect.ValueOf(f).FieldByName(name).IsZero() || !slices.Contains(FeatureNames(), snake(name)) {
					t.Errorf("%s is no feature of Features.Set", snake(name))
				}
				continue
			}
			var s Switches
			value := map[string]string{"Cleared": "null", "Burst": "4"}[name]
			if value == "" {
				value = "true"
			}
			if allowed, ok := s.Set(snake(name), value); !ok || allowed != nil || reflect.ValueOf(s).FieldByName(name).IsZero() || !slices.Contains(SwitchNames(), snake(name)) {
				t.Errorf("%s is no switch of Switches.Set (%v)", snake(name), allowed)
			}
		}
	}
}
