// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limits on what is waited for and read of a reply, besides maxReply.
const (
	dialTime      = 10 * time.Second
	handshakeTime = 10 * time.Second
	firstByteTime = 60 * time.Second
	maxHeader     = 256 << 10
	maxEarly      = 10 // informational replies (1xx) before the final one
)

// TransportOptions say how a target is reached.
type TransportOptions struct {
	BaseURLs []string    // requests go to their origins alone; none: anywhere
	TLS      *tls.Config // nil: TLS 1.2 at least, the system's roots
	Proxy    bool        // go through the proxy that the environment names

	// Lookup gives the addresses of a host; nil: the system's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

// NewTransport gives a transport for a target that is not trusted: it sends to
// no other origin, asks for the addresses of a host once and keeps to them (so
// that a name cannot come to mean another machine during a run), goes to no
// link-local or metadata address, and bounds time, header and interim replies.
// It decompresses nothing and keeps no cookies; following redirects is for the
// caller.
func NewTransport(o TransportOptions) (http.RoundTripper, error) {
	t := &transport{lookup: o.Lookup, known: map[string][]netip.Addr{}}
	for _, raw := range o.BaseURLs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("base URL: %w", err)
		}
		t.origins = append(t.origins, origin(u))
	}
	if t.lookup == nil {
		t.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.base = &http.Transport{
		DialContext: t.dial, TLSClientConfig: o.TLS, TLSHandshakeTimeout: handshakeTime,
		ResponseHeaderTimeout: firstByteTime, MaxResponseHeaderBytes: maxHeader,
		DisableCompression: true, ForceAttemptHTTP2: true,
		MaxIdleConns: 64, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
	}
	if o.Proxy {
		t.base.Proxy = http.ProxyFromEnvironment
	}
	return t, nil
}

type transport struct {
	base    *http.Transport
	origins []string
	lookup  func(context.Context, string) ([]netip.Addr, error)

	mu    sync.Mutex
	known map[string][]netip.Addr
}

// origin gives scheme, host and port of u.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(u.Hostname(), port)
}

// RoundTrip sends q if it goes to an origin that was named.
func (t *transport) RoundTrip(q *http.Request) (*http.Response, error) {
	if len(t.origins) > 0 && !slices.Contains(t.origins, origin(q.URL)) {
		return nil, fmt.Errorf("not sent: %s is not the target", origin(q.URL))
	}
	var early atomic.Int64
	trace := &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error {
		if early.Add(1) > maxEarly {
			return fmt.Errorf("more than %d informational replies", maxEarly)
		}
		return nil
	}}
	return t.base.RoundTrip(q.WithContext(httptrace.WithClientTrace(q.Context(), trace)))
}

// CloseIdleConnections closes what is kept open for further requests.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// dial connects to an address that the host had when it was first asked for.
func (t *transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	addresses, err := t.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	var failed []error
	for _, a := range addresses {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// addresses gives those of a host that may be gone to.
func (t *transport) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.known[host]; known != nil {
		return known, nil
	}
	found := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		found = append(found, a)
	} else if found, err = t.lookup(ctx, host); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(found, internal); i >= 0 {
		return nil, fmt.Errorf("%s is at %s, which is a link-local or metadata address of the machine's own network: nothing is sent there", host, found[i])
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no address", host)
	}
	t.known[host] = found
	return found, nil
}

// internal says whether an address is one by which machines of a cloud ask for
// their own credentials, or is link-local as most of those are.
func internal(a netip.Addr) bool {
	metadata := []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200")}
	a = a.Unmap().WithZone("")
	return a.IsLinkLocalUnicast() || slices.Contains(metadata, a)
}
