// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
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
