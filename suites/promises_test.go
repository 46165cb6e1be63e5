// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"slices"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

// Every rule that Datadog gives is checked, or says why it is not; and every
// check of the product rests on such a rule.
func TestEveryPromiseIsCheckedOrAnswered(t *testing.T) {
	rules, err := profiles.Promises("datadog")
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) < 50 {
		t.Fatalf("got %d rules, want all of them", len(rules))
	}
	catalogue := suites.All()
	seen := map[string]bool{}
	for _, r := range rules {
		switch {
		case seen[r.ID]:
			t.Errorf("%s stands twice", r.ID)
		case r.Says == "":
			t.Errorf("%s says nothing", r.ID)
		case !slices.Contains([]string{"documented", "recorded", "assumed"}, r.Evidence):
			t.Errorf("%s: evidence %q is none of documented, recorded, assumed", r.ID, r.Evidence)
		case (len(r.Checks) == 0) == (r.Reason == ""):
			t.Errorf("%s: want checks or a reason, and not both", r.ID)
		}
		seen[r.ID] = true
		for _, pattern := range r.Checks {
			one := profiles.Promise{Checks: []string{pattern}}
			if !slices.ContainsFunc(catalogue, func(c check.Check) bool { return one.Checked(c.ID) }) {
				t.Errorf("%s: no check is %s", r.ID, pattern)
			}
		}
	}
	for _, c := range catalogue {
		if c.Level != check.Product {
			continue
		}
		if !slices.ContainsFunc(rules, func(r profiles.Promise) bool { return r.Checked(c.ID) }) {
			t.Errorf("the check %s rests on no rule of the product: add it to fixtures/profiles/promises/datadog.yaml", c.ID)
		}
	}
}
