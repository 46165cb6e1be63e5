// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// words is the value of a flag that takes a list out of a set of words.
type words struct {
	what    string // "verdict", for messages
	allowed []string
	chosen  []string
}

var _ pflag.Value = (*words)(nil)

// Set replaces the list by the words of s, which commas separate.
func (w *words) Set(s string) error {
	var chosen []string
	for word := range strings.SplitSeq(s, ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(w.allowed, word) {
			return fmt.Errorf("%q is not a %s%s; allowed: %s", word, w.what, didYouMean("", word, w.allowed), strings.Join(w.allowed, ", "))
		}
		if !slices.Contains(chosen, word) {
			chosen = append(chosen, word)
		}
	}
	w.chosen = chosen
	return nil
}

// String returns the list as Set reads it.
func (w *words) String() string { return strings.Join(w.chosen, ",") }

// Type returns what the help shows for the value.
func (w *words) Type() string { return strings.Join(w.allowed, "|") }

// headers is the value of --header, which can be given several times.
type headers http.Header

// Set adds one header, written NAME=VALUE.
func (h headers) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	name = http.CanonicalHeaderKey(strings.TrimSpace(name))
	switch {
	case !ok || name == "":
		return fmt.Errorf("write it as NAME=VALUE")
	case name == "Authorization":
		return &tokenRefused{}
	}
	h[name] = append(h[name], value)
	return nil
}

// String returns the names: values can be secret.
func (h headers) String() string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// Type returns what the help shows for the value.
func (h headers) Type() string { return "NAME=VALUE" }

// shard is the value of --shard I/N: the I-th of N equal parts. The zero value
// is everything.
type shard struct{ index, count int }

// Set reads I/N.
func (s *shard) Set(text string) error {
	var i, n int
	var rest string
	if k, _ := fmt.Sscanf(text, "%d/%d%s", &i, &n, &rest); k != 2 || i < 1 || n < i {
		return fmt.Errorf("write it as I/N with 1 ≤ I ≤ N, for instance 2/4")
	}
	s.index, s.count = i, n
	return nil
}

// String returns I/N, or "" for everything.
func (s *shard) String() string {
	if s.count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.index, s.count)
}

// Type returns what the help shows for the value.
func (s *shard) Type() string { return "I/N" }
