// SPDX-License-Identifier: Apache-2.0

// Package sqltx is what the SQL stores share: a store.Tx in SQL that SQLite
// and PostgreSQL both understand, and the group commit of their writers. A
// store brings connections, transactions and the tables.
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
}

// Tx is a store.Tx over a session that is in a transaction. Reads of a
// store.Tx have no error to return: the first one that fails ends all others,
// and its error is that of the whole View or Update.
type Tx struct {
	ctx     context.Context
	session Session
	batch   *Batch  // nil: read-only
	own     counts  // what this change has added to the batch's
	begun   bool    // the change has a savepoint
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

// write makes sure that the change can be taken back.
func (t *Tx) write() error {
	switch {
	case t.batch == nil:
		return store.ErrReadOnly
	case t.err != nil || t.begun:
		return t.err
	}
	if _, err := t.session.Exec("SAVEPOINT change"); err != nil {
		t.err = fmt.Errorf("write store: %w", err)
		return t.err
	}
	t.begun = true
	return nil
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
