// SPDX-License-Identifier: Apache-2.0

package store

import (
	"iter"
	"strings"
)

// relation holds the links of one name, each in three places: by the hash of
// its ends, in the list of those that leave From and in the list of those that
// reach To.
type relation struct {
	pairs map[uint64]*link
	out   map[string]*list
	in    map[string]*list
}

// link is there from one commit until another. It knows its places in its two
// lists, which are the writer's matter, so that removing it searches nothing.
type link struct {
	from, to     *list
	data         string
	since, until int64 // until is 0 as long as nobody has removed it
	same         *link // the next with that hash
	outAt, inAt  uint32
}

func (x *link) seen(at int64) bool { return x.since <= at && (x.until == 0 || x.until > at) }

// list is an ordered run of links with holes where links were. Holes are closed
// when they outnumber the links, so that removal costs O(1) amortised; the links
// then move to another array, and whoever walks the old one goes on with it.
type list struct {
	id      string
	rel     *relation
	links   []*link
	count   *counter // of those that leave
	holes   uint32
	inbound bool
}

func (l *list) place(x *link) *uint32 {
	if l.inbound {
		return &x.inAt
	}
	return &x.outAt
}

// append adds x to links, which are or will be those of l.
func (l *list) append(links []*link, x *link) []*link {
	*l.place(x) = uint32(len(links)) //nolint:gosec // more links than it counts would fill 256 GB
	return append(links, x)
}

func (l *list) counted(by int, t *memoryTx) { l.count = l.count.plus(by, t) }

// remove takes a link out that nobody sees any more.
func (m *Memory) remove(x *link) {
	rel := x.from.rel
	h := m.hash.of(x.from.id, x.to.id)
	m.mu.Lock()
	if first := rel.pairs[h]; first != x {
		for first.same != x {
			first = first.same
		}
		first.same = x.same
	} else if x.same != nil {
		rel.pairs[h] = x.same
	} else {
		delete(rel.pairs, h)
	}
	x.from.drop(x, rel.out)
	x.to.drop(x, rel.in)
	m.mu.Unlock()
	m.pack(x.from)
	m.pack(x.to)
}

func (l *list) drop(x *link, home map[string]*list) {
	l.links[*l.place(x)] = nil
	l.holes++
	if int(l.holes) == len(l.links) {
		delete(home, l.id)
	}
}

// pack closes holes, off the lock for as long as it takes.
func (m *Memory) pack(l *list) {
	there := len(l.links) - int(l.holes)
	if there == 0 || int(l.holes) <= there {
		return
	}
	packed := make([]*link, 0, there)
	for _, x := range l.links {
		if x != nil {
			packed = l.append(packed, x)
		}
	}
	m.mu.Lock()
	l.links, l.holes = packed, 0
	m.mu.Unlock()
}

// find returns the link between two records that is seen, or nil. A relation that
// has no links yet is nil.
func (r *relation) find(h uint64, from, to string, at int64) *link {
	if r == nil {
		return nil
	}
	x := r.pairs[h]
	for x != nil && (x.from.id != from || x.to.id != to || !x.seen(at)) {
		x = x.same
	}
	return x
}

// list returns the list of a record, or nil.
func (r *relation) list(id string, inbound bool) *list {
	switch {
	case r == nil:
		return nil
	case inbound:
		return r.in[id]
	}
	return r.out[id]
}

// listOf returns the list of a record and makes it if need be. Its id is a
// copy, so that it holds no request in memory that it was read from.
func (r *relation) listOf(id string, inbound bool) *list {
	l := r.list(id, inbound)
	if l != nil {
		return l
	}
	l = &list{id: strings.Clone(id), rel: r, inbound: inbound}
	if inbound {
		r.in[l.id] = l
	} else {
		r.out[l.id] = l
	}
	return l
}

func (t *memoryTx) Link(l Link) (bool, error) {
	if t.readOnly() {
		return false, ErrReadOnly
	}
	rel, h := t.m.relations[l.Relation], t.m.hash.of(l.From, l.To)
	if rel.find(h, l.From, l.To, t.at) != nil {
		return false, nil
	}
	x := &link{data: l.Data, since: t.at}
	t.m.mu.Lock()
	if rel == nil {
		rel = &relation{pairs: map[uint64]*link{}, out: map[string]*list{}, in: map[string]*list{}}
		t.m.relations[l.Relation] = rel
	}
	x.from, x.to, x.same = rel.listOf(l.From, false), rel.listOf(l.To, true), rel.pairs[h]
	rel.pairs[h] = x
	x.from.links = x.from.append(x.from.links, x)
	x.to.links = x.to.append(x.to.links, x)
	x.from.counted(1, t)
	t.m.mu.Unlock()
	t.linked = append(t.linked, x)
	return true, nil
}

func (t *memoryTx) Unlink(name, from, to string) (bool, error) {
	if t.readOnly() {
		return false, ErrReadOnly
	}
	x := t.m.relations[name].find(t.m.hash.of(from, to), from, to, t.at)
	if x == nil {
		return false, nil
	}
	t.sever(x)
	return true, nil
}

// sever ends a link. It stays where it is as long as a View may see it.
func (t *memoryTx) sever(x *link) {
	t.m.mu.Lock()
	x.until = t.at
	x.from.counted(-1, t)
	t.m.mu.Unlock()
	t.severed = append(t.severed, x)
}

func (t *memoryTx) Linked(name, from, to string) bool {
	h := t.m.hash.of(from, to)
	t.lock()
	defer t.unlock()
	return t.m.relations[name].find(h, from, to, t.at) != nil
}

func (t *memoryTx) Links(name, from string) iter.Seq[Link] { return t.each(name, from, false) }

func (t *memoryTx) Backlinks(name, to string) iter.Seq[Link] { return t.each(name, to, true) }

// each yields the links in a list that are there when it starts, for an Update
// less those that its loop removes before their turn.
func (t *memoryTx) each(name, id string, inbound bool) iter.Seq[Link] {
	return func(yield func(Link) bool) {
		t.lock()
		l := t.m.relations[name].list(id, inbound)
		if l == nil {
			t.unlock()
			return
		}
		rest := l.links
		if !t.readOnly() {
			for _, x := range rest {
				if x != nil && x.seen(t.at) && !yield(x.link(name)) {
					return
				}
			}
			return
		}
		var buffer [taken]*link
		for {
			n, step := 0, min(len(rest), taken)
			for _, x := range rest[:step] {
				if x != nil && x.seen(t.at) {
					buffer[n] = x
					n++
				}
			}
			t.unlock()
			for _, x := range buffer[:n] {
				if !yield(x.link(name)) {
					return
				}
			}
			if rest = rest[step:]; len(rest) == 0 {
				return
			}
			t.lock()
		}
	}
}

func (x *link) link(relation string) Link {
	return Link{Relation: relation, From: x.from.id, To: x.to.id, Data: x.data}
}

func (t *memoryTx) CountLinks(name, from string) int {
	t.lock()
	defer t.unlock()
	if l := t.m.relations[name].list(from, false); l != nil {
		return l.count.as(t.at)
	}
	return 0
}
