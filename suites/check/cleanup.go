// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// How long removing what one check made may take: some time, and more for each
// thing, which is looked at and removed in turn, by a far or throttled target.
const (
	cleanUpTime = 30 * time.Second
	removeTime  = 2 * time.Second
)

// cleanUp removes what the check made and nothing else: groups, then users,
// then the product teams that came of the groups and what gave access. It has a time of its own, so
// that a cancelled run leaves nothing behind. It gives the URLs of what could
// not be removed, with the exchanges that show why.
func (t *T) cleanUp(ctx context.Context) (left []string, tries []flow.Exchange) {
	made, _ := t.ledger.toRemove()
	limit := cleanUpTime + time.Duration(len(made))*removeTime + t.provider.target.Consistency
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	left = t.cleanUpSettings(ctx) // first: everybody feels them
	removeAll := func(entries []*entry) (unseen []*entry) {
		for _, e := range entries {
			b, why, x := t.provider.remove(ctx, t.ledger.journal, e)
			switch b {
			case stranger:
				t.ledger.deny(e, why)
			case absent:
				unseen = append(unseen, e)
			}
			if why == "" || b == stranger && !e.proved {
				continue
			}
			left = append(left, t.provider.redact.Text(t.provider.target.BaseURL+e.Path()))
			if x != nil {
				tries = append(tries, *x)
			}
		}
		return unseen
	}
	unseen := removeAll(made)
	if late := t.provider.target.Consistency; late > 0 && len(unseen)+len(t.ledger.lost) > 0 {
		t.patience.quiet(ctx, late) // what was made last is not seen before
		removeAll(unseen)
	}
	found, unknown := t.search(ctx, made)
	removeAll(found)
	left = append(left, unknown...)
	left = append(left, t.cleanUpTeams(ctx, made)...)
	return append(left, t.cleanUpAccess(ctx)...), tries
}

// remove removes a resource, after a second look that shows that it is the
// run's own. It gives what the look has shown, the reason why it may still be
// there, and the exchange that shows it.
func (p *Provider) remove(ctx context.Context, j *Journal, e *entry) (b birth, why string, x *flow.Exchange) {
	b, why, x = p.look(ctx, e)
	switch {
	case b == unseen, b == stranger && e.proved: // it was the run's own
		return b, why, x
	case b == own:
		var err error
		if x, err = p.brief(ctx, flow.Request{Method: http.MethodDelete, Path: e.Path()}); err != nil {
			return b, err.Error(), nil
		}
		if x.Status/100 != 2 && x.Status != http.StatusNotFound && x.Status != http.StatusGone {
			return b, "DELETE got " + answer(x), x
		}
	}
	if err := j.write(line{Do: lineGone, Endpoint: e.Endpoint, ID: e.ID}); err != nil {
		return b, err.Error(), nil
	}
	return b, why, nil
}

// search finds what was made without a reply that says so: its answer was
// lost, or named nothing, or somebody else.
func (t *T) search(ctx context.Context, made []*entry) (found []*entry, left []string) {
	t.ledger.mu.Lock()
	lost := slices.Clone(t.ledger.lost)
	t.ledger.mu.Unlock()
	known := func(e *entry) bool {
		return slices.ContainsFunc(slices.Concat(found, made), func(m *entry) bool { return m.ID == e.ID && m.Endpoint == e.Endpoint })
	}
	for i, c := range lost {
		if len(left) > 0 && i > 0 && ctx.Err() != nil {
			break // no answer comes any more, and the journal has the rest
		}
		more, err := t.provider.trace(ctx, t.ledger.journal, c)
		if err != nil {
			left = append(left, t.provider.redact.Text(t.provider.target.BaseURL+c.endpoint+": what it made, if anything, was not found: "+err.Error()))
		}
		for _, e := range more {
			if !known(e) {
				found = append(found, e)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *entry) int { return rank(a.Endpoint) - rank(b.Endpoint) })
	return found, left
}

// settling is how long a provider may take to show what a request made that it
// was left alone with.
const settling = 500 * time.Millisecond

// trace looks for what c made, by its names. Where there was no answer it looks
// twice: the provider may still be at work. What is found is written to the
// journal, and then c is ended.
func (p *Provider) trace(ctx context.Context, j *Journal, c create) (found []*entry, err error) {
	endpoints := []string{c.endpoint}
	if c.endpoint == "/Bulk" {
		endpoints = []string{scim.GroupsEndpoint, scim.UsersEndpoint}
	}
	for look := 1; look <= 2 && len(found) == 0; look++ {
		for _, endpoint := range endpoints {
			for _, name := range c.names {
				more, err := p.find(ctx, endpoint, name)
				if err != nil {
					return found, err
				}
				found = append(found, more...)
			}
		}
		if c.answered || len(c.names) == 0 || look == 2 {
			break
		}
		select {
		case <-time.After(settling):
		case <-ctx.Done():
			return found, fmt.Errorf("the search ended: %w", ctx.Err())
		}
	}
	for _, e := range found {
		if err := j.write(line{Do: lineMade, Endpoint: e.Endpoint, ID: e.ID}); err != nil {
			return found, err
		}
	}
	return found, j.write(line{Do: lineEnded, N: c.n})
}

// cleanUpTeams removes the product teams that the check made, and those whose
// handle is the name of a group that it made.
func (t *T) cleanUpTeams(ctx context.Context, made []*entry) (left []string) {
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
			continue
		}
		_ = t.ledger.journal.write(line{Do: lineFree, What: holdTeam, ID: id})
	}
	return left
}
