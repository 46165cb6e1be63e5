// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store/internal/sqltx"
)

// verify reads all of the file: the tables and their indexes as SQLite sees
// them, then what is in them as the store does.
func verify(c *conn) error {
	if err := c.Query("PRAGMA integrity_check(1)", func(v []driver.Value) error {
		if v[0] != "ok" {
			return fmt.Errorf("%w: %v", ErrDamaged, v[0])
		}
		return nil
	}); err != nil {
		return err
	}
	if _, err := c.Exec("BEGIN"); err != nil {
		return err
	}
	defer c.Exec("ROLLBACK") //nolint:errcheck // nothing was written
	return sqltx.Verify(c)
}
