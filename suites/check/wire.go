// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// maxReply is how much of a reply is read.
const maxReply = 8 << 20

// resends is how often a read is sent again whose connection broke before the
// first byte of a reply. What may write is sent once: nobody knows what came of it.
const resends = 2

// do sends r and gives the exchange as it was kept, redacted. The error tells
// of a request that could not be built; no answer is an exchange.
func (p *Provider) do(ctx context.Context, r flow.Request) (*flow.Exchange, error) {
	return p.insist(ctx, r, func(*flow.Exchange) {})
}

// insist does what do does, and gives broken each exchange that was sent again.
func (p *Provider) insist(ctx context.Context, r flow.Request, broken func(*flow.Exchange)) (*flow.Exchange, error) {
	for n := 0; ; n++ {
		x, sent, broke, err := p.once(ctx, r)
		if err != nil {
			return nil, err
		}
		again := broke && n < resends && r.Method == http.MethodGet
		if again {
			sent++
		}
		for range sent - 1 { // net/http has done so by itself where it kept the connection from before
			p.sent.Add(1)
			try := *x
			try.Status, try.Response = 0, flow.Message{}
			try.Error = strings.TrimPrefix(x.Error+resent, "; ")
			broken(&try)
		}
		if !again {
			return x, nil
		}
	}
}

// resent ends the error of an exchange that was sent again.
const resent = "; the connection broke before a reply: sent again, since it changes nothing"

// once sends r, and says how often it went out and whether the connection broke
// before the first byte of a reply in the end.
func (p *Provider) once(ctx context.Context, r flow.Request) (x *flow.Exchange, sent int64, broke bool, err error) {
	var wrote atomic.Int64
	var spoke atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				wrote.Add(1)
			}
		},
		GotFirstResponseByte: func() { spoke.Store(true) },
	})
	q, err := r.HTTP(ctx, p.target.BaseURL)
	if err != nil {
		return nil, 0, false, err
	}
	if !names(r.Header, "User-Agent") {
		q.Header.Del("User-Agent") // flow.Request keeps it off; dress may add one
	}
	var kept *flow.Exchange
	reply, err := p.client(func(x flow.Exchange) { kept = &x }).Do(q)
	if err == nil {
		_ = reply.Body.Close()
	}
	if kept == nil {
		return nil, 0, false, fmt.Errorf("send %s %s: %w", r.Method, r.Path, err)
	}
	late, ok := errors.AsType[net.Error](err)
	timeout := ctx.Err() != nil || ok && late.Timeout()
	sent = wrote.Load()
	return kept, sent, kept.Status == 0 && sent > 0 && !spoke.Load() && !timeout, nil
}

// send sends r for a check: within what the run may send and make, and with
// time to hear the answer to what may make something.
func (t *T) send(r flow.Request) (*flow.Exchange, error) {
	p, ctx := t.provider, t.ctx
	if _, ok := creates(r); ok {
		lasting, cancel := linger(ctx, min(lingering, p.target.Timeout))
		defer cancel()
		ctx = lasting
	}
	return p.insist(ctx, r, func(x *flow.Exchange) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.exchanges, t.resent = append(t.exchanges, x), append(t.resent, x)
	})
}

// brief sends r of our own accord, not for a check: it has the time of one.
func (p *Provider) brief(ctx context.Context, r flow.Request) (*flow.Exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, p.target.Timeout)
	defer cancel()
	return p.do(ctx, r)
}

// lingering is how long the answer to a create is waited for when its check
// has been stopped: without the answer what it made has to be searched.
const lingering = 5 * time.Second

// linger gives a context that ends some time after ctx has.
func linger(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(after, cancel)
		context.AfterFunc(lasting, func() { timer.Stop() })
	})
	return lasting, func() { stop(); cancel() }
}

// names says whether h has a header of that canonical name, with or without a
// value.
func names(h http.Header, name string) bool {
	for n := range h {
		if http.CanonicalHeaderKey(n) == name {
			return true
		}
	}
	return false
}

// lax reads JSON as loosely as it can be read: where only an id is wanted,
// other faults of a reply are none of our business.
func lax() json.Options {
	return json.JoinOptions(
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
		json.MatchCaseInsensitiveNames(true),
	)
}

// made is what a reply says about the resource it tells of. Members of
// another type than a string are as good as absent.
type made struct {
	ID, UserName, DisplayName string
}

func readMade(body []byte) made {
	var raw struct {
		ID          any `json:"id"`
		UserName    any `json:"userName"`
		DisplayName any `json:"displayName"`
	}
	if json.Unmarshal(body, &raw, lax()) != nil {
		return made{}
	}
	text := func(v any) string { s, _ := v.(string); return s }
	return made{ID: text(raw.ID), UserName: text(raw.UserName), DisplayName: text(raw.DisplayName)}
}

// replyID gives the id in the reply, or nothing.
func replyID(x *flow.Exchange) string { return readMade(x.Response.Body).ID }

// answer describes the reply of x in a line.
func answer(x *flow.Exchange) string {
	if x.Status == 0 {
		return "no answer (" + x.Error + ")"
	}
	s := strings.TrimSpace(fmt.Sprintf("%d %s", x.Status, http.StatusText(x.Status)))
	if body := strings.Join(strings.Fields(string(x.Response.Body)), " "); body != "" {
		s += " " + cut(body, 200)
	}
	return s
}

// cut shortens s to about n bytes, never within a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// quote writes s as a JSON string.
func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		panic(fmt.Sprintf("check: quote %q: %v", s, err)) // a programmer's mistake: invalid UTF-8
	}
	return string(b)
}
