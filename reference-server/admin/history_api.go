// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// exchange is one exchange as JSON shows it.
type exchange struct {
	Number   int64     `json:"number"`
	Tenant   string    `json:"tenant,omitzero"`
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Path     string    `json:"path"` // below the SCIM base
	Status   int       `json:"status"`
	Error    string    `json:"error,omitzero"`
	Start    time.Time `json:"start"`
	Duration span      `json:"duration"`
	Request  message   `json:"request"`
	Response message   `json:"response"`
}

type message struct {
	Headers    http.Header `json:"headers"`
	Body       string      `json:"body,omitzero"`
	BodyBase64 []byte      `json:"bodyBase64,omitempty"` // of a body that is no text
}

type exchangeList struct {
	Exchanges []exchange `json:"exchanges"`
	Gone      int64      `json:"gone"` // older ones that had to make room
}

// Formats of the history.
const (
	formatJSON = "json"
	formatFlow = "flow"
)

func (a *Admin) getHistory(of whose) endpoint {
	return func(r *http.Request) (any, error) { return a.historyOf(of, r) }
}

func (a *Admin) historyOf(of whose, r *http.Request) (any, error) {
	q := r.URL.Query()
	for _, name := range sortedKeys(q) {
		if name != "format" && name != "since" && name != "name" && name != "dialect" {
			return nil, wrong("there is no parameter %q", name).allowing("format", "since", "name", "dialect")
		}
	}
	seq, begin, err := since(q.Get("since"))
	if err != nil {
		return nil, err
	}
	found, gone := a.history.since(of, seq, begin)
	switch format := q.Get("format"); format {
	case "", formatJSON:
		list := exchangeList{Exchanges: make([]exchange, len(found)), Gone: gone}
		for i, rec := range found {
			list.Exchanges[i] = shown(rec, a.history.exchange(rec))
		}
		return list, nil
	case formatFlow:
		exchanges := make([]flow.Exchange, len(found))
		for i, rec := range found {
			exchanges[i] = a.history.exchange(rec)
		}
		return asFlow(exchanges, q.Get("name"), q.Get("dialect"))
	default:
		return nil, wrong("format: %q", format).allowing(formatJSON, formatFlow)
	}
}

// since reads a number, that of the last exchange that is known, or a time.
func since(s string) (seq int64, t time.Time, err error) {
	if s == "" {
		return 0, t, nil
	}
	if seq, err = strconv.ParseInt(s, 10, 64); err == nil {
		return seq, t, nil
	}
	if t, err = time.Parse(time.RFC3339Nano, s); err == nil {
		return 0, t, nil
	}
	return 0, t, wrong("since: %q", s).allowing("the number of an exchange: those after it", "a time such as 2026-11-23T12:00:00Z")
}

func shown(rec *recording, x flow.Exchange) exchange {
	return exchange{
		Number: rec.seq, Tenant: rec.tenant, Method: x.Method, URL: x.URL, Path: x.Path, Status: x.Status, Error: x.Error,
		Start: x.Start.UTC(), Duration: span(x.Duration), Request: messageOf(x.Request), Response: messageOf(x.Response),
	}
}

func messageOf(m flow.Message) message {
	if utf8.Valid(m.Body) {
		return message{Headers: m.Header, Body: string(m.Body)}
	}
	return message{Headers: m.Header, BodyBase64: m.Body}
}

// asFlow makes one flow file of exchanges. How many of them it does not hold
// stands in a header, so that recording again gives the same file.
func asFlow(exchanges []flow.Exchange, name, dialect string) (any, error) {
	if name == "" {
		name = "recorded/history"
	}
	if dialect == "" {
		dialect = flow.DialectOf(exchanges)
	}
	day := time.Now().UTC()
	if len(exchanges) > 0 {
		day = exchanges[0].Start.UTC()
	}
	f, left := flow.FromExchanges(flow.Origin{
		Name: name, Dialect: dialect,
		Provenance: flow.Provenance{Kind: flow.KindRecorded, Source: "requests seen by this server", Date: day.Format(time.DateOnly)},
	}, exchanges)
	if len(f.Steps) == 0 {
		return nil, &refusal{Status: http.StatusConflict, Text: "no exchange to make a flow of: " + strconv.Itoa(len(left)) + " were seen, none with an answer that would be the same again"}
	}
	text, err := flow.Marshal(f)
	if err != nil {
		return nil, err
	}
	if _, err := flow.Parse(name, text); err != nil {
		return nil, wrong("the flow would not be valid: %v", err).allowing("name: words such as recorded/history", "dialect: "+strings.Join(flow.Dialects(), ", "))
	}
	return raw{"application/yaml", http.Header{"Scimproof-Left-Out": {strconv.Itoa(len(left))}}, text}, nil
}

func (a *Admin) deleteHistory(of whose) endpoint {
	return func(*http.Request) (any, error) {
		a.history.clear(of)
		return nil, nil
	}
}
