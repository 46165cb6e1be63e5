// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"net/http"
	"sync"
	"time"
)

const (
	skew   = 30 * time.Second // how far the two clocks may differ where the product does not tell the time
	margin = 3 * time.Second  // how far what it tells may be off: whole seconds, and the way there and back
)

// clock knows how far the product's clock is ahead of this machine's, from the
// Date of its answers (RFC 9110 §6.6.1). The zero value knows nothing.
type clock struct {
	mu    sync.Mutex
	known bool
	ahead time.Duration
}

// heard learns from the header of an answer that came just now.
func (c *clock) heard(h http.Header, now time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.ahead = true, date.Sub(now)
}

// there gives a moment of this machine in the time of the product, early rather
// than late.
func (c *clock) there(moment time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return moment.Add(-skew)
	}
	return moment.Add(c.ahead - margin)
}
