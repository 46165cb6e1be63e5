// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

// TestMutant judges the catalogue against the server until a check notices
// something. internal/mutate builds it with changes in the engine, of which
// SCIMPROOF_MUTANT names the one that acts, and runs it once for each.
func TestMutant(t *testing.T) {
	if os.Getenv("SCIMPROOF_MUTANT") == "" {
		t.Skip("make mutate runs it, with changes built into the engine")
	}
	catalogue := suites.All()
	slices.SortStableFunc(catalogue, func(a, b check.Check) int { return cmp.Compare(far(a), far(b)) })
	quick := suites.Quick(catalogue)
	rest := slices.DeleteFunc(catalogue, func(c check.Check) bool {
		return slices.ContainsFunc(quick, func(q check.Check) bool { return q.ID == c.ID })
	})
	for part := range slices.Chunk(slices.Concat(quick, rest), 60) {
		for _, r := range judge(t, part) {
			if r.Outcome != check.Passed && r.Outcome != check.Skipped {
				t.Fatalf("%s is %s: %s %v", r.Check.ID, r.Outcome, r.Reason, r.Findings)
			}
		}
	}
}

// far is 0 for a check of filters, PATCH or projection, and 1 for another.
func far(c check.Check) int {
	for _, area := range []string{"filter.", "patch.", "projection."} {
		if strings.HasPrefix(c.ID, area) {
			return 0
		}
	}
	return 1
}
