// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"net/http"
	"strconv"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
)

// attempts is how often one request is sent at most.
const attempts = 5

// Policy gives what [cycle.Sender.Retry] has to be: a POST without an answer
// is sent once more, and a 429 is a failure like others unless the knobs say
// that Retry-After, in seconds, is honoured.
func Policy(k Knobs) cycle.Retry {
	return func(attempt int, _ time.Duration, x *flow.Exchange) (time.Duration, bool) {
		switch {
		case x.Status == 0:
			return 0, x.Method == http.MethodPost && attempt == 1 && !k.NoRepeat
		case x.Status == http.StatusTooManyRequests && k.HonourRetryAfter && attempt < attempts:
			const most = 10 * 365 * 24 * 3600 // more seconds than anybody means
			seconds, err := strconv.ParseUint(x.Response.Header.Get("Retry-After"), 10, 32)
			return time.Duration(seconds) * time.Second, err == nil && seconds <= most
		}
		return 0, false
	}
}
