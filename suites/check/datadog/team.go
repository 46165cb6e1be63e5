// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/scimproof/scimproof/suites/check"
)

type team struct {
	ID         string `json:"id,omitzero"`
	Type       string `json:"type"`
	Attributes struct {
		Name    string `json:"name"`
		Handle  string `json:"handle"`
		Managed bool   `json:"is_managed,omitzero"`
	} `json:"attributes"`
}

type membership struct {
	Type          string `json:"type"`
	Relationships struct {
		User struct {
			Data reference `json:"data"`
		} `json:"user"`
	} `json:"relationships"`
}

// document is the frame of a JSON:API body.
type document[V any] struct {
	Data V `json:"data"`
}

// product gives t in the words of package check.
func (t team) product() *check.ProductTeam {
	return &check.ProductTeam{
		ID: t.ID, Name: t.Attributes.Name, Handle: t.Attributes.Handle, Managed: t.Attributes.Managed,
	}
}

// Team finds a team by its handle and reads its members. The API's keyword
// filter is free text. The fields parameter is left out: it cannot name
// is_managed.
func (p *Probe) Team(ctx context.Context, handle string) (*check.ProductTeam, error) {
	var found *check.ProductTeam
	err := pages(ctx, p, "/api/v2/team", url.Values{"filter[keyword]": {handle}}, func(t team) bool {
		if t.Attributes.Handle != handle {
			return true
		}
		found = t.product()
		return false
	})
	if err != nil || found == nil {
		return nil, wrap("find team", err)
	}
	err = pages(ctx, p, teamPath(found.ID)+"/memberships", url.Values{}, func(m membership) bool {
		found.Members = append(found.Members, m.Relationships.User.Data.ID)
		return true
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil // removed between the two calls
	}
	if err != nil {
		return nil, fmt.Errorf("list members of team: %w", err)
	}
	return found, nil
}

// CreateTeam makes a team as an administrator would.
func (p *Probe) CreateTeam(ctx context.Context, name, handle string) (*check.ProductTeam, error) {
	in := team{Type: "team"}
	in.Attributes.Name, in.Attributes.Handle = name, handle
	var out document[team]
	if err := p.call(ctx, http.MethodPost, "/api/v2/team", document[team]{in}, &out); err != nil {
		return nil, fmt.Errorf("create team: %w", err)
	}
	return out.Data.product(), nil
}

// AddTeamMember tries to add a user to a team, which the product refuses for a
// managed one, and gives the status it answered.
func (p *Probe) AddTeamMember(ctx context.Context, teamID, userID string) (int, error) {
	in := membership{Type: "team_memberships"}
	in.Relationships.User.Data = reference{ID: userID, Type: "users"}
	err := p.call(ctx, http.MethodPost, teamPath(teamID)+"/memberships", document[membership]{in}, nil)
	var refused *StatusError
	switch {
	case err == nil:
		return http.StatusOK, nil
	case errors.As(err, &refused):
		return refused.Status, nil
	}
	return 0, fmt.Errorf("add team member: %w", err)
}

// DeleteTeam removes a team. One that is gone already is no error.
func (p *Probe) DeleteTeam(ctx context.Context, teamID string) error {
	err := p.call(ctx, http.MethodDelete, teamPath(teamID), nil, nil)
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return wrap("delete team", err)
}

func teamPath(id string) string { return "/api/v2/team/" + url.PathEscape(id) }

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
