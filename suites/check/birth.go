// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// birth is what a look at a resource says of who made it.
type birth int

const (
	unseen   birth = iota // the provider did not say
	absent                // it is not there
	own                   // the run made it
	stranger              // somebody else did
)

// clockSkew is how far meta.created may lie before the run began: clocks of
// the machines behind one address differ.
const clockSkew = 5 * time.Minute

// identity is what a resource says of itself. Members of another type than
// they should have are as good as absent.
type identity struct {
	made
	names   []string // all that it goes by
	created time.Time
}

// identify reads a resource. Its members and links are not looked at: they
// tell of others.
func identify(body []byte) identity {
	var raw struct {
		ExternalID any `json:"externalId"`
		Emails     any `json:"emails"`
		Meta       any `json:"meta"`
	}
	w := identity{made: readMade(body)}
	if json.Unmarshal(body, &raw, lax()) != nil {
		return w
	}
	w.names = []string{w.UserName, w.DisplayName}
	if s, ok := raw.ExternalID.(string); ok {
		w.names = append(w.names, s)
	}
	if list, ok := raw.Emails.([]any); ok {
		for _, email := range list {
			if m, ok := email.(map[string]any); ok {
				s, _ := m["value"].(string)
				w.names = append(w.names, s)
			}
		}
	}
	if meta, ok := raw.Meta.(map[string]any); ok {
		s, _ := meta["created"].(string)
		w.created, _ = time.Parse(time.RFC3339, s) // zero: it does not say
	}
	return w
}

// carries says whether any of the names carries the mark of a run.
func (w identity) carries(mark string) bool {
	for _, name := range w.names {
		if strings.Contains(strings.ToLower(name), mark) {
			return true
		}
	}
	return false
}

// before says whether the resource was there before a run began.
func (w identity) before(begun time.Time) bool {
	return !w.created.IsZero() && w.created.Before(begun.Add(-clockSkew))
}

// look reads a resource to see who made it, right before it is written to: a
// provider may have answered a create with the id of somebody else's user. Its
// own is what carries the run's mark and was not there before the run began;
// what the run has changed since it was proved need not carry the mark, and
// what was sent without one must have the names that were sent.
func (p *Provider) look(ctx context.Context, e *entry) (b birth, why string, x *flow.Exchange) {
	path := e.Endpoint + "/" + url.PathEscape(e.ID)
	x, err := p.brief(ctx, flow.Request{Method: http.MethodGet, Path: path})
	switch {
	case err != nil:
		return unseen, err.Error(), nil
	case x.Status == http.StatusNotFound || x.Status == http.StatusGone:
		return absent, "", x
	case x.Status != http.StatusOK:
		return unseen, "GET " + path + " did not show whose it is: " + answer(x), x
	}
	switch w := identify(x.Response.Body); {
	case w.ID != e.ID:
		return stranger, fmt.Sprintf("GET %s shows the id %q", path, cut(w.ID, 100)), x
	case w.before(p.begun):
		return stranger, "GET " + path + " shows that it was created at " + w.created.Format(time.RFC3339) + ", before the run began", x
	case w.carries(p.mark()), e.proved && e.changed, e.asSent(w, p.mark()):
		return own, "", x
	}
	return stranger, "GET " + path + " shows none of the run's names", x
}

// asSent says whether a resource that was sent without the run's mark shows
// what was sent, and a time of birth. (That it is recent has been looked at.)
func (e *entry) asSent(w identity, mark string) bool {
	if len(e.Sent) == 0 || w.created.IsZero() || strings.Contains(strings.ToLower(string(e.Sent)), mark) {
		return false
	}
	sent := readMade(e.Sent)
	return sent.UserName == w.UserName && sent.DisplayName == w.DisplayName
}

// unproved says why what a request would write to is not the run's own, or
// nothing. A provider that shows nothing yet is believed if its reply to the
// create had the run's name in it: there is nobody else's to be hurt.
func (t *T) unproved(touched []*entry) string {
	for _, e := range touched {
		t.ledger.mu.Lock()
		proved := e.proved
		t.ledger.mu.Unlock()
		if proved {
			continue
		}
		b, why, _ := t.provider.look(t.ctx, e)
		switch {
		case b == stranger:
			t.ledger.deny(e, why)
			return why
		case b == unseen && !e.claimed:
			return why
		}
		t.ledger.mu.Lock()
		e.proved = b == own
		t.ledger.mu.Unlock()
	}
	for _, e := range touched {
		t.ledger.mu.Lock()
		e.changed = true
		t.ledger.mu.Unlock()
	}
	return ""
}

// nameOf gives the attribute by which resources of an endpoint are found.
func nameOf(endpoint string) string {
	if endpoint == scim.GroupsEndpoint {
		return "displayName"
	}
	return "userName"
}

// find looks for resources by a name of the run.
func (p *Provider) find(ctx context.Context, endpoint, name string) (found []*entry, err error) {
	attribute := nameOf(endpoint)
	x, err := p.brief(ctx, flow.Request{Method: http.MethodGet, Path: endpoint + Query("filter", attribute+" eq "+quote(name))})
	if err != nil {
		return nil, err
	}
	var list struct {
		Resources []struct {
			ID          any `json:"id"`
			UserName    any `json:"userName"`
			DisplayName any `json:"displayName"`
		} `json:"Resources"`
	}
	switch {
	case x.Status == http.StatusNotFound:
		return nil, nil
	case x.Status != http.StatusOK:
		return nil, fmt.Errorf("the search for %s got %s", name, answer(x))
	}
	if err := json.Unmarshal(x.Response.Body, &list, lax()); err != nil {
		return nil, fmt.Errorf("the search for %s got %s", name, answer(x))
	}
	for _, r := range list.Resources {
		called := r.UserName
		if attribute == "displayName" {
			called = r.DisplayName
		}
		id, _ := r.ID.(string)
		if s, _ := called.(string); id != "" && len(id) <= maxID && strings.EqualFold(s, name) {
			found = append(found, &entry{Resource: &Resource{Endpoint: endpoint, ID: id}})
		}
	}
	return found, nil
}
