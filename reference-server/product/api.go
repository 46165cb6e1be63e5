// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Errors of an Authorize function.
var (
	ErrUnauthorized = errors.New("unauthorized")
	ErrForbidden    = errors.New("forbidden")
)

// Authorize says whether a key may use the product API: nil,
// ErrUnauthorized for a key that is not known or no longer valid, ErrForbidden
// for a valid one whose owner lacks the permissions. It must take the same time
// for every key it does not know.
type Authorize func(key string) error

// maxBody is the longest request body that the product API reads.
const maxBody = 1 << 20

// api is the product API over one store.
type api struct {
	*Organisation
	store     store.Store
	authorize Authorize
}

// Handler returns the product API, to be mounted at /api/v2/. Its bodies are
// those of Datadog's v2 API as published, which is JSON:API in shape.
func (o *Organisation) Handler(s store.Store, authorize Authorize) http.Handler {
	a := &api{o, s, authorize}
	mux := http.NewServeMux()
	for pattern, f := range map[string]endpoint{
		"GET /api/v2/users":                                  a.listUsers,
		"GET /api/v2/users/{id}":                             a.getUser,
		"PATCH /api/v2/users/{id}":                           a.patchUser,
		"DELETE /api/v2/users/{id}":                          a.disableUser,
		"GET /api/v2/users/{id}/memberships":                 a.userMemberships,
		"GET /api/v2/roles":                                  a.listRoles,
		"POST /api/v2/roles":                                 a.createRole,
		"GET /api/v2/roles/{id}":                             a.getRole,
		"DELETE /api/v2/roles/{id}":                          a.removeRole,
		"GET /api/v2/roles/{id}/users":                       a.roleUsers,
		"POST /api/v2/roles/{id}/users":                      a.addRoleUser,
		"DELETE /api/v2/roles/{id}/users":                    a.removeRoleUser,
		"GET /api/v2/team":                                   a.listTeams,
		"POST /api/v2/team":                                  a.createTeam,
		"GET /api/v2/team/{id}":                              a.getTeam,
		"PATCH /api/v2/team/{id}":                            a.patchTeam,
		"DELETE /api/v2/team/{id}":                           a.deleteTeam,
		"GET /api/v2/team/{id}/memberships":                  a.listMemberships,
		"POST /api/v2/team/{id}/memberships":                 a.addMembership,
		"PATCH /api/v2/team/{id}/memberships/{user}":         a.patchMembership,
		"DELETE /api/v2/team/{id}/memberships/{user}":        a.removeMembership,
		"GET /api/v2/audit/events":                           a.listAudit,
		"POST /api/v2/audit/events/search":                   a.searchAudit,
		"GET /api/v2/saml_configurations":                    a.samlConfigurations,
		"GET /api/v2/saml_configurations/{saml_config_uuid}": a.samlConfiguration,
	} {
		mux.Handle(pattern, a.serve(f))
	}
	mux.HandleFunc("GET /api/v2/validate_keys", a.validateKeys)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if err := a.authorize(keyOf(r)); errors.Is(err, ErrUnauthorized) {
			writeError(w, refuse(http.StatusUnauthorized, "Unauthorized"))
			return
		}
		writeError(w, refuse(http.StatusNotFound, "Not found"))
	})
	return mux
}

// request is what an endpoint is asked.
type request struct {
	*http.Request
	body []byte
}

// endpoint answers a request inside a transaction: a status and a body, nil
// for none.
type endpoint func(tx store.Tx, r *request) (status int, body any, err error)

func (a *api) serve(f endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.authorize(keyOf(r)); err != nil {
			writeError(w, err)
			return
		}
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			writeError(w, refuse(http.StatusRequestEntityTooLarge, "Request body too large"))
			return
		}
		var status int
		var body any
		act := func(tx store.Tx) (err error) {
			status, body, err = f(tx, &request{r, text})
			return err
		}
		if r.Method == http.MethodGet {
			err = a.store.View(r.Context(), act)
		} else {
			err = a.store.Update(r.Context(), act)
		}
		if err != nil {
			writeError(w, err)
			return
		}
		writeJSON(w, status, body)
	})
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
func (a *api) validateKeys(w http.ResponseWriter, r *http.Request) {
	if err := a.authorize(keyOf(r)); err != nil && !errors.Is(err, ErrForbidden) {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"})
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
