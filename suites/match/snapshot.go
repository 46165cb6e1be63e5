// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"
	"strconv"
)

// BeUnchangedSince matches a resource in which every attribute is as it was in
// snapshot, for statements that a refused request changes nothing. The version
// counts too where both sides have one (RFC 7644 §3.14); meta.lastModified does
// not, since providers round the same moment differently in different replies.
// The snapshot may be whatever a matcher can look at.
func BeUnchangedSince(snapshot any) *Matcher {
	return sameAs(snapshot, "no change", []string{"meta.lastModified"}, true)
}

// BeSameResourceAs matches a resource that differs from snapshot nowhere
// outside the given paths: the frame of a change. meta.lastModified and
// meta.version may always differ.
func BeSameResourceAs(snapshot any, except ...string) *Matcher {
	return sameAs(snapshot, "no change but to "+alternatives(except),
		append([]string{"meta.lastModified", "meta.version"}, except...), false)
}

func sameAs(snapshot any, wants string, except []string, version bool) *Matcher {
	var paths []*Path
	for _, text := range except {
		paths = append(paths, mustPath(text))
	}
	return newMatcher(wants, func(s *subject) *Finding {
		then, err := newSubject(snapshot)
		if err != nil {
			panic("match: snapshot: " + err.Error()) // of a type that the author of the check chose
		}
		before, f := then.json()
		if f != nil {
			f.Text = join(f.Text, "in the snapshot "+then.name)
			return f
		}
		after, f := s.json()
		if f != nil {
			return f
		}
		return s.difference(before, after, paths, version)
	})
}

func (s *subject) difference(before, after *Tree, except []*Path, version bool) *Finding {
	out := sparing{}
	for _, p := range except {
		for _, f := range slices.Concat(p.Find(before), p.Find(after)) {
			out[f.Node] = true
		}
	}
	if version {
		p := mustPath("meta.version")
		if a, b := p.Find(before), p.Find(after); len(a) == 0 || len(b) == 0 {
			for _, f := range slices.Concat(a, b) {
				out[f.Node] = true
			}
		}
	}
	all := out.diff("body", before.Root, after.Root)
	if len(all) == 0 {
		return nil
	}
	first := all[0]
	if more := len(all) - 1; more > 0 {
		first.Text = "and " + plural(more, "more difference")
	}
	first.Text = s.aside(first.Text)
	return &first
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// diff lists where b differs from a, as deep as it can tell.
func (s sparing) diff(where string, a, b *Node) []Finding {
	switch {
	case s.equal(a, b):
		return nil
	case a == nil || b == nil || a.Kind != b.Kind:
	case a.Kind == KindObject:
		return s.diffObject(where, a, b)
	case a.Kind == KindArray:
		return s.diffArray(where, a, b)
	}
	return []Finding{{Where: where, Got: s.show(b), Want: s.show(a) + " as before"}}
}

// show leaves out nothing but whole values: what is partly spared is shown as
// it is.
func (s sparing) show(n *Node) string {
	if n == nil || s[n] {
		return "nothing"
	}
	return show(n)
}

func (s sparing) diffObject(where string, a, b *Node) []Finding {
	var all []Finding
	for _, m := range a.counted() {
		other, _ := b.Member(m.Name)
		all = append(all, s.diff(where+"."+m.Name, m.Value, other.Value)...)
	}
	for _, m := range b.counted() {
		if _, known := a.Member(m.Name); !known {
			all = append(all, s.diff(where+"."+m.Name, nil, m.Value)...)
		}
	}
	return all
}

func (s sparing) diffArray(where string, a, b *Node) []Finding {
	lost, added := s.unmatched(s.kept(a.Elements), s.kept(b.Elements))
	if len(lost) == 1 && len(added) == 1 {
		return s.diff(where+"["+strconv.Itoa(added[0].at)+"]", lost[0].node, added[0].node)
	}
	var all []Finding
	for _, e := range lost {
		all = append(all, Finding{Where: where, Got: "no such value", Want: show(e.node) + " as before"})
	}
	for _, e := range added {
		all = append(all, Finding{Where: where + "[" + strconv.Itoa(e.at) + "]", Got: show(e.node), Want: "no such value, as before"})
	}
	return all
}
