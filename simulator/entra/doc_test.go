// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
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
		m := regexp.MustCompile(`^(\S.*?) +((?:(?:doc|staff|rec|rep|infer|unsure|outdated) ?)+) +(\S.*)$`).FindStringSubmatch(row)
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

// TestTables holds the tables of doc.go against the knobs: each quirk and each
// note on transport stands there once, each knob is named, can be set by a
// scenario and is off at first, and what is unsure is a knob or is not sent.
func TestTables(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range rows(t) {
		number, _, _ := strings.Cut(r[0], " ")
		count[number]++
		if (r[1] == "unsure" || r[1] == "outdated") && !strings.Contains(r[2], "Knobs.") && !strings.HasPrefix(r[2], "never sent") {
			t.Errorf("%s is %s: it must be a knob or never sent, found %s", r[0], r[1], r[2])
		}
	}
	for kind, last := range map[string]int{"Q%02d": 57, "T%d": 16} {
		for n := 1; n <= last; n++ {
			if number := fmt.Sprintf(kind, n); count[number] != 1 {
				t.Errorf("%s is in the tables %d times, want once", number, count[number])
			}
		}
	}
	set := []string{"Flag", "Validator"} // by the dialect
	known := fields(Knobs{})
	for _, m := range regexp.MustCompile(`Knobs\.(\w+)`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("doc.go names Knobs.%s, which is not there", m[1])
		}
		set = append(set, m[1])
	}
	for _, name := range known {
		if !slices.Contains(set, name) {
			t.Errorf("doc.go does not name Knobs.%s", name)
		}
		if name == "Flag" || name == "Validator" {
			continue
		}
		var o Options
		option := map[string]string{"Version": "ad_scim_version"}[name]
		if option == "" {
			option = snake(name)
		}
		if err := o.Set(option, "true"); err != nil {
			t.Errorf("Knobs.%s: %v", name, err)
		}
		if reflect.ValueOf(o.Knobs).FieldByName(name).IsZero() {
			t.Errorf("option %s does not set Knobs.%s", option, name)
		}
	}
}
