// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
)

// Provider is a target that was opened: its address is sound, its client is
// ready and its capabilities are known. It may be used by many goroutines.
type Provider struct {
	target  Target // with every default filled in
	flag    string // the query that was taken off the base URL
	base    http.RoundTripper
	redact  *flow.Redactor
	caps    map[string]bool
	reasons map[string]string // why a capability is not there
	opening []flow.Exchange

	attributes []member // that every user gets

	now     func() time.Time
	begun   time.Time // by the provider's clock where it tells the time
	journal *Journal  // nil: none is kept

	turns         sync.RWMutex // held for writing by a check that is Alone
	sent, creates atomic.Int64
	large         atomic.Int64 // bytes of large replies that results keep

	mu     sync.Mutex
	judged map[string]int // how many names each check has used
}

// BaseURL gives the base URL that requests go to, without a query.
func (p *Provider) BaseURL() string { return p.target.BaseURL }

// RunID gives the mark of everything that this run makes.
func (p *Provider) RunID() string { return p.target.RunID }

// Profile gives what the product behind the provider promises.
func (p *Provider) Profile() *profiles.Profile { return p.target.Profile }

// Flag gives the query that was taken off the base URL, "aadOptscim062020" or
// nothing. It steers what Entra ID sends, not what a provider does, so it is
// never sent.
func (p *Provider) Flag() string { return p.flag }

// Has says whether the provider has a capability.
func (p *Provider) Has(capability string) bool { return p.caps[capability] }

// Capabilities lists what the provider has, sorted.
func (p *Provider) Capabilities() []string { return slices.Sorted(maps.Keys(p.caps)) }

// Opening gives the exchanges by which Open got to know the provider.
func (p *Provider) Opening() []flow.Exchange { return slices.Clone(p.opening) }

// missing says why c cannot be judged, or nothing.
func (p *Provider) missing(c Check) string {
	var why []string
	for _, capability := range c.Needs {
		if !p.caps[capability] {
			reason := p.reasons[capability]
			if reason == "" {
				reason = "the provider does not have it"
			}
			why = append(why, "needs "+capability+": "+reason)
		}
	}
	return strings.Join(why, "; ")
}

// lacks says why a request is one that the provider says it does not take, or
// nothing: PATCH, a filter, a group.
func (p *Provider) lacks(r flow.Request) string {
	path := pathOf(r)
	_, query, _ := strings.Cut(r.Path, "?")
	resources := path == "" || strings.HasPrefix(path, scim.UsersEndpoint) || strings.HasPrefix(path, scim.GroupsEndpoint) || path == "/.search"
	search := strings.HasSuffix(path, "/.search")
	for _, need := range []struct {
		capability string
		is         bool
	}{
		{CapPatch, r.Method == http.MethodPatch || path == "/Bulk" && bytes.Contains(r.Body, []byte(`"PATCH"`))},
		{CapFilter, resources && (strings.Contains("&"+query, "&filter=") || search && bytes.Contains(r.Body, []byte(`"filter"`)))},
		{CapGroup, strings.HasPrefix(path, scim.GroupsEndpoint)},
	} {
		if need.is && !p.caps[need.capability] && p.reasons[need.capability] != "" {
			return "needs " + need.capability + ": " + p.reasons[need.capability]
		}
	}
	return ""
}

// turn waits until c may be judged and gives what ends its turn. Alone is so
// within this Provider: another process, or another run, is not kept away.
func (p *Provider) turn(c Check) (end func()) {
	if c.Alone {
		p.turns.Lock()
		return p.turns.Unlock
	}
	p.turns.RLock()
	return p.turns.RUnlock
}

// next numbers the names that a check uses, so that a check that is judged
// twice does not meet its own earlier resources.
func (p *Provider) next(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judged[id]++
	return p.judged[id]
}

// mark is what every name of this run begins with.
func (p *Provider) mark() string { return namePrefix + p.target.RunID + "-" }

// client gives an HTTP client that writes down each exchange through after.
// It follows no redirects and keeps no cookies; a request that names a header
// itself, even without a value, gets no default for it.
func (p *Provider) client(after func(flow.Exchange)) *http.Client {
	return &http.Client{
		Transport: &flow.Transport{
			Base: p.base, BaseURL: p.target.BaseURL, Redactor: p.redact,
			MaxBody: maxReply, Now: p.now, Before: p.dress, After: after,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dress adds the headers that every request carries.
func (p *Provider) dress(q *http.Request) {
	offer := func(name string, values ...string) {
		if _, ok := q.Header[name]; !ok {
			q.Header[name] = values
		}
	}
	for name, values := range p.target.Header {
		offer(http.CanonicalHeaderKey(name), values...)
	}
	if token := p.target.Token.Reveal(); token != "" {
		offer("Authorization", "Bearer "+token)
	}
	offer("Accept", "application/scim+json, application/json;q=0.9")
	if q.Body != nil && q.Body != http.NoBody {
		offer("Content-Type", "application/scim+json")
	}
	offer("User-Agent", "scimproof")
}

// spend counts a request of a check, and says why it is one too many, or
// nothing. Looks and clean-up are not counted: they have to be done.
func (p *Provider) spend(creates bool) string {
	if n := p.sent.Add(1); p.target.MaxRequests > 0 && n > int64(p.target.MaxRequests) {
		return fmt.Sprintf("the run has sent %d requests, as many as it may", p.target.MaxRequests)
	}
	if !creates {
		return ""
	}
	if n := p.creates.Add(1); p.target.MaxCreates > 0 && n > int64(p.target.MaxCreates) {
		return fmt.Sprintf("the run has sent %d requests that make something, as many as it may", p.target.MaxCreates)
	}
	return ""
}
