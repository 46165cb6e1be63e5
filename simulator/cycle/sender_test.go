// SPDX-License-Identifier: Apache-2.0

package cycle_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
)

const secret = "a-token-of-16-bytes-or-more"

// serve starts a provider and gives a sender to it.
func serve(t *testing.T, h http.HandlerFunc) *cycle.Sender {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &cycle.Sender{
		BaseURL: srv.URL + "/scim/v2", Token: secret, Clock: cycle.NewVirtual(time.Unix(0, 0)),
		Base: &http.Transport{DisableCompression: true},
	}
}

func TestSend(t *testing.T) {
	var got http.Header
	var recorded []flow.Exchange
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, r.URL.RequestURI()+" "+string(body))
	})
	s.Record = func(x flow.Exchange) { recorded = append(recorded, x) }
	s.Redact = flow.NewRedactor(secret)
	s.Header = http.Header{"X-Tenant": {"7"}}
	for range 2 {
		sent, err := s.Send(t.Context(), flow.Request{Method: http.MethodPut, Path: "/Users/a%2Fb?x=%20", Body: []byte(`{"password":"p"}`)})
		if err != nil {
			t.Fatal(err)
		}
		if sent.Status != http.StatusFound || string(sent.Response.Body) != `/scim/v2/Users/a%2Fb?x=%20 {"password":"p"}` || sent.Attempts != 1 || sent.OK() {
			t.Errorf("got %d %s, %d attempts", sent.Status, sent.Response.Body, sent.Attempts)
		}
	}
	want := http.Header{"Authorization": {"Bearer " + secret}, "X-Tenant": {"7"}, "Content-Length": {"16"}}
	for name := range got {
		if got.Get(name) != want.Get(name) {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want.Get(name))
		}
	}
	if len(recorded) != 2 || strings.Contains(string(recorded[0].Request.Body), `"p"`) || strings.Contains(recorded[0].Request.Header.Get("Authorization"), secret) {
		t.Errorf("recorded %v", recorded)
	}
}

// TestUnrecorded holds that where nobody records, each attempt is told of as it
// was, and that no error tells the token.
func TestUnrecorded(t *testing.T) {
	var told []flow.Exchange
	s := &cycle.Sender{
		BaseURL: "http://provider.example", Token: secret, Redact: flow.NewRedactor(secret),
		Base: dead{}, Attempt: func(x flow.Exchange) { told = append(told, x) },
	}
	sent, err := s.Send(t.Context(), flow.Request{Method: http.MethodGet, Path: "/Users"})
	if err != nil || sent.Status != 0 || sent.Error != "dial with REDACTED: refused" {
		t.Errorf("got %v, %d, %q", err, sent.Status, sent.Error)
	}
	if len(told) != 1 || told[0].Request.Header.Get("Authorization") != "Bearer "+secret {
		t.Errorf("told of %v, want the request as it was sent", told)
	}
}

type dead struct{}

func (dead) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial with " + secret + ": refused")
}

func TestRetry(t *testing.T) {
	calls := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls < 4 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	var waits []time.Duration
	s.Waiting = func(_ *flow.Exchange, d time.Duration) { waits = append(waits, d) }
	s.Retry = func(attempt int, last time.Duration, x *flow.Exchange) (time.Duration, bool) {
		return last + time.Duration(attempt)*time.Hour, x.Status == http.StatusTooManyRequests
	}
	sent, err := s.Send(t.Context(), flow.Request{Method: http.MethodGet, Path: "/Users"})
	if err != nil || sent.Status != http.StatusOK || sent.Attempts != 4 || len(waits) != 3 || waits[2] != 6*time.Hour {
		t.Errorf("got %v, %d after %d attempts, waits %v", err, sent.Status, sent.Attempts, waits)
	}
	if now := s.Clock.Now(); !now.Equal(time.Unix(0, 0).Add(10 * time.Hour)) {
		t.Errorf("the clock shows %v", now)
	}
}

// TestSilence holds that a provider that says nothing is left, before the head
// and within the body, and one that says a little again and again is not.
func TestSilence(t *testing.T) {
	const idle = 200 * time.Millisecond
	tests := []struct {
		name   string
		serve  http.HandlerFunc
		status int
		want   string
	}{
		{"no head", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "no byte came for 200ms"},
		{"slow but alive", func(w http.ResponseWriter, _ *http.Request) {
			for range 8 {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(idle / 4)
			}
		}, 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.serve)
			s.Idle = idle
			sent, err := s.Send(t.Context(), flow.Request{Method: http.MethodGet, Path: "/Users"})
			if err != nil || sent.Status != tt.status || sent.Error != tt.want {
				t.Errorf("got %v, %d, %q", err, sent.Status, sent.Error)
			}
		})
	}
}

func TestContext(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.Send(ctx, flow.Request{Method: http.MethodGet, Path: "/Users"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := cycle.NewVirtual(time.Time{}).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("virtual clock: got %v", err)
	}
	if err := (cycle.Real{}).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("real clock: got %v", err)
	}
}
