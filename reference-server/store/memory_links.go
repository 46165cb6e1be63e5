// SPDX-License-Identifier: Apache-2.0

package store

import "iter"

// relation holds the links of one name, each in three places: by its ends, in
// the list of those that leave From and in the list of those that reach To.
type relation struct {
	links map[ends]*link
	out   map[string]*list
	in    map[string]*list
}

type ends struct{ from, to string }

// link knows its places in its two lists, so that removing it searches
// nothing.
type link struct {
	Link
	outAt, inAt int
}

// list is an ordered run of links with holes where links were removed. Holes
// are closed when they outnumber the links, so that removal costs O(1)
// amortised; places never move while an Update can still be taken back.
type list struct {
	home    map[string]*list // where it stands, under id
	id      string
	inbound bool
	links   []*link
	live    int
	sparse  bool // the running Update has it on its list of those to pack
}

func (l *list) place(x *link) *int {
	if l.inbound {
		return &x.inAt
	}
	return &x.outAt
}

func (l *list) add(x *link) {
	*l.place(x) = len(l.links)
	l.links = append(l.links, x)
	l.live++
}

func (l *list) remove(x *link) {
	l.links[*l.place(x)] = nil
	l.live--
}

// restore undoes remove.
func (l *list) restore(x *link) {
	l.links[*l.place(x)] = x
	l.live++
}

// drop undoes add of the last link.
func (l *list) drop() {
	l.links = l.links[:len(l.links)-1]
	l.live--
	if len(l.links) == 0 {
		delete(l.home, l.id)
	}
}

func (l *list) pack() {
	l.sparse = false
	if l.live == 0 {
		delete(l.home, l.id)
		return
	}
	if len(l.links) <= 2*l.live+16 {
		return
	}
	packed := make([]*link, 0, l.live)
	for _, x := range l.links {
		if x != nil {
			*l.place(x) = len(packed)
			packed = append(packed, x)
		}
	}
	l.links = packed
}

// all yields the links that are there when it starts, less those removed
// before their turn.
func (l *list) all() iter.Seq[Link] {
	return func(yield func(Link) bool) {
		if l == nil {
			return
		}
		for _, x := range l.links {
			if x != nil && !yield(x.Link) {
				return
			}
		}
	}
}

func (m *Memory) relation(name string) *relation {
	if r := m.relations[name]; r != nil {
		return r
	}
	return &relation{}
}

func listAt(home map[string]*list, id string, inbound bool) *list {
	l := home[id]
	if l == nil {
		l = &list{home: home, id: id, inbound: inbound}
		home[id] = l
	}
	return l
}

func (t *memoryTx) Link(l Link) (bool, error) {
	if t.readOnly {
		return false, ErrReadOnly
	}
	rel := t.m.relations[l.Relation]
	if rel == nil {
		rel = &relation{links: map[ends]*link{}, out: map[string]*list{}, in: map[string]*list{}}
		t.m.relations[l.Relation] = rel
	}
	at := ends{l.From, l.To}
	if rel.links[at] != nil {
		return false, nil
	}
	x := &link{Link: l}
	out, in := listAt(rel.out, l.From, false), listAt(rel.in, l.To, true)
	rel.links[at] = x
	out.add(x)
	in.add(x)
	t.onRollback(func() {
		delete(rel.links, at)
		out.drop()
		in.drop()
	})
	return true, nil
}

func (t *memoryTx) Unlink(name, from, to string) (bool, error) {
	if t.readOnly {
		return false, ErrReadOnly
	}
	rel, at := t.m.relation(name), ends{from, to}
	x := rel.links[at]
	if x == nil {
		return false, nil
	}
	out, in := rel.out[from], rel.in[to]
	delete(rel.links, at)
	out.remove(x)
	in.remove(x)
	for _, l := range []*list{out, in} {
		if !l.sparse {
			l.sparse = true
			t.sparse = append(t.sparse, l)
		}
	}
	t.onRollback(func() {
		rel.links[at] = x
		out.restore(x)
		in.restore(x)
	})
	return true, nil
}

func (t *memoryTx) Linked(name, from, to string) bool {
	return t.m.relation(name).links[ends{from, to}] != nil
}

func (t *memoryTx) Links(name, from string) iter.Seq[Link] {
	return t.m.relation(name).out[from].all()
}

func (t *memoryTx) Backlinks(name, to string) iter.Seq[Link] {
	return t.m.relation(name).in[to].all()
}

func (t *memoryTx) CountLinks(name, from string) int {
	if l := t.m.relation(name).out[from]; l != nil {
		return l.live
	}
	return 0
}
