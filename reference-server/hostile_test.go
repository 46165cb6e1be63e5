// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// listen serves on loopback with the limits of HTTPServer, but for a shorter
// time to send headers in.
func listen(t *testing.T, s *refserver.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := s.HTTPServer("")
	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 30*time.Second {
		t.Errorf("got header timeout %v and read timeout %v, want 5 s and 30 s", server.ReadHeaderTimeout, server.ReadTimeout)
	}
	server.ReadHeaderTimeout = 500 * time.Millisecond
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// TestHostileRequests sends what a server must refuse, over a real connection.
// A refusal is never 2xx and never 5xx but 501, comes within time, is an Error,
// and changes nothing.
func TestHostileRequests(t *testing.T) {
	c := tokens(t)
	address := listen(t, c.Server)
	u := c.user("u", `,"emails":[{"value":"u@x.example","type":"work"}]`)
	c.user("v")
	g := c.group("G", u.id())
	h := c.group("H", g.id())
	theirs := c.want(c.do("POST", neutral+"/Users", userBody("theirs"), as(acme)), 201)
	before := c.do("GET", neutral, "").Body.String()
	uid, gid := "/Users/"+u.id(), "/Groups/"+g.id()
	deep := strings.Repeat
	q := url.QueryEscape
	search := func(more string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],` + more + `}`
	}
	op := patchBody
	var (
		syntax = "invalidSyntax"
		value  = "invalidValue"
		filter = "invalidFilter"
		path   = "invalidPath"
		none   = ""
	)
	for _, tt := range []struct {
		row, method, path, body, header string
		status                          []int
		types                           []string
	}{
		{"1 empty body", "POST", "/Users", "", "", []int{400}, []string{syntax}},
		{"2 half a body", "POST", "/Users", "{", "", []int{400}, []string{syntax}},
		{"3 array", "POST", "/Users", "[]", "", []int{400}, []string{syntax}},
		{"3 null", "POST", "/Users", "null", "", []int{400}, []string{syntax}},
		{"4 more bytes", "POST", "/Users", userBody("x") + "{}", "", []int{400}, []string{syntax}},
		{"5 key twice", "POST", "/Users", userBody("x", `,"userName":"y"`), "", []int{400}, []string{syntax}},
		{"6 key in two cases", "POST", "/Users", userBody("x", `,"USERNAME":"y"`), "", []int{400}, []string{syntax}},
		{"7 invalid UTF-8", "POST", "/Users", strings.Replace(userBody("?"), "?", "\xff", 1), "", []int{400}, []string{syntax}},
		{"8 lone surrogate", "POST", "/Users", strings.Replace(userBody("?"), "?", `\ud800`, 1), "", []int{400}, []string{syntax, value}},
		{"9 NUL", "POST", "/Users", strings.Replace(userBody("?"), "?", `a\u0000b`, 1), "", []int{400}, []string{value}},
		{"10 CR LF", "POST", "/Users", strings.Replace(userBody("?"), "?", `a\r\nb`, 1), "", []int{400}, []string{value}},
		{"11 nested", "POST", "/Users", `{"a":` + deep("[", 10_000) + deep("]", 10_000) + "}", "", []int{400}, []string{syntax}},
		{"12 large", "POST", "/Users", userBody(deep("x", 4<<20)), "", []int{413}, []string{none}},
		{"15 binary", "POST", "/Users", userBody("x", `,"x509Certificates":[{"value":"***"}]`), "", []int{400}, []string{value}},
		{"16 no userName", "POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, "", []int{400}, []string{value}},
		{"17 empty userName", "POST", "/Users", userBody(""), "", []int{400}, []string{value}},
		{"18 userName 5", "POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":5}`, "", []int{400}, []string{value, syntax}},
		{"21 emails of strings", "POST", "/Users", userBody("x", `,"emails":5`), "", []int{400}, []string{value, syntax}},
		{"23 nesting", "POST", "/Users", userBody("x", `,"name":{"givenName":{}}`), "", []int{400}, []string{value}},
		{"24 no schemas", "POST", "/Users", `{"userName":"x"}`, "", []int{400}, []string{syntax, value}},
		{"25 empty schemas", "POST", "/Users", `{"schemas":[],"userName":"x"}`, "", []int{400}, []string{syntax, value}},
		{"27 extension only", "POST", "/Users", `{"schemas":["` + enterpriseURN + `"],"userName":"x"}`, "", []int{400}, []string{syntax, value}},
		{"28 group to users", "POST", "/Users", groupBody("x"), "", []int{400}, []string{syntax, value}},
		{"29 same userName", "POST", "/Users", userBody("u"), "", []int{409}, []string{"uniqueness"}},
		{"30 in another case", "POST", "/Users", userBody("U"), "", []int{409}, []string{"uniqueness"}},
		{"32 XML", "POST", "/Users", userBody("x"), "Content-Type: text/xml", []int{415}, []string{none}},
		{"33 UTF-16", "POST", "/Users", "\xff\xfe{\x00}\x00", "", []int{400, 415}, []string{syntax}},
		{"34 POST on a resource", "POST", uid, userBody("x"), "", []int{405, 404}, []string{none}},
		{"35 DELETE on the collection", "DELETE", "/Users", "", "", []int{405, 404, 501}, []string{none}},
		{"36 PUT on schemas", "PUT", "/Schemas", "{}", "", []int{405}, []string{none}},
		{"37 unknown", "GET", "/Users/unknown", "", "", []int{404}, []string{none}},
		{"38 dots", "GET", "/Users/..%2f..%2fetc%2fpasswd", "", "", []int{404, 400}, []string{none}},
		{"38 NUL in the path", "GET", "/Users/%00", "", "", []int{404, 400}, []string{none}},
		{"38 bytes in the path", "GET", "/Users/%ff", "", "", []int{404, 400}, []string{none}},
		{"39 userName as id", "GET", "/Users/u", "", "", []int{404}, []string{none}},
		{"40 PUT unknown", "PUT", "/Users/unknown", userBody("x"), "", []int{404}, []string{none}},
		{"41 PUT without userName", "PUT", uid, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, "", []int{400}, []string{value}},
		{"42 PUT another's userName", "PUT", uid, userBody("v"), "", []int{409}, []string{"uniqueness"}},
		{"44 stale If-Match", "PUT", uid, userBody("u"), `If-Match: W/"99"`, []int{412}, []string{none}},
		{"45 malformed If-Match", "PUT", uid, userBody("u"), `If-Match: W/"`, []int{412, 400}, []string{none, syntax}},
		{"46 PATCH without schemas", "PATCH", uid, `{"Operations":[{"op":"remove","path":"title"}]}`, "", []int{400}, []string{syntax}},
		{"47 no Operations", "PATCH", uid, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`, "", []int{400}, []string{syntax}},
		{"47 empty Operations", "PATCH", uid, op(``), "", []int{400}, []string{syntax}},
		{"48 unknown op", "PATCH", uid, op(`{"op":"move","path":"title"}`), "", []int{400}, []string{syntax, value}},
		{"48 op 5", "PATCH", uid, op(`{"op":5,"path":"title"}`), "", []int{400}, []string{syntax, value}},
		{"49 op twice", "PATCH", uid, op(`{"op":"add","op":"remove","path":"title"}`), "", []int{400}, []string{syntax}},
		{"50 remove nothing", "PATCH", uid, op(`{"op":"remove"}`), "", []int{400}, []string{"noTarget"}},
		{"51 open bracket", "PATCH", uid, op(`{"op":"add","path":"emails[","value":"x"}`), "", []int{400}, []string{path, filter}},
		{"51 leading dot", "PATCH", uid, op(`{"op":"add","path":".value","value":"x"}`), "", []int{400}, []string{path}},
		{"51 two dots", "PATCH", uid, op(`{"op":"add","path":"a..b","value":"x"}`), "", []int{400}, []string{path}},
		{"51 empty brackets", "PATCH", uid, op(`{"op":"add","path":"emails[]","value":"x"}`), "", []int{400}, []string{path, filter}},
		{"52 JSON pointer", "PATCH", uid, op(`{"op":"replace","path":"/emails/0/value","value":"x"}`), "", []int{400}, []string{path}},
		{"53 unknown path", "PATCH", uid, op(`{"op":"add","path":"nosuch","value":"x"}`), "", []int{400}, []string{path, "noTarget"}},
		{"54 unknown URN", "PATCH", uid, op(`{"op":"add","path":"urn:unknown:User:x","value":"x"}`), "", []int{400}, []string{path, "noTarget"}},
		{"55 path in a path", "PATCH", uid, op(`{"op":"remove","path":"emails[type eq \"work\" and emails[value pr]]"}`), "", []int{400}, []string{path, filter}},
		{"56 path 5", "PATCH", uid, op(`{"op":"remove","path":5}`), "", []int{400}, []string{path, "noTarget", syntax}},
		{"57 id", "PATCH", uid, op(`{"op":"replace","path":"id","value":"x"}`), "", []int{400}, []string{"mutability"}},
		{"57 meta.created", "PATCH", uid, op(`{"op":"replace","path":"meta.created","value":"2026-01-01T00:00:00Z"}`), "", []int{400}, []string{"mutability"}},
		{"57 schemas", "PATCH", uid, op(`{"op":"replace","path":"schemas","value":[]}`), "", []int{400}, []string{value, "mutability"}},
		{"58 remove userName", "PATCH", uid, op(`{"op":"remove","path":"userName"}`), "", []int{400}, []string{"mutability", value}},
		{"59 no match", "PATCH", uid, op(`{"op":"replace","path":"emails[type eq \"nosuch\"].value","value":"x"}`), "", []int{400}, []string{"noTarget"}},
		{"60 active maybe", "PATCH", uid, op(`{"op":"replace","path":"active","value":"maybe"}`), "", []int{400}, []string{value}},
		{"60 emails 5", "PATCH", uid, op(`{"op":"add","path":"emails","value":5}`), "", []int{400}, []string{value}},
		{"61 add nothing", "PATCH", uid, op(`{"op":"add","path":"title"}`), "", []int{400}, []string{value, syntax}},
		{"62 another's userName", "PATCH", uid, op(`{"op":"replace","path":"userName","value":"V"}`), "", []int{409}, []string{"uniqueness"}},
		{"63 good, then bad", "PATCH", uid, op(`{"op":"add","path":"title","value":"x"},{"op":"remove"}`), "", []int{400}, []string{"noTarget"}},
		{"64 operations", "PATCH", uid, op(deep(`{"op":"remove","path":"t"},`, 30_000) + `{"op":"remove","path":"t"}`), "", []int{413, 400}, []string{none, value}},
		{"65 nested path", "PATCH", uid, op(`{"op":"remove","path":"emails[` + deep("(", 10_000) + `value pr` + deep(")", 10_000) + `]"}`), "", []int{400}, []string{path, filter}},
		{"66 member's value", "PATCH", gid, op(`{"op":"replace","path":"members[value eq \"` + u.id() + `\"].value","value":"x"}`), "", []int{400}, []string{"mutability"}},
		{"67 unknown member", "PATCH", gid, op(`{"op":"add","path":"members","value":[{"value":"nosuch"}]}`), "", []int{400}, []string{value}},
		{"68 own member", "PATCH", gid, op(`{"op":"add","path":"members","value":[{"value":"` + g.id() + `"}]}`), "", []int{400}, []string{value}},
		{"68 circle", "PATCH", gid, op(`{"op":"add","path":"members","value":[{"value":"` + h.id() + `"}]}`), "", []int{400}, []string{value}},
		{"69 empty filter", "GET", "/Users?filter=", "", "", []int{400}, []string{filter}},
		{"69 blank filter", "GET", "/Users?filter=%20", "", "", []int{400}, []string{filter}},
		{"70 no value", "GET", "/Users?filter=" + q(`userName eq`), "", "", []int{400}, []string{filter}},
		{"70 no attribute", "GET", "/Users?filter=" + q(`eq "x"`), "", "", []int{400}, []string{filter}},
		{"71 single quotes", "GET", "/Users?filter=" + q(`userName eq 'x'`), "", "", []int{400}, []string{filter}},
		{"71 brackets", "GET", "/Users?filter=" + q(`(userName eq "x"`), "", "", []int{400}, []string{filter}},
		{"72 operator", "GET", "/Users?filter=" + q(`userName like "x"`), "", "", []int{400}, []string{filter}},
		{"73 order of booleans", "GET", "/Users?filter=" + q(`active gt true`), "", "", []int{400}, []string{filter}},
		{"73 order of bytes", "GET", "/Users?filter=" + q(`x509Certificates.value lt "AA=="`), "", "", []int{400}, []string{filter}},
		{"74 nested not", "POST", "/Users/.search", search(`"filter":"` + deep("not (", 10_000) + "userName pr" + deep(")", 10_000) + `"`), "", []int{400}, []string{filter}},
		{"75 many terms", "POST", "/Users/.search", search(`"filter":"` + deep("title pr or ", 20_000) + `title pr"`), "", []int{400}, []string{filter}},
		{"75 long URL", "GET", "/Users?filter=" + deep("a", 20<<10), "", "", []int{414}, []string{none}},
		{"76 complex", "GET", "/Users?filter=" + q(`name eq "x"`), "", "", []int{400}, []string{filter}},
		{"79 password", "GET", "/Users?filter=" + q(`password sw "a"`), "", "", []int{403, 400}, []string{"sensitive", filter}},
		{"80 injection", "GET", "/Users?filter=" + q(`userName eq "x" OR 1=1--`), "", "", []int{400}, []string{filter}},
		{"82 sortOrder", "GET", "/Users?sortBy=userName&sortOrder=sideways", "", "", []int{400}, []string{value}},
		{"83 count", "GET", "/Users?count=abc", "", "", []int{400}, []string{value}},
		{"83 startIndex", "GET", "/Users?startIndex=100000000000000000000", "", "", []int{400}, []string{value}},
		{"85 cursor", "GET", "/Users?cursor=garbage", "", "", []int{400}, []string{"invalidCursor"}},
		{"89 another message", "POST", "/.search", patchBody(""), "", []int{400}, []string{syntax}},
		{"89 filter as array", "POST", "/.search", search(`"filter":[]`), "", []int{400}, []string{syntax}},
		{"90 search filter", "POST", "/.search", search(`"filter":"userName"`), "", []int{400}, []string{filter}},
		{"91 filter on schemas", "GET", "/Schemas?filter=" + q(`id pr`), "", "", []int{403}, []string{none}},
		{"92 maxOperations", "POST", "/Bulk", bulkBody(deep(`{"method":"DELETE","path":"/Users/x"},`, 1000) + `{"method":"DELETE","path":"/Users/x"}`), "", []int{413}, []string{none}},
		{"93 maxPayloadSize", "POST", "/Bulk", bulkBody(post("b", "/Users", userBody(deep("x", 1<<20)))), "", []int{413}, []string{none}},
		{"94 no Operations", "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]}`, "", []int{400}, []string{syntax}},
		{"97 bulkId twice", "POST", "/Bulk", bulkBody(post("b", "/Users", userBody("x")), post("b", "/Users", userBody("y"))), "", []int{400, 409}, []string{value}},
		{"100 no token", "GET", "/Users", "", "Authorization: ", []int{401}, []string{none}},
		{"100 Bearer", "GET", "/Users", "", "Authorization: Bearer", []int{401}, []string{none}},
		{"100 null", "GET", "/Users", "", "Authorization: Bearer null", []int{401}, []string{none}},
		{"100 wrong token", "GET", "/Users", "", "Authorization: Bearer " + token + "x", []int{401}, []string{none}},
		{"100 other scheme", "GET", "/Users", "", "Authorization: Basic " + token, []int{401}, []string{none}},
		{"101 token in the query", "GET", "/Users?access_token=" + token, "", "Authorization: ", []int{401, 400}, []string{none}},
		{"103 expired token", "GET", "/Users", "", as(expired), []int{401}, []string{none}},
		{"104 read-only token", "DELETE", uid, "", as(reader), []int{403}, []string{none}},
		{"105 another tenant's", "GET", "/Users/" + theirs.id(), "", "", []int{404}, []string{none}},
		{"106 unknown without token", "GET", "/Users/unknown", "", "Authorization: ", []int{401}, []string{none}},
		{"107 other version", "GET", "/../v9/Users", "", "", []int{404, 400}, []string{none, "invalidVers"}},
		{"108 no such type", "GET", "/NoSuchType", "", "", []int{404}, []string{none}},
		{"109 Me", "GET", "/Me", "", "", []int{501, 404}, []string{none}},
		{"113 gzip", "POST", "/Users", "\x1f\x8b\x08", "Content-Encoding: gzip", []int{415}, []string{none}},
		{"114 override", "POST", uid, "", "X-HTTP-Method-Override: DELETE", []int{405}, []string{none}},
		{"116 DELETE of nothing", "DELETE", "/Users/gone", "", "", []int{404}, []string{none}},
		{"117 stale DELETE", "DELETE", uid, "", `If-Match: W/"99"`, []int{412}, []string{none}},
		{"HEAD of nothing", "HEAD", "/Users/unknown", "", "", []int{404}, nil},
	} {
		t.Run(tt.row, func(t *testing.T) {
			start := time.Now()
			status, header, body := c.send(t, address, tt.method, neutral+tt.path, tt.body, tt.header)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v, want at most 5 s", took)
			}
			if !slices.Contains(tt.status, status) {
				t.Fatalf("got %d %.300s, want %v", status, body, tt.status)
			}
			if tt.types == nil {
				if len(body) > 0 {
					t.Errorf("HEAD: got a body of %d bytes", len(body))
				}
				return
			}
			var e struct{ Status, ScimType, Detail string }
			if err := json.Unmarshal(body, &e); err != nil || e.Status != fmt.Sprint(status) || e.Detail == "" || !slices.Contains(tt.types, e.ScimType) {
				t.Errorf("got %.300s, want an Error of type %q", body, tt.types)
			}
			if (status == 401) != (header.Get("WWW-Authenticate") != "") && status != 403 {
				t.Errorf("got %d with challenge %q", status, header.Get("WWW-Authenticate"))
			}
		})
	}
	if after := c.do("GET", neutral, "").Body.String(); after != before {
		t.Errorf("refused requests changed something:\ngot  %s\nwant %s", after, before)
	}
}

