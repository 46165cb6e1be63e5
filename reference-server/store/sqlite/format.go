// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// application marks our files among SQLite files: "SCIM" in ASCII.
const application = 0x5343494d

// ErrFormat says that the file is sound, but not of a format that this program knows.
var ErrFormat = errors.New("unknown file format")

// format is a step from one format to the next.
type format struct {
	script string
	then   func(sqltx.Session) error // what SQL cannot do; nil: nothing
}

// formats returns what makes each format of the one before. The number of a
// format is kept in user_version; an entry never changes once it is released.
func formats() []format {
	return []format{
		{script: `CREATE TABLE records (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL,
			created INTEGER NOT NULL, modified INTEGER NOT NULL, body BLOB NOT NULL, keys BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
		CREATE UNIQUE INDEX records_id ON records (id, kind);
		CREATE INDEX records_kind ON records (kind);
		CREATE TABLE keys (kind TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, seq INTEGER NOT NULL,
			PRIMARY KEY (kind, name, value, seq)) STRICT, WITHOUT ROWID;
		CREATE TABLE links (n INTEGER PRIMARY KEY, relation TEXT NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, data BLOB NOT NULL) STRICT;
		CREATE UNIQUE INDEX links_ends ON links (source, target, relation);
		CREATE INDEX links_source ON links (source, relation);
		CREATE INDEX links_target ON links (target, relation);`},
		// Format 1 counted by reading.
		{script: `CREATE TABLE buckets (kind TEXT NOT NULL, part INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, part)) STRICT, WITHOUT ROWID;
		CREATE TABLE degrees (relation TEXT NOT NULL, source BLOB NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (relation, source)) STRICT, WITHOUT ROWID;
		` + sqltx.Recount},
		// Format 2 took links as they were.
		{script: "ALTER TABLE links ADD COLUMN sum INTEGER NOT NULL DEFAULT 0", then: sqltx.SealLinks},
	}
}

// migrate brings the file to the newest format in one transaction.
func migrate(c *conn) (err error) {
	version, err := c.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	owner, err := c.number("PRAGMA application_id")
	if err != nil {
		return err
	}
	tables, err := c.number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	steps := formats()
	switch {
	case owner != application && (version != 0 || tables != 0):
		return fmt.Errorf("%w: a SQLite file of another program; name a file that scimproof has made, or one that does not exist", ErrFormat)
	case version < 0:
		return fmt.Errorf("%w: format %d, which no program has written", ErrDamaged, version)
	case version > int64(len(steps)):
		return fmt.Errorf("%w: format %d, and this program knows formats up to %d; use a newer scimproof", ErrFormat, version, len(steps))
	case version == int64(len(steps)):
		return nil
	}
	if _, err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() {
		if err != nil {
			_, undo := c.Exec("ROLLBACK")
			err = fmt.Errorf("migrate from format %d: %w", version, errors.Join(err, undo))
		}
	}()
	if version, err = c.number("PRAGMA user_version"); err != nil { // another process may have been quicker
		return err
	}
	for _, step := range steps[min(int(version), len(steps)):] {
		if err := c.script(step.script); err != nil {
			return err
		}
		if step.then == nil {
			continue
		}
		if err := step.then(c); err != nil {
			return err
		}
	}
	if err := c.script(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, len(steps))); err != nil {
		return err
	}
	_, err = c.Exec("COMMIT")
	return err
}
