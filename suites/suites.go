// SPDX-License-Identifier: Apache-2.0

// Package suites is the catalogue of checks. [All] lists it, [Select] takes
// from it, and [Run] puts it to a provider in a plain Go test:
//
//	func TestSCIM(t *testing.T) {
//		srv := httptest.NewServer(myHandler)
//		suites.Run(t, suites.Target{BaseURL: srv.URL + "/scim/v2", Token: "t0ps3cret"})
//	}
//
// Package ginkgosuite gives the same catalogue as a Ginkgo tree.
package suites

import (
	"slices"

	"github.com/scimproof/scimproof/suites/access"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/leavers"
	"github.com/scimproof/scimproof/suites/lifecycle"
	"github.com/scimproof/scimproof/suites/protocol"
	"github.com/scimproof/scimproof/suites/replay"
	"github.com/scimproof/scimproof/suites/roles"
	"github.com/scimproof/scimproof/suites/teams"
)

// Target says where a provider is and how to reach it.
type Target = check.Target

// Version is the version of the catalogue, apart from that of the program. The
// first number rises when a check is retired or demands more than it did, the
// second when checks are added, the last when only their texts change. What rises
// either of the first two can turn a provider red that passed, so CHANGELOG.md
// names those checks.
const Version = "1.0.0"

// All gives every check, in the order of the catalogue: the standard first,
// then what IdPs do with it, then what they were recorded to send.
func All() []check.Check {
	return gated(slices.Concat(
		protocol.Checks(),
		lifecycle.Checks(),
		leavers.Checks(),
		teams.Checks(),
		roles.Checks(),
		access.Checks(),
		replay.Checks(),
	))
}
