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
			seconds, err := strconv.Atoi(x.Response.Header.Get("Retry-After"))
			return time.Duration(seconds) * time.Second, err == nil && seconds >= 0
		}
		return 0, false
	}
}
