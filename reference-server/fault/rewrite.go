// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
)

// object is a JSON object taken apart to be broken.
type object = map[string]any

// wrapper is the shape of Fault.Wrap.
type wrapper = func(http.Handler) http.Handler

// when says which requests a wrapper touches.
type when func(*http.Request) bool

// pathOf is the path of a request as one without tenants has it: a tenant's
// addresses stand below "/t/acme".
func pathOf(r *http.Request) string {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/t/"); ok {
		if _, below, ok := strings.Cut(rest, "/"); ok {
			return "/" + below
		}
	}
	return r.URL.Path
}

// endpoint splits the path below either SCIM address of the reference server:
// "/scim/v2/Users/1" gives "Users" and "1". It gives "" and "" for other paths.
func endpoint(r *http.Request) (name, id string) {
	for _, base := range []string{"/scim/v2/", "/api/v2/scim/"} {
		if rest, ok := strings.CutPrefix(pathOf(r), base); ok {
			name, id, _ = strings.Cut(rest, "/")
			return name, id
		}
	}
	return "", ""
}

// on touches requests to an endpoint ("Users"; "" for any SCIM endpoint) with
// one of the methods (none: any).
func on(name string, methods ...string) when {
	return func(r *http.Request) bool {
		e, _ := endpoint(r)
		return e != "" && (name == "" || e == name) && (len(methods) == 0 || slices.Contains(methods, r.Method))
	}
}

// one touches requests to a single resource, all those to a collection.
func one(name string, methods ...string) when { return both(on(name, methods...), hasID(true)) }
func all(name string, methods ...string) when { return both(on(name, methods...), hasID(false)) }

func hasID(want bool) when {
	return func(r *http.Request) bool { _, id := endpoint(r); return (id != "") == want }
}

// shown touches reads of the product API whose path begins so.
func shown(prefix string) when {
	return func(r *http.Request) bool {
		return r.Method == http.MethodGet && strings.HasPrefix(pathOf(r), prefix) && !strings.HasPrefix(pathOf(r), "/api/v2/scim")
	}
}

// both is true when every condition is.
func both(conditions ...when) when {
	return func(r *http.Request) bool {
		return !slices.ContainsFunc(conditions, func(w when) bool { return !w(r) })
	}
}

// filtering touches queries whose filter contains part, in any letter case.
func filtering(part string) when {
	return func(r *http.Request) bool {
		return strings.Contains(strings.ToLower(r.URL.Query().Get("filter")), strings.ToLower(part))
	}
}

// asking touches queries that carry the parameter.
func asking(parameter string) when {
	return func(r *http.Request) bool { return r.URL.Query().Has(parameter) }
}

// instead answers in place of the wrapped handler.
func instead(w when, answer http.HandlerFunc) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w(r) {
				answer(rw, r)
				return
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// replying changes the recorded reply of the wrapped handler.
func replying(w when, change func(*http.Request, *httptest.ResponseRecorder)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			rec := record(next, r)
			change(r, rec)
			send(rw, rec)
		})
	}
}

// record runs a handler and keeps its reply.
func record(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// send writes a kept reply.
func send(rw http.ResponseWriter, rec *httptest.ResponseRecorder) {
	maps.Copy(rw.Header(), rec.Header())
	if rw.Header().Get("Content-Length") != "" {
		rw.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
	}
	rw.WriteHeader(rec.Code)
	_, _ = rw.Write(rec.Body.Bytes())
}

// editing changes the JSON object of replies whose status is below 300.
func editing(w when, edit func(object)) wrapper {
	return replying(w, func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code < 300 {
			editBody(rec, edit)
		}
	})
}

// editingErrors changes the JSON object of replies whose status is 400 or more.
func editingErrors(w when, edit func(object)) wrapper {
	return replying(w, func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code >= 400 {
			editBody(rec, edit)
		}
	})
}

