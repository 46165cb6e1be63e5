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

// ErrFormat says that the tables are not of a format that this program knows.
var ErrFormat = errors.New("unknown format of the tables")

// ErrDamaged says that the tables do not hold what was written to them.
var ErrDamaged = sqltx.ErrDamaged

// format is a step from one format to the next.
type format struct {
	script string
	then   func(sqltx.Session) error // what SQL cannot do; nil: nothing
}

// formats returns what makes each format of the one before; an entry never
// changes once it is released. Kinds and names compare as bytes.
func formats() []format {
	return []format{
		{script: `CREATE TABLE records (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text COLLATE "C" NOT NULL, id bytea NOT NULL, version bigint NOT NULL,
			created bigint NOT NULL, modified bigint NOT NULL, body bytea NOT NULL, keys bytea NOT NULL, sum bigint NOT NULL);
		CREATE UNIQUE INDEX records_id ON records (kind, id);
		CREATE INDEX records_kind ON records (kind, seq);
		CREATE TABLE keys (kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value bytea NOT NULL, seq bigint NOT NULL,
			PRIMARY KEY (kind, name, value, seq));
		CREATE TABLE links (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, relation text COLLATE "C" NOT NULL,
			source bytea NOT NULL, target bytea NOT NULL, data bytea NOT NULL);
		CREATE UNIQUE INDEX links_ends ON links (source, target, relation);
		CREATE INDEX links_source ON links (source, relation, n);
		CREATE INDEX links_target ON links (target, relation, n);
		CREATE TABLE buckets (kind text COLLATE "C" NOT NULL, part bigint NOT NULL, n bigint NOT NULL, PRIMARY KEY (kind, part)) WITH (fillfactor = 50);
		CREATE TABLE degrees (relation text COLLATE "C" NOT NULL, source bytea NOT NULL, n bigint NOT NULL, PRIMARY KEY (relation, source)) WITH (fillfactor = 50);
		` + sqltx.Recount},
		// Format 1 took links as they were.
		{script: "ALTER TABLE links ADD COLUMN sum bigint NOT NULL DEFAULT 0", then: sqltx.SealLinks},
	}
}

// migrate brings the tables to the newest format in one transaction. Processes
// that start together take turns.
func (s *Store) migrate(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		in := session{ctx, tx.Conn()}
		if _, err := in.Exec(fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrateLock)); err != nil {
			return err
		}
		version := int64(0)
		read := func(v []driver.Value) error {
			version, _ = v[0].(int64)
			return nil
		}
		there := false
		if err := in.Query("SELECT 1 FROM pg_namespace WHERE nspname = 'scimproof'", func([]driver.Value) error {
			there = true
			return nil
		}); err != nil {
			return err
		}
		if there {
			if err := in.Query("SELECT version FROM format", read); err != nil {
				return fmt.Errorf("%w: the schema scimproof is there and is not ours: %w", ErrFormat, err)
			}
		} else if _, err := tx.Exec(ctx, "CREATE SCHEMA scimproof; CREATE TABLE format (version bigint NOT NULL); INSERT INTO format VALUES (0)"); err != nil {
			return fmt.Errorf("make the schema scimproof: %w", err)
		}
		steps := formats()
		if version < 0 || version > int64(len(steps)) {
			return fmt.Errorf("%w: format %d, and this program knows formats up to %d; use a newer scimproof", ErrFormat, version, len(steps))
		}
		if version == int64(len(steps)) {
			return nil
		}
		for _, step := range steps[version:] {
			_, err := tx.Exec(ctx, step.script)
			if err == nil && step.then != nil {
				err = step.then(in)
			}
			if err != nil {
				return fmt.Errorf("migrate from format %d: %w", version, err)
			}
		}
		_, err := in.Exec("UPDATE format SET version = $1", int64(len(steps)))
		return err
	})
}
