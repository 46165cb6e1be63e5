// SPDX-License-Identifier: Apache-2.0

package hostile

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"
)

// What a run may end with.
func away() []int   { return []int{3} }          // no provider answers, or it is none
func judged() []int { return []int{0, 1, 3, 4} } // a report, whatever it says; 3 where Open was refused

// Nasty is text that moves cursors, ends tables, is a script or a formula.
const Nasty = "\x1b[2J\u202e<script>alert(1)</script>]]>=cmd|' /C calc'!A0 ::set-output name=x::y | `@all` \x00"

// Kinds is the table.
func Kinds() []Kind {
	return slices.Concat(connections(), framing(), content(), identity(), lying(), redirects(), throttling(), discovery())
}

func connections() []Kind {
	return []Kind{
		{Name: "close-before-status", Conn: func(net.Conn) {}, Exit: away()},
		{Name: "reset-in-body", Conn: func(c net.Conn) { read(c); _, _ = io.WriteString(c, sized(100)+"{"); _ = c.(*net.TCPConn).SetLinger(0) }, Exit: away()},
		{Name: "silence-before-headers", Conn: hang(""), Exit: away()},
		{Name: "silence-in-body", Conn: hang(sized(100) + "{"), Exit: away()},
		{Name: "byte-a-second", Conn: flood(sized(1000), " ", time.Second), Exit: away()},
		{Name: "endless-headers", Conn: flood(ok, "X-More: yes\r\n", 0), Exit: away()},
		{Name: "endless-body", Conn: flood(ok+"\r\n", strings.Repeat("x", 1<<16), 0), Exit: away()},
		{Name: "endless-1xx", Conn: flood("", "HTTP/1.1 102 Processing\r\n\r\n", 0), Exit: away()},
		{Name: "garbage", Conn: bytesOf("SSH-2.0-OpenSSH_9.9\r\n\x00\xff\xfe"), Exit: away()},
		{Name: "http2-goaway", Conn: bytesOf("\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), Exit: away()},
		{Name: "reply-to-the-request-before", Wrap: raw(later, func(c net.Conn) { _, _ = io.WriteString(c, sized(2)+"{}"+sized(12)+`{"id":"old"}`) }), Exit: judged()},
		{Name: "silence-after-opening", Wrap: raw(later, hang("")), Exit: judged()},
		{Name: "self-signed", TLS: func(s *httptest.Server) { s.StartTLS() }, Exit: away()},
		{Name: "tls-1.0-only", TLS: func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10} //nolint:gosec // it means ill
			s.StartTLS()
		}, Exit: away()},
	}
}

// read reads the head of a request, so that an answer does not come too early.
func read(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }

func framing() []Kind {
	return []Kind{
		{Name: "length-too-long", Wrap: raw(later, bytesOf(sized(1000)+`{"id":"1"}`)), Exit: judged()},
		{Name: "length-too-short", Wrap: raw(later, bytesOf(sized(3)+`{"id":"1"}`)), Exit: judged()},
		{Name: "bad-chunk", Wrap: raw(later, bytesOf(ok+"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")), Exit: judged()},
		{Name: "endless-chunks", Wrap: raw(later, flood(ok+"Transfer-Encoding: chunked\r\n\r\n", "10000\r\n"+strings.Repeat(" ", 1<<16)+"\r\n", 0)), Exit: judged()},
		{Name: "ten-gibibytes", Wrap: on(later, func(_ *Provider, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(10<<30))
			page := bytes.Repeat([]byte(" "), 1<<16)
			for sent := 0; sent < 10<<30; sent += len(page) {
				if _, err := w.Write(page); err != nil {
					return
				}
			}
		}), Exit: judged()},
		{Name: "gzip-bomb", Wrap: say(later, 200, bomb(1<<30), "Content-Encoding", "gzip"), Exit: judged()},
		{Name: "gzip-truncated", Wrap: say(later, 200, bomb(1 << 20)[:100], "Content-Encoding", "gzip"), Exit: judged()},
		{Name: "wrong-content-encoding", Wrap: head(later, "Content-Encoding", "gzip"), Exit: judged()},
		{Name: "unknown-content-encoding", Wrap: head(later, "Content-Encoding", "br"), Exit: judged()},
		{Name: "body-on-204", Wrap: raw(writes, bytesOf("HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n{\"id\":\"old\"}")), Exit: judged()},
		{Name: "status-999", Wrap: raw(later, bytesOf("HTTP/1.1 999 What\r\nContent-Length: 2\r\n\r\n{}")), Exit: judged()},
		{Name: "status-000", Wrap: raw(later, bytesOf("HTTP/1.1 000 \r\nContent-Length: 2\r\n\r\n{}")), Exit: judged()},
		{Name: "status-299", Wrap: say(writes, 299, `{"id":"1"}`), Exit: judged()},
		{Name: "header-of-10-MiB", Wrap: head(later, "X-Large", strings.Repeat("x", 10<<20)), Exit: judged()},
		{Name: "invalid-header-bytes", Wrap: raw(later, bytesOf(ok+"X-\x01: \x00\x7f\r\n\r\n{}")), Exit: judged()},
	}
}

