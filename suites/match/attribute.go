// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"
)

// HaveAttribute matches a resource by what path leads to.
//
// Without values something must be assigned there: not null, not an empty
// array, object or string. With values, these are all that is there, in any
// order; they compare by JSON type and value, so that true is not "True". A
// multi-valued attribute at the end of the path stands for its elements. One
// Gomega matcher may stand in place of the values; it gets the value as plain
// Go data, or a []any where path leads to several or to an array.
func HaveAttribute(path string, values ...any) *Matcher {
	p := mustPath(path)
	if len(values) == 1 {
		if m, ok := values[0].(types.GomegaMatcher); ok {
			return newMatcher(path+" as matched", func(s *subject) *Finding { return s.attributeMatches(p, m) })
		}
	}
	want := make([]*Node, len(values))
	for i, v := range values {
		n, err := nodeOf(v)
		if err != nil {
			panic("match.HaveAttribute: " + err.Error()) // a value that the author of the check wrote
		}
		want[i] = n
	}
	if len(want) == 0 {
		return newMatcher(path, func(s *subject) *Finding { return s.attributePresent(p) })
	}
	return newMatcher(path+" "+showAll(want), func(s *subject) *Finding { return s.attributeIs(p, want) })
}

// mustPath reads a path that is part of a check; a wrong one is a mistake of
// the check's author.
func mustPath(path string) *Path {
	p, err := ParsePath(path)
	if err != nil {
		panic("match: " + err.Error()) // a path that the author of the check wrote
	}
	return p
}

func (s *subject) attributePresent(p *Path) *Finding {
	found, f := s.find(p)
	if f != nil {
		return f
	}
	for _, got := range found {
		if !got.Node.Unassigned() && !(got.Node.Kind == KindString && got.Node.Text == "") {
			return nil
		}
	}
	where, shown := "body."+p.text, "nothing"
	if len(found) > 0 {
		where, shown = found[0].Where, show(found[0].Node)
	}
	return &Finding{Where: where, Got: shown, Want: "a value", Text: s.aside("")}
}

func (s *subject) attributeIs(p *Path, want []*Node) *Finding {
	found, f := s.find(p)
	if f != nil {
		return f
	}
	whole := len(found) == 1 && len(want) == 1 && equal(found[0].Node, want[0])
	if whole {
		return nil
	}
	if len(want) != 1 || want[0].Kind != KindArray {
		found = spread(found)
	}
	got := nodes(found)
	moreGot, moreWant := sparing(nil).unmatched(numbered(got), numbered(want))
	if len(moreGot) == 0 && len(moreWant) == 0 {
		return nil
	}
	switch {
	case len(found) == 0:
		return &Finding{Where: "body." + p.text, Got: "nothing", Want: showAll(want), Text: s.aside("")}
	case len(moreGot) == 1 && len(moreWant) == 1:
		f := found[moreGot[0].at]
		return &Finding{Where: f.Where, Got: show(f.Node), Want: show(moreWant[0].node), Text: s.aside("")}
	}
	return &Finding{Where: "body." + p.text, Got: showAll(got), Want: showAll(want), Text: s.aside("")}
}

func (s *subject) attributeMatches(p *Path, m types.GomegaMatcher) *Finding {
	found, f := s.find(p)
	if f != nil {
		return f
	}
	where := "body." + p.text
	var got any
	switch len(found) {
	case 0:
	case 1:
		where, got = found[0].Where, found[0].Node.Value()
	default:
		list := make([]any, len(found))
		for i, f := range found {
			list[i] = f.Node.Value()
		}
		got = list
	}
	ok, err := m.Match(got)
	if ok && err == nil {
		return nil
	}
	shown := "nothing"
	if len(found) > 0 {
		shown = showAll(nodes(found))
	}
	if err != nil { // of another type than m can look at
		reason, _, _ := strings.Cut(err.Error(), ".  Got:")
		return &Finding{Where: where, Got: shown, Want: "a value of another type", Text: s.aside(cut(reason))}
	}
	return &Finding{Where: where, Got: shown, Want: describe(m, got), Text: s.aside("")}
}

