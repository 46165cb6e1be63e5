// SPDX-License-Identifier: Apache-2.0

package suites

import (
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// Labels gives what a check can be selected by:
//
//	id:patch.remove.no-path
//	level:must
//	needs:patch              one for each capability
//	source:rfc 7644          who says so
//	source:rfc 7644 §3.5.2.2 and where
//	profile:rfc              one for each verdict
func Labels(c check.Check) []string {
	labels := []string{"id:" + c.ID, "level:" + string(c.Level)}
	for _, capability := range c.Needs {
		labels = append(labels, "needs:"+capability)
	}
	if c.Source.Name != "" {
		labels = append(labels, "source:"+plain(c.Source.Name), "source:"+plain(c.Source.String()))
	}
	for _, profile := range c.Profiles {
		labels = append(labels, "profile:"+profile)
	}
	return labels
}

// keys are the keys of Labels.
func keys() []string { return []string{"id", "level", "needs", "source", "profile"} }

// operators are the characters that a label cannot hold.
const operators = "&|!,()/"

// plain gives s in lower case and without operators.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(operators, r) {
			return ' '
		}
		return r
	}, strings.ToLower(s))
	return strings.Join(strings.Fields(s), " ")
}
