// SPDX-License-Identifier: Apache-2.0

// Package postgres keeps a store in a PostgreSQL database, which several
// server processes may share.
//
// Writers take turns across all processes, by a lock of the database that is
// held to the end of the transaction: a change never has to be run again,
// unique keys and versions need no second look, and records become visible in
// the order of their Seq. Changes that wait in one process share a
// transaction. Reads take no lock and see one moment.
package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// Numbers of the advisory locks. They are those of this program in the whole
// database server's eyes, so they start with "SCIM" in ASCII.
const (
	writeLock   = 0x5343494d_00000001
	migrateLock = 0x5343494d_00000002
)

// Store is a store.Store in a PostgreSQL database.
type Store struct {
	pool  *pgxpool.Pool
	group *sqltx.Group
	tx    *pgxpool.Conn // of the open group
}

var _ store.Store = (*Store)(nil)

// Open connects to the database that url names and makes the tables there, in
// a schema named scimproof, or migrates those of an older format. Tables of a
// newer format are refused. Errors do not show the password that url may hold.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The driver's error quotes the URL, with the password taken out where
		// it finds one. In a URL that cannot be read it may not.
		return nil, errors.New("open PostgreSQL store: the URL cannot be read; want postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	where := fmt.Sprintf("%s at %s", config.ConnConfig.Database, config.ConnConfig.Host)
	s, err := open(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL store %s: %w", where, err)
	}
	return s, nil
}

func open(ctx context.Context, config *pgxpool.Config) (*Store, error) {
	config.MaxConns = max(config.MaxConns, 8)
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	maps.Copy(config.ConnConfig.RuntimeParams, map[string]string{
		"application_name":                    "scimproof",
		"search_path":                         "scimproof",
		"synchronous_commit":                  "on",
		"idle_in_transaction_session_timeout": "60s", // a process that hangs gives the turn back
		"lock_timeout":                        "30s",
	})
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool}
	s.group = sqltx.NewGroup(s.begin, s.end)
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// View runs read on a snapshot. Its transaction begins with its first
// statement and ends behind its back, so that a View of one look-up costs one
// round trip.
func (s *Store) View(ctx context.Context, read func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	v := &snapshot{session: session{ctx, c.Conn()}}
	defer s.finish(v, c)
	return sqltx.View(ctx, v, read)
}

// finish ends the transaction of a View and gives its connection back.
func (s *Store) finish(v *snapshot, c *pgxpool.Conn) {
	if !v.begun {
		c.Release()
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, _ = session{ctx, c.Conn()}.Exec("ROLLBACK") // if it fails, Release closes the connection
		c.Release()
	}()
}

// Update runs change once, when it is its turn, and returns when the database
// has committed what it wrote. If the connection is lost while it commits, the
// error does not say whether it did.
func (s *Store) Update(ctx context.Context, change func(store.Tx) error) error {
	return s.group.Update(ctx, change)
}

// begin waits for the turn of this process. The group's transaction outlives
// each of its changes, so it has no caller's context.
func (s *Store) begin() (*sqltx.Batch, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin write: %w", err)
	}
	// Each statement of the transaction sees what is committed when it starts;
	// once the lock is held, nobody else commits.
	if err := (session{ctx, c.Conn()}).Send([]sqltx.Statement{{Text: "BEGIN ISOLATION LEVEL READ COMMITTED"}, {Text: "SELECT pg_advisory_xact_lock($1)", Args: []driver.Value{int64(writeLock)}}}); err != nil {
		discard(c)
		return nil, fmt.Errorf("begin write: %w", err)
	}
	s.tx = c
	return sqltx.NewBatch(session{context.Background(), c.Conn()}, dialect()), nil
}

// dialect of PostgreSQL: a sequence does not see what was inserted with a
// number of its own. Sequences are outside of transactions: numbers that were
// given and not committed are left out.
func dialect() sqltx.Dialect {
	return sqltx.Dialect{
		Insert:     "INSERT INTO",
		Numbers:    "SELECT (SELECT last_value FROM records_seq_seq WHERE is_called), (SELECT last_value FROM links_n_seq WHERE is_called)",
		Overriding: "OVERRIDING SYSTEM VALUE ",
		SetSeq:     "SELECT setval('records_seq_seq', $1)",
		SetPlace:   "SELECT setval('links_n_seq', $1)",
	}
}

func (s *Store) end(b *sqltx.Batch) error {
	c := s.tx
	s.tx = nil
	if err := b.Flush("COMMIT"); err != nil {
		discard(c)
		return fmt.Errorf("commit: %w", err)
	}
	c.Release()
	return nil
}

// discard closes a connection whose state is unknown, which rolls back.
func discard(c *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Conn().Close(ctx)
	c.Release()
}

// Close waits for what is running and ends the connections.
func (s *Store) Close() error {
	s.group.Close()
	s.pool.Close()
	return nil
}
