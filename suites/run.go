// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// Run puts the whole catalogue to a provider, one subtest a check, named by
// its id, so that go test -run 'TestSCIM/patch.remove' works. A check that is
// skipped skips its subtest with the reason. One that is failed, blocked or
// broken fails it, except that a Should and a May only warn: their subtest is
// skipped with the findings. Everything that the run made is removed.
func Run(t *testing.T, target Target) {
	t.Helper()
	provider, err := check.Open(t.Context(), target)
	if err != nil {
		t.Fatalf("open provider: %v", err)
	}
	for _, c := range All() {
		t.Run(c.ID, func(t *testing.T) {
			// The subtest's own context ends before its clean-up; Judge keeps
			// that apart.
			report(t, check.Judge(t.Context(), c, provider))
		})
	}
}

// report tells t what came of a check.
func report(t *testing.T, r check.Result) {
	t.Helper()
	var text strings.Builder
	Describe(&text, r)
	switch {
	case Fails(r):
		t.Error(text.String())
	case r.Outcome != check.Passed:
		t.Skip(text.String())
	}
}

// Fails says whether a result makes a test run fail where no other policy is
// asked for: a statement that binds was found false or could not be put to
// the test, the check itself is broken, or something was left behind. A check
// that was skipped, and a Should or May whatever came of it, never does
// unless it is ours.
func Fails(r check.Result) bool {
	binding := r.Check.Level != check.Should && r.Check.Level != check.May
	switch r.Outcome {
	case check.Broken:
		return true
	case check.Failed, check.Blocked:
		return binding || len(r.Leftovers) > 0
	}
	return len(r.Leftovers) > 0
}

// maxShown is how much of a body Describe writes.
const maxShown = 4 << 10

// Describe writes for a reader of a test log what came of a check: outcome,
// findings, what rests on them, and the exchanges.
func Describe(w io.Writer, r check.Result) {
	c := r.Check
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("%s: %s", r.Outcome, c.Title)
	if r.Reason != "" {
		line("  reason: %s", r.Reason)
	}
	for _, f := range r.Findings {
		line("  %s", f)
	}
	if r.Waited > 0 {
		line("  waited: %s for reads to agree with writes", r.Waited.Round(time.Millisecond))
	}
	for _, l := range r.Leftovers {
		line("  left behind: %s", l)
	}
	if r.Outcome == check.Passed || r.Outcome == check.Skipped {
		return
	}
	line("  source: %s", c.Source)
	if c.Breaks != "" {
		line("  breaks: %s", c.Breaks)
	}
	if c.Fix != "" {
		line("  fix:    %s", c.Fix)
	}
	Transcript(w, r.Exchanges)
}

// Transcript writes exchanges for a reader, each request with its answer.
func Transcript(w io.Writer, exchanges []flow.Exchange) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	for _, x := range exchanges {
		describe(line, x)
	}
}

func describe(line func(string, ...any), x flow.Exchange) {
	line("")
	line("  > %s %s", x.Method, x.URL)
	message(line, "  > ", x.Request)
	if x.Status == 0 {
		line("  < no answer: %s", x.Error)
		return
	}
	line("  < %d %s", x.Status, http.StatusText(x.Status))
	message(line, "  < ", x.Response)
}

func message(line func(string, ...any), margin string, m flow.Message) {
	names := make([]string, 0, len(m.Header))
	for name := range m.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		line("%s%s: %s", margin, name, strings.Join(m.Header[name], ", "))
	}
	if len(m.Body) == 0 {
		return
	}
	body, more := m.Body, ""
	if len(body) > maxShown {
		body, more = body[:maxShown], fmt.Sprintf(" … (%d bytes in all)", len(m.Body))
	}
	line("%s%s%s", margin, strings.ToValidUTF8(string(body), "\uFFFD"), more)
}
