// SPDX-License-Identifier: Apache-2.0

package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// The parts that kinds are put together of.

type wrap = func(*Provider, http.Handler) http.Handler

// Which requests are answered with ill will.
func all(*http.Request) bool      { return true }
func posts(q *http.Request) bool  { return q.Method == http.MethodPost }
func writes(q *http.Request) bool { return q.Method != http.MethodGet }
func reads(q *http.Request) bool  { return q.Method == http.MethodGet && !lists(q) && !discovers(q) }
func lists(q *http.Request) bool {
	return q.Method == http.MethodGet && (strings.HasSuffix(q.URL.Path, "/Users") || strings.HasSuffix(q.URL.Path, "/Groups"))
}
func later(q *http.Request) bool { return !discovers(q) && q.URL.RawQuery != "startIndex=1&count=2" }
func discovers(q *http.Request) bool {
	return strings.HasSuffix(q.URL.Path, "Config") || strings.Contains(q.URL.Path, "/ResourceTypes") || strings.Contains(q.URL.Path, "/Schemas")
}

// on answers some requests by f, and the others as they should be.
func on(which func(*http.Request) bool, f func(p *Provider, w http.ResponseWriter, q *http.Request)) wrap {
	return func(p *Provider, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if which(q) {
				f(p, w, q)
				return
			}
			next.ServeHTTP(w, q)
		})
	}
}

// say answers always the same; header holds pairs of name and value.
func say(which func(*http.Request) bool, status int, body string, header ...string) wrap {
	return on(which, func(_ *Provider, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// raw answers with bytes that may be no HTTP, and closes the connection.
func raw(which func(*http.Request) bool, f func(c net.Conn)) wrap {
	return on(which, func(_ *Provider, w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		f(c)
	})
}

func bytesOf(text string) func(net.Conn) { return func(c net.Conn) { _, _ = io.WriteString(c, text) } }

// hang says something and then nothing, for as long as the caller stays.
func hang(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, text)
		_, _ = io.Copy(io.Discard, c)
	}
}

// flood says something, and then something again and again without end.
func flood(head, again string, pause time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := io.WriteString(c, head); err != nil {
			return
		}
		for {
			if _, err := io.WriteString(c, again); err != nil {
				return
			}
			<-time.After(pause)
		}
	}
}

// change changes the answer of the provider that means no ill.
func change(which func(*http.Request) bool, f func(p *Provider, q *http.Request, r *httptest.ResponseRecorder)) wrap {
	return func(p *Provider, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if !which(q) {
				next.ServeHTTP(w, q)
				return
			}
			body, _ := io.ReadAll(q.Body) // what is missing is missed by the provider
			q.Body = io.NopCloser(bytes.NewReader(body))
			r := httptest.NewRecorder()
			next.ServeHTTP(r, q)
			q.Body = io.NopCloser(bytes.NewReader(body))
			f(p, q, r)
			for name, values := range r.Header() {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(r.Code)
			_, _ = w.Write(r.Body.Bytes())
		})
	}
}

// member sets a member of the JSON that is answered with a 2xx; nil removes it.
func member(which func(*http.Request) bool, name string, value any) wrap {
	return change(which, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
		edit(r, func(m map[string]any) {
			if value == nil {
				delete(m, name)
				return
			}
			m[name] = value
		})
	})
}

// edit changes a JSON object that is answered with a 2xx.
func edit(r *httptest.ResponseRecorder, f func(map[string]any)) {
	var m map[string]any
	if r.Code/100 != 2 || json.Unmarshal(r.Body.Bytes(), &m) != nil {
		return
	}
	f(m)
	b, err := json.Marshal(m)
	if err != nil {
		return
	}
	r.Body = bytes.NewBuffer(b)
}

// replace replaces text in the body of answers.
func replace(which func(*http.Request) bool, f func([]byte) []byte) wrap {
	return change(which, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
		r.Body = bytes.NewBuffer(f(r.Body.Bytes()))
	})
}

// head sets a header of answers.
func head(which func(*http.Request) bool, name string, values ...string) wrap {
	return change(which, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) { r.Header()[name] = values })
}

// status sets the status of answers.
func status(which func(*http.Request) bool, code int) wrap {
	return change(which, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) { r.Code = code })
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\n"

func sized(n int) string { return fmt.Sprintf("%sContent-Length: %d\r\n\r\n", ok, n) }
