// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"iter"
	"slices"
)

// run is a list of records in order of Seq.
type run struct{ records []*Record }

// at returns the place of seq, and whether a record of that Seq is there.
func (r *run) at(seq int64) (int, bool) {
	if n := len(r.records); n > 0 && r.records[n-1].Seq < seq {
		return n, false // the usual case: the newest record goes last
	}
	return slices.BinarySearchFunc(r.records, seq, func(x *Record, seq int64) int {
		return cmp.Compare(x.Seq, seq)
	})
}

func (r *run) put(x *Record) {
	i, there := r.at(x.Seq)
	if there {
		r.records[i] = x
		return
	}
	r.records = slices.Insert(r.records, i, x)
}

// drop removes the oldest record in O(1), since a trail that has a bound always
// removes that one, and any other in O(n).
func (r *run) drop(seq int64) {
	i, there := r.at(seq)
	switch {
	case !there:
	case i == 0:
		r.records[0], r.records = nil, r.records[1:]
	default:
		r.records = slices.Delete(r.records, i, i+1)
	}
}

// hits are the records that hold one value of one index: mostly one, which then
// needs no list.
type hits struct {
	one  *Record
	many *run
}

func (h hits) none() bool { return h.one == nil && (h.many == nil || len(h.many.records) == 0) }

func (h hits) put(r *Record) hits {
	switch {
	case h.many != nil:
		h.many.put(r)
		return h
	case h.one == nil || h.one.Seq == r.Seq:
		return hits{one: r}
	}
	list := &run{records: []*Record{h.one}}
	list.put(r)
	return hits{many: list}
}

func (h hits) drop(seq int64) hits {
	if h.many != nil {
		h.many.drop(seq)
	} else if h.one != nil && h.one.Seq == seq {
		return hits{}
	}
	return h
}

// besides returns a record of another id, or nil.
func (h hits) besides(id string) *Record {
	if h.one != nil && h.one.ID != id {
		return h.one
	}
	if h.many != nil {
		for _, r := range h.many.records {
			if r.ID != id {
				return r
			}
		}
	}
	return nil
}

// all yields the records as run.from does.
func (h hits) all() iter.Seq[*Record] {
	if h.one == nil {
		return h.many.from(0)
	}
	return func(yield func(*Record) bool) { yield(h.one) }
}

// from yields the records from the offset on that are there when it starts,
// less those deleted before their turn.
func (r *run) from(offset int) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		if r == nil || offset >= len(r.records) {
			return
		}
		last := r.records[len(r.records)-1].Seq
		for i := max(offset, 0); i < len(r.records) && r.records[i].Seq <= last; {
			seq := r.records[i].Seq
			if !yield(r.records[i]) {
				return
			}
			if i < len(r.records) && r.records[i].Seq == seq {
				i++
			} else { // the loop's body inserted or deleted
				i, _ = r.at(seq + 1)
			}
		}
	}
}

func (t *memoryTx) Find(kind Kind, index, value string) iter.Seq[*Record] {
	return t.m.table(kind).indexes[index][value].all()
}

func (t *memoryTx) Scan(kind Kind, offset int) iter.Seq[*Record] {
	return t.m.table(kind).bySeq.from(offset)
}

func (t *memoryTx) Count(kind Kind) int { return len(t.m.table(kind).byID) }
