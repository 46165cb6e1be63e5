// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is the longest request body that is read.
const maxBody = 16 << 20

// refusal is an error as the client sees it: what was wrong and what is
// allowed.
type refusal struct {
	Status  int      `json:"-"`
	Text    string   `json:"error"`
	Allowed []string `json:"allowed,omitempty"`
}

// Error gives what was wrong.
func (e *refusal) Error() string { return e.Text }

func wrong(format string, args ...any) *refusal {
	return &refusal{Status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}
}

func (e *refusal) allowing(words ...string) *refusal {
	e.Allowed = words
	return e
}

// fail is the one place where an error becomes a reply.
func fail(rw http.ResponseWriter, err error) {
	var e *refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &e):
	case errors.As(err, &large):
		e = &refusal{Status: http.StatusRequestEntityTooLarge, Text: fmt.Sprintf("the body is larger than %d bytes", large.Limit)}
	default:
		// Who has the token owns the server, and is told what went wrong in it.
		e = &refusal{Status: http.StatusInternalServerError, Text: err.Error()}
	}
	write(rw, e.Status, e)
}

// raw is a reply that is no JSON.
type raw struct {
	mediaType string
	header    http.Header
	body      []byte
}

func reply(rw http.ResponseWriter, v any) {
	switch v := v.(type) {
	case nil:
		rw.WriteHeader(http.StatusNoContent)
	case raw:
		maps.Copy(rw.Header(), v.header)
		rw.Header().Set("Content-Type", v.mediaType)
		_, _ = rw.Write(v.body) // a client that has gone needs no answer
	default:
		write(rw, http.StatusOK, v)
	}
}

func write(rw http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written"}`)
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	rw.WriteHeader(status)
	_, _ = rw.Write(append(b, '\n')) // a client that has gone needs no answer
}

// read decodes the body of a request. Members that T does not have are errors.
func read[T any](r *http.Request) (T, error) {
	var v T
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return v, fmt.Errorf("read body: %w", err)
	}
	err = decode(b, &v)
	return v, err
}

func decode(b []byte, v any) error {
	err := json.Unmarshal(b, v, json.RejectUnknownMembers(true))
	var semantic *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &semantic):
		text := "of another type than it has to be"
		if semantic.Err != nil {
			text = semantic.Err.Error()
		}
		return wrong("body, %s: %s", cmp.Or(strings.ReplaceAll(string(semantic.JSONPointer), "/", "."), "the whole"), text)
	}
	return wrong("the body is not JSON: %v", err)
}

// span is a duration as text: "1.5s", "5m".
type span time.Duration

// MarshalText gives the form of time.Duration.
func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads the form of time.Duration.
func (s *span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no duration; write 250ms, 5s, 5m or 1h30m", b)
	}
	*s = span(d)
	return nil
}

func quoted(s string) string { return strconv.Quote(s) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
