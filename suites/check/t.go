// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
)

// namePrefix begins the name of everything that any run makes.
const namePrefix = "scimproof-"

// T is what a check is written with. It sends requests, remembers what they
// made, and collects findings. It is neither a *testing.T nor a GinkgoT: only
// [Judge] makes one. Requests are sent on the goroutine that runs the check
// or by AtOnce, since each of them can stop the check.
type T struct {
	check    Check
	provider *Provider
	ctx      context.Context
	begun    time.Time
	watch    *stopwatch
	ledger   *ledger
	held     holdings
	settings settings
	patience patience

	mu        sync.Mutex
	findings  []Finding
	exchanges []*flow.Exchange
	resent    []*flow.Exchange // of them: no reply, and sent again
	looks     int              // at the product or its metrics
	bytes     int              // of replies
}

// Resource is something that a check made, and what told of it.
type Resource struct {
	Endpoint string // "/Users"
	ID       string
	Sent     []byte         // the body that made it
	Exchange *flow.Exchange // whose reply told of it
}

// Snapshot gives the exchange that told of r, for matchers that compare.
func (r *Resource) Snapshot() *flow.Exchange { return r.Exchange }

// Path gives the path of r below the base URL: "/Users/1".
func (r *Resource) Path() string { return r.Endpoint + "/" + url.PathEscape(r.ID) }

// Context ends when the check's time is up or the run is cancelled.
func (t *T) Context() context.Context { return t.ctx }

// Profile gives what the product behind the provider promises.
func (t *T) Profile() *profiles.Profile { return t.provider.target.Profile }

// Has says whether the provider has a capability, for checks that look at more
// where there is more to look at.
func (t *T) Has(capability string) bool { return t.provider.Has(capability) }

// Name makes a name that no other check, run or process uses, lower-case:
// scimproof-<run>-<n>-<base>.
func (t *T) Name(base string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.check.ID))
	n := strconv.FormatUint(uint64(h.Sum32()), 36) + "x" + strconv.Itoa(t.provider.next(t.check.ID))
	return t.provider.mark() + n + "-" + strings.ToLower(base)
}

// UnknownID gives an id that no resource has. Only such an id and those of
// resources that the run made can be written to.
func (t *T) UnknownID() string {
	id := uuid.NewString()
	t.ledger.allow(id)
	return id
}

// CreateUser makes p under a run-unique name. A provider that does not answer
// 201 with an id blocks the check. The user is removed at the end.
func (t *T) CreateUser(p people.Person) *Resource {
	return t.Create(scim.UsersEndpoint, p.User(t.Name(p.UserName)))
}

// CreateGroup makes a group, as CreateUser does a user. A displayName that
// does not carry the run's mark is made run-unique first.
func (t *T) CreateGroup(displayName string, members ...*Resource) *Resource {
	if !strings.Contains(displayName, t.provider.mark()) {
		displayName = t.Name(displayName)
	}
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = `{"value":` + quote(m.ID) + `}`
	}
	return t.Create(scim.GroupsEndpoint, fmt.Sprintf(`{"schemas":[%q],"displayName":%s,"members":[%s]}`,
		scim.GroupURN, quote(displayName), strings.Join(list, ",")))
}

// Create makes a resource of a literal body, as CreateUser does of a person.
func (t *T) Create(endpoint, body string) *Resource {
	x := t.Post(endpoint, body)
	id := replyID(x)
	if x.Status != http.StatusCreated || id == "" {
		t.block(fmt.Sprintf("%s: could not make what the check needs: got %s, want 201 and an id", x.Name(), answer(x)))
	}
	return &Resource{Endpoint: endpoint, ID: id, Sent: []byte(body), Exchange: x}
}

// Post sends body as the statement under test: nothing is required of the
// answer. What a 2xx answer made is removed at the end.
func (t *T) Post(endpoint, body string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodPost, Path: endpoint, Body: []byte(body)})
}

// Resource gives what the answer to a Post made. Without an id in it the check
// is blocked.
func (t *T) Resource(x *flow.Exchange) *Resource {
	id := replyID(x)
	if id == "" || x.Status/100 != 2 {
		t.block(fmt.Sprintf("%s: the check needs what it made: got %s, want a 2xx with an id", x.Name(), answer(x)))
	}
	endpoint, _, _ := strings.Cut(x.Path, "?")
	return &Resource{Endpoint: endpoint, ID: id, Sent: x.Request.Body, Exchange: x}
}

