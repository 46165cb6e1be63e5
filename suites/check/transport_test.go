// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// get sends one request through a transport that is made for base.
func get(t *testing.T, o check.TransportOptions, url string) error {
	t.Helper()
	transport, err := check.NewTransport(o)
	if err != nil {
		t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := transport.RoundTrip(q)
	if err == nil {
		_, _ = io.Copy(io.Discard, reply.Body)
		_ = reply.Body.Close()
	}
	transport.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	return err
}

func TestTransportGoesToItsOriginAlone(t *testing.T) {
	const base = "https://staging.example.test/scim/v2"
	for _, url := range []string{
		"https://evil.example.test/scim/v2/Users", "http://staging.example.test/scim/v2/Users", "https://staging.example.test:8443/scim/v2/Users",
	} {
		if err := get(t, check.TransportOptions{BaseURLs: []string{base}}, url); err == nil || !strings.Contains(err.Error(), "is not the target") {
			t.Errorf("%s: got %v, want it not sent", url, err)
		}
	}
}

// A name that means this machine at first, and then another (DNS rebinding), is
// asked for once.
func TestTransportKeepsToTheFirstAddresses(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }))
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	var asked atomic.Int64
	o := check.TransportOptions{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		if asked.Add(1) > 1 {
			return []netip.Addr{netip.MustParseAddr("203.0.113.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	transport, err := check.NewTransport(o)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://rebinding.test:"+port, nil)
		reply, err := transport.RoundTrip(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close()
	}
	if asked.Load() != 1 {
		t.Errorf("the name was looked up %d times, want once", asked.Load())
	}
}

func TestTransportRefusesMetadataAddresses(t *testing.T) {
	for _, address := range []string{"169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200"} {
		o := check.TransportOptions{Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(address)}, nil
		}}
		if err := get(t, o, "http://inner.test/"); err == nil || !strings.Contains(err.Error(), "nothing is sent there") {
			t.Errorf("%s: got %v, want it refused", address, err)
		}
	}
}

func TestTransportBoundsInformationalReplies(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 20 {
			w.WriteHeader(http.StatusProcessing)
		}
	}))
	t.Cleanup(srv.Close)
	if err := get(t, check.TransportOptions{}, srv.URL); err == nil || !strings.Contains(err.Error(), "more than 10 informational replies") {
		t.Errorf("got %v, want the eleventh refused", err)
	}
}

// Redirects are followed below the base URL only, and through the gate.
func TestRedirects(t *testing.T) {
	tests := []struct {
		name, location string
		status         int
		followed       bool
	}{
		{"307 on GET", base + "/Users/made-1", 307, true},
		{"a relative one", "made-1", 308, true},
		{"301 on GET", "/scim/v2/Users/made-1", 301, true},
		{"another host", "https://evil.example/scim/v2/Users/made-1", 307, false},
		{"no TLS", "http://provider.example/scim/v2/Users/made-1", 307, false},
		{"another port", "https://provider.example:8443/scim/v2/Users/made-1", 307, false},
		{"out of the API", "https://provider.example/admin", 307, false},
		{"metadata", "http://169.254.169.254/latest", 302, false},
		{"a file", "file:///etc/passwd", 302, false},
		{"none", "", 307, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			m.RegisterResponder("GET", base+"/Users/moved", func(*http.Request) (*http.Response, error) {
				r := httpmock.NewStringResponse(test.status, "")
				r.Header.Set("Location", test.location)
				return r, nil
			})
			m.RegisterResponder("GET", base+"/Users/made-1", reply(200, `{"id":"made-1"}`))
			m.RegisterNoResponder(func(q *http.Request) (*http.Response, error) {
				t.Errorf("%s %s was sent", q.Method, q.URL)
				return httpmock.NewStringResponse(200, ""), nil
			})
			r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(c *check.T) {
				c.Expect(c.List("/Users/moved")).To(match.HaveStatus(200))
			}}, open(t, target(m)))
			if (r.Outcome == check.Passed) != test.followed {
				t.Errorf("got %s %v, want followed: %v", r.Outcome, r.Findings, test.followed)
			}
		})
	}
}

// A loop of redirects ends, and one that leads a write to somebody else is not
// followed.
func TestRedirectsEndAndPassTheGate(t *testing.T) {
	m := script(t)
	moved := func(status int, to string) httpmock.Responder {
		r := httpmock.NewStringResponse(status, "")
		r.Header.Set("Location", to)
		return httpmock.ResponderFromResponse(r)
	}
	m.RegisterResponder("GET", base+"/Users/loop", moved(307, base+"/Users/loop"))
	m.RegisterResponder("PATCH", "=~^"+base+"/Users/.+", moved(307, base+"/Users/ceo"))
	p := open(t, target(m))
	r := check.Judge(context.Background(), check.Check{ID: "a.loop", Run: func(t *check.T) { t.List("/Users/loop") }}, p)
	if len(r.Exchanges) != 6 {
		t.Errorf("got %d exchanges, want the request and five hops", len(r.Exchanges))
	}
	r = check.Judge(context.Background(), check.Check{ID: "a.write", Run: func(t *check.T) {
		t.Patch(t.CreateUser(people.Alice), "[]")
	}}, p)
	if r.Outcome != check.Failed || !strings.Contains(r.Findings[0].Text, "this check did not make ceo") {
		t.Errorf("got %s %v, want the hop refused", r.Outcome, r.Findings)
	}
}
