// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Dialect is what differs between the databases.
type Dialect struct {
	// Insert is how an INSERT of rows that are known to be new begins.
	Insert string
	// Numbers reads the highest Seq and the highest place of a link that were
	// ever given, NULL or 0 if none was.
	Numbers string
	// Overriding stands between the columns and the values of an INSERT that
	// gives such a number itself.
	Overriding string
	// SetSeq and SetPlace tell the database, after such an INSERT, the highest
	// number given; "": it has seen it.
	SetSeq, SetPlace string
}

// Batch is one transaction of the database that holds several changes. One can
// fail alone: what it wrote still waits, or is behind a savepoint. While the
// batch is open nobody else writes, so that what one change has read, the next
// need not read again.
type Batch struct {
	session Session
	dialect Dialect
	counts  counts
	broken  error
	waiting pending

	held     map[at]*store.Record // stored records; nil: there is none
	absent   map[slot]bool        // keys that no stored record holds
	unlinked map[side]bool        // ends of no stored link
	wholes   map[store.Kind]int64 // how many there were of a kind when the batch began

	numbered   bool
	seq, place int64 // the last ones given
}

// NewBatch returns a batch for a session that has begun a transaction.
func NewBatch(s Session, d Dialect) *Batch {
	b := &Batch{session: s, dialect: d, counts: newCounts(), wholes: map[store.Kind]int64{}}
	b.written()
	b.held = map[at]*store.Record{}
	return b
}

// written makes the batch forget what is no longer so after a write.
func (b *Batch) written() {
	b.waiting = newPending()
	b.absent, b.unlinked = map[slot]bool{}, map[side]bool{}
}

// Run runs one change. Its writes stay in the batch if Run returns nil, and
// leave no trace if it returns an error or panics.
func (b *Batch) Run(ctx context.Context, change func(store.Tx) error) error {
	if err := errors.Join(b.broken, ctx.Err()); err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, session: b.session, batch: b, counts: newCounts(), own: newPending()}
	kept := false
	defer func() {
		if tx.begun {
			b.end(kept)
		}
	}()
	err := tx.outcome(change(tx))
	if err == nil {
		err = tx.newIDs()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	b.counts.add(tx.counts)
	kept = true
	b.waiting.add(&tx.own)
	if b.waiting.full() {
		return b.write()
	}
	return nil
}

// end drops the savepoint of a change, and what came after it unless it is to
// be kept.
func (b *Batch) end(keep bool) {
	b.held, b.numbered = map[at]*store.Record{}, false
	b.written()
	if !keep {
		if _, err := b.session.Exec("ROLLBACK TO SAVEPOINT change"); err != nil {
			b.broken = errors.Join(b.broken, fmt.Errorf("take back a change: %w", err))
		}
	}
	if _, err := b.session.Exec("RELEASE SAVEPOINT change"); err != nil {
		b.broken = errors.Join(b.broken, fmt.Errorf("end a change: %w", err))
	}
}

// number reads which Seqs and places have been given.
func (b *Batch) number(t *Tx) error {
	if b.numbered {
		return nil
	}
	err := t.query(b.dialect.Numbers, rowOf(&b.seq, &b.place))
	b.numbered = err == nil
	return err
}

// write writes what waits.
func (b *Batch) write() error {
	if b.broken != nil || b.waiting.empty() {
		return b.broken
	}
	list := b.statements(&b.waiting)
	if err := b.session.Send(list); err != nil {
		b.broken = fmt.Errorf("write store: %w", err)
		return b.broken
	}
	maps.Copy(b.held, b.waiting.records)
	b.written()
	return nil
}

// Flush writes what waits and what the batch has counted, and ends the
// transaction by the statement last.
func (b *Batch) Flush(last string) error {
	if b.broken != nil {
		return b.broken
	}
	list := append(b.statements(&b.waiting), b.counts.statements()...)
	if err := b.session.Send(append(list, Statement{Text: last})); err != nil {
		b.broken = err
	}
	return b.broken
}
