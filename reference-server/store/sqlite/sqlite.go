// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps a store in one SQLite file. An acknowledged write is on
// the disk: it survives the end of the process and of the machine. Writes of
// several callers share a commit; reads go on beside them, each seeing one
// moment. Several processes may have the file open.
package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// ErrDamaged says that the file is not what was written to it, or none of ours.
var ErrDamaged = sqltx.ErrDamaged

// Options say how a file is used. The zero value is useful.
type Options struct {
	// Readers is how many Views run at once at most; 0: eight.
	Readers int
	// VerifyUpTo is the size in bytes up to which a file is read as a whole
	// when it is opened, so that damage anywhere in it is found; 0: 64 MiB,
	// below 0: never. Of a larger file the beginning is read, and each record
	// is checked when it is read.
	VerifyUpTo int64
}

// Store is a store.Store in a SQLite file.
type Store struct {
	file    file
	writer  *conn
	group   *sqltx.Group
	readers chan *conn // nil in it stands for one that is not open yet
	size    int
	once    sync.Once
	err     error // of closing
}

var _ store.Store = (*Store)(nil)

// Open opens the file at path and makes it, readable by its owner alone, if
// there is none. A file of an older format is migrated. A damaged one, one of a
// newer format and one of another program are refused and left as they are.
// Opening does not read the directory, so that it takes as long for a million
// users as for one, but for VerifyUpTo.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s, err := open(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, o Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f := file{path}
	size, err := f.make()
	if err != nil {
		return nil, err
	}
	s := &Store{file: f, size: cmp.Or(o.Readers, 8)}
	if s.writer, err = f.connect(ctx); err != nil {
		return nil, err
	}
	if err = f.whole(s.writer, size); err == nil {
		err = migrate(s.writer)
	}
	if err == nil {
		_, err = s.writer.Exec("PRAGMA journal_mode = WAL") // kept in the file; not before it is known to be ours
	}
	if err == nil && size > 0 && size <= cmp.Or(o.VerifyUpTo, 64<<20) {
		err = verify(s.writer)
	}
	if err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.group = sqltx.NewGroup(s.begin, s.end)
	s.readers = make(chan *conn, s.size)
	for range s.size {
		s.readers <- nil
	}
	return s, nil
}

func (s *Store) begin() (*sqltx.Batch, error) {
	if _, err := s.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return nil, fmt.Errorf("begin write: %w", err)
	}
	return sqltx.NewBatch(s.writer, dialect()), nil
}

// dialect of SQLite: what is inserted with a number of its own counts among
// the numbers given. OR FAIL spares the copies of pages from which SQLite would
// take back the first rows of a statement that fails at a later one: the whole
// transaction is taken back then.
func dialect() sqltx.Dialect {
	return sqltx.Dialect{Insert: "INSERT OR FAIL INTO", Numbers: "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'records'), (SELECT max(n) FROM links)"}
}

// end commits, which waits until the disk has it.
func (s *Store) end(b *sqltx.Batch) error {
	err := b.Flush("COMMIT")
	if err == nil {
		return nil
	}
	_, _ = s.writer.Exec("ROLLBACK") // which SQLite may have done itself; if it cannot be done, the next BEGIN says so
	return fmt.Errorf("commit: %w", err)
}

// View runs read on a snapshot.
func (s *Store) View(ctx context.Context, read func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	if _, err := c.Exec("BEGIN"); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer c.Exec("ROLLBACK") //nolint:errcheck // nothing was written
	return sqltx.View(ctx, c, read)
}

// reader takes a connection out of the pool.
func (s *Store) reader(ctx context.Context) (*conn, error) {
	select {
	case c, open := <-s.readers:
		if !open {
			return nil, sqltx.ErrClosed
		}
		if c != nil {
			return c, nil
		}
		c, err := s.file.connect(ctx)
		if err != nil {
			s.readers <- nil
			return nil, fmt.Errorf("open a reader: %w", err)
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Update runs change once, after those that came before it, and returns when
// the disk has what it wrote.
func (s *Store) Update(ctx context.Context, change func(store.Tx) error) error {
	return s.group.Update(ctx, change)
}

// Close waits for what is running and leaves one whole file, without a log
// beside it.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.group.Close()
		for range s.size {
			if c := <-s.readers; c != nil {
				s.err = errors.Join(s.err, c.Close())
			}
		}
		close(s.readers)
		s.err = errors.Join(s.err, s.writer.Close())
		if s.err != nil {
			s.err = fmt.Errorf("close store %s: %w", s.file.path, s.err)
		}
	})
	return s.err
}
