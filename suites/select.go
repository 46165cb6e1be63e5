// SPDX-License-Identifier: Apache-2.0

package suites

import (
	_ "embed" // quick.txt
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// Select gives the checks of all whose [Labels] satisfy an expression, in
// their order. The grammar is that of Ginkgo's label filters: a label, a
// /regular expression/, or a key with one of containsAny, containsAll,
// consistsOf, isSubsetOf and isEmpty, joined by !, && and || (or a comma) and
// parentheses. Letter case does not count outside regular expressions. An
// empty expression selects everything.
//
//	level:must && !needs:bulk
//	/^id:patch/ || profile: containsAny {okta, entra}
//
// The error is a *SelectError.
func Select(all []check.Check, expression string) ([]check.Check, error) {
	matches, err := parse(expression)
	if err != nil {
		return nil, err
	}
	var selected []check.Check
	for _, c := range all {
		if matches(Labels(c)) {
			selected = append(selected, c)
		}
	}
	return selected, nil
}

//go:embed quick.txt
var quick string

// Quick gives the checks of all that a first verdict takes, in their order. They
// were chosen by the faults that they catch (reference-server/fault, TestQuick).
func Quick(all []check.Check) []check.Check {
	ids := strings.Fields(quick)
	var chosen []check.Check
	for _, c := range all {
		if slices.Contains(ids, c.ID) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// SelectError says what is wrong with an expression, and where.
type SelectError struct {
	Expression string
	At         int // byte offset
	Text       string
}

func (e *SelectError) Error() string {
	return fmt.Sprintf("select %q: at %d: %s", e.Expression, e.At+1, e.Text)
}
