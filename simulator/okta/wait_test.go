// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/okta"
)

// TestPolicy holds the schedule of 429 by the page on rate limits.
func TestPolicy(t *testing.T) {
	tests := []struct {
		name     string
		status   int
		after    []string // one for each answer; the last for all that follow
		switches okta.Switches
		want     []time.Duration
	}{
		{"integer", 429, []string{"120"}, okta.Switches{}, slices.Repeat([]time.Duration{2 * time.Minute}, 9)},
		{"zero", 429, []string{"0"}, okta.Switches{}, make([]time.Duration, 9)},
		{"none doubles", 429, []string{""}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"a date", 429, []string{"Wed, 21 Oct 2026 07:28:00 GMT"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"a fraction", 429, []string{"1.5"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"null", 429, []string{"null"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"negative", 429, []string{"-1"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"doubles what was asked for", 429, []string{"60", ""}, okta.Switches{}, append([]time.Duration{time.Minute}, doubling(2*time.Minute, 8)...)},
		{"ten years and no more", 429, []string{"315360000", ""}, okta.Switches{}, slices.Repeat([]time.Duration{10 * 365 * 24 * time.Hour}, 9)},
		{"more than anybody means", 429, []string{"99999999999"}, okta.Switches{}, doubling(5*time.Minute, 9)},
		{"503", 503, []string{"120"}, okta.Switches{}, nil},
		{"503, switched", 503, []string{"120"}, okta.Switches{RetryServerErrors: true}, doubling(5*time.Minute, 9)},
		{"501, switched", 501, []string{""}, okta.Switches{RetryServerErrors: true}, nil},
		{"silence", 0, []string{""}, okta.Switches{}, nil},
		{"400", 400, []string{"1"}, okta.Switches{RetryServerErrors: true}, nil},
		{"200", 200, []string{"1"}, okta.Switches{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			policy := okta.Policy(tt.switches)
			var got []time.Duration
			last := time.Duration(0)
			for attempt := 1; attempt < 100; attempt++ {
				x := &flow.Exchange{Status: tt.status}
				x.Response.Header = http.Header{"Retry-After": {tt.after[min(attempt, len(tt.after))-1]}}
				wait, again := policy(attempt, last, x)
				if !again {
					break
				}
				got, last = append(got, wait), wait
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v\nwant %v", got, tt.want)
			}
		})
	}
}

func doubling(d time.Duration, n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = d << i
	}
	return all
}

// TestWaits holds that waits pass on the virtual clock, and that what follows
// them is the request as it was.
func TestWaits(t *testing.T) {
	asked := 0
	provider := reference(t)
	provider.answer = func(q request) (int, http.Header, string, bool) {
		if q.Method == http.MethodPost && asked < 3 {
			asked++
			return 429, http.Header{"Retry-After": {"120"}}, "", true
		}
		return 0, nil, "", false
	}
	r := play(t, "okta-oin", one+"changes: [{assign: ada}]\n", provider)
	if !r.Converged() || r.Waited != 6*time.Minute || r.Took != 6*time.Minute {
		t.Errorf("waited %v of %v, tasks %v", r.Waited, r.Took, r.Tasks)
	}
	sent := provider.lines()[2:6]
	if len(slices.Compact(slices.Clone(sent))) != 1 {
		t.Errorf("requests differ: %q", sent)
	}
}

// TestSilence holds that a request ends after a minute without a byte, before
// the head of the answer or within its body, and not a second before.
func TestSilence(t *testing.T) {
	// quiet says nothing for a time, then the rest.
	quiet := func(q *http.Request, d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-q.Context().Done():
			return q.Context().Err()
		}
	}
	stalled := func(d time.Duration) httpmock.Responder {
		return func(q *http.Request) (*http.Response, error) {
			r := httpmock.NewStringResponse(201, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(user[:9]), late{func() error { return quiet(q, d) }}, strings.NewReader(user[9:])))
			return r, nil
		}
	}
	late := func(d time.Duration) httpmock.Responder {
		return func(q *http.Request) (*http.Response, error) {
			if err := quiet(q, d); err != nil {
				return nil, err
			}
			return reply(201, user, "")(q)
		}
	}
	const want = "Automatic provisioning of user ada@example.test to app SCIM app failed: Error while creating user ada@example.test: no byte came for 1m0s"
	tests := []struct {
		name   string
		answer httpmock.Responder
		want   string
	}{
		{"59 s before the head", late(59 * time.Second), ""},
		{"61 s before the head", late(61 * time.Second), want},
		{"59 s within the body", stalled(59 * time.Second), ""},
		{"61 s within the body", stalled(61 * time.Second), want},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}]\n", simulator.Options{Transport: mocked(map[string]httpmock.Responder{"POST =~/Users$": tt.answer})})
				if err != nil {
					t.Fatal(err)
				}
				if tt.want == "" && len(r.Tasks) > 0 || tt.want != "" && (len(r.Tasks) != 1 || r.Tasks[0].Message != tt.want) {
					t.Errorf("got tasks %v, want %q", r.Tasks, tt.want)
				}
			})
		})
	}
}

// late is a reader of nothing that takes its time.
type late struct{ wait func() error }

func (l late) Read([]byte) (int, error) {
	if err := l.wait(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// TestWaitForms holds how long a job waits for each form of a Retry-After, and
// that it then goes on.
func TestWaitForms(t *testing.T) {
	tests := []struct {
		name, after string
		want        time.Duration
	}{
		{"integer", "120", 2 * time.Minute},
		{"zero", "0", 0},
		{"negative", "-1", 5 * time.Minute},
		{"a date", "Wed, 21 Oct 2026 07:28:00 GMT", 5 * time.Minute},
		{"absent", "", 5 * time.Minute},
		{"null", "null", 5 * time.Minute},
		{"a year", "31536000", 365 * 24 * time.Hour},
		{"more than anybody means", "99999999999999999999", 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mocked(map[string]httpmock.Responder{"POST =~/Users$": reply(429, "<html>", tt.after).Then(reply(201, user, ""))})
			r, err := simulate(t, "okta-oin", one+"changes: [{assign: ada}]\n", simulator.Options{Transport: m})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Tasks) > 0 || r.Waited != tt.want || m.GetCallCountInfo()["POST =~/Users$"] != 2 {
				t.Errorf("waited %v with tasks %v, want %v", r.Waited, r.Tasks, tt.want)
			}
		})
	}
}
