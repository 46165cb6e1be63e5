// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

const (
	none  = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`
	adaAt = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"ada@contoso.example"`
)

// scripted answers as told, and all else in the way of an empty provider that
// creates user 1.
func scripted(t *testing.T) *httpmock.MockTransport {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(`\?.*filter=`), reply(200, none))
	m.RegisterRegexpResponder(http.MethodPost, regexp.MustCompile(`/Users$`), reply(201, adaAt+`}`))
	m.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(`/Users/1$`), reply(200, adaAt+`,"active":true}`))
	m.RegisterRegexpResponder(http.MethodPatch, regexp.MustCompile(`/Users/1$`), reply(200, adaAt+`}`))
	return m
}

func reply(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body).HeaderSet(http.Header{"Content-Type": {"application/scim+json"}})
}

// TestFailedUser holds what the administrator sees of each way a provider can
// fail a user, and that the application is not held back for it.
func TestFailedUser(t *testing.T) {
	create, read, write := regexp.MustCompile(`/Users$`), regexp.MustCompile(`/Users/1$`), regexp.MustCompile(`/Users/1$`)
	lost := httpmock.NewErrorResponder(errors.New("reset"))
	limited := func(after string) httpmock.Responder {
		return reply(429, `<html>`).HeaderSet(http.Header{"Retry-After": {after}})
	}
	const (
		bad         = "SystemForCrossDomainIdentityManagementBadResponse: "
		unreadable  = bad + "not able to deserialize the resource received from your SCIM endpoint: "
		conflict    = "SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering: StatusCode: Conflict"
		noAnswer    = "SystemForCrossDomainIdentityManagementServiceIncompatible: no answer: reset"
		credentials = "SystemForCrossDomainIdentityManagementCredentialValidationFailure: StatusCode: "
	)
	tests := []struct {
		name, method string
		on           *regexp.Regexp
		answer       httpmock.Responder
		want         string
		attempts     int // of the request that fails
	}{
		{"429, an integer", http.MethodPost, create, limited("120"), bad + "StatusCode: 429", 1},
		{"429, a date", http.MethodPost, create, limited("Wed, 21 Oct 2026 07:28:00 GMT"), bad + "StatusCode: 429", 1},
		{"429, zero", http.MethodPost, create, limited("0"), bad + "StatusCode: 429", 1},
		{"429, negative", http.MethodPost, create, limited("-1"), bad + "StatusCode: 429", 1},
		{"429, huge", http.MethodPost, create, limited("99999999999999999999"), bad + "StatusCode: 429", 1},
		{"429, no Retry-After", http.MethodPost, create, reply(429, ``), bad + "StatusCode: 429", 1},
		{"429 to a GET", http.MethodGet, read, limited("1"), bad + "StatusCode: 429", 1},
		{"429 to a PATCH", http.MethodPatch, write, limited("1"), bad + "StatusCode: 429", 1},
		{"409", http.MethodPost, create, reply(409, `{"status":"409"}`), conflict, 1},
		{"409 without a body", http.MethodPost, create, reply(409, ``), conflict, 1},
		{"500", http.MethodPost, create, reply(500, ``), bad + "StatusCode: 500", 1},
		{"502", http.MethodPost, create, reply(502, `Bad Gateway`), bad + "StatusCode: 502", 1},
		{"503 HTML", http.MethodPost, create, reply(503, `<html>`), bad + "StatusCode: 503", 1},
		{"504", http.MethodPost, create, reply(504, ``), bad + "StatusCode: 504", 1},
		{"500 to a GET", http.MethodGet, read, reply(500, `{}`), bad + "StatusCode: 500", 1},
		{"503 to a PATCH", http.MethodPatch, write, reply(503, ``), bad + "StatusCode: 503", 1},
		{"401", http.MethodPost, create, reply(401, ``), credentials + "401", 1},
		{"403", http.MethodPatch, write, reply(403, ``), credentials + "403", 1},
		{"400", http.MethodPost, create, reply(400, `{}`), "SystemForCrossDomainIdentityManagementBadRequest: StatusCode: BadRequest", 1},
		{"a redirect", http.MethodPost, create, reply(307, ``), bad + "StatusCode: 307", 1},
		{"a redirect of a GET", http.MethodGet, read, reply(302, ``), bad + "StatusCode: 302", 1},
		{"HTML as success", http.MethodPost, create, reply(200, `<html>`), unreadable + "the body is not JSON", 1},
		{"HTML to a GET", http.MethodGet, read, reply(200, `<html>`), unreadable + "the body is not JSON", 1},
		{"empty body", http.MethodPost, create, reply(201, ``), unreadable + "the body is not JSON", 1},
		{"empty body to a GET", http.MethodGet, read, reply(200, ``), unreadable + "the body is not JSON", 1},
		{"no id", http.MethodPost, create, reply(201, `{}`), unreadable + "the resource has no id", 1},
		{"id is a number", http.MethodPost, create, reply(201, `{"id":1}`), unreadable + "the resource has no id", 1},
		{"no answer", http.MethodPost, create, lost, noAnswer, 2},
		{"no answer to a GET", http.MethodGet, read, lost, noAnswer, 1},
		{"no answer to a PATCH", http.MethodPatch, write, lost, noAnswer, 1},
		{"404 on a known id", http.MethodGet, read, reply(404, ``), bad + "StatusCode: 404", 1},
		{"404 to a PATCH", http.MethodPatch, write, reply(404, ``), bad + "StatusCode: 404", 1},
		{"409 to a PATCH", http.MethodPatch, write, reply(409, ``), conflict, 1},
		{"active is a text", http.MethodGet, read, reply(200, adaAt+`,"active":"true"}`), unreadable + `active is the text "true"`, 1},
		{"primary is a text", http.MethodGet, read, reply(200, adaAt+`,"emails":[{"primary":"True"}]}`), unreadable + `emails.primary is "True", not a boolean`, 1},
		{"manager is a text", http.MethodGet, read,
			reply(200, adaAt+`,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"2"}}`), unreadable + `manager is the text "2"`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := scripted(t)
			m.RegisterRegexpResponder(tt.method, tt.on, tt.answer)
			x := open(t, m, entra.Options{})
			x.cycle(join(ada()), on(directory.Assign, "ada"))
			if tt.method != http.MethodPost {
				x.cycle(set("ada", "title", "Engineer"))
			}
			tasks := x.app.Tasks()
			want := tt.want + ". This operation was retried 0 times. It will be retried again after this date: " +
				x.clock.Now().Add(40*time.Minute).UTC().Format(time.RFC3339) + "."
			if len(tasks) != 1 || tasks[0].Subject != "person ada" || tasks[0].Message != want {
				t.Fatalf("got tasks %v, want one for person ada with %q", tasks, want)
			}
			got := 0
			for _, e := range x.sent {
				if e.Method == tt.method && tt.on.MatchString(e.URL) {
					got++
				}
			}
			if got != tt.attempts {
				t.Errorf("sent %d times, want %d", got, tt.attempts)
			}
		})
	}
}

