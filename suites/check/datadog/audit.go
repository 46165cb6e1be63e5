// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/suites/check"
)

// auditPage is the most events that the API gives at once.
const auditPage = 1000

type auditSearch struct {
	Filter struct {
		Query string `json:"query"`
		From  string `json:"from"`
		To    string `json:"to"`
	} `json:"filter"`
	Sort string `json:"sort"`
	Page struct {
		Limit  int    `json:"limit"`
		Cursor string `json:"cursor,omitzero"`
	} `json:"page"`
}

type auditFound struct {
	Data []jsontext.Value `json:"data"`
	Meta struct {
		Page struct {
			After string `json:"after"`
		} `json:"page"`
	} `json:"meta"`
}

type auditEvent struct {
	Attributes struct {
		Timestamp  time.Time `json:"timestamp"`
		Attributes struct {
			Event struct {
				Name  string `json:"name"`
				Actor struct {
					Type string `json:"type"`
				} `json:"actor"`
			} `json:"evt"`
			Asset struct {
				Type string `json:"type"`
				ID   string `json:"id"`
			} `json:"asset"`
		} `json:"attributes"`
	} `json:"attributes"`
}

// Audit gives the events of the Audit Trail since a moment whose JSON holds
// text anywhere. Which fields a SCIM event has is not documented, so the
// window is read whole and searched here; an event may show later than younger
// ones, so it is read from its beginning each time.
func (p *Probe) Audit(ctx context.Context, since time.Time, text string) ([]check.AuditEvent, error) {
	var search auditSearch
	search.Filter.Query, search.Sort, search.Page.Limit = "*", "timestamp", auditPage
	search.Filter.From = p.clock.there(since).UTC().Format(time.RFC3339Nano)
	search.Filter.To = "now"
	var events []check.AuditEvent
	for range maxPages {
		var found auditFound
		if err := p.call(ctx, http.MethodPost, "/api/v2/audit/events/search", search, &found); err != nil {
			return nil, fmt.Errorf("search audit trail: %w", err)
		}
		for _, raw := range found.Data {
			if !strings.Contains(string(raw), text) {
				continue
			}
			event, err := readEvent(raw)
			if err != nil {
				return nil, fmt.Errorf("read audit event: %w", err)
			}
			events = append(events, event)
		}
		after := found.Meta.Page.After
		if len(found.Data) == 0 || after == "" || after == search.Page.Cursor {
			return events, nil
		}
		search.Page.Cursor = after
	}
	return nil, fmt.Errorf("search audit trail: it has not ended after %d pages", maxPages)
}

func readEvent(raw jsontext.Value) (check.AuditEvent, error) {
	var e auditEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return check.AuditEvent{}, err
	}
	a := e.Attributes.Attributes
	event := check.AuditEvent{
		Time: e.Attributes.Timestamp, Name: a.Event.Name, Actor: a.Event.Actor.Type, JSON: string(raw),
	}
	if a.Asset.Type != "" {
		event.Asset = a.Asset.Type + ":" + a.Asset.ID
	}
	return event, nil
}
