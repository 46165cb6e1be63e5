// SPDX-License-Identifier: Apache-2.0

package product

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/reference-server/store"
)

// auditSearch is what a search of the audit trail asks.
type auditSearch struct {
	Filter struct {
		Query string `json:"query"`
		From  string `json:"from"`
		To    string `json:"to"`
	} `json:"filter"`
	Page struct {
		Limit  int    `json:"limit"`
		Cursor string `json:"cursor"`
	} `json:"page"`
	Sort string `json:"sort"`
}

// maxEvents is the longest page of the audit trail.
const maxEvents = 1000

func (a *api) listAudit(tx store.Tx, r *request) (int, any, error) {
	q := r.URL.Query()
	var s auditSearch
	var err error
	if s.Page.Limit, err = intOf(q, "page[limit]", usualPage); err != nil {
		return 0, nil, err
	}
	s.Filter.Query, s.Filter.From, s.Filter.To = q.Get("filter[query]"), q.Get("filter[from]"), q.Get("filter[to]")
	s.Page.Cursor, s.Sort = q.Get("page[cursor]"), q.Get("sort")
	return a.answerAudit(tx, r, s)
}

func (a *api) searchAudit(tx store.Tx, r *request) (int, any, error) {
	var s auditSearch
	if len(r.body) > 0 {
		var err error
		if s, err = read[auditSearch](r); err != nil {
			return 0, nil, err
		}
	}
	return a.answerAudit(tx, r, s)
}

func (a *api) answerAudit(tx store.Tx, r *request, s auditSearch) (int, any, error) {
	if s.Page.Limit == 0 {
		s.Page.Limit = usualPage
	}
	if s.Page.Limit < 0 || s.Sort != "" && s.Sort != "timestamp" && s.Sort != "-timestamp" {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid sort or page")
	}
	found, err := a.findEvents(tx, s)
	if err != nil {
		return 0, nil, err
	}
	limit := min(s.Page.Limit, maxEvents)
	shown := cut(found, 0, limit)
	data := []jsontext.Value{}
	for _, e := range shown {
		data = append(data, e.text)
	}
	type auditPage struct {
		After string `json:"after,omitzero"`
	}
	meta := struct {
		Elapsed   int       `json:"elapsed"`
		RequestID string    `json:"request_id"`
		Status    string    `json:"status"`
		Page      auditPage `json:"page,omitzero"`
	}{RequestID: a.newID(), Status: "done"}
	body := document{Data: data}
	if len(found) > limit { // clients read on while there is an "after"
		meta.Page.After = strconv.FormatInt(shown[limit-1].seq, 36)
		u := *r.URL
		q := u.Query()
		q.Set("page[cursor]", meta.Page.After)
		u.RawQuery = q.Encode()
		body.Links = map[string]string{"next": u.RequestURI()}
	}
	body.Meta = meta
	return http.StatusOK, body, nil
}

// seenEvent is an event as the product API shows it.
type seenEvent struct {
	seq  int64
	text jsontext.Value
}

// findEvents returns what matches a search, beyond its cursor, in its order.
func (a *api) findEvents(tx store.Tx, s auditSearch) ([]seenEvent, error) {
	now := a.now()
	from, fromErr := momentOf(s.Filter.From, "now-15m", now)
	to, toErr := momentOf(s.Filter.To, "now", now)
	query, queryErr := parseQuery(s.Filter.Query)
	cursor, cursorErr := cursorOf(s.Page.Cursor)
	for _, err := range []error{fromErr, toErr, queryErr, cursorErr} {
		if err != nil {
			return nil, err
		}
	}
	org, err := a.org(tx)
	if err != nil {
		return nil, err
	}
	descending := s.Sort == "-timestamp"
	var found []seenEvent
	for r := range tx.Scan(kindAudit, 0) {
		switch {
		case r.Created.Before(from) || r.Created.After(to):
			continue
		case cursor > 0 && descending && r.Seq >= cursor, cursor > 0 && !descending && r.Seq <= cursor:
			continue
		}
		text, err := eventText(r, org)
		if err != nil {
			return nil, err
		}
		if query.match(&subject{text: text}) {
			found = append(found, seenEvent{r.Seq, text})
		}
	}
	if descending {
		slices.Reverse(found)
	}
	return found, nil
}

