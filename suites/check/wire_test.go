// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// rawly answers each request with an empty list and tells the lines of its
// head, as they come off the wire.
func rawly(t *testing.T) (base string, heads <-chan []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	seen := make(chan []string, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var head []string
			lines := bufio.NewScanner(c)
			for lines.Scan() && lines.Text() != "" {
				head = append(head, lines.Text())
			}
			seen <- head
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\n"+`{"totalResults":0}`)
			_ = c.Close()
		}
	}()
	return "http://" + l.Addr().String(), seen
}

// TestHeadOnTheWire holds that a header named without a value is not sent,
// which the Go client adds by itself, and that others get a default.
func TestHeadOnTheWire(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		want   string
	}{
		{name: "default", want: "User-Agent: scimproof"},
		{name: "own", header: http.Header{"User-Agent": {"Okta SCIM Client 1.0.0"}}, want: "User-Agent: Okta SCIM Client 1.0.0"},
		{name: "none", header: http.Header{"User-Agent": nil, "Accept": nil}},
		{name: "none, in other letters", header: http.Header{"user-agent": nil}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base, heads := rawly(t)
			p, err := prepare(Target{BaseURL: base, Token: "a-token-of-the-test"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.do(t.Context(), flow.Request{Method: http.MethodGet, Path: "/Users", Header: test.header}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range <-heads {
				if name, _, _ := strings.Cut(line, ":"); strings.EqualFold(name, "User-Agent") {
					got = append(got, line)
				}
			}
			if strings.Join(got, "\n") != test.want {
				t.Errorf("on the wire: got %q, want %q", got, test.want)
			}
		})
	}
}

// TestReadsAreSentAgain holds that a read whose connection breaks before a
// reply is sent again, twice at most, that the result shows each try, and that
// nothing that may write is sent twice.
func TestReadsAreSentAgain(t *testing.T) {
	for _, test := range []struct {
		name    string
		broken  int64 // so many requests get no reply
		send    func(*T) *flow.Exchange
		tries   int64
		outcome Outcome
	}{
		{"none breaks", 0, func(t *T) *flow.Exchange { return t.List("/Users") }, 1, Passed},
		{"two break", 2, func(t *T) *flow.Exchange { return t.List("/Users") }, 3, Passed},
		{"all break", 9, func(t *T) *flow.Exchange { return t.List("/Users") }, 3, Failed},
		{"a write", 1, func(t *T) *flow.Exchange { return t.Post("/Users", `{"userName":"`+t.Name("alice")+`"}`) }, 1, Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if strings.Contains(q.URL.RawQuery, "filter") { // clean-up looks for what was made
					_, _ = fmt.Fprint(w, `{"totalResults":0}`)
					return
				}
				if tries.Add(1) <= test.broken {
					panic(http.ErrAbortHandler)
				}
				_, _ = fmt.Fprint(w, `{"totalResults":0}`)
			}))
			t.Cleanup(server.Close)
			p, err := prepare(Target{BaseURL: server.URL, Token: "a-token-of-the-test", RunID: "abc"})
			if err != nil {
				t.Fatal(err)
			}
			r := Judge(t.Context(), Check{ID: "a.b.c", Run: func(t *T) { test.send(t) }}, p)
			if got := tries.Load(); got != test.tries || r.Outcome != test.outcome {
				t.Errorf("got %d tries and %s, want %d and %s: %v", got, r.Outcome, test.tries, test.outcome, r.Findings)
			}
			shown := 0
			for _, x := range r.Exchanges {
				if x.Status == 0 && strings.Contains(x.Error, "sent again") {
					shown++
				}
			}
			if want := int(test.tries) - 1; shown != want {
				t.Errorf("the result shows %d tries that were sent again, want %d", shown, want)
			}
		})
	}
}
