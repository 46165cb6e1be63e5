// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// Expect asserts as Gomega does. An assertion that does not hold is a finding,
// and the check goes on.
func (t *T) Expect(actual any, extra ...any) types.Assertion {
	a := &assertion{verdict: verdict{fail: t.find, misuse: t.breakOff}}
	a.inner = gomega.NewGomega(a.failed).Expect(actual, extra...)
	return a
}

// Require asserts as Expect does, and an assertion that does not hold ends the
// check.
func (t *T) Require(actual any, extra ...any) types.Assertion {
	a := &assertion{verdict: verdict{misuse: t.breakOff, fail: func(f Finding) {
		t.find(f)
		panic(stop{})
	}}}
	a.inner = gomega.NewGomega(a.failed).Expect(actual, extra...)
	return a
}

// Precondition asserts what must be so before the statement can be put to the
// test. If it is not, the check is blocked.
func (t *T) Precondition(actual any) types.Assertion {
	a := &assertion{verdict: verdict{misuse: t.breakOff, fail: func(f Finding) { t.block(f.String()) }}}
	a.inner = gomega.NewGomega(a.failed).Expect(actual)
	return a
}

// Eventually calls f until what it returns satisfies the matcher, for at most
// within. Time spent here does not count towards the check's deadline. An
// assertion that never comes to hold is a finding, and the check goes on.
func (t *T) Eventually(f func() any, within time.Duration) types.AsyncAssertion {
	return t.eventually(f, within, t.find)
}

func (t *T) eventually(f func() any, within time.Duration, fail func(Finding)) types.AsyncAssertion {
	t.stopIfOver()
	a := &async{t: t, verdict: verdict{within: within, fail: fail, misuse: t.breakOff}}
	a.inner = gomega.NewGomega(a.failed).Eventually(f).WithContext(t.ctx).
		WithTimeout(within).WithPolling(min(max(within/100, 20*time.Millisecond), 2*time.Second))
	return a
}

// find records a finding.
func (t *T) find(f Finding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.findings = append(t.findings, f)
}

// verdict turns what Gomega says of one assertion into a finding.
type verdict struct {
	matcher *watched
	negated bool
	within  time.Duration // zero: at once; else an error of the matcher may pass while polling
	fail    func(Finding)
	misuse  func(reason string)
}

// failed is the fail handler of Gomega.
func (v *verdict) failed(message string, _ ...int) {
	message = addresses.ReplaceAllString(strings.TrimSpace(message), "")
	if v.matcher == nil {
		v.misuse("assertion without a matcher: " + message)
		return
	}
	if v.matcher.err != nil && v.within == 0 {
		v.misuse("matcher was used wrongly: " + message)
		return
	}
	if !v.negated && v.matcher.err == nil {
		if f, ok := mismatch(v.matcher.GomegaMatcher); ok {
			v.fail(v.waited(f))
			return
		}
	}
	if v.within > 0 {
		_, message, _ = strings.Cut(message, "\n") // Gomega's first line tells how long it took, never the same twice
	}
	v.fail(v.waited(Finding{Text: strings.TrimSpace(message)}))
}

func (v *verdict) use(m types.GomegaMatcher, negated bool) *watched {
	v.matcher, v.negated = &watched{GomegaMatcher: m}, negated
	return v.matcher
}

// waited adds to a finding how long it was waited for.
func (v *verdict) waited(f Finding) Finding {
	if v.within > 0 {
		f.Text = strings.TrimSpace(f.Text + " (still so after " + v.within.String() + ")")
	}
	return f
}

// addresses are those of values in memory, which Gomega prints: they say
// nothing, and two runs would never give the same finding.
var addresses = regexp.MustCompile(` \| 0x[0-9a-f]+`)

// watched remembers whether its matcher could match at all.
type watched struct {
	types.GomegaMatcher
	err error
}

func (w *watched) Match(actual any) (ok bool, err error) {
	ok, w.err = w.GomegaMatcher.Match(actual)
	return ok, w.err
}

// MatchMayChangeInTheFuture passes the question on, so that polling can end
// early.
func (w *watched) MatchMayChangeInTheFuture(actual any) bool {
	return types.MatchMayChangeInTheFuture(w.GomegaMatcher, actual)
}

// assertion is a types.Assertion whose failures are findings.
type assertion struct {
	verdict
	inner types.Assertion
}

func (a *assertion) Should(m types.GomegaMatcher, about ...any) bool {
	return a.inner.To(a.use(m, false), about...)
}

func (a *assertion) ShouldNot(m types.GomegaMatcher, about ...any) bool {
	return a.inner.NotTo(a.use(m, true), about...)
}

func (a *assertion) To(m types.GomegaMatcher, about ...any) bool    { return a.Should(m, about...) }
func (a *assertion) ToNot(m types.GomegaMatcher, about ...any) bool { return a.ShouldNot(m, about...) }
func (a *assertion) NotTo(m types.GomegaMatcher, about ...any) bool { return a.ShouldNot(m, about...) }

// WithOffset does nothing: a finding names an exchange, not a line.
func (a *assertion) WithOffset(int) types.Assertion { return a }

func (a *assertion) Error() types.Assertion {
	a.inner = a.inner.Error()
	return a
}

// async is a types.AsyncAssertion whose failures are findings and whose
// waiting is not charged to the check.
type async struct {
	verdict
	t     *T
	inner types.AsyncAssertion
}

func (a *async) Should(m types.GomegaMatcher, about ...any) bool {
	defer a.t.watch.pause()()
	ok := a.inner.Should(a.use(m, false), about...)
	a.t.stopIfOver()
	return ok
}

func (a *async) ShouldNot(m types.GomegaMatcher, about ...any) bool {
	defer a.t.watch.pause()()
	ok := a.inner.ShouldNot(a.use(m, true), about...)
	a.t.stopIfOver()
	return ok
}

func (a *async) To(m types.GomegaMatcher, about ...any) bool    { return a.Should(m, about...) }
func (a *async) ToNot(m types.GomegaMatcher, about ...any) bool { return a.ShouldNot(m, about...) }
func (a *async) NotTo(m types.GomegaMatcher, about ...any) bool { return a.ShouldNot(m, about...) }

// WithOffset does nothing: a finding names an exchange, not a line.
func (a *async) WithOffset(int) types.AsyncAssertion { return a }

func (a *async) with(inner types.AsyncAssertion) types.AsyncAssertion {
	a.inner = inner
	return a
}

func (a *async) WithTimeout(d time.Duration) types.AsyncAssertion {
	return a.with(a.inner.WithTimeout(d))
}
func (a *async) WithPolling(d time.Duration) types.AsyncAssertion {
	return a.with(a.inner.WithPolling(d))
}
func (a *async) Within(d time.Duration) types.AsyncAssertion { return a.with(a.inner.Within(d)) }
func (a *async) ProbeEvery(d time.Duration) types.AsyncAssertion {
	return a.with(a.inner.ProbeEvery(d))
}
func (a *async) WithArguments(args ...any) types.AsyncAssertion {
	return a.with(a.inner.WithArguments(args...))
}

func (a *async) WithContext(ctx context.Context) types.AsyncAssertion {
	return a.with(a.inner.WithContext(ctx))
}

func (a *async) MustPassRepeatedly(n int) types.AsyncAssertion {
	return a.with(a.inner.MustPassRepeatedly(n))
}