// send sends a request over the network with the token, unless header has
// another.
func (c *client) send(t *testing.T, address, method, path, body, header string) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path
	r.Header.Set("Authorization", "Bearer "+token)
	if name, value, ok := strings.Cut(header, ": "); ok {
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, got
}

// What no ordinary client can send is answered with a refusal, or the
// connection is closed.
func TestHostileConnections(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	address := listen(t, c.Server)
	auth := "Host: x\r\nAuthorization: Bearer " + token + "\r\n"
	body := userBody("smuggled")
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	for _, tt := range []struct {
		row, request string
		slow         bool
		status       []int // 0: closed without a reply
	}{
		{"102 two Authorization headers", "GET " + neutral + "/Users HTTP/1.1\r\n" + auth + "Authorization: Bearer " + token + "\r\n\r\n", false, []int{400, 401}},
		{"110 length and chunks", "POST " + neutral + "/Users HTTP/1.1\r\n" + auth + length + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false, []int{400}},
		{"110 two lengths", "POST " + neutral + "/Users HTTP/1.1\r\n" + auth + length + "Content-Length: 1\r\n\r\n" + body, false, []int{400}},
		{"111 header of 1 MB", "GET " + neutral + "/Users HTTP/1.1\r\n" + auth + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", false, []int{431, 400}},
		{"111 URL of 1 MB", "GET " + neutral + "/Users?x=" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\n" + auth + "\r\n", false, []int{414, 400, 431}},
		{"112 slow headers", "GET " + neutral + "/Users HTTP/1.1\r\n" + auth + "\r\n", true, []int{408, 400, 0}},
		{"no host", "GET " + neutral + "/Users HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n\r\n", false, []int{400}},
		{"header injection", "GET " + neutral + "/Users/a%0d%0aX: HTTP/1.1\r\n" + auth + "\r\n", false, []int{400, 404}},
		{"garbage", "\x16\x03\x01\x00\x00\r\n\r\n", false, []int{400}},
	} {
		t.Run(tt.row, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
				t.Fatal(err)
			}
			go func() { // what is not read any more cannot be written
				step := len(tt.request)
				if tt.slow {
					step = 1
				}
				for chunk := range slices.Chunk([]byte(tt.request), step) {
					if _, err := io.Copy(conn, bytes.NewReader(chunk)); err != nil {
						return
					}
					if tt.slow {
						time.Sleep(100 * time.Millisecond)
					}
				}
			}()
			status := 0
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil {
				status = resp.StatusCode
				_ = resp.Body.Close()
			} else if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
				t.Fatal("no reply and no end of the connection within 5 s")
			}
			if !slices.Contains(tt.status, status) {
				t.Errorf("got %d (%v), want %v", status, err, tt.status)
			}
		})
	}
	if got := c.do("GET", neutral+"/Users", "").ids(); len(got) != 0 {
		t.Errorf("users were made: %v", got)
	}
}

