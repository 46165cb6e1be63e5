// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
)

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

// run is a list of cells in order of seq.
type run struct{ cells []*cell }

// place returns where seq is or would be in cells.
func place(cells []*cell, seq int64) (int, bool) {
	if n := len(cells); n == 0 || cells[n-1].seq < seq {
		return n, false // the usual case: the newest record goes last
	}
	return slices.BinarySearchFunc(cells, seq, func(c *cell, seq int64) int { return cmp.Compare(c.seq, seq) })
}

func (r *run) put(c *cell) {
	if i, there := place(r.cells, c.seq); !there {
		r.cells = slices.Insert(r.cells, i, c)
	}
}

// drop removes the oldest cell in O(1), since a trail that has a bound always
// removes that one, and any other in O(n).
func (r *run) drop(seq int64) {
	i, there := place(r.cells, seq)
	switch {
	case !there:
	case i == 0:
		r.cells[0], r.cells = nil, r.cells[1:]
	default:
		r.cells = slices.Delete(r.cells, i, i+1)
	}
}

// skip returns the place of the first cell after offset of those that are seen.
// Cells of records made later stand behind all that are seen: only those that
// are gone count for nothing. O(log n) for each of these.
func (t *table) skip(offset int, at int64) int {
	i := max(offset, 0)
	for _, c := range t.gone.cells {
		if j, _ := place(t.cells.cells, c.seq); j > i {
			break
		}
		if c.as(at) == nil {
			i++
		}
	}
	return i
}

// Steps of a walk: how many records a View takes along, and how many cells it
// looks at, before it lets go of the lock.
const (
	taken  = 64
	looked = 512
)

// walk yields what t sees in cells, from a place on, and matches. An Update
// sees at each turn what its loop has written, but for what it has inserted.
func (t *memoryTx) walk(cells func(one *[1]*cell) []*cell, from func() int, match func(*row) bool) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		var buffer [taken]*Record
		var one [1]*cell
		most := taken
		if !t.readOnly {
			most = 1
		}
		t.lock()
		list, i := cells(&one), from()
		if i >= len(list) {
			t.unlock()
			return
		}
		next, last := list[i].seq, list[len(list)-1].seq
		for over := false; !over; {
			if i > len(list) || i > 0 && list[i-1].seq >= next || i < len(list) && list[i].seq < next {
				i, _ = place(list, next) // others have come or gone before it
			}
			n := 0
			for end := min(len(list), i+looked); i < end && n < most && list[i].seq <= last; i++ {
				next = list[i].seq + 1
				if r := list[i].as(t.at); r != nil && match(r) {
					buffer[n] = &r.Record
					n++
				}
			}
			over = i == len(list) || list[i].seq > last
			t.unlock()
			for _, r := range buffer[:n] {
				if !yield(r) {
					return
				}
			}
			if !over {
				t.lock()
				list = cells(&one)
			}
		}
	}
}

func (t *memoryTx) Find(kind Kind, index, value string) iter.Seq[*Record] {
	return t.walk(func(one *[1]*cell) []*cell {
		tab := t.m.table(kind)
		return tab.keys.at(tab.hash.of(index, value), one)
	}, func() int { return 0 }, func(r *row) bool { return holds(r.Keys, index, value) })
}

func (t *memoryTx) Scan(kind Kind, offset int) iter.Seq[*Record] {
	return t.walk(func(*[1]*cell) []*cell { return t.m.table(kind).cells.cells },
		func() int { return t.m.table(kind).skip(offset, t.at) }, func(*row) bool { return true })
}

func (t *memoryTx) Count(kind Kind) int {
	t.lock()
	defer t.unlock()
	return t.m.table(kind).count.as(t.at)
}
