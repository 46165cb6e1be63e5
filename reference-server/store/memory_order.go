// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"iter"
	"slices"
)

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

// query asks for the records of a kind that hold a value of an index, or for
// all after the first offset.
type query struct {
	kind         Kind
	all          bool
	offset       int
	index, value string
}

func (t *memoryTx) cells(q *query, one *[1]*cell) []*cell {
	tab := t.m.table(q.kind)
	if q.all {
		return tab.cells.cells
	}
	return tab.keys.at(tab.hash.of(q.index, q.value), one)
}

// first returns the place where a query begins.
func (t *memoryTx) first(q *query) int {
	if q.all {
		return t.m.table(q.kind).skip(q.offset, t.at)
	}
	return 0
}

// walk yields the records that a query asks for. An Update sees at each turn
// what its loop has written, but for what it has inserted.
func (t *memoryTx) walk(q query) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		var buffer [taken]*Record
		var one [1]*cell
		most := taken
		if !t.readOnly() {
			most = 1
		}
		t.lock()
		list, i := t.cells(&q, &one), t.first(&q)
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
				if r := list[i].as(t.at); r != nil && (q.all || holds(r.Keys, q.index, q.value)) {
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
				list = t.cells(&q, &one)
			}
		}
	}
}

func (t *memoryTx) Find(kind Kind, index, value string) iter.Seq[*Record] {
	return t.walk(query{kind: kind, index: index, value: value})
}

func (t *memoryTx) Scan(kind Kind, offset int) iter.Seq[*Record] {
	return t.walk(query{kind: kind, all: true, offset: offset})
}

func (t *memoryTx) Count(kind Kind) int {
	t.lock()
	defer t.unlock()
	return t.m.table(kind).count.as(t.at)
}