// TestEscrow holds that failed work waits, each time for twice as long, and is
// mended by itself.
func TestEscrow(t *testing.T) {
	m := scripted(t)
	post := regexp.MustCompile(`/Users$`)
	m.RegisterRegexpResponder(http.MethodPost, post, reply(500, ``))
	x := open(t, m, entra.Options{})
	x.cycle(join(ada()), on(directory.Assign, "ada"))
	var tried []int
	for i := 1; i <= 8; i++ {
		if len(x.cycle()) > 0 {
			tried = append(tried, i)
		}
	}
	if want := []int{1, 3, 7}; len(tried) != 3 || tried[0] != want[0] || tried[1] != want[1] || tried[2] != want[2] {
		t.Errorf("tried in cycles %v, want %v", tried, want)
	}
	m.RegisterRegexpResponder(http.MethodPost, post, reply(201, adaAt+`}`))
	x.does(directory.Change{Kind: directory.Retry})
	if tasks := x.app.Tasks(); len(tasks) != 0 {
		t.Errorf("got tasks %v, want none", tasks)
	}
}

// TestForgotten holds that a user whom the provider lost is matched and
// created anew, and gets the memberships again.
func TestForgotten(t *testing.T) {
	x := open(t, provider(t), entra.Options{})
	x.cycle(join(ada()), found("sales", "Sales", "ada"), on(directory.Assign, "ada", "sales"))
	path := ""
	for _, e := range x.sent {
		if e.Method == http.MethodPatch {
			path = strings.Split(strings.Split(string(e.Request.Body), `"value":"`)[1], `"`)[0]
		}
	}
	x.remove("/Users/" + path)
	x.cycle(set("ada", "title", "Engineer"))
	if len(x.app.Tasks()) != 1 {
		t.Fatalf("got tasks %v, want one", x.app.Tasks())
	}
	x.cycle()
	if d := x.differences(); len(d) != 0 || len(x.app.Tasks()) != 0 {
		t.Errorf("got differences %v and tasks %v, want none", d, x.app.Tasks())
	}
}

