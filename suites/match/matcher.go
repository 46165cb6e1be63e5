// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/onsi/gomega/types"

// Matcher is a Gomega matcher that can say what it found as data. Every
// constructor of this package returns one. A Matcher holds what its last Match
// found and so is not for use by several goroutines at once.
type Matcher struct {
	wants string // completes "want …" when the matcher is negated
	judge func(*subject) *Finding

	last   *Finding
	looked string
}

var _ types.GomegaMatcher = (*Matcher)(nil)

func newMatcher(wants string, judge func(*subject) *Finding) *Matcher {
	return &Matcher{wants: wants, judge: judge}
}

// Match judges actual: a *flow.Exchange, an *http.Response, a []byte or string
// of JSON text, or anything with a method Exchange() *flow.Exchange. The error
// tells of a wrong use of the matcher; a wrong provider is never an error.
func (m *Matcher) Match(actual any) (bool, error) {
	s, err := newSubject(actual)
	if err != nil {
		return false, err
	}
	m.looked, m.last = s.name, m.judge(s)
	if m.last != nil {
		m.last.LookedAt = s.name
	}
	return m.last == nil, nil
}

// Mismatch gives what the last Match found, and whether it found anything.
func (m *Matcher) Mismatch() (Finding, bool) {
	if m.last == nil {
		return Finding{}, false
	}
	return *m.last, true
}

// FailureMessage gives the finding of the last Match in one line.
func (m *Matcher) FailureMessage(any) string {
	f, _ := m.Mismatch()
	return f.String()
}

// NegatedFailureMessage says in one line that the match was not wanted.
func (m *Matcher) NegatedFailureMessage(any) string {
	return Finding{LookedAt: m.looked, Text: "did not want " + m.wants}.String()
}
