// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
)

// Memory is a Store that keeps everything in maps and loses it with the
// process. One lock guards it: many Views run at once, an Update runs alone. A
// failed Update is taken back step by step, so that neither a View nor an
// Update ever copies the directory.
type Memory struct {
	mu        sync.RWMutex
	tables    map[Kind]*table
	relations map[string]*relation
	seq       int64
}

// NewMemory returns an empty memory store.
func NewMemory() *Memory {
	return &Memory{tables: map[Kind]*table{}, relations: map[string]*relation{}}
}

// View runs read while no Update runs.
func (m *Memory) View(ctx context.Context, read func(Tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return read(&memoryTx{m: m, readOnly: true})
}

// Update runs change once and alone. When change fails or panics, or ctx has
// ended by the time it returns, all of its writes are taken back.
func (m *Memory) Update(ctx context.Context, change func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := &memoryTx{m: m}
	defer tx.close()
	if err := change(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tx.committed = true
	return nil
}

// Close has nothing to release.
func (m *Memory) Close() error { return nil }

// memoryTx is a Tx over a locked Memory. undo takes back its writes when run
// from the last to the first.
type memoryTx struct {
	m         *Memory
	readOnly  bool
	committed bool
	undo      []func()
	sparse    []*list // lists that lost links, to be packed once nothing can be taken back
}

func (t *memoryTx) close() {
	if !t.committed {
		for _, step := range slices.Backward(t.undo) {
			step()
		}
		return
	}
	for _, l := range t.sparse {
		l.pack()
	}
}

func (t *memoryTx) onRollback(step func()) { t.undo = append(t.undo, step) }

// table holds the records of one kind.
type table struct {
	byID    map[string]*Record
	bySeq   run
	indexes map[string]map[string]hits // by name of the index and value
}

func (m *Memory) table(k Kind) *table {
	if t := m.tables[k]; t != nil {
		return t
	}
	return &table{}
}

// put stores r in place of the record of the same Seq, if there is one. Keys
// that both have stay where they are.
func (t *table) put(r *Record) {
	if old := t.byID[r.ID]; old != nil {
		t.unindex(old, r.Keys)
	}
	t.byID[r.ID] = r
	t.bySeq.put(r)
	for _, k := range r.Keys {
		if k.Index == "" {
			continue
		}
		index := t.indexes[k.Index]
		if index == nil {
			index = map[string]hits{}
			t.indexes[k.Index] = index
		}
		index[k.Value] = index[k.Value].put(r)
	}
}

func (t *table) drop(r *Record) {
	t.unindex(r, nil)
	t.bySeq.drop(r.Seq)
	delete(t.byID, r.ID)
}

// unindex removes the keys of r but for those in stay.
func (t *table) unindex(r *Record, stay []Key) {
	for _, k := range r.Keys {
		index := t.indexes[k.Index]
		if slices.ContainsFunc(stay, func(s Key) bool { return s.Index == k.Index && s.Value == k.Value }) {
			continue
		}
		if left := index[k.Value].drop(r.Seq); left.none() {
			delete(index, k.Value)
		} else {
			index[k.Value] = left
		}
	}
}

// free tells whether r may hold its unique keys.
func (t *table) free(r *Record) error {
	for _, k := range r.Keys {
		if !k.Unique {
			continue
		}
		if other := t.indexes[k.Index][k.Value].besides(r.ID); other != nil {
			return &UniquenessError{Kind: r.Kind, Index: k.Index, Value: k.Value, Owner: other.ID}
		}
	}
	return nil
}

func (t *memoryTx) Get(kind Kind, id string) (*Record, error) {
	if r := t.m.table(kind).byID[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("%s %q: %w", kind, id, ErrNotFound)
}

func (t *memoryTx) Insert(r *Record) error {
	if t.readOnly {
		return ErrReadOnly
	}
	tab := t.m.tables[r.Kind]
	if tab == nil {
		tab = &table{byID: map[string]*Record{}, indexes: map[string]map[string]hits{}}
		t.m.tables[r.Kind] = tab
	}
	if tab.byID[r.ID] != nil {
		return &UniquenessError{Kind: r.Kind, Index: "id", Value: r.ID, Owner: r.ID}
	}
	if err := tab.free(r); err != nil {
		return err
	}
	t.m.seq++
	r.Seq, r.Version = t.m.seq, 1
	kept := keep(r)
	tab.put(kept)
	t.onRollback(func() { tab.drop(kept); t.m.seq-- })
	return nil
}

func (t *memoryTx) Update(r *Record) error {
	if t.readOnly {
		return ErrReadOnly
	}
	old, err := t.Get(r.Kind, r.ID)
	if err != nil {
		return err
	}
	if old.Version != r.Version {
		return fmt.Errorf("%s %q: version %d is now %d: %w", r.Kind, r.ID, r.Version, old.Version, ErrConflict)
	}
	tab := t.m.tables[r.Kind]
	if err := tab.free(r); err != nil {
		return err
	}
	r.Seq = old.Seq
	r.Version++
	tab.put(keep(r))
	t.onRollback(func() { tab.put(old) })
	return nil
}

func (t *memoryTx) Delete(kind Kind, id string) error {
	if t.readOnly {
		return ErrReadOnly
	}
	old, err := t.Get(kind, id)
	if err != nil {
		return err
	}
	for name, rel := range t.m.relations {
		for _, end := range []*list{rel.out[id], rel.in[id]} {
			for l := range end.all() {
				if _, err := t.Unlink(name, l.From, l.To); err != nil {
					return err
				}
			}
		}
	}
	tab := t.m.tables[kind]
	tab.drop(old)
	t.onRollback(func() { tab.put(old) })
	return nil
}

// keep copies r, so that what the caller does with it later stays the
// caller's. The id and the values of its keys share one piece of memory: what a
// directory of a million users costs is mostly their number of pieces.
func keep(r *Record) *Record {
	kept := *r
	kept.Body, kept.Keys = bytes.Clone(r.Body), slices.Clone(r.Keys)
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
	return &kept
}

// same returns the place of the first key with a value, or -1.
func same(keys []Key, value string) int {
	return slices.IndexFunc(keys, func(k Key) bool { return k.Value == value })
}
