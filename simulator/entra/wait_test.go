// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// TestQuarantine holds what holds an application back, and for how long.
func TestQuarantine(t *testing.T) {
	filter := regexp.MustCompile(`\?.*filter=`)
	tests := []struct {
		name   string
		answer httpmock.Responder
		want   string
	}{
		{"404 for nothing found", reply(404, `{}`), "404"},
		{"401", reply(401, ``), "CredentialValidationFailure"},
		{"no ListResponse", reply(200, `{"Resources":[]}`), "ServiceIncompatibleFiltering"},
		{"HTML", reply(200, `<html>`), "deserialize"},
		{"empty", reply(200, ``), "deserialize"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := scripted(t)
			m.RegisterRegexpResponder(http.MethodGet, filter, tt.answer)
			x := open(t, m, entra.Options{})
			x.cycle(join(ada()), on(directory.Assign, "ada"))
			tasks := x.app.Tasks()
			if len(tasks) != 1 || tasks[0].Subject != "application" || !strings.Contains(tasks[0].Message, tt.want) {
				t.Fatalf("got tasks %v, want quarantine with %q", tasks, tt.want)
			}
			if len(x.sent) != 1 {
				t.Errorf("sent %d requests, want the one probe", len(x.sent))
			}
			if sent := x.cycle(); len(sent) != 0 || len(x.sent) != 1 {
				t.Errorf("sent %d requests in quarantine, want none", len(x.sent)-1)
			}
			m.RegisterRegexpResponder(http.MethodGet, filter, reply(200, none))
			_ = x.clock.Sleep(t.Context(), 6*time.Hour)
			x.cycle()
			if tasks := x.app.Tasks(); len(tasks) != 0 {
				t.Errorf("got tasks %v, want none", tasks)
			}
		})
	}
}

// TestQuarantineThreshold holds that a cycle with too many failures does it.
func TestQuarantineThreshold(t *testing.T) {
	m := scripted(t)
	m.RegisterRegexpResponder(http.MethodPost, regexp.MustCompile(`/Users$`), reply(500, ``))
	x := open(t, m, entra.Options{Limits: entra.Limits{Least: 1}})
	x.cycle(join(ada()), on(directory.Assign, "ada"))
	if tasks := x.app.Tasks(); len(tasks) != 2 || tasks[0].Message != "EncounteredEscrowProportionThreshold" {
		t.Errorf("got tasks %v, want quarantine first", tasks)
	}
}

// TestHonourRetryAfter holds that the knob waits for as long as it was told in
// seconds, five times at most, and for nothing else.
func TestHonourRetryAfter(t *testing.T) {
	const forever = 10
	tests := []struct {
		name, after string
		busy        int // answers
		want        time.Duration
		attempts    int
	}{
		{"an integer", "30", 1, 30 * time.Second, 2},
		{"zero", "0", 1, 0, 2},
		{"a year", "31536000", 1, 365 * 24 * time.Hour, 2},
		{"for ever", "30", forever, 2 * time.Minute, 5},
		{"negative", "-1", 1, 0, 1},
		{"a date", "Wed, 21 Oct 2026 07:28:00 GMT", 1, 0, 1},
		{"absent", "", 1, 0, 1},
		{"more than anybody means", "99999999999", 1, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := scripted(t)
			busy := reply(429, ``).HeaderSet(http.Header{"Retry-After": {tt.after}})
			if tt.busy == 1 {
				busy = busy.Then(reply(201, adaAt+`}`))
			}
			m.RegisterRegexpResponder(http.MethodPost, regexp.MustCompile(`/Users$`), busy)
			x := open(t, m, entra.Options{Knobs: entra.Knobs{HonourRetryAfter: true}})
			x.does(join(ada()), on(directory.Assign, "ada"))
			before := x.clock.Now()
			x.does(directory.Change{Kind: directory.Cycle})
			posts := 0
			for _, e := range x.sent {
				if e.Method == http.MethodPost {
					posts++
				}
			}
			failed := tt.attempts <= tt.busy
			if got := x.clock.Now().Sub(before); got != tt.want || posts != tt.attempts || (len(x.app.Tasks()) > 0) != failed {
				t.Errorf("waited %v for %d attempts with tasks %v, want %v and %d", got, posts, x.app.Tasks(), tt.want, tt.attempts)
			}
		})
	}
}

// TestSilence holds that a request ends after a minute without a byte, and that
// a POST is then sent once more.
func TestSilence(t *testing.T) {
	tests := []struct {
		name   string
		late   time.Duration
		posts  int
		failed bool
	}{
		{"59 s", entra.Timeout - time.Second, 1, false},
		{"61 s", entra.Timeout + time.Second, 2, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := scripted(t)
				m.RegisterRegexpResponder(http.MethodPost, regexp.MustCompile(`/Users$`), func(q *http.Request) (*http.Response, error) {
					select {
					case <-time.After(tt.late):
						return reply(201, adaAt+`}`)(q)
					case <-q.Context().Done():
						return nil, q.Context().Err()
					}
				})
				x := open(t, m, entra.Options{})
				x.sender.Idle = entra.Timeout
				sent := x.cycle(join(ada()), on(directory.Assign, "ada"))
				if len(sent) != 1+tt.posts {
					t.Errorf("sent %v, want a match and %d POSTs", lines(sent, nil), tt.posts)
				}
				const want = "no answer: no byte came for 1m0s"
				if tasks := x.app.Tasks(); (len(tasks) > 0) != tt.failed || tt.failed && !strings.Contains(tasks[0].Message, want) {
					t.Errorf("got tasks %v, want %q: %v", tasks, want, tt.failed)
				}
			})
		})
	}
}
