// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// reply is what a handler answers.
type reply struct {
	status   int
	etag     string
	location string
	allow    string
	id       string // of the resource that was written
	body     []byte
}

// methodError is a 405, which names the methods that are allowed, RFC 9110
// §15.5.6.
type methodError struct{ allow string }

func (e *methodError) Error() string { return "the method is not supported here; allowed: " + e.allow }

func refusal(status int, scimType, format string, args ...any) error {
	return &engine.Error{Status: status, Type: scimType, Detail: fmt.Sprintf(format, args...)}
}

func notFound(detail string) error { return refusal(http.StatusNotFound, "", "%s", detail) }

// wireError turns any error into the one that goes on the wire, and says
// whether it was foreseen. What was not tells the client nothing.
func wireError(err error) (e *engine.Error, foreseen bool) {
	var taken *store.UniquenessError
	var method *methodError
	var large *http.MaxBytesError
	var who *challenge
	switch {
	case errors.As(err, &who):
		e = &engine.Error{Status: who.status, Detail: who.detail}
	case errors.As(err, &e):
	case errors.As(err, &taken):
		e = &engine.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: taken.Index + " is taken by another " + strings.TrimPrefix(string(taken.Kind), customKind)}
	case errors.As(err, &method):
		e = &engine.Error{Status: http.StatusMethodNotAllowed, Detail: method.Error()}
	case errors.As(err, &large):
		e = &engine.Error{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", large.Limit)}
	case errors.Is(err, store.ErrNotFound):
		e = &engine.Error{Status: http.StatusNotFound, Detail: "no such resource"}
	case errors.Is(err, store.ErrConflict):
		e = &engine.Error{Status: http.StatusConflict, Detail: "the resource is being changed by another request"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &engine.Error{Status: http.StatusServiceUnavailable, Detail: "the request was given up"}
	default:
		return &engine.Error{Status: http.StatusInternalServerError, Detail: "internal error"}, false
	}
	return e, true
}

// fail is the one place where an error becomes a reply, RFC 7644 §3.12.
func (c *call) fail(err error) {
	e, foreseen := wireError(err)
	if !foreseen {
		c.s.log.Error("request failed", "method", c.r.Method, "path", c.r.URL.Path, "error", err)
	}
	rep := &reply{status: e.Status}
	if method, ok := errors.AsType[*methodError](err); ok {
		rep.allow = method.allow
	}
	if who, ok := errors.AsType[*challenge](err); ok {
		c.rw.Header().Set("WWW-Authenticate", who.header())
	}
	rep.body = c.errorBody(e).Append(nil)
	c.send(rep)
}

// errorBody is the error in the words of the wire.
func (c *call) errorBody(e *engine.Error) *engine.Object {
	if c.wire.flatErrors {
		return engine.NewObject("errors", []any{e.Detail})
	}
	o := engine.NewObject("schemas", []any{scim.ErrorURN}, "status", strconv.Itoa(e.Status))
	if e.Type != "" {
		o.Set("scimType", e.Type)
	}
	o.Set("detail", e.Detail)
	return o
}

// send writes a reply, whose body is nobody's any more after that.
func (c *call) send(rep *reply) {
	h := header{c.rw.Header(), make([]string, 0, 4)}
	h.set("Etag", rep.etag)
	h.set("Location", rep.location)
	if rep.allow != "" {
		h.Set("Allow", rep.allow)
	}
	if rep.body != nil {
		h.set("Content-Type", c.accepted())
		h.set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	c.rw.WriteHeader(rep.status)
	if c.r.Method != http.MethodHead {
		if _, err := c.rw.Write(rep.body); err != nil {
			c.s.log.Debug("reply not written", "error", err)
		}
	}
	giveBuffer(rep.body)
}

// header is that of a reply. The values that it sets share one piece of memory.
type header struct {
	http.Header
	values []string
}

// set sets a field to a value, if there is one. The name must be in canonical
// form.
func (h *header) set(name, value string) {
	if n := len(h.values); value != "" && n < cap(h.values) {
		h.values = append(h.values, value)
		h.Header[name] = h.values[n : n+1 : n+1] // so that who adds a value takes other memory
	}
}

// accepted returns the media type of the reply: the first of the two that the
// Accept header names, or else the wire's own. A client that accepts neither is
// answered all the same (RFC 9110 §12.5.1 allows it), for it can read JSON.
func (c *call) accepted() string {
	for _, list := range c.r.Header.Values("Accept") {
		for item := range strings.SplitSeq(list, ",") {
			mediaType, parameters, _ := strings.Cut(item, ";")
			if strings.ReplaceAll(parameters, " ", "") == "q=0" {
				continue
			}
			switch mediaType = strings.ToLower(strings.TrimSpace(mediaType)); mediaType {
			case scim.MediaType, scim.MediaTypeJSON:
				return mediaType
			}
		}
	}
	return c.wire.mediaType
}

// quote appends s as a JSON string.
func quote(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // an error says that bytes that are no UTF-8 were replaced
	return dst
}
