// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"
)

// mismatcher is a matcher that says as data what it found; those of package
// match do.
type mismatcher interface {
	Mismatch() (Finding, bool)
}

// mismatch gives what m found in its last Match, and whether it found anything
// that it can say as data. Gomega's Or and And can if all their matchers can:
// by themselves they print the whole exchange.
func mismatch(m types.GomegaMatcher) (Finding, bool) {
	switch m := m.(type) {
	case mismatcher:
		return m.Mismatch()
	case *matchers.AndMatcher: // it ends at the first that does not match
		for _, one := range m.Matchers {
			if f, ok := mismatch(one); ok {
				return f, true
			}
		}
	case *matchers.OrMatcher:
		return noneOf(m.Matchers)
	}
	return Finding{}, false
}

// noneOf gives one finding for matchers of which none matches: what they want
// of the same place side by side, and what they found elsewhere as text.
func noneOf(all []types.GomegaMatcher) (f Finding, ok bool) {
	var places []Finding
	for _, m := range all {
		g, ok := mismatch(m)
		if !ok {
			return Finding{}, false
		}
		at := slices.IndexFunc(places, func(p Finding) bool { return p.Where == g.Where && p.Got == g.Got })
		if at < 0 {
			places = append(places, g)
		} else if places[at].Want != g.Want {
			places[at].Want += " or " + g.Want
		}
	}
	if len(places) == 0 {
		return Finding{}, false
	}
	f = places[0]
	for _, p := range places[1:] {
		p.LookedAt, p.Text = "", ""
		if f.Text != "" {
			f.Text += "; "
		}
		f.Text += "or " + p.String()
	}
	return f, true
}
