// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"
	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

func TestJudgeOutcomes(t *testing.T) {
	tests := []struct {
		name     string
		needs    []string
		script   func(*httpmock.MockTransport)
		run      func(*check.T)
		outcome  check.Outcome
		reason   string   // is part of the reason
		findings []string // each is part of one finding, in order
	}{
		{
			name:    "an assertion that holds",
			run:     func(t *check.T) { t.Expect(t.List("/Users")).To(match.HaveStatus(200)) },
			outcome: check.Passed,
		},
		{
			name:    "nothing to put to the test",
			run:     func(t *check.T) { t.List("/Users"); t.Skip("no limit is given") },
			outcome: check.Skipped,
			reason:  "no limit is given",
		},
		{
			name: "expect goes on",
			run: func(t *check.T) {
				x := t.List("/Users")
				t.Expect(x).To(match.HaveStatus(404))
				t.Expect(x).To(match.HaveStatus(405))
			},
			outcome:  check.Failed,
			findings: []string{"GET /Users · status: got 200, want 404", "405"},
		},
		{
			name: "require stops",
			run: func(t *check.T) {
				x := t.List("/Users")
				t.Require(x).To(match.HaveStatus(404))
				t.Expect(x).To(match.HaveStatus(405))
			},
			outcome:  check.Failed,
			findings: []string{"404"},
		},
		{
			name:     "a matcher of another package",
			run:      func(t *check.T) { t.Expect(len(t.List("/Users").Path)).To(gomega.Equal(3)) },
			outcome:  check.Failed,
			findings: []string{"to equal"},
		},
		{
			name:     "a negated matcher",
			run:      func(t *check.T) { t.Expect(t.List("/Users")).NotTo(match.HaveStatus(200)) },
			outcome:  check.Failed,
			findings: []string{"did not want"},
		},
		{
			name:    "a precondition blocks",
			run:     func(t *check.T) { t.Precondition(t.List("/Users")).To(match.HaveStatus(404)) },
			outcome: check.Blocked,
			reason:  "got 200, want 404",
		},
		{
			name:    "a user that cannot be made blocks",
			script:  func(m *httpmock.MockTransport) { m.RegisterResponder("POST", base+"/Users", reply(500, "oops")) },
			run:     func(t *check.T) { t.CreateUser(people.Alice) },
			outcome: check.Blocked,
			reason:  "got 500 Internal Server Error oops, want 201 and an id",
		},
		{
			name:   "a finding outweighs a block",
			script: func(m *httpmock.MockTransport) { m.RegisterResponder("POST", base+"/Users", reply(500, "")) },
			run: func(t *check.T) {
				t.Expect(t.List("/Users")).To(match.HaveStatus(404))
				t.CreateUser(people.Alice)
			},
			outcome:  check.Failed,
			findings: []string{"404"},
		},
		{
			name:    "a need that is not met skips",
			needs:   check.Needs(check.CapBulk, check.CapProduct),
			run:     func(*check.T) { panic("was run") },
			outcome: check.Skipped,
			reason:  "needs bulk: ServiceProviderConfig does not say bulk.supported: true; needs product: the target has no product probe",
		},
		{
			name:    "a panic breaks",
			run:     func(t *check.T) { t.List("/Users"); panic("nil map " + token) },
			outcome: check.Broken,
			reason:  "panic: nil map REDACTED\ngoroutine",
		},
		{
			name:    "a matcher used wrongly breaks",
			run:     func(t *check.T) { t.List("/Users"); t.Expect(3).To(match.HaveStatus(200)) },
			outcome: check.Broken,
			reason:  "matcher was used wrongly",
		},
		{
			name:    "to pass without a look breaks",
			run:     func(t *check.T) { t.Expect(1).To(gomega.Equal(1)) },
			outcome: check.Broken,
			reason:  "without one exchange",
		},
		{
			name: "no answer is a finding by itself",
			script: func(m *httpmock.MockTransport) {
				m.RegisterResponder("GET", base+"/Groups", httpmock.NewErrorResponder(errors.New("connection reset")))
			},
			run:      func(t *check.T) { t.List("/Groups") },
			outcome:  check.Failed,
			findings: []string{"GET /Groups · answer: got connection reset, want a whole answer"},
		},
		{
			name: "no answer is one finding, not two",
			script: func(m *httpmock.MockTransport) {
				m.RegisterResponder("GET", base+"/Groups", httpmock.NewErrorResponder(errors.New("connection reset")))
			},
			run:      func(t *check.T) { t.Expect(t.List("/Groups")).To(match.HaveStatus(200)) },
			outcome:  check.Failed,
			findings: []string{"connection reset"},
		},
		{
			name: "what comes in time passes",
			run: func(t *check.T) {
				n := 0
				t.Eventually(func() any { n++; t.List("/Users"); return n }, time.Second).Should(gomega.BeNumerically(">", 2))
			},
			outcome: check.Passed,
		},
		{
			name: "what never comes is a finding",
			run: func(t *check.T) {
				t.Eventually(func() any { return t.List("/Users") }, 50*time.Millisecond).Should(match.HaveStatus(404))
			},
			outcome:  check.Failed,
			findings: []string{"(still so after 50ms)"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			if test.script != nil {
				test.script(m)
			}
			c := check.Check{ID: "a.b", Needs: test.needs, Run: test.run}
			r := check.Judge(context.Background(), c, open(t, target(m)))
			if r.Outcome != test.outcome || !strings.Contains(r.Reason, test.reason) {
				t.Errorf("got %s %q, want %s %q", r.Outcome, r.Reason, test.outcome, test.reason)
			}
			if len(r.Findings) != len(test.findings) {
				t.Fatalf("got findings %v, want %d", r.Findings, len(test.findings))
			}
			for i, want := range test.findings {
				if got := r.Findings[i].String(); !strings.Contains(got, want) {
					t.Errorf("finding %d: got %q, want part %q", i, got, want)
				}
			}
		})
	}
}