// editingResources changes each resource in a reply: the object itself, or the
// Resources of a list.
func editingResources(w when, edit func(object)) wrapper {
	return editing(w, func(o object) { eachResource(o, edit) })
}

func eachResource(o object, edit func(object)) {
	list, ok := o["Resources"].([]any)
	if !ok {
		edit(o)
		return
	}
	for _, r := range list {
		if r, ok := r.(object); ok {
			edit(r)
		}
	}
}

func editBody(rec *httptest.ResponseRecorder, edit func(object)) {
	var o object
	if rec.Body.Len() == 0 || decode(rec.Body.Bytes(), &o) != nil {
		return
	}
	edit(o)
	rec.Body = bytes.NewBuffer(encode(o))
}

// answering turns one status into another, keeping the body.
func answering(w when, from, to int) wrapper {
	return replying(w, func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code == from {
			rec.Code = to
		}
	})
}

// asked changes a request before the wrapped handler sees it.
func asked(w when, change func(*http.Request)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w(r) {
				r = r.Clone(r.Context())
				change(r)
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// queried changes the query of a request before the wrapped handler sees it.
func queried(w when, change func(url.Values)) wrapper {
	return asked(w, func(r *http.Request) {
		q := r.URL.Query()
		change(q)
		r.URL.RawQuery = q.Encode()
	})
}

// received changes the JSON body of a request before the wrapped handler sees it.
func received(w when, edit func(object)) wrapper {
	return asked(w, func(r *http.Request) { editRequest(r, edit) })
}

func editRequest(r *http.Request, edit func(object)) {
	var o object
	if b := body(r); decode(b, &o) == nil {
		edit(o)
		setBody(r, encode(o))
	}
}

// operated changes the operations of a PATCH before the wrapped handler sees them.
func operated(w when, edit func([]object) []object) wrapper {
	return received(both(w, func(r *http.Request) bool { return r.Method == http.MethodPatch }), func(o object) {
		if ops := operations(o); ops != nil {
			o["Operations"] = edit(ops)
		}
	})
}

// refusing answers 400 with a SCIM error when the body of a write satisfies bad.
func refusing(w when, scimType, detail string, bad func(object) bool) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w(r) {
				var o object
				if decode(body(r), &o) == nil && bad(o) {
					refuse(rw, http.StatusBadRequest, scimType, detail)
					return
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// refuse writes a well-formed SCIM error, RFC 7644 §3.12.
func refuse(rw http.ResponseWriter, status int, scimType, detail string) {
	e := object{"schemas": []string{scim.ErrorURN}, "status": strconv.Itoa(status), "detail": detail}
	if scimType != "" {
		e["scimType"] = scimType
	}
	writeJSON(rw, status, e)
}

func writeJSON(rw http.ResponseWriter, status int, o any) {
	rw.Header().Set("Content-Type", scim.MediaType)
	rw.WriteHeader(status)
	_, _ = rw.Write(encode(o))
}

// operations returns the PATCH operations of a message, or nil.
func operations(o object) []object {
	list, _ := o["Operations"].([]any)
	var ops []object
	for _, op := range list {
		if op, ok := op.(object); ok {
			ops = append(ops, op)
		}
	}
	return ops
}

// word returns a member of an object as lower-case text, "" if it is no text.
func word(o object, name string) string {
	s, _ := o[name].(string)
	return strings.ToLower(s)
}

// body reads the body of a request and puts it back.
func body(r *http.Request) []byte {
	b, _ := io.ReadAll(r.Body)
	setBody(r, b)
	return b
}

func setBody(r *http.Request, b []byte) {
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
}

func decode(b []byte, o any) error {
	return json.Unmarshal(b, o, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func encode(o any) []byte {
	b, err := json.Marshal(o, json.Deterministic(true))
	if err != nil {
		panic("fault: a value made of JSON does not marshal: " + err.Error()) // a programmer's mistake
	}
	return b
}
