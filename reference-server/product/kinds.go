// SPDX-License-Identifier: Apache-2.0

package product

import "github.com/scimproof/scimproof/reference-server/store"

// Kinds lists every kind of record that an organisation keeps, for who wants to
// empty a store.
func Kinds() []store.Kind {
	return []store.Kind{kindOrg, kindUser, kindRole, kindTeam, kindAudit, kindKey, kindAccess, kindInvitation, kindTeamLink, kindMapping}
}

// CountTeams says how many teams there are. O(1).
func CountTeams(tx store.Tx) int { return tx.Count(kindTeam) }
