// SPDX-License-Identifier: Apache-2.0

package product

import "maps"

// look and change make the routes of reads and writes.
func look(f endpoint, needs ...string) route { return route{answer: f, needs: needs} }

func change(asset, action string, f endpoint, needs ...string) route {
	return route{answer: f, needs: needs, asset: asset, action: action}
}

// What a write does to an asset of the audit trail.
const (
	created  = "created"
	modified = "modified"
	deleted  = "deleted"
)

// routes is the whole product API. The permissions are the documented ones. Left
// out is /api/v2/team/sync: it links teams to those of GitHub, has nothing to do
// with SCIM, and would need a GitHub to act.
func (a *api) routes() map[string]route {
	all := map[string]route{
		"GET /api/v2/validate_keys":                          look(a.validateKeys),
		"GET /api/v2/permissions":                            look(a.listPermissions, mayRead),
		"GET /api/v2/audit/events":                           look(a.listAudit, mayReadAudit),
		"POST /api/v2/audit/events/search":                   look(a.searchAudit, mayReadAudit),
		"GET /api/v2/authn_mappings":                         look(a.listMappings, mayRead),
		"POST /api/v2/authn_mappings":                        change("identity_provider", modified, a.createMapping, mayManage),
		"GET /api/v2/authn_mappings/{id}":                    look(a.getMapping, mayRead),
		"PATCH /api/v2/authn_mappings/{id}":                  change("identity_provider", modified, a.patchMapping, mayManage),
		"DELETE /api/v2/authn_mappings/{id}":                 change("identity_provider", modified, a.deleteMapping, mayManage),
		"GET /api/v2/saml_configurations":                    look(a.samlConfigurations, mayManageOrg),
		"GET /api/v2/saml_configurations/{saml_config_uuid}": look(a.samlConfiguration, mayManageOrg),
		"PATCH /api/v2/org/saml_configurations":              change("identity_provider", modified, a.patchSAML, mayManageOrg),
	}
	maps.Copy(all, a.userRoutes())
	maps.Copy(all, a.roleRoutes())
	maps.Copy(all, a.teamRoutes())
	maps.Copy(all, a.keyRoutes())
	return all
}

func (a *api) userRoutes() map[string]route {
	return map[string]route{
		"GET /api/v2/users":                  look(a.listUsers, mayRead),
		"POST /api/v2/users":                 change("user", created, a.postUser, mayInvite),
		"GET /api/v2/users/{id}":             look(a.getUser, mayRead),
		"PATCH /api/v2/users/{id}":           change("user", modified, a.patchUser, mayManage),
		"DELETE /api/v2/users/{id}":          change("user", modified, a.disableUser, mayManage),
		"GET /api/v2/users/{id}/permissions": look(a.userPermissions, mayRead),
		"GET /api/v2/users/{id}/orgs":        look(a.userOrgs, mayRead),
		"GET /api/v2/users/{id}/memberships": look(a.userMemberships, mayReadTeams),
		"GET /api/v2/current_user":           look(a.getCurrentUser),
		"PATCH /api/v2/current_user":         change("user", modified, a.patchCurrentUser),
		"POST /api/v2/user_invitations":      change("user", modified, a.invite, mayInvite),
		"GET /api/v2/user_invitations/{id}":  look(a.getInvitation, mayInvite),
		"GET /api/v2/service_accounts":       look(a.listServiceAccounts, mayWriteService),
		"POST /api/v2/service_accounts":      change("user", created, a.createServiceAccount, mayWriteService),
	}
}

