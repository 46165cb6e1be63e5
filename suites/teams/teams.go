// SPDX-License-Identifier: Apache-2.0

// Package teams checks that groups of the IdP and teams of the product stay in
// step: once over SCIM, in each form that Okta and Entra ID send, and once
// through the product.
package teams

import (
	"slices"

	"github.com/scimproof/scimproof/suites/check"
)

// Checks gives the checks: the group over SCIM first, then the team.
func Checks() []check.Check {
	all := forms()
	return slices.Concat(
		each(all, scimAdd), each(all, scimRemove), each(all, scimRename), each(emptying(), scimEmpty),
		[]check.Check{scimAddAgain, scimRemoveGone},
		each(pushes(), create), []check.Check{createMembers, createHandle, adopt, adoptMembers, adoptAgain},
		each(all, add), each(all, remove), []check.Check{pushNow}, each(all, rename), each(emptying(), empty),
		[]check.Check{deleted, locked, unknownMember, addAgain, removeGone, removeNobody},
		tolerances(), pushed(),
	)
}

// each makes a check for each form.
func each(in []form, of func(form) check.Check) []check.Check {
	var checks []check.Check
	for _, f := range in {
		checks = append(checks, of(f))
	}
	return checks
}