func TestJudgeEndsCheckAtDeadline(t *testing.T) {
	m := script(t)
	m.RegisterResponder("GET", base+"/Groups", func(q *http.Request) (*http.Response, error) {
		<-q.Context().Done()
		return nil, q.Context().Err()
	})
	c := check.Check{ID: "a.b", Timeout: 50 * time.Millisecond, Run: func(t *check.T) {
		t.CreateUser(people.Alice)
		t.List("/Groups")
		t.List("/Users")
	}}
	r := check.Judge(context.Background(), c, open(t, target(m)))
	if r.Outcome != check.Failed || !strings.Contains(fmt.Sprint(r.Findings), "time is up") {
		t.Errorf("got %s %v, want failed for time", r.Outcome, r.Findings)
	}
	if len(r.Exchanges) != 2 {
		t.Errorf("got %d exchanges, want the POST and the one that hung", len(r.Exchanges))
	}
	if got := m.GetCallCountInfo()["DELETE =~^"+base+"/Users/.+"]; got != 1 {
		t.Errorf("got %d deletions, want 1", got)
	}
}

func TestEventuallyIsNotChargedToTheCheck(t *testing.T) {
	c := check.Check{ID: "a.b", Timeout: 150 * time.Millisecond, Run: func(t *check.T) {
		begun := time.Now()
		t.Eventually(func() any { return time.Since(begun) }, time.Second).Should(gomega.BeNumerically(">", 250*time.Millisecond))
		t.Expect(t.List("/Users")).To(match.HaveStatus(200))
	}}
	if r := check.Judge(context.Background(), c, open(t, target(script(t)))); r.Outcome != check.Passed {
		t.Errorf("got %s %v, want passed", r.Outcome, r.Findings)
	}
}