func (a *api) roleRoutes() map[string]route {
	return map[string]route{
		"GET /api/v2/roles":                     look(a.listRoles, mayRead),
		"POST /api/v2/roles":                    change("role", created, a.createRole, mayManage),
		"GET /api/v2/roles/{id}":                look(a.getRole, mayRead),
		"PATCH /api/v2/roles/{id}":              change("role", modified, a.patchRole, mayManage),
		"DELETE /api/v2/roles/{id}":             change("role", deleted, a.removeRole, mayManage),
		"POST /api/v2/roles/{id}/clone":         change("role", created, a.cloneRole, mayManage),
		"GET /api/v2/roles/{id}/users":          look(a.roleUsers, mayRead),
		"POST /api/v2/roles/{id}/users":         change("role", modified, a.addRoleUser, mayManage),
		"DELETE /api/v2/roles/{id}/users":       change("role", modified, a.removeRoleUser, mayManage),
		"GET /api/v2/roles/{id}/permissions":    look(a.rolePermissions, mayRead),
		"POST /api/v2/roles/{id}/permissions":   change("role", modified, a.addRolePermission, mayManage),
		"DELETE /api/v2/roles/{id}/permissions": change("role", modified, a.removeRolePermission, mayManage),
	}
}

// teamRoutes lists what can be done to teams. Who may edit a team or its
// members is a setting of the team.
func (a *api) teamRoutes() map[string]route {
	return map[string]route{
		"GET /api/v2/team":                                    look(a.listTeams, mayReadTeams),
		"POST /api/v2/team":                                   change("team", created, a.createTeam, mayReadTeams, mayManageTeams),
		"GET /api/v2/team/{id}":                               look(a.getTeam, mayReadTeams),
		"PATCH /api/v2/team/{id}":                             change("team", modified, a.patchTeam, mayReadTeams),
		"DELETE /api/v2/team/{id}":                            change("team", deleted, a.deleteTeam, mayReadTeams, mayManageTeams),
		"GET /api/v2/team/{id}/memberships":                   look(a.listMemberships, mayReadTeams),
		"POST /api/v2/team/{id}/memberships":                  change("team", modified, a.addMembership, mayReadTeams),
		"PATCH /api/v2/team/{id}/memberships/{user}":          change("team", modified, a.patchMembership, mayReadTeams),
		"DELETE /api/v2/team/{id}/memberships/{user}":         change("team", modified, a.removeMembership, mayReadTeams),
		"GET /api/v2/team/{id}/links":                         look(a.listLinks, mayReadTeams),
		"POST /api/v2/team/{id}/links":                        change("team", modified, a.createLink, mayReadTeams),
		"GET /api/v2/team/{id}/links/{link}":                  look(a.getLink, mayReadTeams),
		"PATCH /api/v2/team/{id}/links/{link}":                change("team", modified, a.patchLink, mayReadTeams),
		"DELETE /api/v2/team/{id}/links/{link}":               change("team", modified, a.deleteLink, mayReadTeams),
		"GET /api/v2/team/{id}/permission-settings":           look(a.listSettings, mayReadTeams),
		"PUT /api/v2/team/{id}/permission-settings/{setting}": change("team", modified, a.putSetting, mayReadTeams),
	}
}

// keyRoutes lists the three doors to application keys: those of a service
// account, one's own and everybody's.
func (a *api) keyRoutes() map[string]route {
	all := map[string]route{}
	for base, door := range map[string]struct {
		owner       owner
		read, write string
	}{
		"/api/v2/service_accounts/{account}/application_keys": {a.serviceAccountAt, mayWriteService, mayWriteService},
		"/api/v2/current_user/application_keys":               {callerOf, mayOwnKeys, mayOwnKeys},
		"/api/v2/application_keys":                            {anybody, mayReadKeys, mayWriteKeys},
	} {
		all["GET "+base] = look(a.listKeys(door.owner), door.read)
		all["GET "+base+"/{id}"] = look(a.getKey(door.owner), door.read)
		all["PATCH "+base+"/{id}"] = change("application_key", modified, a.patchKey(door.owner), door.write)
		all["DELETE "+base+"/{id}"] = change("application_key", deleted, a.removeKey(door.owner), door.write)
		if base != "/api/v2/application_keys" { // a key of everybody's would have no owner
			all["POST "+base] = change("application_key", created, a.createKey(door.owner), door.write)
		}
	}
	return all
}
