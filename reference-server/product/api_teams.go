// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/reference-server/store"
)

type teamAttributes struct {
	Name           string `json:"name"`
	Handle         string `json:"handle"`
	Managed        bool   `json:"is_managed"`
	Avatar         any    `json:"avatar"`
	Banner         any    `json:"banner"`
	Description    any    `json:"description"`
	Summary        any    `json:"summary"`
	HiddenModules  any    `json:"hidden_modules"`
	VisibleModules any    `json:"visible_modules"`
	CreatedAt      string `json:"created_at"`
	ModifiedAt     string `json:"modified_at"`
	LinkCount      int    `json:"link_count"`
	UserCount      int    `json:"user_count"`
}

func (t *team) resource(tx store.Tx) resource {
	type links struct {
		Related string `json:"related"`
	}
	type related struct {
		Data  any   `json:"data"`
		Links links `json:"links"`
	}
	base := "/api/v2/team/" + t.ID
	shown := []ref{}
	for l := range tx.Find(kindTeamLink, "team", t.ID) {
		shown = append(shown, ref{"team_links", l.ID})
	}
	return resource{
		Type: "team", ID: t.ID,
		Attributes: teamAttributes{
			Name: t.Name, Handle: t.Handle, Managed: t.managed(), Description: orNull(t.Description),
			CreatedAt: stamp(t.created), ModifiedAt: stamp(t.modified), LinkCount: len(shown), UserCount: tx.CountLinks(relTeam, t.ID),
		},
		Relationships: map[string]any{
			"team_links":            related{Data: shown, Links: links{base + "/links"}},
			"user_team_permissions": related{Links: links{base + "/permission-settings"}},
		},
	}
}

func (a *api) teamAt(tx store.Tx, r *request) (*team, error) {
	id := r.PathValue("id")
	if _, err := uuid.Parse(id); err != nil {
		return nil, refuse(http.StatusNotFound, "%s is not a valid UUID not found", id)
	}
	rec, err := tx.Get(kindTeam, strings.ToLower(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "Team for ID %s not found", id)
	}
	if err != nil {
		return nil, err
	}
	return decodeTeam(rec)
}

// unlocked refuses what only the identity provider may do to a managed team.
func (a *api) unlocked(t *team) error {
	if t.managed() && a.profile.Teams.Locked {
		return refuse(http.StatusForbidden, "Team %s is managed by the identity provider", t.Handle)
	}
	return nil
}

func (a *api) listTeams(tx store.Tx, r *request) (int, any, error) {
	q := r.URL.Query()
	w, err := windowOf(q)
	if err != nil {
		return 0, nil, err
	}
	found, err := a.findTeams(tx, q.Get("filter[keyword]"))
	if err != nil {
		return 0, nil, err
	}
	if q.Get("filter[me]") == "true" {
		found = slices.DeleteFunc(found, func(t *team) bool { return !tx.Linked(relTeam, t.ID, userNode(r.actor.ID)) })
	}
	err = order(found, q.Get("sort"), false, "name", map[string]func(x, y *team) int{
		"name":       compareBy(func(t *team) string { return strings.ToLower(t.Name) }),
		"user_count": compareBy(func(t *team) int { return tx.CountLinks(relTeam, t.ID) }),
	})
	if err != nil {
		return 0, nil, err
	}
	data, shown := []resource{}, cut(found, w.offset, w.size)
	for _, t := range shown {
		data = append(data, t.resource(tx))
	}
	included, err := a.besideTeams(tx, q.Get("include"), shown)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: data, Included: included, Meta: w.meta(len(found)), Links: w.links(r, len(found))}, nil
}

// besideTeams returns what an include parameter asks to be shown with teams.
func (a *api) besideTeams(tx store.Tx, include string, teams []*team) ([]resource, error) {
	var included []resource
	for _, what := range strings.FieldsFunc(include, func(r rune) bool { return r == ',' }) {
		for _, t := range teams {
			switch what {
			case "team_links":
				links, err := linksOf(tx, t)
				if err != nil {
					return nil, err
				}
				for _, l := range links {
					included = append(included, l.resource())
				}
			case "user_team_permissions":
				included = append(included, t.settings()...)
			default:
				return nil, refuse(http.StatusBadRequest, "Invalid include")
			}
		}
	}
	return included, nil
}

