// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// teamLink is an address that a team shows on its page.
type teamLink struct {
	ID       string `json:"id"`
	Team     string `json:"team"`
	Label    string `json:"label"`
	URL      string `json:"url"`
	Position int    `json:"position"`
}

func (l teamLink) key() store.Key { return store.Key{Index: "team", Value: l.Team} }

func (l teamLink) resource() resource {
	return resource{Type: "team_links", ID: l.ID, Attributes: map[string]any{
		"label": l.Label, "url": l.URL, "position": l.Position, "team_id": l.Team,
	}}
}

// linksOf returns the links of a team in the order of their positions.
func linksOf(tx store.Tx, t *team) ([]teamLink, error) {
	links := []teamLink{}
	for r := range tx.Find(kindTeamLink, "team", t.ID) {
		l, err := decode[teamLink](r)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	slices.SortStableFunc(links, func(x, y teamLink) int { return x.Position - y.Position })
	return links, nil
}

func (a *api) listLinks(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	links, err := linksOf(tx, t)
	data := []resource{}
	for _, l := range links {
		data = append(data, l.resource())
	}
	return http.StatusOK, document{Data: data}, err
}

// linkAt returns the team and the link that a path names.
func (a *api) linkAt(tx store.Tx, r *request) (*team, teamLink, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return nil, teamLink{}, err
	}
	missing := refuse(http.StatusNotFound, "Link for ID %s not found", r.PathValue("link"))
	rec, err := tx.Get(kindTeamLink, strings.ToLower(r.PathValue("link")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, teamLink{}, missing
	}
	if err != nil {
		return nil, teamLink{}, err
	}
	l, err := decode[teamLink](rec)
	if err == nil && l.Team != t.ID {
		err = missing
	}
	return t, l, err
}

func (a *api) getLink(tx store.Tx, r *request) (int, any, error) {
	_, l, err := a.linkAt(tx, r)
	return http.StatusOK, document{Data: l.resource()}, err
}

// readLink reads what a link shall be.
func readLink(r *request, l teamLink) (teamLink, error) {
	body, err := read[struct {
		Data struct {
			Attributes struct {
				Label    string `json:"label"`
				URL      string `json:"url"`
				Position *int   `json:"position"`
			} `json:"attributes"`
		} `json:"data"`
	}](r)
	if err != nil {
		return l, err
	}
	set := body.Data.Attributes
	address, err := url.Parse(set.URL)
	switch {
	case set.Label == "" || len(set.Label) > 256:
		return l, refuse(http.StatusBadRequest, "Invalid label")
	case err != nil || !address.IsAbs():
		return l, refuse(http.StatusBadRequest, "Invalid url")
	}
	l.Label, l.URL = set.Label, set.URL
	if set.Position != nil {
		l.Position = *set.Position
	}
	return l, nil
}

func (a *api) createLink(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, editTeam); err != nil {
		return 0, nil, err
	}
	links, err := linksOf(tx, t)
	if err != nil {
		return 0, nil, err
	}
	l, err := readLink(r, teamLink{ID: a.newID(), Team: t.ID, Position: len(links)})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: l.resource()}, a.insert(tx, kindTeamLink, l.ID, l, l.key())
}

func (a *api) patchLink(tx store.Tx, r *request) (int, any, error) {
	t, l, err := a.linkAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, editTeam); err != nil {
		return 0, nil, err
	}
	if l, err = readLink(r, l); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: l.resource()}, a.update(tx, kindTeamLink, l.ID, l, l.key())
}

func (a *api) deleteLink(tx store.Tx, r *request) (int, any, error) {
	t, l, err := a.linkAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, editTeam); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, tx.Delete(kindTeamLink, l.ID)
}

// dropLinks removes the links of a team that is about to be removed.
func dropLinks(tx store.Tx, t *team) error {
	links, err := linksOf(tx, t)
	for _, l := range links {
		err = errors.Join(err, tx.Delete(kindTeamLink, l.ID))
	}
	return err
}
