// SPDX-License-Identifier: Apache-2.0

// Package sqltx is what the SQL stores share: a store.Tx in SQL that SQLite
// and PostgreSQL both understand, and the group commit of their writers. A
// store brings connections, transactions and the tables. What a change writes
// waits in memory where it can (pending.go), so that a change costs few
// statements and a group of them shares the rest.
//
// The tables: records holds a record in one row, with its keys in bytes; keys
// holds a row for each key; links holds the links in the order of n; buckets
// counts the records of a kind in each run of 4096 Seqs, and in all under -1;
// degrees counts the links from a record. Ids and values are bytes: they may
// hold what a SQL text may not. Writers take turns, so a change sees all that
// was changed before it and Seqs become visible in their own order.
package sqltx

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store"
)

// ErrDamaged says that what the store reads is not what it wrote.
var ErrDamaged = errors.New("stored data is damaged")

// Session runs statements on one connection. Parameters are $1, $2 …; a
// session keeps each statement that it has seen prepared.
type Session interface {
	// Query calls row for each row of the answer. The row is row's only until
	// it returns, but for the strings and bytes in it. Row does not use the
	// session.
	Query(statement string, row func([]driver.Value) error, args ...driver.Value) error
	// Exec runs a statement without an answer and says how many rows it
	// changed.
	Exec(statement string, args ...driver.Value) (int64, error)
	// Send runs statements one after the other, up to the first that fails,
	// without waiting for the answer to each. It fails, too, if a COMMIT among
	// them does not commit.
	Send(list []Statement) error
}

// Tx is a store.Tx over a session that is in a transaction. Reads of a
// store.Tx have no error to return: the first one that fails ends all others,
// and its error is that of the whole View or Update.
type Tx struct {
	ctx     context.Context
	session Session
	batch   *Batch  // nil: read-only
	counts  counts  // what this change has added to the batch's
	own     pending // what it wrote, unless begun
	begun   bool    // the change has a savepoint, and runs what it writes
	writes  int     // how often this change has changed or removed what a loop may have read ahead
	seqs    []int64 // that this change has given, in order
	places  []int64 // of the links that it has added, in order
	err     error
}

var _ store.Tx = (*Tx)(nil)

// View runs read on a session whose transaction sees one moment.
func View(ctx context.Context, s Session, read func(store.Tx) error) error {
	tx := &Tx{ctx: ctx, session: s}
	return tx.outcome(read(tx))
}

// outcome is the error of the transaction whose function returned err.
func (t *Tx) outcome(err error) error {
	if t.err != nil {
		return t.err // err may be no more than its consequence
	}
	return err
}

// query reads rows unless the transaction has failed before.
func (t *Tx) query(statement string, row func([]driver.Value) error, args ...driver.Value) error {
	if t.err == nil {
		t.err = t.ctx.Err()
	}
	if t.err != nil {
		return t.err
	}
	if err := t.session.Query(statement, row, args...); err != nil {
		t.err = fmt.Errorf("read store: %w", err)
	}
	return t.err
}

// integer reads one number, 0 if there is no row.
func (t *Tx) integer(statement string, args ...driver.Value) (n int64, found bool, err error) {
	err = t.query(statement, func(v []driver.Value) error {
		found = true
		n, _ = v[0].(int64)
		return nil
	}, args...)
	return n, found, err
}

// rowOf reads a row of numbers, 0 for NULL.
func rowOf(to ...*int64) func([]driver.Value) error {
	return func(v []driver.Value) error {
		for i, n := range to {
			number(v[i], n)
		}
		return nil
	}
}

// waits says that what the change writes waits in memory. It makes sure that
// there is room for more.
func (t *Tx) waits() (bool, error) {
	if t.batch == nil {
		return false, store.ErrReadOnly
	}
	if !t.begun && t.own.full() {
		return false, t.direct()
	}
	return !t.begun, t.err
}

// direct runs what waits, behind a savepoint what is the change's own, and has
// the change run its statements at once from now on.
func (t *Tx) direct() error {
	switch {
	case t.batch == nil:
		return store.ErrReadOnly
	case t.err != nil || t.begun:
		return t.err
	}
	if t.err = t.newIDs(); t.err != nil {
		return t.err
	}
	if t.err = t.batch.write(); t.err != nil {
		return t.err
	}
	if err := t.exec("SAVEPOINT change"); err != nil {
		return err
	}
	t.begun = true
	if err := t.session.Send(t.batch.statements(&t.own)); err != nil {
		t.err = fmt.Errorf("write store: %w", err)
	}
	t.own = newPending()
	return t.err
}

// settle makes the tables hold what a statement is about to look at: own and
// shared say whether something that this change wrote, or one before it in the
// batch, waits there.
func (t *Tx) settle(own, shared bool) {
	switch {
	case t.err != nil || t.batch == nil || t.begun:
	case own:
		_ = t.direct() // the error is kept in t
	case shared:
		t.err = t.batch.write()
	}
}

func (t *Tx) exec(statement string, args ...driver.Value) error {
	if t.err != nil {
		return t.err
	}
	if _, err := t.session.Exec(statement, args...); err != nil {
		t.err = fmt.Errorf("write store: %w", err)
	}
	return t.err
}
