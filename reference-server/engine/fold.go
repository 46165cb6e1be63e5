// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Fold returns the form in which strings that are not caseExact are compared,
// indexed and held unique. It is what PRECIS asks of user names (RFC 7644 §5,
// RFC 8265 §3.3) with simple case folding: full-width and half-width letters
// become ordinary ones, the text is put into NFC, and each letter is replaced
// by the first of those that differ from it in case alone. No locale is
// involved, and ß is not ss: simple folding never changes the number of letters.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf {
			return foldUnicode(s)
		} else if 'A' <= c && c <= 'Z' {
			return foldFrom(s, i)
		}
	}
	return s
}

// foldFrom folds s, whose first i bytes are folded ASCII.
func foldFrom(s string, i int) string {
	b := []byte(s)
	for ; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return foldUnicode(s)
		}
		b[i] = lower(b[i])
	}
	return string(b)
}

func foldUnicode(s string) string {
	s = norm.NFC.String(strings.Map(foldRune, norm.NFC.String(width.Fold.String(s))))
	return s
}

// foldRune picks one of the runes that simple folding holds equal: the
// smallest, and the lower-case one in ASCII.
func foldRune(r rune) rune {
	least := r
	for n := unicode.SimpleFold(r); n != r; n = unicode.SimpleFold(n) {
		least = min(least, n)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// foldEqual says whether Fold(s) is folded, mostly without building it.
func foldEqual(folded, s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return Fold(s) == folded
		}
		if i >= len(folded) || lower(s[i]) != folded[i] {
			// A non-ASCII rune further on may still fold into place: the long way
			// is needed only if there is one.
			return hasUnicode(s[i:]) && Fold(s) == folded
		}
	}
	return len(s) == len(folded)
}

func hasUnicode(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// sameName compares attribute names and URNs, which are ASCII and
// case-insensitive (RFC 7643 §2.1).
func sameName(a, b string) bool { return len(a) == len(b) && (a == b || sameFolded(a, b)) }

func sameFolded(a, b string) bool {
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// nameKey is the map key of an attribute name or URN.
func nameKey(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}
