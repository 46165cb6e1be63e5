// SPDX-License-Identifier: Apache-2.0

package sqlite

import "testing"

// Script runs SQL on a file behind the store's back.
func Script(t testing.TB, path, text string) {
	t.Helper()
	c, err := file{path}.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.script(text); err != nil {
		t.Fatal(err)
	}
}

// Downgrade makes a file one of format 1.
func Downgrade(t testing.TB, path string) {
	t.Helper()
	Script(t, path, "DROP TABLE buckets; DROP TABLE degrees; ALTER TABLE links DROP COLUMN sum; PRAGMA user_version = 1; VACUUM")
}

// Statements says how many statements a store has run that nobody uses now.
func Statements(s *Store) int64 {
	n := s.writer.ran
	for range s.size {
		c := <-s.readers
		if c != nil {
			n += c.ran
		}
		s.readers <- c
	}
	return n
}
