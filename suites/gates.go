// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites/check"
)

// gated adds to each check the verdicts that it counts in because a case of a
// gate rests on it.
func gated(checks []check.Check) []check.Check {
	verdicts, err := gates.Counted()
	if err != nil {
		panic("suites: " + err.Error()) // embedded data, which tests read
	}
	for i, c := range checks {
		more := slices.DeleteFunc(slices.Clone(verdicts[c.ID]), c.Counts)
		if len(more) > 0 {
			checks[i].Profiles = slices.Concat(c.Profiles, more)
		}
	}
	return checks
}
