// SPDX-License-Identifier: Apache-2.0

package idp_test

import (
	"slices"
	"testing"

	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites/idp"
)

// TestEveryClientRowIsAnswered holds that each row of the RFCs that binds a
// client, and can be seen from outside, is covered by a rule or has a reason.
func TestEveryClientRowIsAnswered(t *testing.T) {
	rows, err := requirements.ByID()
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := idp.Reasons()
	if err != nil {
		t.Fatal(err)
	}
	covers := idp.Covers()
	sources := []string{"RFC6750", "RFC7642", "RFC7643", "RFC7644", "RFC9110", "RFC9865"}
	binding := func(r requirements.Requirement) bool {
		return slices.Contains(sources, r.Source) && r.Party != "server" && r.Testable != "no" && r.Level != "MAY"
	}
	covered := 0
	for id, r := range rows {
		switch {
		case !binding(r):
		case covers[id] != nil:
			covered++
		case reasons[id] == "":
			t.Errorf("%s (%s): neither a rule covers it nor does reasons.yaml say why not: %s", id, r.Level, r.Text)
		}
	}
	if covered < 90 {
		t.Errorf("%d rows are covered, want 90 at least", covered)
	}
	for id := range covers {
		if r, ok := rows[id]; !ok || !binding(r) {
			t.Errorf("a rule covers %s, which binds no client: %+v", id, r)
		}
	}
	for id := range reasons {
		if r, ok := rows[id]; !ok || !binding(r) || covers[id] != nil {
			t.Errorf("reasons.yaml has %s, which is covered, or binds no client", id)
		}
	}
}

// TestRules holds that rules and quirks are whole, and that quirks excuse what
// is there.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range idp.Rules() {
		if seen[r.ID] || r.Holds == "" || r.Level == "" || r.Source.Name == "" || r.Source.Evidence == "" {
			t.Errorf("rule %+v: there twice, or not whole", r)
		}
		seen[r.ID] = true
	}
	for _, k := range idp.Quirks() {
		if seen["quirk "+k.ID] || k.Does == "" || k.Live == "" || k.Source.Name == "" || k.Source.Date == "" || len(k.For) == 0 {
			t.Errorf("quirk %+v: there twice, or not whole", k)
		}
		seen["quirk "+k.ID] = true
		for _, id := range k.Excuses {
			if !seen[id] {
				t.Errorf("quirk %s excuses %s, which is no rule", k.ID, id)
			}
		}
	}
}
