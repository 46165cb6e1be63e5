// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"slices"
	"sync"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/suites/check"
)

// informative gives by check the verdicts of the drafts that it counts in.
// Their rows say which checks those are, so that no check has to.
var informative = sync.OnceValue(func() map[string][]string {
	all, err := gates.All()
	if err != nil {
		panic("suites: " + err.Error()) // embedded data, which tests read
	}
	verdicts := map[string][]string{}
	for _, g := range all {
		if !g.Informative {
			continue
		}
		for _, r := range g.Rows {
			for _, id := range r.Checks {
				if !slices.Contains(verdicts[id], g.Verdict) {
					verdicts[id] = append(verdicts[id], g.Verdict)
				}
			}
		}
	}
	return verdicts
})

// withDrafts adds the verdicts of drafts to the checks.
func withDrafts(checks []check.Check) []check.Check {
	for i := range checks {
		if more := informative()[checks[i].ID]; len(more) > 0 {
			checks[i].Profiles = slices.Concat(checks[i].Profiles, more)
		}
	}
	return checks
}