// TestIDChanges holds that the id of the creation is the one that is used, also
// when later replies name another.
func TestIDChanges(t *testing.T) {
	m := scripted(t)
	other := strings.Replace(adaAt, `"id":"1"`, `"id":"9"`, 1)
	m.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(`/Users/1$`), reply(200, other+`,"active":true}`))
	x := open(t, m, entra.Options{})
	x.cycle(join(ada()), on(directory.Assign, "ada"))
	for range 2 {
		for _, e := range x.cycle(set("ada", "title", "Engineer")) {
			if e.Path != "/Users/1" {
				t.Errorf("sent %s %s, want /Users/1", e.Method, e.Path)
			}
		}
	}
	if tasks := x.app.Tasks(); len(tasks) > 0 || x.app.Identify("ada") != "1" {
		t.Errorf("got tasks %v and id %s, want none and 1", tasks, x.app.Identify("ada"))
	}
}

// TestLostAnswer holds that a POST whose answer is lost is sent again, meets
// 409, and is matched in a later cycle.
func TestLostAnswer(t *testing.T) {
	to := provider(t)
	lost := false
	x := open(t, roundTrip(func(q *http.Request) (*http.Response, error) {
		r, err := to.RoundTrip(q)
		if q.Method == http.MethodPost && !lost {
			lost = true
			return nil, errors.New("connection reset")
		}
		return r, err
	}), entra.Options{})
	x.cycle(join(ada()), on(directory.Assign, "ada"))
	if tasks := x.app.Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].Message, "Conflict") {
		t.Fatalf("got tasks %v, want one for the conflict", tasks)
	}
	if err := x.app.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := x.differences(); len(d) != 0 || len(x.app.Tasks()) != 0 {
		t.Errorf("got differences %v and tasks %v, want none", d, x.app.Tasks())
	}
}

// TestChaos holds that a provider that fails one request in ten, in each way,
// is brought in line in the end.
func TestChaos(t *testing.T) {
	for _, dialect := range []string{flow.EntraLegacy, flow.EntraFlag} {
		for seed := range uint64(5) {
			t.Run(fmt.Sprintf("%s/%d", dialect, seed), func(t *testing.T) {
				to, random := provider(t), rand.New(rand.NewPCG(seed, 1))
				x := open(t, roundTrip(func(q *http.Request) (*http.Response, error) {
					switch random.IntN(50) {
					case 0:
						return httpmock.NewStringResponse(500, "<html>"), nil
					case 1:
						return httpmock.NewStringResponse(429, ""), nil
					case 2:
						return nil, errors.New("connection refused")
					case 3:
						if r, err := to.RoundTrip(q); err == nil {
							_ = r.Body.Close()
						}
						return nil, errors.New("connection reset after commit")
					case 4:
						if q.Method == http.MethodGet || q.Method == http.MethodPost { // that a PATCH was done nobody looks up
							return httpmock.NewStringResponse(200, ""), nil
						}
					}
					return to.RoundTrip(q)
				}), entra.Options{Dialect: dialect})
				x.live(12)
				x.to, random = to, rand.New(zero{}) // the provider is well for the comparison
				d := x.differences()
				if !cycle.Converged(d) || len(x.app.Tasks()) > 0 {
					t.Errorf("got differences %v and tasks %v, want none", d, x.app.Tasks())
				}
			})
		}
	}
}

