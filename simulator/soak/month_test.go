// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/soak"
)

// trouble is a way to a server on which one request in ten meets with trouble.
type trouble struct {
	to     http.RoundTripper
	clock  cycle.Clock
	random *rand.Rand // nil: all is well
	came   map[string]int
}

// RoundTrip answers as the draw has it.
func (c *trouble) RoundTrip(q *http.Request) (*http.Response, error) {
	if c.random == nil {
		return c.to.RoundTrip(q)
	}
	kinds := []string{"429", "429 with a date", "429 mute", "503", "dropped before", "dropped after", "slow"}
	const part = 10
	at := c.random.IntN(part * len(kinds))
	if at >= len(kinds) {
		return c.to.RoundTrip(q)
	}
	kind := kinds[at]
	c.came[kind]++
	switch kind {
	case "503":
		return answer(q, http.StatusServiceUnavailable, ""), nil
	case "dropped before":
		return nil, errors.New("connection reset by peer")
	case "dropped after":
		if reply, err := c.to.RoundTrip(q); err == nil {
			_ = reply.Body.Close()
		}
		return nil, io.ErrUnexpectedEOF
	case "slow":
		if err := c.clock.Sleep(q.Context(), 20*time.Second); err != nil {
			return nil, err
		}
		return c.to.RoundTrip(q)
	}
	return answer(q, http.StatusTooManyRequests, map[string]string{"429": "30", "429 with a date": "Mon, 05 Jan 2026 10:00:00 GMT"}[kind]), nil
}

func answer(q *http.Request, status int, after string) *http.Response {
	h := http.Header{"Content-Type": {"text/html"}}
	if after != "" {
		h.Set("Retry-After", after)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("<html>")), Request: q, ProtoMajor: 1, ProtoMinor: 1}
}

// tenant is an organisation for a month.
type tenant struct {
	*testing.T
	sim     *simulator.Simulator
	trouble *trouble
	draw    func() directory.Change
	groups  []string
}

func (x *tenant) change(c directory.Change) {
	x.Helper()
	if err := x.sim.Change(x.Context(), c); err != nil {
		x.Fatal(err)
	}
}

// day has people come, move, leave and return; then an administrator looks at
// the tasks.
func (x *tenant) day() {
	x.Helper()
	const changes = 6
	for range changes {
		x.change(x.draw())
	}
	x.change(directory.Change{Kind: directory.Wait, Wait: "24h"})
	x.mend()
}

// reorganise renames the teams of the first day that are still there.
func (x *tenant) reorganise(name string) {
	x.Helper()
	for i, id := range x.groups {
		err := x.sim.Change(x.Context(), directory.Change{Kind: directory.Rename, IDs: []string{id}, Name: fmt.Sprintf("%s, %d", name, i)})
		if err != nil && !errors.Is(err, directory.ErrDeleted) {
			x.Fatal(err)
		}
	}
}

// mend tries again what failed, and links the groups that are there already
// because the answer to their creation was lost, as Okta's message has it.
func (x *tenant) mend() []cycle.Task {
	x.Helper()
	x.change(directory.Change{Kind: directory.Retry})
	r, err := x.sim.Settle(x.Context())
	if err != nil {
		x.Fatal(err)
	}
	for _, task := range r.Tasks {
		if id, of := strings.CutPrefix(task.Subject, "group "); of && strings.Contains(task.Message, "link it instead") {
			x.change(directory.Change{Kind: directory.Link, IDs: []string{id}})
		}
	}
	return r.Tasks
}

// TestMonth holds that a month of an organisation converges at a provider one
// in ten of whose answers is trouble, while the trouble lasts.
func TestMonth(t *testing.T) {
	for _, dialect := range simulator.Dialects() {
		if dialect == "entra-pod" {
			continue // provisions on demand alone: it has no months
		}
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%s/%d", dialect, seed), func(t *testing.T) {
				x := open(t, dialect, seed)
				for day := range 30 {
					if day == 10 || day == 20 { // a reorganisation
						x.reorganise(fmt.Sprintf("Division of day %d", day))
					}
					x.day()
				}
				const patience = 20
				for range patience {
					if len(x.mend()) == 0 {
						break
					}
				}
				for _, kind := range []string{"429", "429 with a date", "429 mute", "503", "dropped before", "dropped after", "slow"} {
					if x.trouble.came[kind] == 0 {
						t.Errorf("no request met with %s", kind)
					}
				}
				x.trouble.random = nil // the comparison is ours
				r, err := x.sim.Settle(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if !r.Converged() || r.Changes < 200 || r.Took < 30*24*time.Hour {
					t.Errorf("%d changes, %d requests in %v:\n%s", r.Changes, r.Requests, r.Took, said(r))
				}
			})
		}
	}
}

func open(t *testing.T, dialect string, seed uint64) *tenant {
	t.Helper()
	srv, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	s := populated(t, dialect, seed)
	clock := cycle.NewVirtual(time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC))
	x := &tenant{T: t, trouble: &trouble{
		to: simulator.InProcess(srv), clock: clock, random: rand.New(rand.NewPCG(seed, 4)), came: map[string]int{}, //nolint:gosec // a sequence to be repeated
	}}
	if x.sim, err = simulator.New(simulator.Options{
		Scenario: s, BaseURL: "http://provider.example/scim/v2", Token: token, Transport: x.trouble, Clock: clock,
	}); err != nil {
		t.Fatal(err)
	}
	if x.draw, err = soak.Changes(s, seed, soak.Vary{}); err != nil {
		t.Fatal(err)
	}
	for _, g := range s.Directory.Groups {
		x.groups = append(x.groups, g.ID)
	}
	if err := x.sim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Changes {
		x.change(c)
	}
	return x
}