// describe says in a few words what a Gomega matcher wanted. Gomega prints the
// value, the relation and what was expected on lines of their own.
func describe(m types.GomegaMatcher, got any) string {
	if own, ok := m.(*Matcher); ok {
		return own.wants
	}
	lines := strings.Split(m.FailureMessage(got), "\n")
	for i, line := range lines {
		if i > 0 && strings.HasPrefix(line, "to ") {
			return cut(strings.Join(strings.Fields(strings.Join(lines[i:], " ")), " "))
		}
	}
	return cut(strings.Join(strings.Fields(strings.Join(lines, " ")), " "))
}

// NotHaveAttribute matches when nothing is assigned at path. Absent, null and
// empty arrays are alike (RFC 7643 §2.5).
func NotHaveAttribute(path string) *Matcher {
	p := mustPath(path)
	return newMatcher("no "+path, func(s *subject) *Finding {
		found, f := s.find(p)
		if f != nil {
			return f
		}
		for _, got := range found {
			if !got.Node.Unassigned() {
				return &Finding{Where: got.Where, Got: show(got.Node), Want: "nothing"}
			}
		}
		return nil
	})
}

// HaveAttributeCount matches when path leads to n assigned values; a
// multi-valued attribute at its end counts by its elements.
func HaveAttributeCount(path string, n int) *Matcher {
	p := mustPath(path)
	return newMatcher(fmt.Sprintf("%d at %s", n, path), func(s *subject) *Finding {
		found, f := s.find(p)
		if f != nil {
			return f
		}
		count := 0
		for _, got := range spread(found) {
			if !got.Node.Unassigned() {
				count++
			}
		}
		if count == n {
			return nil
		}
		text := ""
		if count > 0 {
			text = "they are " + showAll(nodes(spread(found)))
		}
		return &Finding{
			Where: "body." + p.text, Got: fmt.Sprintf("%d values", count), Want: fmt.Sprint(n), Text: s.aside(text),
		}
	})
}

// Text gives the text of the first string, number or boolean that path leads
// to in actual, or "" when there is none.
func Text(actual any, path string) string {
	for _, text := range Texts(actual, path) {
		return text
	}
	return ""
}

// Texts gives the text of every string, number and boolean that path leads to
// in actual, in the order received.
func Texts(actual any, path string) []string {
	s, err := newSubject(actual)
	if err != nil {
		return nil
	}
	found, _ := s.find(mustPath(path))
	var texts []string
	for _, f := range spread(found) {
		switch f.Node.Kind {
		case KindString, KindNumber, KindBoolean:
			texts = append(texts, f.Node.Text)
		}
	}
	return texts
}

func (s *subject) find(p *Path) ([]Found, *Finding) {
	tree, f := s.json()
	if f != nil {
		return nil, f
	}
	return p.Find(tree), nil
}

// spread puts the elements of arrays in place of the arrays.
func spread(found []Found) []Found {
	var all []Found
	for _, f := range found {
		if f.Node.Kind != KindArray {
			all = append(all, f)
			continue
		}
		for i := range f.Node.Elements {
			all = append(all, f.element(i))
		}
	}
	return all
}

func nodes(found []Found) []*Node {
	all := make([]*Node, len(found))
	for i, f := range found {
		all[i] = f.Node
	}
	return all
}

func numbered(nodes []*Node) []indexed {
	all := make([]indexed, len(nodes))
	for i, n := range nodes {
		all[i] = indexed{n, i}
	}
	return all
}

// showAll gives one value by itself and several as a list.
func showAll(all []*Node) string {
	if len(all) == 1 {
		return show(all[0])
	}
	return show(&Node{Kind: KindArray, Elements: all})
}