func cursorOf(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 36, 64)
	if err != nil || seq <= 0 {
		return 0, refuse(http.StatusBadRequest, "Invalid page[cursor]")
	}
	return seq, nil
}

// momentOf reads a date, milliseconds since 1970, or now-15m.
func momentOf(text, usual string, now time.Time) (time.Time, error) {
	if text == "" {
		text = usual
	}
	if text == "now" {
		return now, nil
	}
	if len(text) > 4 && text[:4] == "now-" {
		if d, err := agoOf(text[4:]); err == nil {
			return now.Add(-d), nil
		}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	return time.Time{}, refuse(http.StatusBadRequest, "Invalid time")
}

// agoOf reads 15m, 2h, 7d.
func agoOf(text string) (time.Duration, error) {
	if n := len(text) - 1; n > 0 && text[n] == 'd' {
		days, err := strconv.Atoi(text[:n])
		return time.Duration(days) * 24 * time.Hour, err
	}
	return time.ParseDuration(text)
}

// eventText writes an event the way the product API shows it.
func eventText(r *store.Record, org organisation) (jsontext.Value, error) {
	e, err := decode[event](r)
	if err != nil {
		return nil, err
	}
	moment := r.Created.UTC().Format("2006-01-02T15:04:05.000Z")
	metadata := map[string]any{"event_name": e.EventName}
	more, _ := e.Meta.(map[string]any)
	maps.Copy(metadata, more)
	status := "info"
	if e.Outcome == "failure" {
		status = "error"
	}
	asset := map[string]string{"type": e.AssetType}
	if e.AssetID != "" {
		asset["id"] = e.AssetID
	}
	shown := auditEvent{ID: r.ID, Type: "audit"}
	shown.Attributes.Message, shown.Attributes.Tags, shown.Attributes.Timestamp = e.EventName, []string{"source:audit"}, moment
	a := &shown.Attributes.Attributes
	a.Action, a.Asset, a.AuthMethod, a.Metadata = e.Action, asset, cmp.Or(e.Method, "APPLICATION_KEY"), metadata
	a.Evt.Actor.Type, a.Evt.Name, a.Evt.Outcome = "USER", cmp.Or(e.Name, "Access Management"), e.Outcome
	a.Org.UUID, a.Status, a.Timestamp = org.UUID, status, moment
	a.Usr.Email, a.Usr.ID, a.Usr.UUID = e.ActorEmail, e.ActorEmail, e.Actor
	return json.Marshal(shown, json.Deterministic(true))
}

// auditEvent is an event on the wire, its members in the order of their names.
type auditEvent struct {
	Attributes struct {
		Attributes struct {
			Action     string            `json:"action"`
			Asset      map[string]string `json:"asset"`
			AuthMethod string            `json:"auth_method"`
			Evt        struct {
				Actor struct {
					Type string `json:"type"`
				} `json:"actor"`
				Name    string `json:"name"`
				Outcome string `json:"outcome"`
			} `json:"evt"`
			Metadata map[string]any `json:"metadata"`
			Org      struct {
				UUID string `json:"uuid"`
			} `json:"org"`
			Status    string `json:"status"`
			Timestamp string `json:"timestamp"`
			Usr       struct {
				Email string `json:"email"`
				ID    string `json:"id"`
				UUID  string `json:"uuid"`
			} `json:"usr"`
		} `json:"attributes"`
		Message   string   `json:"message"`
		Tags      []string `json:"tags"`
		Timestamp string   `json:"timestamp"`
	} `json:"attributes"`
	ID   string `json:"id"`
	Type string `json:"type"`
}
