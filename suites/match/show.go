// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strconv"
	"unicode/utf8"
)

// maxShown is how many characters of a value or body a finding quotes.
const maxShown = 200

// show gives a value and its JSON type: `"true" (string)`.
func show(n *Node) string {
	if n == nil {
		return "nothing"
	}
	switch n.Kind {
	case KindNull:
		return "null"
	case KindArray:
		return cut(n.JSON()) + " (array of " + strconv.Itoa(len(n.Elements)) + ")"
	}
	return cut(n.JSON()) + " (" + n.Kind.String() + ")"
}

// cut shortens s to maxShown characters.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	runes := []rune(s[:min(len(s), maxShown*utf8.UTFMax)])
	return string(runes[:maxShown]) + "…"
}

// join puts the non-empty parts together with a semicolon.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
