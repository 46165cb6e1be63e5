// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"fmt"
	"slices"
	"strings"

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
