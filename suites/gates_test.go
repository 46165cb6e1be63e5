// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"slices"
	"testing"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func TestGatesNameChecksThatExist(t *testing.T) {
	all, err := gates.All()
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]check.Check{}
	for _, c := range suites.All() {
		checks[c.ID] = c
	}
	for _, g := range all {
		for _, r := range g.Rows {
			for _, id := range r.Checks {
				c, ok := checks[id]
				switch {
				case !ok:
					t.Errorf("%s: %s names the check %s, which does not exist", g.Name, r.ID, id)
				case (g.Informative || g.Claim != "") && r.Level != gates.Optional && !c.Counts(g.Verdict):
					t.Errorf("%s: %s does not count in %s", g.Name, id, g.Verdict)
				case r.Feature == "" && g.Claim != "" && slices.Contains(c.Needs, check.CapGroup):
					t.Errorf("%s: %s names %s, which needs groups: a provider without them could never pass; give the row its feature", g.Name, r.ID, id)
				}
			}
		}
	}
}
