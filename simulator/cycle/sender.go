// SPDX-License-Identifier: Apache-2.0

package cycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Sender sends requests to a provider, one at a time or several at once. It
// adds nothing to a request but the credentials, follows no redirect and keeps
// no cookie. Every attempt is given to Attempt and Record.
type Sender struct {
	BaseURL string
	Token   string                                     // of a bearer; "": none is sent
	Header  http.Header                                // sent besides, for instance what a gateway wants
	Base    http.RoundTripper                          // nil: http.DefaultTransport; compression must be off in it
	Clock   Clock                                      // nil: Real
	Retry   Retry                                      // nil: one attempt
	Idle    time.Duration                              // how long the line may be silent; zero: for ever
	Attempt func(flow.Exchange)                        // is given each attempt as it was on the wire, to be shown nowhere; nil: nobody
	Record  func(flow.Exchange)                        // is given each attempt, redacted, which costs a third of a request; nil: nobody
	Redact  *flow.Redactor                             // what Record must not show; nil: what is secret by name
	Waiting func(x *flow.Exchange, wait time.Duration) // is told of each wait; nil: nobody
}

// Retry decides what follows an attempt: whether to send the request again,
// and after which wait. attempt counts from 1; last is the wait before this
// attempt, zero before the first.
type Retry func(attempt int, last time.Duration, x *flow.Exchange) (wait time.Duration, again bool)

// Sent is what came of a request.
type Sent struct {
	*flow.Exchange // the last attempt, as it was on the wire, not redacted
	Attempts       int
}

// OK says whether the answer is a success.
func (s Sent) OK() bool { return s.Status >= 200 && s.Status <= 299 }

// Send sends q until the retry policy has enough. An error says that the
// context ended or that q is no request; no answer, or a success that did not
// come whole, is not an error but a Status of 0.
func (s *Sender) Send(ctx context.Context, q flow.Request) (Sent, error) {
	var wait time.Duration
	for attempt := 1; ; attempt++ {
		x, err := s.once(ctx, q)
		if err != nil {
			return Sent{}, err
		}
		done := Sent{Exchange: x, Attempts: attempt}
		if s.Retry == nil {
			return done, nil
		}
		next, again := s.Retry(attempt, wait, x)
		if !again {
			return done, nil
		}
		if s.Waiting != nil {
			s.Waiting(x, next)
		}
		if err := s.clock().Sleep(ctx, next); err != nil {
			return Sent{}, fmt.Errorf("wait to send %s again: %w", x.Name(), err)
		}
		wait = next
	}
}

func (s *Sender) clock() Clock {
	if s.Clock == nil {
		return Real{}
	}
	return s.Clock
}

// errSilent ends an attempt on which nothing came for Sender.Idle.
var errSilent = errors.New("no byte came in time")

// once makes one attempt.
func (s *Sender) once(ctx context.Context, q flow.Request) (*flow.Exchange, error) {
	silent, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, err := q.HTTP(silent, s.BaseURL)
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, s.Header)
	if s.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.Token)
	}
	var x flow.Exchange
	transport := &flow.Transport{
		Base: &watched{base: s.Base, idle: s.Idle, cancel: cancel}, BaseURL: s.BaseURL, Redactor: s.Redact, Now: s.clock().Now,
		Raw: func(raw flow.Exchange) {
			x = raw
			if s.Attempt != nil {
				s.Attempt(raw)
			}
		},
		After: s.Record,
	}
	began := time.Now()
	reply, err := transport.RoundTrip(r)
	if err == nil {
		_ = reply.Body.Close() // it was read whole, and is in x
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("send %s: %w", q.Method+" "+q.Path, context.Cause(ctx))
	}
	x.Path, x.Duration, x.Error = q.Path, time.Since(began), s.Redact.Text(x.Error)
	if x.Error != "" && errors.Is(context.Cause(silent), errSilent) {
		x.Error = fmt.Sprintf("no byte came for %v", s.Idle)
	}
	if x.Error != "" && x.Status >= 200 && x.Status <= 299 { // that it was a success nobody can rely on
		x.Status, x.Response = 0, flow.Message{}
	}
	return &x, nil
}

// watched ends an attempt when the line is silent for too long: before the head
// of the reply, or between two reads of its body.
type watched struct {
	base   http.RoundTripper
	idle   time.Duration
	cancel context.CancelCauseFunc
}

// RoundTrip sends q and starts to watch.
func (w *watched) RoundTrip(q *http.Request) (*http.Response, error) {
	base := w.base
	if base == nil {
		base = http.DefaultTransport
	}
	if w.idle == 0 {
		return base.RoundTrip(q)
	}
	timer := time.AfterFunc(w.idle, func() { w.cancel(errSilent) })
	reply, err := base.RoundTrip(q)
	if err != nil {
		timer.Stop()
		return nil, err
	}
	timer.Reset(w.idle)
	reply.Body = &watchedBody{ReadCloser: reply.Body, timer: timer, idle: w.idle}
	return reply, nil
}

type watchedBody struct {
	io.ReadCloser
	timer *time.Timer
	idle  time.Duration
}

// Read reads and starts the time anew.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.timer.Reset(b.idle)
	return n, err
}

// Close stops the time.
func (b *watchedBody) Close() error {
	b.timer.Stop()
	return b.ReadCloser.Close()
}
