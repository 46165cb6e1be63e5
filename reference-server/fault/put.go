// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"bytes"
	"net/http"
	"net/http/httptest"

	"github.com/scimproof/scimproof/internal/scim"
)

// putFaults break PUT, RFC 7644 §3.5.1.
func putFaults() []Fault {
	put := one("Users", http.MethodPut)
	return []Fault{
		{Name: "put-501", Breaks: "PUT is not supported.", Wrap: instead(one("", http.MethodPut), func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusNotImplemented, "", "PUT is not supported")
		})},
		{Name: "put-merges", Breaks: "PUT keeps what the body leaves out.", Wrap: merging()},
		{Name: "put-ignored", Breaks: "PUT answers as if it had changed the user, and has not.", Wrap: echoingPut()},
		{Name: "put-204", Breaks: "PUT answers 204 without the resource.", Wrap: replying(one("", http.MethodPut), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code == http.StatusOK {
				rec.Code = http.StatusNoContent
				rec.Body.Reset()
			}
		})},
		{Name: "put-creates", Breaks: "PUT of an unknown id is answered with 201.", Wrap: answering(one("", http.MethodPut), http.StatusNotFound, http.StatusCreated)},
		{Name: "put-new-id", Breaks: "A user has another id after PUT.", Wrap: editing(put, func(o object) { o["id"] = "11111111-0000-4000-8000-000000000000" })},
		{Name: "put-username-frozen", Breaks: "A new userName in PUT is ignored.", Wrap: puttingWith(func(stored, sent object) { sent["userName"] = stored["userName"] })},
		{Name: "put-required-ignored", Breaks: "PUT without userName is accepted.", Wrap: replying(put, func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code == http.StatusBadRequest && bytes.Contains(rec.Body.Bytes(), []byte("userName")) {
				rec.Code = http.StatusOK
				rec.Body = bytes.NewBufferString(`{"schemas":["` + scim.UserURN + `"],"id":"1"}`)
			}
		})},
		{Name: "put-appends", Breaks: "PUT adds to multi-valued attributes and does not replace them.", Wrap: appendingPut()},
		{Name: "put-duplicate-accepted", Breaks: "PUT may take another user's userName.", Wrap: replying(put, acceptDuplicatePut)},
	}
}

func acceptDuplicatePut(_ *http.Request, rec *httptest.ResponseRecorder) {
	if rec.Code == http.StatusConflict {
		rec.Code = http.StatusOK
		rec.Body = bytes.NewBufferString(`{"schemas":["` + scim.UserURN + `"],"id":"1"}`)
	}
}

// current reads the resource of a request through the wrapped handler.
func current(next http.Handler, r *http.Request) object {
	get := r.Clone(r.Context())
	get.Method, get.URL.RawQuery = http.MethodGet, ""
	get.Header.Del("Content-Type")
	get.Header.Del("If-Match")
	get.Header.Del("If-None-Match")
	setBody(get, nil)
	var o object
	if rec := record(next, get); rec.Code == http.StatusOK {
		_ = decode(rec.Body.Bytes(), &o)
	}
	return o
}

// puttingWith lets change see what is stored and edit what is PUT.
func puttingWith(change func(stored, sent object)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if one("Users", http.MethodPut)(r) {
				if stored := current(next, r); stored != nil {
					r = r.Clone(r.Context())
					editRequest(r, func(sent object) { change(stored, sent) })
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

func merging() wrapper {
	return puttingWith(func(stored, sent object) {
		for name, v := range stored {
			if _, said := sent[name]; !said {
				sent[name] = v
			}
		}
	})
}

func appendingPut() wrapper {
	return puttingWith(func(stored, sent object) {
		for name, v := range sent {
			if list, ok := v.([]any); ok && name != "schemas" && name != "groups" {
				old, _ := stored[name].([]any)
				sent[name] = append(old, list...)
			}
		}
	})
}

// echoingPut answers a PUT with what was sent and stores nothing.
func echoingPut() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			stored := object(nil)
			if one("Users", http.MethodPut)(r) {
				stored = current(next, r)
			}
			if stored == nil {
				next.ServeHTTP(rw, r)
				return
			}
			var sent object
			_ = decode(body(r), &sent)
			for name, v := range sent {
				if name != "id" && name != "meta" {
					stored[name] = v
				}
			}
			writeJSON(rw, http.StatusOK, stored)
		})
	}
}
