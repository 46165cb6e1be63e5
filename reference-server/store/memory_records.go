// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"fmt"
	"slices"
)

// row is one version of a record, there from one commit until the next one of
// the same cell. One whose Version is 0 says that the record is gone.
type row struct {
	Record
	since int64
	older *row // nil when no View needs it any more
}

// cell is where a record stands. Indexes lead to the cell, so that a new
// version whose keys are the old ones costs O(1).
type cell struct {
	seq  int64
	head *row
}

// as returns the version that a transaction sees, or nil.
func (c *cell) as(at int64) *row {
	for r := c.head; r != nil; r = r.older {
		if r.since <= at {
			if r.Version == 0 {
				return nil
			}
			return r
		}
	}
	return nil
}

// table holds the records of one kind.
type table struct {
	hash  *hasher
	cells run // all of them
	gone  run // those of deleted records that a View may still see
	ids   index
	keys  index
	count *counter
}

func (m *Memory) table(k Kind) *table {
	if t := m.tables[k]; t != nil {
		return t
	}
	return &table{hash: &m.hash}
}

func (t *table) find(id string, at int64) (*cell, *row) {
	var one [1]*cell
	for _, c := range t.ids.at(t.hash.of("", id), &one) {
		if r := c.as(at); r != nil && r.ID == id {
			return c, r
		}
	}
	return nil, nil
}

// free tells whether r may hold its unique keys.
func (t *table) free(r *Record, at int64) error {
	for _, k := range r.Keys {
		if !k.Unique {
			continue
		}
		var one [1]*cell
		for _, c := range t.keys.at(t.hash.of(k.Index, k.Value), &one) {
			if other := c.as(at); other != nil && other.ID != r.ID && holds(other.Keys, k.Index, k.Value) {
				return &UniquenessError{Kind: r.Kind, Index: k.Index, Value: k.Value, Owner: other.ID}
			}
		}
	}
	return nil
}

// put gives a cell its next version.
func (t *table) put(c *cell, r *row) {
	r.older, c.head = c.head, r
	for _, k := range r.Keys {
		if k.Index != "" && (r.older == nil || !holds(r.older.Keys, k.Index, k.Value)) {
			t.keys.put(t.hash.of(k.Index, k.Value), c)
		}
	}
}

// revert undoes the last version of a cell.
func (t *table) revert(c *cell, tx *memoryTx) {
	r := c.head
	c.head = r.older
	t.unindex(c, r)
	switch {
	case r.Version == 0:
		t.gone.drop(c.seq)
		t.count = t.count.plus(1, tx)
	case c.head == nil:
		t.drop(c, r.ID)
		t.count = t.count.plus(-1, tx)
	}
}

// settle forgets the oldest version of a cell, and the cell when only the last
// word on it is left.
func (t *table) settle(c *cell) {
	last := c.head
	for last.older.older != nil {
		last = last.older
	}
	old := last.older
	last.older = nil
	t.unindex(c, old)
	if c.head == last && last.Version == 0 {
		t.gone.drop(c.seq)
		t.drop(c, last.ID)
	}
}

func (t *table) drop(c *cell, id string) {
	t.cells.drop(c.seq)
	t.ids.drop(t.hash.of("", id), c)
}

// unindex removes the keys of a version that is no longer in the cell, but for
// those of its versions that are.
func (t *table) unindex(c *cell, r *row) {
	for _, k := range r.Keys {
		if k.Index == "" || c.head != nil && holds(c.head.Keys, k.Index, k.Value) {
			continue
		}
		h := t.hash.of(k.Index, k.Value)
		if !t.leads(c, h) {
			t.keys.drop(h, c)
		}
	}
}

// leads says whether a version in the cell has a key of that hash.
func (t *table) leads(c *cell, h uint64) bool {
	for r := c.head; r != nil; r = r.older {
		if slices.ContainsFunc(r.Keys, func(k Key) bool { return k.Index != "" && t.hash.of(k.Index, k.Value) == h }) {
			return true
		}
	}
	return false
}

func holds(keys []Key, index, value string) bool {
	for i := range keys {
		if keys[i].Value == value && keys[i].Index == index {
			return true
		}
	}
	return false
}

func (t *memoryTx) Get(kind Kind, id string) (*Record, error) {
	t.lock()
	_, r := t.m.table(kind).find(id, t.at)
	t.unlock()
	if r == nil {
		return nil, fmt.Errorf("%s %q: %w", kind, id, ErrNotFound)
	}
	return &r.Record, nil
}

