// SPDX-License-Identifier: Apache-2.0

// Package lifecycle checks what happens to a person: joiner, mover, leaver and
// returner, each in the bytes that Okta and Entra ID send, seen once over SCIM
// and once through the product.
package lifecycle

import (
	"slices"

	"github.com/scimproof/scimproof/suites/check"
)

// Checks gives the checks in the order of a person's life.
func Checks() []check.Check {
	all := dialects()
	checks := slices.Concat(
		each(idps(), lookup), each(idps(), joiner), each(idps(), joinerAgain),
		each(all, mover), each(all, leaver), each(all, returner),
		[]check.Check{erased}, tolerances(), gates(), managers(), validator(),
	)
	return append(checks, slices.Concat(
		each(idps(), productJoiner), each(all, productMover), each(all, productLeaver), each(all, productReturner),
		[]check.Check{productErased}, personChecks(),
	)...)
}

// each makes a check for each dialect.
func each(in []dialect, of func(dialect) check.Check) []check.Check {
	var checks []check.Check
	for _, d := range in {
		checks = append(checks, of(d))
	}
	return checks
}
