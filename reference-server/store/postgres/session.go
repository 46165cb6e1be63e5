// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"database/sql/driver"

	"github.com/jackc/pgx/v5"
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

func (s session) Query(statement string, row func([]driver.Value) error, args ...driver.Value) error {
	rows, err := s.c.Query(s.ctx, statement, anyOf(args)...)
	if err != nil {
		return err
	}
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