func TestJudgeCleansUpWhateverHappens(t *testing.T) {
	tests := []struct {
		name    string
		end     func(*check.T, context.CancelFunc)
		outcome check.Outcome
	}{
		{"after success", func(*check.T, context.CancelFunc) {}, check.Passed},
		{"after failure", func(t *check.T, _ context.CancelFunc) { t.Require(1).To(gomega.Equal(2)) }, check.Failed},
		{"after a panic", func(*check.T, context.CancelFunc) { panic("no") }, check.Broken},
		{"after cancel", func(t *check.T, cancel context.CancelFunc) { cancel(); t.List("/Users") }, check.Blocked},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			var order []string
			for _, endpoint := range []string{"/Users", "/Groups"} {
				m.RegisterResponder("DELETE", "=~^"+base+endpoint+"/.+", func(q *http.Request) (*http.Response, error) {
					order = append(order, strings.TrimPrefix(q.URL.Path, "/scim/v2"))
					return httpmock.NewStringResponse(204, ""), q.Context().Err()
				})
			}
			p := open(t, target(m))
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r := check.Judge(ctx, check.Check{ID: "a.b", Run: func(t *check.T) {
				group := t.CreateGroup("team")
				user := t.CreateUser(people.Alice)
				t.Expect(t.Get(group)).To(match.HaveStatus(200))
				t.Expect(t.Get(user)).To(match.HaveStatus(200))
				test.end(t, cancel)
			}}, p)
			if r.Outcome != test.outcome {
				t.Errorf("got %s %s, want %s", r.Outcome, r.Reason, test.outcome)
			}
			if diff := cmp.Diff([]string{"/Groups/made-1", "/Users/made-2"}, order); diff != "" {
				t.Errorf("deletions, groups first (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudgeListsLeftovers(t *testing.T) {
	m := script(t)
	m.RegisterResponder("DELETE", "=~^"+base+"/Users/.+", reply(500, ""))
	r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) { t.CreateUser(people.Alice) }}, open(t, target(m)))
	if diff := cmp.Diff([]string{base + "/Users/made-1"}, r.Leftovers); diff != "" {
		t.Errorf("leftovers (-want +got):\n%s", diff)
	}
	if r.Outcome != check.Passed || len(r.Exchanges) != 2 {
		t.Errorf("got %s with %d exchanges, want passed with the POST and the failed DELETE", r.Outcome, len(r.Exchanges))
	}
}

func TestJudgeRemovesOnlyWhatItMade(t *testing.T) {
	const own, other = `{"id":"a","userName":"scimproof-run1-1-alice@x"}`, `{"id":"a","userName":"ceo@customer.example"}`
	born := func(at time.Time) string {
		return own[:len(own)-1] + `,"meta":{"created":"` + at.UTC().Format(time.RFC3339) + `"}}`
	}
	tests := []struct {
		name, answer string
		status       int
		shown        string // by GET; empty: a 500
		deletes      int
		left         bool
	}{
		{"201 with an id", `{"id":"a"}`, 201, own, 1, false},
		{"200 that carries the mark", own, 200, own, 1, false},
		{"200 without the mark", `{"id":"a"}`, 200, own, 0, false},
		{"201 that shows somebody else", other, 201, other, 0, false},
		{"201 with the name in capitals", `{"id":"a","userName":"SCIMPROOF-RUN1-1-ALICE@X"}`, 201, own, 1, false},
		{"409 with an id", own, 409, own, 0, false},
		{"an id that is a number", `{"id":7}`, 201, own, 0, false},
		{"201 with the id of somebody else", own, 201, other, 0, false},
		{"201 that shows another id", own, 201, `{"id":"b","userName":"scimproof-run1-1-alice@x"}`, 0, false},
		{"an update of somebody who was there before", own, 201, born(time.Now().Add(-time.Hour)), 0, false},
		{"born during the run", own, 201, born(time.Now()), 1, false},
		{"clocks that differ a little", own, 201, born(time.Now().Add(-time.Minute)), 1, false},
		{"a provider that does not show it", own, 201, "", 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			m.RegisterResponder("POST", base+"/Users", reply(test.status, test.answer))
			status := 200
			if test.shown == "" {
				status = 500
			}
			m.RegisterResponder("GET", base+"/Users/a", reply(status, test.shown))
			r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
				t.Post("/Users", people.Alice.User(t.Name("alice")))
			}}, open(t, target(m)))
			if got := deletions(m); got != test.deletes {
				t.Errorf("got %d deletions, want %d", got, test.deletes)
			}
			if got := len(r.Leftovers) > 0; got != test.left {
				t.Errorf("got leftovers %v, want some: %v", r.Leftovers, test.left)
			}
		})
	}
}