// What a server need not refuse must have no effect.
func TestHarmlessRequests(t *testing.T) {
	c := open(t, profile(profiles.RFC()), func(o *refserver.Options) { o.AdminKey = flow.Secret(key) })
	other := c.user("other", `,"externalId":"1"`)
	a := c.user("alice", `,"id":"`+other.id()+`","externalId":"`+other.id()+`","meta":{"resourceType":"Group","version":"x"},"groups":[{"value":"g"}],"__proto__":{"x":1},"constructor":1,"$where":"1","isAdmin":true,"department":"top"`)
	if a.id() == other.id() || a.meta("resourceType") != "User" {
		t.Errorf("got %s, want an id and meta of the server's own", a.Body)
	}
	for _, name := range []string{"groups", "__proto__", "constructor", "$where", "isAdmin", "department"} {
		if v, there := a.body[name]; there {
			t.Errorf("%s: got %v, want it dropped", name, v)
		}
	}
	c.want(c.do("GET", neutral+"/Users/1", ""), 404)
	if got := c.do("GET", neutral+"/Users/"+other.id(), ""); got.Body.String() != other.Body.String() {
		t.Errorf("another user changed: %s", got.Body)
	}
	forwarded := c.do("GET", neutral+"/Users/"+a.id(), "", "X-Forwarded-Host: evil.example")
	if strings.Contains(forwarded.Body.String(), "evil") || strings.Contains(forwarded.Header().Get("Location"), "evil") {
		t.Errorf("got %s, want the host of the request", forwarded.Body)
	}
	for _, path := range []string{
		"/Users?count=1000000000", "/Users?attributes=" + strings.Repeat("a,", 5_000), "/Users?filter=" + url.QueryEscape(`nosuch eq "x"`),
		"/Users?filter=" + url.QueryEscape(`userName eq "x\" or \"1\" eq \"1"`),
	} {
		start := time.Now()
		if a := c.do("GET", neutral+path, ""); a.Code != 200 && a.Code != 400 && a.Code != 414 || time.Since(start) > 5*time.Second {
			t.Errorf("%.60s: got %d after %v", path, a.Code, time.Since(start))
		} else if strings.Contains(path, "filter") && len(a.ids()) > 0 {
			t.Errorf("%.60s: got %s, want no match", path, a.Body)
		}
	}
}