func (t *memoryTx) Insert(r *Record) error {
	if t.readOnly() {
		return ErrReadOnly
	}
	tab := t.m.table(r.Kind)
	if c, _ := tab.find(r.ID, t.at); c != nil {
		return &UniquenessError{Kind: r.Kind, Index: "id", Value: r.ID, Owner: r.ID}
	}
	if err := tab.free(r, t.at); err != nil {
		return err
	}
	t.m.seq++
	r.Seq, r.Version = t.m.seq, 1
	c, next := &cell{seq: r.Seq}, &row{Record: keep(r, nil), since: t.at}
	t.m.mu.Lock()
	if t.m.tables[r.Kind] == nil {
		t.m.tables[r.Kind] = tab
	}
	tab.put(c, next)
	tab.cells.put(c)
	tab.ids.put(tab.hash.of("", r.ID), c)
	tab.count = tab.count.plus(1, t)
	t.m.mu.Unlock()
	t.rows = append(t.rows, change{tab, c, true})
	return nil
}

func (t *memoryTx) Update(r *Record) error {
	if t.readOnly() {
		return ErrReadOnly
	}
	tab := t.m.table(r.Kind)
	c, old := tab.find(r.ID, t.at)
	switch {
	case old == nil:
		return fmt.Errorf("%s %q: %w", r.Kind, r.ID, ErrNotFound)
	case old.Version != r.Version:
		return fmt.Errorf("%s %q: version %d is now %d: %w", r.Kind, r.ID, r.Version, old.Version, ErrConflict)
	}
	if err := tab.free(r, t.at); err != nil {
		return err
	}
	r.Seq = old.Seq
	r.Version++
	t.write(tab, c, &row{Record: keep(r, &old.Record), since: t.at})
	return nil
}

func (t *memoryTx) Delete(kind Kind, id string) error {
	if t.readOnly() {
		return ErrReadOnly
	}
	tab := t.m.table(kind)
	c, old := tab.find(id, t.at)
	if old == nil {
		return fmt.Errorf("%s %q: %w", kind, id, ErrNotFound)
	}
	for _, rel := range t.m.relations {
		for _, end := range []*list{rel.out[id], rel.in[id]} {
			if end == nil {
				continue
			}
			for _, x := range end.links {
				if x != nil && x.seen(t.at) {
					t.sever(x)
				}
			}
		}
	}
	t.write(tab, c, &row{Record: Record{ID: old.ID}, since: t.at})
	return nil
}

// write gives a cell that is in the table its next version.
func (t *memoryTx) write(tab *table, c *cell, r *row) {
	t.m.mu.Lock()
	tab.put(c, r)
	if r.Version == 0 {
		tab.gone.put(c)
		tab.count = tab.count.plus(-1, t)
	}
	t.m.mu.Unlock()
	t.rows = append(t.rows, change{tab, c, false})
}

// keep copies r, so that what the caller does with it later stays the
// caller's. The id and the values of its keys share one piece of memory, or
// are those of the version before: what a directory of a million users costs is
// mostly their number of pieces.
func keep(r, old *Record) Record {
	kept := *r
	kept.Body = bytes.Clone(r.Body)
	if old != nil && slices.Equal(r.Keys, old.Keys) {
		kept.Kind, kept.ID, kept.Keys = old.Kind, old.ID, old.Keys
		return kept
	}
	kept.Keys = slices.Clone(r.Keys)
	size := len(r.ID)
	for i, k := range r.Keys {
		if same(r.Keys[:i], k.Value) < 0 {
			size += len(k.Value)
		}
	}
	text := make([]byte, 0, size)
	text = append(text, r.ID...)
	for i, k := range r.Keys {
		if same(r.Keys[:i], k.Value) < 0 {
			text = append(text, k.Value...)
		}
	}
	rest := string(text)
	cut := func(n int) (s string) { s, rest = rest[:n], rest[n:]; return s }
	kept.ID = cut(len(r.ID))
	for i, k := range r.Keys {
		if at := same(r.Keys[:i], k.Value); at >= 0 {
			kept.Keys[i].Value = kept.Keys[at].Value
		} else {
			kept.Keys[i].Value = cut(len(k.Value))
		}
	}
	return kept
}

// same returns the place of the first key with a value, or -1.
func same(keys []Key, value string) int {
	return slices.IndexFunc(keys, func(k Key) bool { return k.Value == value })
}
