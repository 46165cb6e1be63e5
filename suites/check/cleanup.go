// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// cleanUpTime is how long removing what one check made may take.
const cleanUpTime = 30 * time.Second

// cleanUp removes what the check made and nothing else: groups, then users,
// then the product teams that came of the groups and what gave access. It has a time of its own, so
// that a cancelled run leaves nothing behind. It gives the URLs of what could
// not be removed, with the exchanges that show why.
func (t *T) cleanUp(ctx context.Context) (left []string, tries []flow.Exchange) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	left = t.cleanUpSettings(ctx) // first: everybody feels them
	made, _ := t.ledger.toRemove()
	for _, r := range made {
		x, err := t.provider.do(ctx, flow.Request{Method: http.MethodDelete, Path: r.Path()})
		if err == nil && (x.Status/100 == 2 || x.Status == http.StatusNotFound || x.Status == http.StatusGone) {
			continue
		}
		left = append(left, t.provider.redact.Text(t.provider.target.BaseURL+r.Path()))
		if err == nil {
			tries = append(tries, *x)
		}
	}
	left = append(left, t.cleanUpTeams(ctx, made)...)
	return append(left, t.cleanUpAccess(ctx)...), tries
}

// cleanUpTeams removes the product teams that the check made, and those whose
// handle is the name of a group that it made.
func (t *T) cleanUpTeams(ctx context.Context, made []*Resource) (left []string) {
	probe := t.provider.target.Product
	if probe == nil {
		return nil
	}
	if t.Profile().Teams.Target == "team" && t.Profile().Teams.Delete != "delete" {
		watched := &watchedProduct{t: t, probe: probe}
		for _, r := range made {
			if name := readMade(r.Sent).DisplayName; r.Endpoint == scim.GroupsEndpoint && name != "" {
				_, _ = watched.Team(ctx, t.TeamHandle(name)) // not there, or not to be seen: nothing to remove
			}
		}
	}
	_, teams := t.ledger.toRemove()
	for _, id := range teams {
		if err := probe.DeleteTeam(ctx, id); err != nil {
			left = append(left, "product team "+id+": "+t.provider.redact.Text(err.Error()))
		}
	}
	return left
}
