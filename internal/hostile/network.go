// SPDX-License-Identifier: Apache-2.0

package hostile

import (
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Slow is a provider that means no ill and is far away: each request takes so
// much longer.
func Slow(by time.Duration) Kind {
	return Kind{Name: "slow", Wrap: func(_ *Provider, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			select {
			case <-time.After(by):
			case <-q.Context().Done():
			}
			next.ServeHTTP(w, q)
		})
	}}
}

// Resets is a provider whose network resets the connection of a share of the
// reads, before it answers. It counts them in n.
func Resets(share float64, n *atomic.Int64) Kind {
	cut := raw(func(*http.Request) bool { return true }, func(c net.Conn) {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // closes by RST
		}
	})
	return Kind{Name: "resets", Wrap: func(p *Provider, next http.Handler) http.Handler {
		reset := cut(p, next)
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodGet && rand.Float64() < share { //nolint:gosec // a network's whim is no secret
				n.Add(1)
				reset.ServeHTTP(w, q)
				return
			}
			next.ServeHTTP(w, q)
		})
	}}
}