// Get reads r.
func (t *T) Get(r *Resource) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodGet, Path: r.Path()})
}

// Put replaces r with body.
func (t *T) Put(r *Resource, body string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodPut, Path: r.Path(), Body: []byte(body)})
}

// Patch changes r by operations, a JSON array that is wrapped in a PatchOp
// message (RFC 7644 §3.5.2).
func (t *T) Patch(r *Resource, operations string) *flow.Exchange {
	body := `{"schemas":["` + scim.PatchOpURN + `"],"Operations":` + operations + `}`
	return t.Send(flow.Request{Method: http.MethodPatch, Path: r.Path(), Body: []byte(body)})
}

// Delete removes r.
func (t *T) Delete(r *Resource) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodDelete, Path: r.Path()})
}

// List queries an endpoint; query holds pairs of key and value, which are
// percent-encoded, a blank as %20.
func (t *T) List(endpoint string, query ...string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodGet, Path: endpoint + Query(query...)})
}

// Query writes pairs of key and value as a query string, a blank as %20. No
// pairs give no string.
func Query(pairs ...string) string {
	var b strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		b.WriteByte("?&"[min(b.Len(), 1)])
		b.WriteString(encode(pair[0]))
		if len(pair) == 2 {
			b.WriteString("=" + encode(pair[1]))
		}
	}
	return b.String()
}

func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// AtOnce runs functions that send requests side by side, and waits for all. If
// one of them stops the check, it stops when all have ended.
func (t *T) AtOnce(functions ...func()) {
	var all sync.WaitGroup
	ends := make(chan any, len(functions))
	for _, f := range functions {
		all.Go(func() {
			defer func() {
				if end := recover(); end != nil {
					ends <- end
				}
			}()
			f()
		})
	}
	all.Wait()
	select {
	case end := <-ends:
		panic(end) // the stop of a check, or a defect of it: both are for the judge
	default:
	}
}

// Send sends r as it is: method, raw path below the base URL, header and body.
// A header that r names without a value is kept off the wire, for instance
// Authorization. Writes are let through only to what this run made and to ids
// from UnknownID: a provider whose replies lead elsewhere has a finding, and the
// check ends. A redirect to below the base URL is followed, each hop an exchange.
func (t *T) Send(r flow.Request) *flow.Exchange {
	x := t.sendOne(r)
	for range maxHops {
		next, ok := redirected(t.provider.target.BaseURL, r, x)
		if !ok {
			break
		}
		r, x = next, t.sendOne(next)
	}
	return x
}

// sendOne sends one request and follows nothing.
func (t *T) sendOne(r flow.Request) *flow.Exchange {
	t.stopIfOver()
	touched, why := t.ledger.refuse(r)
	if why == "" {
		why = t.unproved(touched)
	}
	if why != "" {
		t.find(Finding{
			LookedAt: r.Method + " " + r.Path, Where: "id", Got: why, Want: "replies that lead to what this run made",
			Text: "not sent, because " + why + ": the provider's replies led there",
		})
		panic(stop{})
	}
	if why := t.provider.lacks(r); why != "" && !t.check.Unadvertised {
		t.Skip(why)
	}
	r = t.provider.supply(r)
	_, making := creates(r)
	if why := t.provider.spend(making); why != "" {
		t.block(why)
	}
	made, err := t.ledger.begin(r)
	if err != nil {
		t.breakOff(err.Error())
	}
	x, err := t.settled(r)
	if err != nil {
		t.breakOff(err.Error())
	}
	t.ledger.learn(r, x, made)
	t.ledger.saw(r, x, t.provider.begun)
	t.mu.Lock()
	t.exchanges = append(t.exchanges, x)
	t.mu.Unlock()
	if t.ctx.Err() != nil && x.Status == 0 {
		t.stopIfOver()
	}
	t.patience.noted(r, x)
	if t.received(x) {
		t.find(Finding{LookedAt: x.Name(), Where: "answer", Got: fmt.Sprintf("more than %d MiB of answers in one check", maxReplies>>20), Want: "less"})
		panic(stop{})
	}
	return x
}