// A provider that answers a create with somebody else's id is stopped at the
// first write, whatever it is.
func TestAdoptedAreNotWrittenTo(t *testing.T) {
	writes := map[string]func(*check.T, *check.Resource){
		"PUT":    func(t *check.T, r *check.Resource) { t.Put(r, "{}") },
		"PATCH":  func(t *check.T, r *check.Resource) { t.Patch(r, "[]") },
		"DELETE": func(t *check.T, r *check.Resource) { t.Delete(r) },
		"bulk": func(t *check.T, r *check.Resource) {
			t.Post("/Bulk", `{"Operations":[{"method":"DELETE","path":"`+r.Path()+`"}]}`)
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			m := script(t)
			var mark string
			m.RegisterResponder("POST", base+"/Users", func(*http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(201, `{"id":"a","userName":"`+mark+`"}`), nil
			})
			m.RegisterResponder("GET", base+"/Users/a", reply(200, `{"id":"a","userName":"ceo@customer.example"}`))
			r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
				mark = t.Name("alice")
				write(t, t.Create("/Users", people.Alice.User(mark)))
			}}, open(t, target(m)))
			if r.Outcome != check.Failed || !strings.Contains(r.Findings[0].Text, "shows none of the run's names") {
				t.Errorf("got %s %v, want a finding that the id is somebody else's", r.Outcome, r.Findings)
			}
			for call, n := range m.GetCallCountInfo() {
				if n > 0 && !strings.HasPrefix(call, "GET") && call != "POST "+base+"/Users" {
					t.Errorf("got %d of %s, want none", n, call)
				}
			}
		})
	}
}

func TestJudgeRemovesNoGroupOfOthers(t *testing.T) {
	m := script(t)
	m.RegisterResponder("POST", base+"/Groups", reply(201, `{"id":"a","displayName":"Everybody"}`))
	check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) { t.CreateGroup("team") }}, open(t, target(m)))
	if got := deletions(m); got != 0 {
		t.Errorf("got %d deletions, want none", got)
	}
}

func TestGate(t *testing.T) {
	bulk := func(ops string) flow.Request {
		return flow.Request{Method: "POST", Path: "/Bulk", Body: []byte(`{"Operations":[` + ops + `]}`)}
	}
	tests := []struct {
		name    string
		request flow.Request
		refused bool
	}{
		{"read somebody else's", flow.Request{Method: "GET", Path: "/Users/other"}, false},
		{"change own", flow.Request{Method: "PATCH", Path: "/Users/made-1"}, false},
		{"change own, encoded", flow.Request{Method: "PUT", Path: "/Users/made%2D1?attributes=id"}, false},
		{"change somebody else's", flow.Request{Method: "PATCH", Path: "/Users/other"}, true},
		{"delete somebody else's", flow.Request{Method: "DELETE", Path: "/Groups/other"}, true},
		{"delete through a climb", flow.Request{Method: "DELETE", Path: "/Users/made-1/../other"}, true},
		{"delete through an encoded slash", flow.Request{Method: "DELETE", Path: "/Users/made-1%2F..%2Fother"}, true},
		{"delete a collection", flow.Request{Method: "DELETE", Path: "/Users/"}, true},
		{"change the token's owner", flow.Request{Method: "PATCH", Path: "/Me"}, true},
		{"search", flow.Request{Method: "POST", Path: "/Users/.search"}, false},
		{"change a schema", flow.Request{Method: "PUT", Path: "/Schemas/x"}, false},
		{"bulk on own", bulk(`{"method":"DELETE","path":"/Users/made-1"},{"method":"POST","path":"/Users"}`), false},
		{"bulk on somebody else's", bulk(`{"method":"delete","path":"/Users/other"}`), true},
		{"bulk that cannot be read", flow.Request{Method: "POST", Path: "/Bulk", Body: []byte(`{"path":"/Users/other"`)}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			m.RegisterNoResponder(reply(200, `{}`))
			r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
				t.CreateUser(people.Alice)
				t.Send(test.request)
			}}, open(t, target(m)))
			refused := r.Outcome == check.Failed && strings.HasPrefix(r.Findings[0].Text, "not sent, because")
			if refused != test.refused {
				t.Errorf("got %s %q %v, want refused %v", r.Outcome, r.Reason, r.Findings, test.refused)
			}
		})
	}
}

