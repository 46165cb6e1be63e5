// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// What is kept of replies, in bytes. A run against a provider that answers
// without end needs memory within bounds, and a report that can be opened.
const (
	maxReplies  = 32 << 20 // of one check, while it is judged
	largeBody   = 64 << 10 // of a reply, in a result
	largeBodies = 8 << 20  // of large replies, in the results of a run
	smallBody   = 4 << 10  // of each large reply after that
)

// received counts the bytes of replies, and says whether they are too many for
// one check.
func (t *T) received(x *flow.Exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += len(x.Response.Body)
	return t.bytes > maxReplies
}

// kept gives x as a result holds it.
func (p *Provider) kept(x flow.Exchange) flow.Exchange {
	n := len(x.Response.Body)
	if n <= largeBody {
		return x
	}
	keep := smallBody
	if p.large.Add(largeBody) <= largeBodies {
		keep = largeBody
	}
	x.Response.Body = append(slices.Clone(x.Response.Body[:keep]), fmt.Sprintf("… (%d bytes in all, of which these are kept)", n)...)
	return x
}
