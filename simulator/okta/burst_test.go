// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/okta"
)

// crowded answers as next does, one request after the other, and counts how many
// are in it at once.
type crowded struct {
	next    http.Handler
	mu      sync.Mutex
	serving sync.Mutex
	now     int
	most    int
}

func (c *crowded) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	time.Sleep(time.Millisecond) // so that others may come
	c.serving.Lock()
	c.next.ServeHTTP(w, q)
	c.serving.Unlock()
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
}

// TestBurst holds that people come several at a time with the switch, no more
// than it says and each looked up before they are created, and one by one
// without.
func TestBurst(t *testing.T) {
	const people = 40
	for burst, app := range map[int]string{1: "", 4: "app: {options: {burst: \"4\"}}\n"} {
		provider := reference(t)
		at := &crowded{next: provider}
		r, err := simulate(t, "okta-oin", app+"changes: [{group: {id: all, displayName: All, members: "+ids(people)+"}}, {push: all}, {assign: all}]\n",
			simulator.Options{Handler: at, Population: directory.Population{People: people, Seed: 3}})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Converged() {
			t.Errorf("burst %d: tasks %v, differences %v", burst, r.Tasks, r.Differences)
		}
		if at.most > burst || burst > 1 && at.most < 2 {
			t.Errorf("%d requests at once, want up to %d", at.most, burst)
		}
		posts, lookUps := 0, 0
		for _, q := range provider.sent[:r.Requests] {
			switch {
			case strings.HasPrefix(q.Path, "/Users?filter=userName"):
				lookUps++
			case q.Method == http.MethodPost && q.Path == "/Users":
				if posts++; posts > lookUps {
					t.Errorf("%d people were created after %d look-ups", posts, lookUps)
				}
			}
		}
		if posts != people {
			t.Errorf("%d people were created, want %d", posts, people)
		}
	}
}

// TestBurstNumbers holds which numbers a burst takes.
func TestBurstNumbers(t *testing.T) {
	for value, want := range map[string]int{"1": 1, "64": 64, "0": 0, "65": 0, "many": 0} {
		var s okta.Switches
		allowed, known := s.Set("burst", value)
		if !known || s.Burst != want || (allowed == nil) != (want > 0) {
			t.Errorf("burst %s: got %d, allowed %v, want %d", value, s.Burst, allowed, want)
		}
	}
}
