// SPDX-License-Identifier: Apache-2.0

// Package near guesses which known word somebody meant who mistyped one.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// family is the first part of a word of several, with its separator: what is
// called sort-wrong by mistake is one of those that begin with sort-. Of a word of
// one part nothing else is known: its family has no member.
func family(word string) string {
	if at := strings.IndexAny(word, "-.:"); at > 0 {
		return strings.ToLower(word[:at+1])
	}
	return "\x00"
}

// Words returns at most three known words that somebody who typed word may have
// meant, the nearest first. It takes O(length of word) for each letter that is known.
func Words(word string, known []string) []string {
	type candidate struct {
		word     string
		distance int
	}
	var found []candidate
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if d <= max(1, (len(word)+1)/3) || len(word) > 2 && strings.Contains(k, strings.ToLower(word)) {
			found = append(found, candidate{k, d})
		}
	}
	if len(found) == 0 { // nothing is close: what is of the same family may be meant
		for _, k := range known {
			if strings.HasPrefix(k, family(word)) {
				found = append(found, candidate{k, distance(strings.ToLower(word), k)})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var words []string
	for _, c := range found[:min(len(found), 3)] {
		words = append(words, c.word)
	}
	return words
}

// distance is the number of letters to insert, delete or change to make b of a
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// Guess gives ", did you mean A or B?" for the known words that are close to
// word, each behind prefix, or "".
func Guess(prefix, word string, known []string) string {
	found := Words(word, known)
	if len(found) == 0 {
		return ""
	}
	return ", did you mean " + prefix + strings.Join(found, " or "+prefix) + "?"
}
