// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"net/http"
	"strconv"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
)

// What Okta's page on rate limits says (concepts/scim, 2026-03-18).
const (
	attempts    = 10
	defaultWait = 5 * time.Minute
	longest     = mostSeconds * time.Second // a wait; more than anybody means
	mostSeconds = 10 * 365 * 24 * 3600
)

// Policy gives what [cycle.Sender.Retry] has to be. A 429 with an integer
// Retry-After is waited for exactly; without one (a date, a fraction, nothing)
// Okta waits five minutes, and twice the last wait each time after that. After
// ten attempts the failure is permanent. Nothing else is sent again, unless a
// switch says that 5xx and silence are treated as a 429 without Retry-After.
func Policy(s Switches) cycle.Retry {
	return func(attempt int, last time.Duration, x *flow.Exchange) (time.Duration, bool) {
		limited := x.Status == http.StatusTooManyRequests
		unsure := s.RetryServerErrors && (x.Status == 0 || x.Status >= http.StatusInternalServerError && x.Status != http.StatusNotImplemented)
		if !limited && !unsure || attempt >= attempts {
			return 0, false
		}
		if wait, ok := retryAfter(x.Response.Header); ok && limited {
			return wait, true
		}
		if last > 0 {
			return min(2*last, longest), true
		}
		return defaultWait, true
	}
}

// retryAfter reads a Retry-After that is an integer and nothing else.
func retryAfter(h http.Header) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 32)
	return time.Duration(seconds) * time.Second, err == nil && seconds <= mostSeconds
}
