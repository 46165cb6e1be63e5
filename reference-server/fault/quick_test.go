// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

// quickFile holds the ids of [suites.Quick].
const quickFile = "../../suites/quick.txt"

// quickSize is how many checks a first verdict takes.
const quickSize = 60

// TestQuick holds that the checks of a first verdict are there, and catch nearly
// as many faults as any as many can. With -update they are chosen anew if not.
func TestQuick(t *testing.T) {
	catalogue := suites.All()
	best := cover(catalogue, quickSize)
	quick := suites.Quick(catalogue)
	got, most, all := catches(quick), catches(best), len(fault.Matrix())
	if *update && (len(quick) != quickSize || got*100 < most*98) {
		ids := make([]string, len(best))
		for i, c := range best {
			ids[i] = c.ID
		}
		slices.Sort(ids)
		if err := os.WriteFile(quickFile, []byte(strings.Join(ids, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Logf("%d checks of %d catch %d faults of %d; the best chosen one by one catch %d", len(quick), len(catalogue), got, all, most)
	if len(quick) != quickSize {
		t.Errorf("%s: got %d ids of checks, want %d; make golden chooses them", quickFile, len(quick), quickSize)
	}
	if got*100 < most*98 {
		t.Errorf("the quick checks catch %d of %d faults, and %d checks can catch %d; make golden chooses them anew", got, all, quickSize, most)
	}
}

// catches counts the faults that at least one of checks catches.
func catches(checks []check.Check) int {
	n := 0
	for _, row := range fault.Matrix() {
		if slices.ContainsFunc(checks, func(c check.Check) bool { return slices.Contains(row.Fails, c.ID) }) {
			n++
		}
	}
	return n
}

// cover chooses n checks, each time the one that catches most of the faults that
// are not caught yet, times its weight. O(n · findings).
func cover(catalogue []check.Check, n int) []check.Check {
	open := slices.Clone(fault.Matrix())
	var chosen []check.Check
	for range n {
		gain := map[string]int{}
		for _, row := range open {
			for _, id := range row.Fails {
				gain[id]++
			}
		}
		best := slices.MaxFunc(catalogue, func(a, b check.Check) int {
			return cmp.Or(gain[a.ID]*weight(a)-gain[b.ID]*weight(b), strings.Compare(b.ID, a.ID))
		})
		chosen = append(chosen, best)
		open = slices.DeleteFunc(open, func(row fault.Row) bool { return slices.Contains(row.Fails, best.ID) })
	}
	return chosen
}

// weight is two, and one more for each verdict of an IdP or a product that a
// check counts in: whoever wants a first answer has one of them in mind.
func weight(c check.Check) int {
	n := 2
	for _, verdict := range []string{check.Okta, check.Entra, check.ProductBehaviour} {
		if c.Counts(verdict) {
			n++
		}
	}
	return n
}
