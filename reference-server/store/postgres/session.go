// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// session implements sqltx.Session on a connection. The driver keeps
// statements prepared.
type session struct {
	ctx context.Context
	c   *pgx.Conn
}

func anyOf(args []driver.Value) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	return list
}

func (s session) Exec(statement string, args ...driver.Value) (int64, error) {
	tag, err := s.c.Exec(s.ctx, statement, anyOf(args)...)
	return tag.RowsAffected(), err
}

// Send sends all statements in one round trip.
func (s session) Send(list []sqltx.Statement) error {
	if len(list) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, statement := range list {
		batch.Queue(statement.Text, anyOf(statement.Args)...)
	}
	answers := s.c.SendBatch(s.ctx, &batch)
	for _, statement := range list {
		tag, err := answers.Exec()
		if err == nil && statement.Text == "COMMIT" && tag.String() != "COMMIT" {
			err = errors.New("the database has rolled back: " + tag.String())
		}
		if err != nil {
			return errors.Join(err, answers.Close())
		}
	}
	return answers.Close()
}

func (s session) Query(statement string, row func([]driver.Value) error, args ...driver.Value) error {
	rows, err := s.c.Query(s.ctx, statement, anyOf(args)...)
	if err != nil {
		return err
	}
	return each(rows, row)
}

// each calls row for each of rows.
func each(rows pgx.Rows, row func([]driver.Value) error) error {
	defer rows.Close()
	var values []driver.Value
	for rows.Next() {
		list, err := rows.Values()
		if err != nil {
			return err
		}
		values = values[:0]
		for _, v := range list {
			values = append(values, v)
		}
		if err := row(values); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}

// snapshot is a session that sees one moment, from its first query on.
type snapshot struct {
	session
	begun bool
}

const beginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

// Query begins the transaction in the round trip of its first query.
func (s *snapshot) Query(statement string, row func([]driver.Value) error, args ...driver.Value) (err error) {
	if s.begun {
		return s.session.Query(statement, row, args...)
	}
	s.begun = true
	var batch pgx.Batch
	batch.Queue(beginRead)
	batch.Queue(statement, anyOf(args)...)
	answers := s.c.SendBatch(s.ctx, &batch)
	defer func() { err = errors.Join(err, answers.Close()) }()
	if _, err := answers.Exec(); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	return each(rows, row)
}