// bomb compresses n blanks.
func bomb(n int) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	page := bytes.Repeat([]byte(" "), 1<<20)
	for ; n > 0; n -= len(page) {
		_, _ = w.Write(page)
	}
	_ = w.Close()
	return b.String()
}

func content() []Kind {
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	var keys strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&keys, `"k%d":1,`, i)
	}
	many := `{` + keys.String() + `"id":"1"}`
	utf16 := "\xff\xfe{\x00}\x00"
	return []Kind{
		{Name: "html-500", Wrap: say(later, 500, "<html><script>alert(1)</script>", "Content-Type", "text/html"), Exit: judged()},
		{Name: "html-200", Wrap: say(all, 200, "<!DOCTYPE html><title>Sign in</title>"), Exit: away()},
		{Name: "empty-200", Wrap: say(later, 200, ""), Exit: judged()},
		{Name: "text-html-around-json", Wrap: head(later, "Content-Type", "text/html"), Exit: judged()},
		{Name: "no-content-type", Wrap: head(later, "Content-Type"), Exit: judged()},
		{Name: "utf-16", Wrap: say(later, 200, utf16), Exit: judged()},
		{Name: "byte-order-mark", Wrap: replace(later, func(b []byte) []byte { return append([]byte("\ufeff"), b...) }), Exit: judged()},
		{Name: "invalid-utf-8", Wrap: member(later, "displayName", "\xff\xfe"), Exit: judged()},
		{Name: "truncated-json", Wrap: replace(later, func(b []byte) []byte { return b[:len(b)/2] }), Exit: judged()},
		{Name: "deep-nesting", Wrap: say(later, 201, deep), Exit: judged()},
		{Name: "deep-objects", Wrap: say(later, 201, `{"id":"1","a":`+deep+`}`), Exit: judged()},
		{Name: "duplicate-keys", Wrap: replace(later, func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte(`{"id":"x","ID":"y","id":"z",`), 1) }), Exit: judged()},
		{Name: "huge-numbers", Wrap: say(later, 200, `{"id":1e999,"totalResults":123456789012345678901234567890}`), Exit: judged()},
		{Name: "not-a-number", Wrap: say(later, 200, `{"id":"1","totalResults":NaN}`), Exit: judged()},
		{Name: "array-for-object", Wrap: replace(later, func(b []byte) []byte { return slices.Concat([]byte("["), b, []byte("]")) }), Exit: judged()},
		{Name: "members-of-other-types", Wrap: change(later, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
			edit(r, func(m map[string]any) {
				for name, v := range m {
					if _, isText := v.(string); isText && name != "id" {
						m[name] = []any{v}
					} else if name != "id" {
						m[name] = "text"
					}
				}
			})
		}), Exit: judged()},
		{Name: "many-keys", Wrap: say(later, 201, many), Exit: judged()},
		{Name: "odd-errors", Wrap: say(writes, 400, `{"schemas":5,"status":400.5,"scimType":{"a":[]},"detail":["x",{}]}`), Exit: judged()},
		{Name: "detail-of-5-MB", Wrap: say(writes, 400, `{"status":"400","detail":"`+strings.Repeat("x", 5_000_000)+`"}`), Exit: judged()},
		{Name: "nasty-text", Wrap: change(later, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
			edit(r, func(m map[string]any) {
				for name := range m {
					if name != "id" && name != "schemas" {
						m[name] = Nasty
					}
				}
			})
		}), Exit: judged()},
		{Name: "nasty-errors", Wrap: say(writes, 400, string(quoted(map[string]any{"status": Nasty, "scimType": Nasty, "detail": Nasty}))), Exit: judged()},
		{Name: "nasty-id", Wrap: member(posts, "id", Nasty), Exit: judged()},
		{Name: "echoes-the-token", Wrap: echo(func(s string) string { return s }), Exit: judged()},
		{Name: "echoes-the-token-in-base64", Wrap: echo(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }), Exit: judged()},
		{Name: "echoes-the-token-within-base64", Wrap: echo(func(s string) string { return base64.StdEncoding.EncodeToString([]byte("Bearer " + s + " and more")) }), Exit: judged()},
		{Name: "echoes-the-token-url-encoded", Wrap: echo(func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }), Exit: judged()},
		{Name: "echoes-the-token-as-escapes", Wrap: echo(func(s string) string {
			var b strings.Builder
			for _, c := range s {
				fmt.Fprintf(&b, `\u%04x`, c)
			}
			return b.String()
		}), Exit: judged()},
		{Name: "echoes-the-token-in-two-parts", Wrap: echo(func(s string) string { return s[:len(s)/2] + `","rest":"` + s[len(s)/2:] }), Exit: judged()},
	}
}

func quoted(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("hostile: " + err.Error()) // a defect of the table
	}
	return b
}

// echo shows the token in body, header and Location of the answers to writes.
func echo(spell func(string) string) wrap {
	return on(writes, func(p *Provider, w http.ResponseWriter, _ *http.Request) {
		spelt := spell(p.token.Reveal())
		if !strings.ContainsAny(spelt, `"\`) {
			w.Header().Set("X-Echo", "you sent "+spelt)
			w.Header().Set("Location", "https://provider.example/scim/v2/Users/"+spelt)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"`+spelt+`","detail":"Authorization: Bearer `+spelt+`"}`)
	})
}
