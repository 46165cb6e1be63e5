// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// What stands here is for another door on the same listener, such as the web
// console, that has a guard of its own.

// Knows says whether a token is that of the API. Hashes have one length, so
// that comparing them tells nothing about the token.
func (a *Admin) Knows(token flow.Secret) bool {
	got := sha256.Sum256([]byte(token.Reveal()))
	return subtle.ConstantTimeCompare(got[:], a.token[:]) == 1
}

// Answer is what the API says to Do.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do does what a request to the API does, and asks for no token. The target is
// a path below Path, with its query: "/history?format=flow".
func (a *Admin) Do(ctx context.Context, method, target string, body []byte) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+Path+target, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("build request: %w", err)
	}
	w := &inner{Answer: Answer{Status: http.StatusOK, Header: http.Header{}}}
	a.answerTo(w, r)
	return w.Answer, nil
}

// inner is a reply that stays in memory.
type inner struct{ Answer }

func (w *inner) Header() http.Header    { return w.Answer.Header }
func (w *inner) WriteHeader(status int) { w.Status = status }
func (w *inner) Write(b []byte) (int, error) {
	w.Body = append(w.Body, b...)
	return len(b), nil
}

// Seen is one exchange of the history.
type Seen struct {
	Number int64 // from 1, in the order in which they began
	Tenant string
	rec    *recording
	from   *history
}

// Exchange returns it without secrets. It is made anew each time, which costs
// as much as reading its bodies.
func (s Seen) Exchange() flow.Exchange { return s.from.exchange(s.rec) }

// Origin is where the client found the server, as its Host says: "http://host:port".
func (s Seen) Origin() string { return s.rec.origin }

// Seen returns the exchanges of a tenant, "" for those of none, in the order in
// which they began, and how many older ones of all tenants had to make room.
func (a *Admin) Seen(tenant string) (list []Seen, gone int64) {
	found, gone := a.history.since(func(rec *recording) bool { return rec.tenant == tenant }, 0, time.Time{})
	list = make([]Seen, len(found))
	for i, rec := range found {
		list[i] = Seen{rec.seq, rec.tenant, rec, a.history}
	}
	return list, gone
}

// Turn is a number that grows whenever the history changes.
func (a *Admin) Turn() int64 {
	a.history.mu.Lock()
	defer a.history.mu.Unlock()
	return a.history.turn
}

// Watch returns a channel that gets a value when the history has changed since
// the last one was taken. Stop has to be called. Who watches costs an exchange
// one send that never waits.
func (a *Admin) Watch() (changed <-chan struct{}, stop func()) { return a.history.watch() }
