// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// place is where a resource stands in the order of a result: by what it is
// sorted by, then by the number of its part, then by age. No two are equal.
type place struct {
	key  engine.SortKey // of a sorted result
	part int64
	seq  int64
}

// hit is a resource that matches, with the shape it is shown in.
type hit struct {
	place
	record *store.Record
	shape  *engine.Projection
}

// window is the part of a result that a page shows.
type window struct {
	hits           []hit
	first          int // how many come before, where the store tells
	total          int
	before, behind bool // there are more
}

// ordering compares places of one result.
type ordering struct{ sorter *engine.Sorter }

func (o ordering) compare(a, b place) int {
	if o.sorter != nil {
		if c := o.sorter.Compare(a.key, b.key); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.seq, b.seq))
}

// window finds the resources of the page. A whole collection in the order of
// age costs O(page). Whatever is filtered, sorted or of several types costs a
// look at each candidate, since totalResults has to be right: O(n) for n
// candidates. A sorted page by index sorts all of them, O(n log n); one by cursor
// keeps the nearest to its position only, O(n log page), with O(page) memory.
func (v *view) window(ctx context.Context, q query, parts []part, sorter *engine.Sorter) (window, error) {
	if sorter == nil && len(parts) == 1 && parts[0].matcher == nil {
		return v.stretch(q, parts[0]), nil
	}
	var found gatherer
	switch o := (ordering{sorter}); {
	case q.cursor != nil:
		found = &nearest{ordering: o, at: q.from, size: q.count}
	case sorter != nil:
		found = &ranked{ordering: o}
	default:
		found = &counted{from: q.start, size: q.count}
	}
	total := 0
	for i, p := range parts {
		for r := range p.candidates(v.tx) {
			if err := ctx.Err(); err != nil {
				return window{}, err
			}
			h := hit{place{part: int64(i), seq: r.Seq}, r, p.shape}
			switch ok, err := v.matches(p, r); {
			case err != nil:
				return window{}, err
			case !ok:
				continue
			}
			if sorter != nil {
				o, err := parse(v.whole(nil, r, r.Kind == userKind))
				if err != nil {
					return window{}, err
				}
				if h.key = sorter.Key(o); q.cursor != nil {
					h.key = h.key.Short()
				}
			}
			total++
			found.add(h)
		}
	}
	w := found.window(q)
	w.total = total
	return w, nil
}

// stretch is a window of a whole collection, whose order is that of the store.
func (v *view) stretch(q query, p part) window {
	w := window{total: v.tx.Count(p.kind)}
	from, to := q.start-1, q.start-1+q.count
	if q.from != nil {
		if from = v.rank(p.kind, *q.from); q.from.back {
			from, to = max(from-q.count, 0), from
		} else {
			to = from + q.count
		}
	}
	w.first = min(from, w.total)
	to = min(to, w.total)
	w.before, w.behind = w.first > 0, to < w.total
	if to <= w.first {
		return w
	}
	for r := range v.tx.Scan(p.kind, w.first) {
		w.hits = append(w.hits, hit{place{seq: r.Seq}, r, p.shape})
		if len(w.hits) == to-w.first {
			break
		}
	}
	return w
}

// rank returns how many records of kind come before a position. That is what the
// position itself says unless records have been deleted since it was made: O(log n)
// look-ups.
func (v *view) rank(kind store.Kind, at position) int {
	seq := func(i int) int64 {
		for r := range v.tx.Scan(kind, i) {
			return r.Seq
		}
		return math.MaxInt64
	}
	n, neighbour := int(at.offset), int(at.offset)
	if !at.back {
		neighbour--
	}
	if neighbour >= 0 && seq(neighbour) == at.seq {
		return n
	}
	return sort.Search(v.tx.Count(kind), func(i int) bool {
		s := seq(i)
		return s > at.seq || at.back && s == at.seq
	})
}

// gatherer is given all that matches, and keeps what the page needs.
type gatherer interface {
	add(hit)
	window(query) window
}

// counted keeps a page by index of what comes in order.
type counted struct {
	from, size, seen int
	hits             []hit
}

func (c *counted) add(h hit) {
	if c.seen++; c.seen >= c.from && len(c.hits) < c.size {
		c.hits = append(c.hits, h)
	}
}

func (c *counted) window(query) window { return window{hits: c.hits} }

// ranked keeps everything, for a page by index that is sorted.
type ranked struct {
	ordering
	hits []hit
}

func (k *ranked) add(h hit) { k.hits = append(k.hits, h) }

func (k *ranked) window(q query) window {
	slices.SortFunc(k.hits, func(a, b hit) int { return k.compare(a.place, b.place) })
	from := min(q.start-1, len(k.hits))
	return window{hits: k.hits[from:min(from+q.count, len(k.hits))]}
}

// nearest keeps those that are nearest to a position on the side that is asked
// for, in a heap with the farthest on top.
type nearest struct {
	ordering
	at            *position // nil: before all
	size          int
	hits          []hit
	other, beyond bool // some are on the other side of the position; some are farther than those kept
}

func (n *nearest) back() bool { return n.at != nil && n.at.back }

func (n *nearest) add(h hit) {
	if n.at != nil {
		if c := n.compare(h.place, n.at.place); c == 0 || c < 0 != n.at.back {
			n.other = true
			return
		}
	}
	if len(n.hits) < n.size {
		heap.Push(n, h)
		return
	}
	n.beyond = true
	if n.size > 0 && n.farther(n.hits[0], h) {
		n.hits[0] = h
		heap.Fix(n, 0)
	}
}

func (n *nearest) farther(a, b hit) bool {
	return n.compare(a.place, b.place) > 0 != n.back()
}

func (n *nearest) window(query) window {
	slices.SortFunc(n.hits, func(a, b hit) int { return n.compare(a.place, b.place) })
	w := window{hits: n.hits, before: n.other, behind: n.beyond}
	if n.back() {
		w.before, w.behind = n.beyond, n.other
	}
	return w
}

// Len implements heap.Interface.
func (n *nearest) Len() int { return len(n.hits) }

// Less implements heap.Interface: the farther is the lesser.
func (n *nearest) Less(i, j int) bool {
	return n.farther(n.hits[i], n.hits[j])
}

// Swap implements heap.Interface.
func (n *nearest) Swap(i, j int) { n.hits[i], n.hits[j] = n.hits[j], n.hits[i] }

// Push implements heap.Interface.
func (n *nearest) Push(h any) { n.hits = append(n.hits, h.(hit)) }

// Pop implements heap.Interface. Nothing is taken off: the top is replaced.
func (n *nearest) Pop() any { return nil }
