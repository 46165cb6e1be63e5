// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// nodeOf reads a Go value as the JSON it would be.
func nodeOf(v any) (*Node, error) {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("write %T as JSON: %w", v, err)
	}
	tree, err := Parse(b)
	if err != nil {
		return nil, err
	}
	return tree.Root, nil
}

// equal says whether two values are the same by JSON type and value. Numbers
// compare as numbers, strings to the letter, arrays in any order (RFC 7643
// §2.4 gives multi-valued attributes none), and what is unassigned equals what
// is absent (§2.5).
func equal(a, b *Node) bool { return sparing(nil).equal(a, b) }

// sparing is a comparison that leaves some nodes out of both sides.
type sparing map[*Node]bool

// gone says whether n is left out or has no value once those left out are gone.
func (s sparing) gone(n *Node) bool {
	if n == nil || s[n] || n.Unassigned() {
		return true
	}
	switch n.Kind {
	case KindObject:
		return !slices.ContainsFunc(n.Members, func(m Member) bool { return !s.gone(m.Value) })
	case KindArray:
		return !slices.ContainsFunc(n.Elements, func(e *Node) bool { return !s.gone(e) })
	}
	return false
}

func (s sparing) equal(a, b *Node) bool {
	if s.gone(a) || s.gone(b) {
		return s.gone(a) && s.gone(b)
	}
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case KindObject:
		return s.within(a, b) && s.within(b, a)
	case KindArray:
		moreA, moreB := s.unmatched(s.kept(a.Elements), s.kept(b.Elements))
		return len(moreA) == 0 && len(moreB) == 0
	case KindNumber:
		return sameNumber(a.Raw, b.Raw)
	}
	return a.Text == b.Text
}

// within says whether every member of a is in b with an equal value.
func (s sparing) within(a, b *Node) bool {
	for _, m := range a.counted() {
		other, _ := b.Member(m.Name)
		if !s.equal(m.Value, other.Value) {
			return false
		}
	}
	return true
}

// counted gives the members of n without those that a later duplicate hides.
func (n *Node) counted() []Member {
	var all []Member
	for _, m := range n.Members {
		if last, _ := n.Member(m.Name); last.Value == m.Value {
			all = append(all, m)
		}
	}
	return all
}

// sameNumber compares number texts by value: 1, 1.0 and 1e0 are the same.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if strings.ContainsAny(a+b, "eE") {
		return (&Node{Raw: a}).float() == (&Node{Raw: b}).float()
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// indexed is an element and its place in the array it comes from.
type indexed struct {
	node *Node
	at   int
}

func (s sparing) kept(elements []*Node) []indexed {
	var kept []indexed
	for i, e := range elements {
		if !s.gone(e) {
			kept = append(kept, indexed{e, i})
		}
	}
	return kept
}

// unmatched pairs equal elements off and gives what is left on each side.
func (s sparing) unmatched(a, b []indexed) (moreA, moreB []indexed) {
	byText := map[string][]int{} // finds the partner at once in the common case
	for j, e := range b {
		key := e.node.JSON()
		byText[key] = append(byText[key], j)
	}
	taken := make([]bool, len(b))
	var rest []indexed
	for _, e := range a {
		key := e.node.JSON()
		if js := byText[key]; len(js) > 0 {
			taken[js[0]], byText[key] = true, js[1:]
			continue
		}
		rest = append(rest, e)
	}
	for _, e := range rest {
		j := 0
		for j < len(b) && (taken[j] || !s.equal(e.node, b[j].node)) {
			j++
		}
		if j == len(b) {
			moreA = append(moreA, e)
			continue
		}
		taken[j] = true
	}
	for j, e := range b {
		if !taken[j] {
			moreB = append(moreB, e)
		}
	}
	return moreA, moreB
}
