// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Memory is a Store that keeps everything in maps and loses it with the
// process. Updates take turns; Views run beside them and beside each other,
// and none waits for another's end: what an Update writes is marked with the
// number of its commit, and a View overlooks what is younger than itself (ADR
// 0009). The one lock is held for a single step at a time, never while a
// function of the caller runs.
type Memory struct {
	turn sync.Mutex   // held by the Update that runs
	mu   sync.RWMutex // guards the maps and what they hold; the Update that runs reads without it
	hash hasher

	tables    map[Kind]*table
	relations map[string]*relation

	now    atomic.Pointer[moment]
	oldest *moment // that a View may still be in; of the Update that runs
	seq    int64   // likewise
}

// moment is the time from one commit to the next. It keeps what the next commit
// made obsolete until no View of this moment or an older one is left.
type moment struct {
	commit int64
	views  atomic.Int64
	next   *moment

	rows  []change
	links []*link
}

// NewMemory returns an empty memory store.
func NewMemory() *Memory {
	m := &Memory{hash: newHasher(), tables: map[Kind]*table{}, relations: map[string]*relation{}, oldest: &moment{}}
	m.now.Store(m.oldest)
	return m
}

// View runs read on the state after the last commit. It waits for no Update
// and holds none up.
func (m *Memory) View(ctx context.Context, read func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := m.enter()
	defer now.views.Add(-1)
	return read(&memoryTx{m: m, at: now.commit})
}

// enter returns the present, counted in before any Update could take it for
// left: whoever replaces it afterwards sees the count.
func (m *Memory) enter() *moment {
	for {
		now := m.now.Load()
		now.views.Add(1)
		if m.now.Load() == now {
			return now
		}
		now.views.Add(-1)
	}
}

// Update runs change once, when it is its turn. When change fails or panics,
// or ctx has ended by the time it returns, all of its writes are taken back.
func (m *Memory) Update(ctx context.Context, change func(Tx) error) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &struct {
		memoryTx
		written
	}{memoryTx: memoryTx{m: m, at: m.now.Load().commit + 1}} // one piece of memory
	t := &w.memoryTx
	t.written = &w.written
	committed := false
	defer func() {
		if !committed {
			t.rollback()
		}
	}()
	if err := change(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	committed = true
	t.commit()
	m.forget()
	return nil
}

// Close has nothing to release.
func (m *Memory) Close() error { return nil }

// forget drops what no View can see any more. What is left is a matter of the
// Updates to come. O(what is dropped).
func (m *Memory) forget() {
	for o := m.oldest; o.next != nil && o.views.Load() == 0; o = m.oldest {
		for _, c := range o.rows {
			m.mu.Lock()
			c.table.settle(c.cell)
			m.mu.Unlock()
		}
		for _, x := range o.links {
			m.remove(x)
		}
		m.oldest = o.next
	}
}

// memoryTx is a Tx. It sees what was committed up to the number at; that of an
// Update is the number which its commit will have.
type memoryTx struct {
	m  *Memory
	at int64
	*written
}

// written is what an Update has done, in order. A View has none.
type written struct {
	rows            []change
	linked, severed []*link
}

func (t *memoryTx) readOnly() bool { return t.written == nil }

// change is a new version of a record: its first one, another one, or the last
// one, which says that the record is gone.
type change struct {
	table *table
	cell  *cell
	first bool
}

// lock and unlock surround what a View reads. An Update needs no lock to read,
// since nobody else writes.
func (t *memoryTx) lock() {
	if t.readOnly() {
		t.m.mu.RLock()
	}
}

func (t *memoryTx) unlock() {
	if t.readOnly() {
		t.m.mu.RUnlock()
	}
}

// commit makes everything visible at once.
func (t *memoryTx) commit() {
	if len(t.rows)+len(t.linked)+len(t.severed) == 0 {
		return
	}
	now := t.m.now.Load()
	now.rows = slices.DeleteFunc(t.rows, func(c change) bool { return c.first })
	now.links = t.severed
	now.next = &moment{commit: t.at}
	t.m.now.Store(now.next)
}

// rollback takes back what nobody else has seen.
func (t *memoryTx) rollback() {
	for _, c := range slices.Backward(t.rows) {
		t.m.mu.Lock()
		c.table.revert(c.cell, t)
		t.m.mu.Unlock()
		if c.first {
			t.m.seq--
		}
	}
	for _, x := range t.severed {
		t.m.mu.Lock()
		x.until = 0
		x.from.counted(1, t)
		t.m.mu.Unlock()
	}
	for _, x := range slices.Backward(t.linked) {
		t.m.mu.Lock()
		x.from.counted(-1, t)
		t.m.mu.Unlock()
		t.m.remove(x)
	}
}

// counter is a number as of each commit that changed it, the newest first.
type counter struct {
	n     int
	since int64
	older *counter
}

func (c *counter) as(at int64) int {
	for ; c != nil; c = c.older {
		if c.since <= at {
			return c.n
		}
	}
	return 0
}

// plus returns the counter as t changes it. What no View needs any more goes.
func (c *counter) plus(by int, t *memoryTx) *counter {
	switch {
	case c == nil:
		return &counter{n: by, since: t.at}
	case c.since == t.at:
		c.n += by
		return c
	case c.since <= t.m.oldest.commit:
		c.older = nil
	}
	return &counter{n: c.n + by, since: t.at, older: c}
}
