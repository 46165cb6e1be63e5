// SPDX-License-Identifier: Apache-2.0

package check

import (
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/match"
)

// Outcome is what came of a check.
type Outcome string

// The five outcomes.
const (
	Passed  Outcome = "passed"
	Skipped Outcome = "skipped" // a capability in Needs is not there
	Blocked Outcome = "blocked" // a precondition failed: the statement was never put to the test
	Failed  Outcome = "failed"  // the provider is wrong
	Broken  Outcome = "broken"  // we are wrong, or the machine is; never charged to the provider
)

// Finding is one thing that a provider does wrong.
type Finding = match.Finding

// Result is what Judge found out about one check.
type Result struct {
	Check     Check
	Outcome   Outcome
	Reason    string // why skipped, blocked or broken; empty otherwise
	Findings  []Finding
	Exchanges []flow.Exchange // in the order sent, redacted
	Leftovers []string        // URLs of resources the check made and could not remove
	Start     time.Time
	Duration  time.Duration
	Waited    time.Duration // of it, for reads to agree with writes (Target.Consistency)
}
