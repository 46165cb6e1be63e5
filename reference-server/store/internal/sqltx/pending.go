// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"bytes"
	"slices"

	"github.com/scimproof/scimproof/reference-server/store"
)

// A change that inserts, updates and links without looking at what it wrote
// runs no statement that writes: what it wrote waits in memory, and goes into
// the database together with that of all who share the commit, many rows a
// statement. A change that deletes, or walks over what waits, runs its
// statements at once from then on, behind a savepoint (Tx.direct).

// Bounds of what one change and one batch let wait.
const (
	mostWaiting      = 512
	mostWaitingBytes = 4 << 20
	mostHeld         = 4096
)

// at is where a record is found by its id.
type at struct {
	kind store.Kind
	id   string
}

// slot is where a record is found by a key.
type slot struct {
	kind store.Kind
	entry
}

// ends is a link without its data.
type ends struct{ relation, from, to string }

// side is one end of a link, From or To.
type side struct {
	relation, id string
	to           bool
}

// pending is what waits to be written.
type pending struct {
	records map[at]*store.Record
	order   []at
	slots   map[slot]bool // that the records hold, or held before
	kinds   map[store.Kind]bool
	links   map[ends]bool
	linked  []numbered
	sides   map[side]bool
	bytes   int
}

func newPending() pending {
	return pending{
		records: map[at]*store.Record{}, slots: map[slot]bool{}, kinds: map[store.Kind]bool{},
		links: map[ends]bool{}, sides: map[side]bool{},
	}
}

func (p *pending) empty() bool { return len(p.order)+len(p.linked) == 0 }

func (p *pending) full() bool {
	return len(p.order)+len(p.linked) >= mostWaiting || p.bytes >= mostWaitingBytes
}

// put lets r wait. Old is what it replaces, if that has keys.
func (p *pending) put(r, old *store.Record) {
	where := at{r.Kind, r.ID}
	if p.records[where] == nil {
		p.order = append(p.order, where)
	}
	p.records[where] = r
	p.kinds[r.Kind] = true
	p.bytes += len(r.Body)
	for _, version := range []*store.Record{old, r} {
		if version == nil {
			continue
		}
		for _, k := range version.Keys {
			p.slots[slot{r.Kind, entryOf(k.Index, k.Value)}] = true
		}
	}
}

func (p *pending) link(l numbered) {
	p.links[ends{l.Relation, l.From, l.To}] = true
	p.sides[side{l.Relation, l.From, false}] = true
	p.sides[side{l.Relation, l.To, true}] = true
	p.linked = append(p.linked, l)
	p.bytes += len(l.Data)
}

// add lets what waits in q wait in p.
func (p *pending) add(q *pending) {
	for _, where := range q.order {
		p.put(q.records[where], nil)
	}
	for s := range q.slots {
		p.slots[s] = true
	}
	for _, l := range q.linked {
		p.link(l)
	}
}

// holder returns the waiting record, other than that of id, that holds a key.
func (p *pending) holder(s slot, id string) *store.Record {
	if !p.slots[s] {
		return nil
	}
	for where, r := range p.records {
		if where.kind == s.kind && where.id != id && holds(r, s.entry) {
			return r
		}
	}
	return nil
}

func holds(r *store.Record, e entry) bool {
	return slices.ContainsFunc(r.Keys, func(k store.Key) bool { return entryOf(k.Index, k.Value) == e })
}

// copyOf returns r as it would be read back.
func copyOf(r *store.Record) *store.Record {
	c := *r
	c.Created, c.Modified = moment(nanoseconds(r.Created)), moment(nanoseconds(r.Modified))
	c.Body, c.Keys = bytes.Clone(bytesOf(r.Body)), slices.Clone(r.Keys)
	return &c
}
