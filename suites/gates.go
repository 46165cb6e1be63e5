// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites/check"
)

// withDrafts adds the verdicts of drafts to the checks. The rows of a draft say
// which checks those are, so that no check has to.
func withDrafts(checks []check.Check) []check.Check {
	verdicts, err := gates.Drafted()
	if err != nil {
		panic("suites: " + err.Error()) // embedded data, which tests read
	}
	for i := range checks {
		if more := verdicts[checks[i].ID]; len(more) > 0 {
			checks[i].Profiles = slices.Concat(checks[i].Profiles, more)
		}
	}
	return checks
}