func TestUnknownIDPassesTheGate(t *testing.T) {
	m := script(t)
	m.RegisterNoResponder(reply(404, `{}`))
	r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
		t.Expect(t.Delete(&check.Resource{Endpoint: "/Things", ID: t.UnknownID()})).To(match.HaveStatus(404))
	}}, open(t, target(m)))
	if r.Outcome != check.Passed {
		t.Errorf("got %s %s %v, want passed", r.Outcome, r.Reason, r.Findings)
	}
}

func TestTranscriptHoldsNoSecrets(t *testing.T) {
	m := script(t)
	m.RegisterResponder("GET", base+"/Groups", func(q *http.Request) (*http.Response, error) {
		if got := q.Header.Get("Authorization"); got != "Bearer "+token {
			return nil, fmt.Errorf("authorization was %q", got)
		}
		r := httpmock.NewStringResponse(200, `{"echo":"`+token+`","password":"hunter2"}`)
		r.Header.Set("Set-Cookie", "session=s3ss10n")
		return r, nil
	})
	r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
		t.Send(flow.Request{Method: "GET", Path: "/Groups?t=" + token, Body: []byte(`{"password":"hunter2"}`)})
	}}, open(t, target(m)))
	got := fmt.Sprintf("%s %+v", r.Exchanges[0].Request.Body, r)
	got += string(r.Exchanges[0].Response.Body)
	for _, secret := range []string{token, "hunter2", "s3ss10n"} {
		if strings.Contains(got, secret) {
			t.Errorf("result shows %q", secret)
		}
	}
	if r.Exchanges[0].Status != 200 {
		t.Errorf("got %s, want the request to reach the provider", r.Exchanges[0].Error)
	}
}

func TestHeaderWithoutValueIsKeptOffTheWire(t *testing.T) {
	m := script(t)
	var got []string
	m.RegisterResponder("GET", base+"/Groups", func(q *http.Request) (*http.Response, error) {
		got = append(got, q.Header.Get("Authorization"))
		return httpmock.NewStringResponse(401, `{}`), nil
	})
	check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
		t.Send(flow.Request{Method: "GET", Path: "/Groups", Header: http.Header{"Authorization": nil}})
		t.Send(flow.Request{Method: "GET", Path: "/Groups", Header: http.Header{"Authorization": {"Bearer wrong"}}})
	}}, open(t, target(m)))
	if want := []string{"", "Bearer wrong"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamesCarryTheRunAndNeverMeet(t *testing.T) {
	p := open(t, target(script(t)))
	var names []string
	for _, id := range []string{"a.b", "a.c", "a.b"} {
		check.Judge(context.Background(), check.Check{ID: id, Run: func(t *check.T) {
			names = append(names, t.Name("Alice"), t.Name("Alice"))
		}}, p)
	}
	for _, n := range names {
		if !strings.HasPrefix(n, "scimproof-run1-") || !strings.HasSuffix(n, "-alice") {
			t.Errorf("got %q, want scimproof-run1-…-alice", n)
		}
	}
	slices.Sort(names)
	if got := len(slices.Compact(names)); got != 6 {
		t.Errorf("got %d different names, want 6", got)
	}
}

func TestQuery(t *testing.T) {
	got := check.Query("filter", `userName eq "a+b c"`, "count", "2")
	if want := "?filter=userName%20eq%20%22a%2Bb%20c%22&count=2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