// findTeams returns the teams that mention the keyword in name or handle, or
// have a member of that e-mail address.
func (a *api) findTeams(tx store.Tx, keyword string) ([]*team, error) {
	found, members := []*team{}, []string{}
	if keyword != "" {
		for r := range tx.Find(kindUser, "email", strings.ToLower(keyword)) {
			members = append(members, r.ID)
		}
	}
	for r := range tx.Scan(kindTeam, 0) {
		t, err := decodeTeam(r)
		if err != nil {
			return nil, err
		}
		match := mentions(keyword, t.Name, t.Handle)
		for _, id := range members {
			match = match || tx.Linked(relTeam, t.ID, id)
		}
		if match {
			found = append(found, t)
		}
	}
	return found, nil
}

func (a *api) getTeam(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: t.resource(tx)}, nil
}

type teamBody struct {
	Data struct {
		Attributes struct {
			Name        string  `json:"name"`
			Handle      string  `json:"handle"`
			Description *string `json:"description"`
		} `json:"attributes"`
		Relationships struct {
			Users toMany `json:"users"`
		} `json:"relationships"`
	} `json:"data"`
}

// maxTeamName is the longest name of a team.
const maxTeamName = 200

func readTeam(r *request) (teamBody, error) {
	body, err := read[teamBody](r)
	if err != nil {
		return body, err
	}
	name, handle := body.Data.Attributes.Name, body.Data.Attributes.Handle
	odd := strings.ContainsFunc(handle, func(c rune) bool { return !handleRune(c) })
	switch {
	case name == "" || len(name) > maxTeamName:
		return body, refuse(http.StatusBadRequest, "Invalid name")
	case handle == "" || len(handle) > maxHandle || odd || strings.HasSuffix(handle, "_"):
		return body, refuse(http.StatusBadRequest, "Invalid handle")
	}
	return body, nil
}

func unique(err error) error {
	if errors.Is(err, store.ErrUniqueness) {
		return refuse(http.StatusConflict, "Team name and handle must be unique")
	}
	return err
}

func (a *api) createTeam(tx store.Tx, r *request) (int, any, error) {
	body, err := readTeam(r)
	if err != nil {
		return 0, nil, err
	}
	set := body.Data.Attributes
	t := &team{ID: a.newID(), Name: set.Name, Handle: set.Handle, created: a.now(), modified: a.now()}
	if set.Description != nil {
		t.Description = *set.Description
	}
	if err := a.insertTeam(tx, t); err != nil {
		return 0, nil, unique(err)
	}
	for _, member := range body.Data.Relationships.Users.Data {
		u, err := a.memberNamed(tx, member.ID)
		if err != nil {
			return 0, nil, err
		}
		if _, err := a.join(tx, t.ID, u.ID, membership{}); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusCreated, document{Data: t.resource(tx)}, nil
}

func (a *api) patchTeam(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, editTeam); err != nil {
		return 0, nil, err
	}
	body, err := readTeam(r)
	if err != nil {
		return 0, nil, err
	}
	set := body.Data.Attributes
	if set.Name != t.Name || set.Handle != t.Handle {
		if err := a.unlocked(t); err != nil {
			return 0, nil, err
		}
	}
	t.Name, t.Handle = set.Name, set.Handle
	if set.Description != nil {
		t.Description = *set.Description
	}
	if err := a.updateTeam(tx, t); err != nil {
		return 0, nil, unique(err)
	}
	return a.getTeam(tx, r)
}

func (a *api) deleteTeam(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.unlocked(t); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, a.removeTeam(tx, t)
}

// memberNamed returns the user of an id that a body names.
func (a *api) memberNamed(tx store.Tx, id string) (*user, error) {
	u, err := a.user(tx, strings.ToLower(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "%s", fmt.Sprintf("User with ID %s not found", id))
	}
	return u, err
}
