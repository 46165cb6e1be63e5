// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// maxBody is the longest request body that the product API reads.
const maxBody = 1 << 20

// api is the product API over one store.
type api struct {
	*Organisation
	store store.Store
}

// Handler returns the product API, to be mounted at /api/v2/. Its bodies are
// those of Datadog's v2 API as published, which is JSON:API in shape; what a
// caller may do is what the roles of the key's owner say.
func (o *Organisation) Handler(s store.Store) http.Handler {
	a := &api{o, s}
	mux := http.NewServeMux()
	for pattern, r := range a.routes() {
		mux.Handle(pattern, a.serve(r))
	}
	mux.Handle("/", a.serve(route{answer: func(store.Tx, *request) (int, any, error) {
		return 0, nil, refuse(http.StatusNotFound, "Not found")
	}}))
	return mux
}

// request is what an endpoint is asked.
type request struct {
	*http.Request
	body  []byte
	actor *Actor
	notes map[string]any // what the audit trail shall say besides
}

// note adds to what the audit trail says of the request.
func (r *request) note(name string, value any) {
	if r.notes == nil {
		r.notes = map[string]any{}
	}
	r.notes[name] = value
}

// endpoint answers a request inside a transaction: a status and a body, nil
// for none.
type endpoint func(tx store.Tx, r *request) (status int, body any, err error)

// route is an endpoint with what it needs and what the audit trail calls it.
type route struct {
	answer endpoint
	needs  []string // permissions of the caller, all of them; none: any valid key will do
	asset  string   // what it changes, in the words of the audit trail; "": nothing
	action string   // created, modified, deleted
}

func (a *api) serve(at route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			writeError(w, refuse(http.StatusRequestEntityTooLarge, "Request body too large"))
			return
		}
		var q *request
		var status int
		var body any
		act := func(tx store.Tx) (err error) {
			q = &request{Request: r, body: text}
			if q.actor, err = a.Authenticate(tx, keyOf(r)); err != nil {
				return err
			}
			if slices.ContainsFunc(at.needs, func(name string) bool { return !q.actor.May(name) }) {
				return ErrForbidden
			}
			if status, body, err = at.answer(tx, q); err != nil || at.asset == "" {
				return err
			}
			return a.recordCall(tx, at, q, assetOf(q, body), "success")
		}
		transact := a.store.Update
		if at.asset == "" {
			transact = a.store.View
		}
		if err := transact(r.Context(), act); err != nil {
			a.recordRefusal(at, q, err)
			writeError(w, err)
			return
		}
		writeJSON(w, status, body)
	})
}

// recordRefusal records a write that was refused to somebody who is known. The
// refusal is the answer whether or not it can be recorded.
func (a *api) recordRefusal(at route, q *request, err error) {
	if q == nil || q.actor == nil || at.asset == "" {
		return
	}
	e := refusalOf(err)
	switch e.status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity:
	default:
		return
	}
	_ = a.store.Update(q.Context(), func(tx store.Tx) error {
		q.notes = map[string]any{"status": e.status, "detail": e.text}
		return a.recordCall(tx, at, q, q.PathValue("id"), "failure")
	})
}

// recordCall records a write by the product API.
func (a *api) recordCall(tx store.Tx, at route, q *request, asset, outcome string) error {
	meta := map[string]any{"method": q.Method, "path": q.URL.Path, "app_key": map[string]any{"id": q.actor.Key}}
	maps.Copy(meta, q.notes)
	e := event{
		EventName: "API " + at.asset + " " + at.action, Action: at.action, AssetType: at.asset, AssetID: asset, Outcome: outcome, Meta: meta,
	}
	if outcome == "failure" {
		e.EventName = "API " + at.asset + " not " + at.action
	}
	return a.recordAs(tx, q.actor, e)
}

// assetOf returns the id of what a request was about: what the path names, or
// what it made.
func assetOf(q *request, body any) string {
	if id := q.PathValue("id"); id != "" {
		return id
	}
	d, _ := body.(document)
	made, _ := d.Data.(resource)
	return made.ID
}

// keyOf returns the application key of a request: of the pair of key headers,
// or a bearer token. A DD-APPLICATION-KEY without a DD-API-KEY is no key.
func keyOf(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return token
	}
	if r.Header.Get("DD-API-KEY") == "" {
		return ""
	}
	return r.Header.Get("DD-APPLICATION-KEY")
}

// validateKeys is the published way to test an application key: any valid one
// will do, whatever its owner may.
func (a *api) validateKeys(store.Tx, *request) (int, any, error) {
	return http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"}, nil
}

// refusal is an error of the product API.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// refusalOf is the one place that turns errors into replies. What it does not
// know is a 500 without detail.
func refusalOf(err error) *refusal {
	var known *refusal
	var scimError *engine.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &scimError):
		return refuse(scimError.Status, "%s", scimError.Detail)
	case errors.Is(err, ErrUnauthorized):
		return refuse(http.StatusUnauthorized, "Unauthorized")
	case errors.Is(err, ErrForbidden):
		return refuse(http.StatusForbidden, "Forbidden")
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, "Not found")
	case errors.Is(err, store.ErrConflict):
		return refuse(http.StatusConflict, "Conflict")
	}
	return refuse(http.StatusInternalServerError, "Internal error")
}

func writeError(w http.ResponseWriter, err error) {
	e := refusalOf(err)
	writeJSON(w, e.status, struct {
		Errors []string `json:"errors"`
	}{[]string{e.text}})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	text, err := encode(body)
	if err != nil {
		http.Error(w, `{"errors":["Internal error"]}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client has gone: nobody is left to be told
}

// read decodes the body of a request. Unknown members are left alone, as
// JSON:API asks.
func read[T any](r *request) (T, error) {
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil {
		return v, refuse(http.StatusBadRequest, "Invalid JSON body")
	}
	return v, nil
}
