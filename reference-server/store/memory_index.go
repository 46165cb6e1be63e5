// SPDX-License-Identifier: Apache-2.0

package store

import "hash/maphash"

// hasher makes one number of two strings. The seed is drawn at random, so that
// no client can choose names that collide.
type hasher struct {
	seed maphash.Seed
	mask uint64 // of the bits that count: all, but in a test of collisions
}

func newHasher() hasher { return hasher{maphash.MakeSeed(), ^uint64(0)} }

func (h *hasher) of(a, b string) uint64 {
	const odd = 0x9e3779b97f4a7c15
	return (maphash.String(h.seed, a)*odd + maphash.String(h.seed, b)) & h.mask
}

// index leads from the hash of a value to the cells that may hold it; the
// reader looks whether they do. Without the value itself it takes half the
// memory. Mostly there is one cell, which then needs no list.
type index struct {
	one  map[uint64]*cell
	many map[uint64]*run
}

// at returns the cells in order of seq. one is where it may put them.
func (x *index) at(h uint64, one *[1]*cell) []*cell {
	if c := x.one[h]; c != nil {
		one[0] = c
		return one[:]
	}
	if list := x.many[h]; list != nil {
		return list.cells
	}
	return nil
}

func (x *index) put(h uint64, c *cell) {
	if x.one == nil {
		x.one, x.many = map[uint64]*cell{}, map[uint64]*run{}
	}
	list, other := x.many[h], x.one[h]
	switch {
	case list != nil:
		list.put(c)
	case other == nil:
		x.one[h] = c
	case other != c:
		list = &run{cells: []*cell{other}}
		list.put(c)
		x.many[h] = list
		delete(x.one, h)
	}
}

func (x *index) drop(h uint64, c *cell) {
	list := x.many[h]
	if list == nil {
		if x.one[h] == c {
			delete(x.one, h)
		}
		return
	}
	list.drop(c.seq)
	if len(list.cells) == 1 {
		x.one[h] = list.cells[0]
		delete(x.many, h)
	}
}
