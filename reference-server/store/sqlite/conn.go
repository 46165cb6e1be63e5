// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// file is a SQLite file by its path.
type file struct{ path string }

// smallest is the size in bytes of the smallest page, and so of a file.
const smallest = 512

// make creates the file unless it is there, and returns its size. It does not
// open a file that exists: to close it again would end the locks that another
// Store of this process holds on it.
func (f file) make() (int64, error) {
	st, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		h, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return 0, err
		}
		return 0, h.Close()
	}
	if err != nil {
		return 0, err
	}
	if !st.Mode().IsRegular() {
		return 0, errors.New("not a regular file")
	}
	if n := st.Size(); n > 0 && n < smallest {
		return n, fmt.Errorf("%w, or no SQLite file: it has %d bytes", ErrDamaged, n) // SQLite would take it for an empty one
	}
	return st.Size(), nil
}

// whole says whether the file, of that size when it was opened, ends with a
// page: SQLite reads zeroes for what a cut has taken from the last one. A
// process that was killed may have left it so; its log has the page.
func (f file) whole(c *conn, size int64) error {
	if _, err := c.number("PRAGMA user_version"); err != nil { // it is no SQLite file
		return err
	}
	page, err := c.number("PRAGMA page_size")
	if err != nil || size%max(page, smallest) == 0 {
		return err
	}
	if st, err := os.Stat(f.path + "-wal"); err == nil && st.Size() > 0 {
		return nil
	}
	return fmt.Errorf("%w: it ends within a page, after %d bytes", ErrDamaged, size)
}

// connect opens a connection. The log is synced with each commit
// (synchronous FULL), and written back once it has some 32 MB: each time costs
// as much as some hundred commits. Temporary files stay files: SQLite keeps what
// it needs to take a statement back among them, and in memory that is a list,
// the whole of which it walks after each statement.
func (f file) connect(ctx context.Context) (*conn, error) {
	path, err := filepath.Abs(f.path)
	if err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "synchronous(FULL)", "wal_autocheckpoint(8000)",
		"journal_size_limit(67108864)", "cache_size(-32000)", "trusted_schema(0)",
	}}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw&" + pragmas.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, explain(err)
	}
	return &conn{Conn: c, prepared: map[string]statement{}}, nil
}

// conn is a connection with its prepared statements. It is used by one
// goroutine at a time.
type conn struct {
	driver.Conn
	prepared map[string]statement
	named    []driver.NamedValue // arguments of the running statement
	ran      int64               // statements
}

// statement is what a prepared statement of the driver can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (c *conn) prepare(text string) (statement, error) {
	c.ran++
	if s, ok := c.prepared[text]; ok {
		return s, nil
	}
	s, err := c.Prepare(strings.ReplaceAll(text, "$", "?")) // numbered, not named
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, explain(err))
	}
	whole, ok := s.(statement)
	if !ok {
		return nil, fmt.Errorf("prepare %q: the driver's %T takes no context", text, s)
	}
	c.prepared[text] = whole
	return whole, nil
}

func (c *conn) bind(args []driver.Value) []driver.NamedValue {
	c.named = c.named[:0]
	for i, v := range args {
		c.named = append(c.named, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.named
}

// Exec implements sqltx.Session.
func (c *conn) Exec(text string, args ...driver.Value) (int64, error) {
	s, err := c.prepare(text)
	if err != nil {
		return 0, err
	}
	// A context that can end costs a goroutine per statement; transactions
	// look at theirs between statements.
	result, err := s.ExecContext(context.Background(), c.bind(args))
	if err != nil {
		return 0, explain(err)
	}
	return result.RowsAffected()
}

// Send implements sqltx.Session.
func (c *conn) Send(list []sqltx.Statement) error {
	for _, s := range list {
		if _, err := c.Exec(s.Text, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

// Query implements sqltx.Session.
func (c *conn) Query(text string, row func([]driver.Value) error, args ...driver.Value) (err error) {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return explain(err)
		}
		if err := row(values); err != nil {
			return err
		}
	}
}

// number reads one number, of a PRAGMA for instance.
func (c *conn) number(text string) (n int64, err error) {
	err = c.Query(text, func(v []driver.Value) error {
		n, _ = v[0].(int64)
		return nil
	})
	return n, err
}

// Close ends the connection.
func (c *conn) Close() error {
	var err error
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.Conn.Close())
}

// explain says what SQLite's codes for a damaged file mean.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w, or no SQLite file: %w", ErrDamaged, err)
	}
	return err
}

// script runs several statements once.
func (c *conn) script(text string) error {
	s, err := c.Prepare(text)
	if err != nil {
		return explain(err)
	}
	whole, ok := s.(statement)
	if !ok {
		return errors.Join(fmt.Errorf("the driver's %T takes no context", s), s.Close())
	}
	_, err = whole.ExecContext(context.Background(), nil)
	return errors.Join(err, s.Close())
}
