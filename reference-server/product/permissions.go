// SPDX-License-Identifier: Apache-2.0

package product

import (
	"slices"

	"github.com/google/uuid"
)

// The permissions that the product API and SCIM ask for, by their published
// names.
const (
	mayInvite       = "user_access_invite"
	mayManage       = "user_access_manage"
	mayRead         = "user_access_read"
	mayOwnKeys      = "user_app_keys"
	mayReadKeys     = "org_app_keys_read"
	mayWriteKeys    = "org_app_keys_write"
	mayWriteService = "service_account_write"
	mayManageOrg    = "org_management"
	mayReadTeams    = "teams_read"
	mayManageTeams  = "teams_manage"
	mayReadAudit    = "audit_logs_read"
)

// permission is one entry of the catalogue. A restricted one is what every new
// role has.
type permission struct {
	name, display, group, description string
	restricted                        bool
}

// permissions is the catalogue: those that the reference server decides by.
func permissions() []permission {
	return []permission{
		{mayInvite, "User Access Invite", "Access Management", "Invite other users to the organization.", false},
		{mayManage, "User Access Manage", "Access Management", "Disable users, manage user roles and SAML-to-role mappings.", false},
		{mayRead, "User Access Read", "Access Management", "View users and their roles and settings.", true},
		{mayOwnKeys, "User App Keys", "API and Application Keys", "View and manage application keys owned by the user.", false},
		{mayReadKeys, "Org App Keys Read", "API and Application Keys", "View application keys owned by all users in the organization.", false},
		{mayWriteKeys, "Org App Keys Write", "API and Application Keys", "Manage application keys owned by all users in the organization.", false},
		{mayWriteService, "Service Account Write", "Access Management", "Create, disable and use service accounts.", false},
		{mayManageOrg, "Org Management", "Access Management", "Edit organization settings, SAML among them.", false},
		{mayReadTeams, "Teams Read", "Teams", "View teams.", true},
		{mayManageTeams, "Teams Manage", "Teams", "Manage teams and their memberships.", false},
		{mayReadAudit, "Audit Trail Read", "Compliance", "View the audit trail.", false},
	}
}

// id is the same in every organisation.
func (p permission) id() string { return idOf("permission", p.name) }

// idOf makes the id of something that has the same one everywhere.
func idOf(kind, name string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("scimproof "+kind+" "+name)).String()
}

// permissionNames returns the names of the permissions that are wanted.
func permissionNames(wanted func(permission) bool) []string {
	names := []string{}
	for _, p := range permissions() {
		if wanted(p) {
			names = append(names, p.name)
		}
	}
	return names
}

func allPermissions() []string { return permissionNames(func(permission) bool { return true }) }

func restrictedPermissions() []string {
	return permissionNames(func(p permission) bool { return p.restricted })
}

// permissionByID returns the permission of an id.
func permissionByID(id string) (permission, bool) {
	all := permissions()
	i := slices.IndexFunc(all, func(p permission) bool { return p.id() == id })
	if i < 0 {
		return permission{}, false
	}
	return all[i], true
}
