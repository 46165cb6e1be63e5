// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// errTimeUp is the cause of a check's context when its own time is up.
var errTimeUp = errors.New("the check's time is up")

// stop ends a check on its own goroutine. It never leaves Judge.
type stop struct {
	outcome Outcome // "": as the findings say
	reason  string
}

// block ends the check: its statement cannot be put to the test.
func (t *T) block(reason string) { panic(stop{Blocked, reason}) }

// Skip ends the check as skipped where what the provider says of itself leaves
// nothing to put to the test.
func (t *T) Skip(reason string) { panic(stop{Skipped, reason}) }

// SkipUnless ends the check as skipped where the profile promises something
// else than what the check is about.
func (t *T) SkipUnless(promised bool, reason string) {
	if !promised {
		panic(stop{Skipped, "the profile " + t.Profile().Name + " " + reason})
	}
}

// breakOff ends the check: we are wrong, or the machine is.
func (t *T) breakOff(reason string) { panic(stop{Broken, reason}) }

// stopIfOver ends the check when its context has ended.
func (t *T) stopIfOver() {
	switch cause := context.Cause(t.ctx); {
	case cause == nil:
	case errors.Is(cause, errTimeUp):
		t.find(Finding{Got: "no end after " + t.watch.limit.String(), Want: "an end", Text: "the check's time is up"})
		panic(stop{})
	default:
		panic(stop{Blocked, "the run was cancelled: " + cause.Error()})
	}
}

// Judge judges one check. It always returns: a check that panics is broken,
// one that runs over its time has a finding, and one that passes without
// having looked at anything is broken. What the check made is removed
// whatever came of it, also after ctx has ended.
func Judge(ctx context.Context, c Check, p *Provider) (r Result) {
	r = Result{Check: c, Start: p.now()}
	if why := p.missing(c); why != "" {
		r.Outcome, r.Reason = Skipped, why
		return r
	}
	defer p.turn(c)()
	r.Start = p.now()
	defer func() { r.Duration = p.now().Sub(r.Start) }()
	limit := c.Timeout
	if limit == 0 {
		limit = p.target.Timeout
	}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &T{
		check: c, provider: p, ctx: inner, begun: r.Start,
		watch:  newStopwatch(limit, func() { cancel(errTimeUp) }),
		ledger: &ledger{mark: p.mark(), journal: p.journal},
	}
	defer t.watch.halt()
	end := t.run()
	r.Outcome, r.Reason, r.Findings = t.conclude(end)
	for _, x := range t.exchanges {
		r.Exchanges = append(r.Exchanges, p.kept(*x))
	}
	t.exchanges = nil
	left, tries := t.cleanUp(ctx)
	r.Waited = t.patience.waited
	r.Leftovers = left
	for _, x := range tries {
		r.Exchanges = append(r.Exchanges, p.kept(x))
	}
	return r
}

// run runs the check and says how it ended.
func (t *T) run() (end stop) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case stop:
			end = v
		default:
			end = stop{Broken, t.provider.redact.Text(fmt.Sprintf("panic: %v\n%s", v, debug.Stack()))}
		}
	}()
	if t.check.Run == nil {
		return stop{Broken, "the check has nothing to run"}
	}
	t.stopIfOver()
	t.check.Run(t)
	return stop{}
}

// conclude gives the outcome. What is ours comes before what the provider did,
// and a finding before a block.
func (t *T) conclude(end stop) (Outcome, string, []Finding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	findings := slices.Concat(t.findings, t.unanswered(end))
	switch {
	case end.outcome == Broken:
		return Broken, end.reason, findings
	case len(findings) > 0:
		return Failed, "", findings
	case end.outcome == Blocked, end.outcome == Skipped:
		return end.outcome, end.reason, nil
	case len(t.exchanges) == 0 && t.looks == 0:
		return Broken, "the check passed without one exchange or one look at the product", nil
	}
	return Passed, "", nil
}

// unanswered gives a finding for each exchange that has no whole answer and
// that no other finding speaks of. An exchange that we cut short is not the
// provider's fault, and what was sent again is judged by the last answer.
func (t *T) unanswered(end stop) []Finding {
	var more []Finding
	for i, x := range t.exchanges {
		ours := end.outcome == Blocked && i == len(t.exchanges)-1 && context.Cause(t.ctx) != nil
		if x.Error == "" || ours || slices.Contains(t.resent, x) || t.spokenOf(x) {
			continue
		}
		more = append(more, Finding{LookedAt: x.Name(), Where: "answer", Got: x.Error, Want: "a whole answer"})
	}
	return more
}

func (t *T) spokenOf(x *flow.Exchange) bool {
	for _, f := range t.findings {
		if f.LookedAt == x.Name() && strings.Contains(f.String(), x.Error) {
			return true
		}
	}
	return false
}

// stopwatch ends a check when its time is up. Waiting for the product is not
// charged.
type stopwatch struct {
	limit time.Duration

	mu    sync.Mutex
	timer *time.Timer
	left  time.Duration
	since time.Time
}

func newStopwatch(limit time.Duration, up func()) *stopwatch {
	return &stopwatch{limit: limit, left: limit, since: time.Now(), timer: time.AfterFunc(limit, up)}
}

// pause stops the clock until the function it returns is called.
func (w *stopwatch) pause() (resume func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.timer.Stop() {
		return func() {}
	}
	w.left = max(w.left-time.Since(w.since), time.Millisecond)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.since = time.Now()
		w.timer.Reset(w.left)
	}
}

func (w *stopwatch) halt() { w.timer.Stop() }
