// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"
	"slices"

	"github.com/scimproof/scimproof/reference-server/store"
)

// setting is one question of who may do something to a team.
type setting struct {
	action, title, usual string
	options              []string
}

// Who may do something to a team: its administrators, its members, everybody,
// or whoever holds a permission.
const (
	byAdmins  = "admins"
	byMembers = "members"
	byAll     = "organization"
	byManage  = mayManage
	byTeams   = mayManageTeams
)

// The two things that a team decides on. The usual answers are the recorded
// ones.
const (
	manageMembers = "manage_membership"
	editTeam      = "edit"
)

func settings() []setting {
	return []setting{
		{manageMembers, "Manage membership", byAll, []string{byAdmins, byMembers, byAll, byManage, byTeams}},
		{editTeam, "Edit team", byMembers, []string{byAdmins, byMembers, byTeams}},
	}
}

// value returns who may do what a setting is about to a team.
func (s setting) value(t *team) string {
	if v := t.Settings[s.action]; v != "" {
		return v
	}
	return s.usual
}

func (s setting) resource(t *team) resource {
	return resource{Type: "team_permission_settings", ID: "TeamPermission-" + t.ID + "-" + s.action, Attributes: map[string]any{
		"action": s.action, "value": s.value(t), "title": s.title, "editable": true, "options": s.options,
	}}
}

func (t *team) settings() []resource {
	data := []resource{}
	for _, s := range settings() {
		data = append(data, s.resource(t))
	}
	return data
}

// allowed refuses what the settings of a team do not let an actor do. Who holds
// teams_manage may do everything.
func (a *api) allowed(tx store.Tx, actor *Actor, t *team, action string) error {
	all := settings()
	i := slices.IndexFunc(all, func(s setting) bool { return s.action == action })
	may := actor.May(mayManageTeams)
	switch all[i].value(t) {
	case byAll:
		may = true
	case byManage:
		may = may || actor.May(mayManage)
	case byMembers:
		may = may || tx.Linked(relTeam, t.ID, userNode(actor.ID))
	case byAdmins:
		for l := range tx.Backlinks(relTeam, userNode(actor.ID)) {
			may = may || l.From == t.ID && membershipOf(l).Admin
		}
	}
	if !may {
		return ErrForbidden
	}
	return nil
}

func (a *api) listSettings(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: t.settings()}, nil
}

func (a *api) putSetting(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, editTeam); err != nil {
		return 0, nil, err
	}
	body, err := read[struct {
		Data struct {
			Attributes struct {
				Value string `json:"value"`
			} `json:"attributes"`
		} `json:"data"`
	}](r)
	if err != nil {
		return 0, nil, err
	}
	all := settings()
	i := slices.IndexFunc(all, func(s setting) bool { return s.action == r.PathValue("setting") })
	switch {
	case i < 0:
		return 0, nil, refuse(http.StatusNotFound, "Not found")
	case !slices.Contains(all[i].options, body.Data.Attributes.Value):
		return 0, nil, refuse(http.StatusBadRequest, "Invalid value")
	}
	if t.Settings == nil {
		t.Settings = map[string]string{}
	}
	t.Settings[all[i].action] = body.Data.Attributes.Value
	r.note("setting", all[i].action)
	return http.StatusOK, document{Data: all[i].resource(t)}, a.updateTeam(tx, t)
}