// zero is a source of randomness that never lets anything fail.
type zero struct{}

func (zero) Uint64() uint64 { return 1<<64 - 1 }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// remove deletes at the provider behind Entra ID's back.
func (x *tenant) remove(path string) {
	x.Helper()
	s := cycle.Sender{BaseURL: "http://provider.example/scim/v2", Token: token, Base: x.to}
	sent, err := s.Send(x.Context(), flow.Request{Method: http.MethodDelete, Path: path})
	if err != nil || !sent.OK() {
		x.Fatal(err, sent.Status)
	}
}

// TestKnobsOfFailures holds what the switches make of answers that fail.
func TestKnobsOfFailures(t *testing.T) {
	t.Run("PATCH after a conflict", func(t *testing.T) {
		to, there := provider(t), false
		x := open(t, roundTrip(func(q *http.Request) (*http.Response, error) {
			if q.Method == http.MethodPost && !there { // somebody else is quicker
				there = true
				if r, err := to.RoundTrip(q); err == nil {
					_ = r.Body.Close()
				}
				return httpmock.NewStringResponse(409, ""), nil
			}
			return to.RoundTrip(q)
		}), entra.Options{Knobs: entra.Knobs{PatchAfterConflict: true}})
		x.cycle(join(ada()), on(directory.Assign, "ada"))
		if d := x.differences(); len(d) > 0 || len(x.app.Tasks()) > 0 {
			t.Errorf("got differences %v and tasks %v, want none", d, x.app.Tasks())
		}
	})
	t.Run("a missing user stays missing", func(t *testing.T) {
		m := scripted(t)
		m.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(`/Users/1$`), reply(404, ``))
		x := open(t, m, entra.Options{Knobs: entra.Knobs{KeepMissing: true}})
		x.cycle(join(ada()), on(directory.Assign, "ada"))
		x.cycle(set("ada", "title", "Engineer"))
		if got := lines(x.cycle(), nil); len(got) != 1 || got[0] != "GET /Users/1" {
			t.Errorf("the retry sent %v, want a GET by id", got)
		}
	})
	t.Run("a POST is not repeated", func(t *testing.T) {
		m := scripted(t)
		m.RegisterRegexpResponder(http.MethodPost, regexp.MustCompile(`/Users$`), httpmock.NewErrorResponder(errors.New("reset")))
		x := open(t, m, entra.Options{Knobs: entra.Knobs{NoRepeat: true}})
		if got := x.cycle(join(ada()), on(directory.Assign, "ada")); len(got) != 2 {
			t.Errorf("sent %v, want a match and one POST", lines(got, nil))
		}
	})
	t.Run("nothing is deleted", func(t *testing.T) {
		x := open(t, provider(t), entra.Options{Knobs: entra.Knobs{NoDelete: true}})
		x.cycle(join(ada()), found("g", "G", "ada"), on(directory.Assign, "ada", "g"))
		x.cycle(on(directory.Delete, "g"), on(directory.Delete, "ada"))
		x.cycle(on(directory.Purge, "ada"))
		for _, e := range x.sent {
			if e.Method == http.MethodDelete {
				t.Errorf("sent %s %s, want no DELETE", e.Method, e.Path)
			}
		}
		if d := x.differences(); len(d) != 1 || d[0].Where != "the resource" || !strings.Contains(d[0].Expected, "delete is off") {
			t.Errorf("got %v, want the group, expected", d)
		}
	})
}
