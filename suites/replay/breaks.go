// SPDX-License-Identifier: Apache-2.0

package replay

import "strings"

// breaks says what goes wrong for users of an IdP when a flow fails. The name
// of a flow begins with its subject.
func breaks(leaf, idp string) string {
	for _, s := range []struct{ prefix, breaks string }{
		{"probe", "The connection test fails, and provisioning cannot be switched on."},
		{"test-connection", "The connection test fails; in a running job it leads to quarantine."},
		{"leaver", "Somebody who has left keeps access."},
		{"returner", "Somebody who comes back gets no access, or a second account."},
		{"link-existing", "A user who was there before is not linked but made twice, or reported as an error."},
		{"user-create", "New users are not provisioned."},
		{"user-lifecycle", "Changes of a user's profile do not arrive, or undo others."},
		{"user-delete", "A user who was deleted keeps an active account."},
		{"user-import", "Users of the provider cannot be imported."},
		{"user-schema", "What attributes a user has cannot be imported, nor roles and entitlements."},
		{"username-change", "A renamed user is lost, or gets a second account."},
		{"missing-attributes", "Attributes that the provider had no value for are never filled."},
		{"manager", "Managers do not arrive, or are sent again in every cycle."},
		{"group-import", "Groups of the provider cannot be imported."},
		{"group-match", "Groups are made twice, or the job stops with an error."},
		{"group-delete", "A group that was deleted goes on giving access."},
		{"group-rename", "A renamed group keeps its old name or loses its members."},
		{"group-", "Members of a group are lost, or stay after they were removed."},
		{"roles-", "A change of role makes the whole user fail."},
	} {
		if strings.HasPrefix(leaf, s.prefix) {
			return "With " + idp + ": " + s.breaks
		}
	}
	return "With " + idp + ": users or groups are not provisioned."
}
