// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check/statsd"
	"github.com/scimproof/scimproof/suites/match"
)

// holdEvent is a matcher of audit events: one of them holds all the words.
type holdEvent struct {
	words  []string
	events []string
}

// Match implements types.GomegaMatcher.
func (h *holdEvent) Match(actual any) (bool, error) {
	h.events, _ = actual.([]string)
	return slices.ContainsFunc(h.events, func(event string) bool {
		return !slices.ContainsFunc(h.words, func(w string) bool { return !strings.Contains(event, w) })
	}), nil
}

// Mismatch gives what the last Match found.
func (h *holdEvent) Mismatch() (match.Finding, bool) {
	want := strings.Join(h.words, ", ")
	return match.Finding{
		LookedAt: "product audit trail", Where: "events that mention " + h.words[0],
		Got: fmt.Sprintf("%d, none with all of %s", len(h.events), want), Want: "one with " + want,
	}, true
}

// FailureMessage implements types.GomegaMatcher.
func (h *holdEvent) FailureMessage(any) string {
	f, _ := h.Mismatch()
	return f.String()
}

// NegatedFailureMessage implements types.GomegaMatcher.
func (h *holdEvent) NegatedFailureMessage(any) string {
	return "did not want an event with " + strings.Join(h.words, ", ")
}

// holdCount is a matcher of StatsD lines: one of them counts an event of this
// check. A line whose tags name a user or a role has to name one of ours.
type holdCount struct {
	name   string
	words  []string
	others int // lines of that name that tell of somebody else
}

// naming are the keys of tags that say whom or what a metric is about.
var naming = []string{"role", "role_id", "role_name", "user", "user_id", "usr", "usr.id", "email", "handle"}

// Match implements types.GomegaMatcher.
func (h *holdCount) Match(actual any) (bool, error) {
	lines, _ := actual.([]string)
	h.others = 0
	return slices.ContainsFunc(lines, func(line string) bool {
		m, err := statsd.Parse(line)
		if err != nil || m.Name != h.name {
			return false
		}
		anybody := true
		for key, value := range m.Tags {
			if slices.Contains(h.words, value) {
				return true
			}
			anybody = anybody && !slices.Contains(naming, key)
		}
		if !anybody {
			h.others++
		}
		return anybody
	}), nil
}

// Mismatch gives what the last Match found.
func (h *holdCount) Mismatch() (match.Finding, bool) {
	return match.Finding{
		LookedAt: "StatsD metrics", Where: h.name,
		Got: fmt.Sprintf("%d datagrams, none of this user or role", h.others), Want: "one, tagged with " + strings.Join(h.words, " or ") + " or with nobody",
	}, true
}

// FailureMessage implements types.GomegaMatcher.
func (h *holdCount) FailureMessage(any) string {
	f, _ := h.Mismatch()
	return f.String()
}

// NegatedFailureMessage implements types.GomegaMatcher.
func (h *holdCount) NegatedFailureMessage(any) string { return "did not want a datagram of " + h.name }
