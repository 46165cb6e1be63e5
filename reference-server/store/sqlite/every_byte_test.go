// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

var every = flag.Int("every", 401, "TestEveryByte damages the header, and each byte whose number this divides; 1: all of them")

// TestEveryByte flips the bytes of a small store one by one, and cuts it at each
// of them. Whatever is opened holds all that was acknowledged, as it was: the
// damage was in free space. Everything else is refused by name. It never comes to
// a panic, which would end the test.
func TestEveryByte(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := open(t, path, sqlite.Options{})
	fill(t, s, 20)
	want, err := contents(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "damaged.db")
	refused := func(name string, content []byte) bool {
		for _, rest := range []string{"", "-wal", "-shm", "-journal"} { // of the one before
			_ = os.Remove(damaged + rest)
		}
		if err := os.WriteFile(damaged, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(t.Context(), damaged, sqlite.Options{})
		if err != nil {
			if !strings.Contains(err.Error(), damaged) {
				t.Errorf("%s: the error does not name the file: %v", name, err)
			}
			return true
		}
		defer s.Close()
		got, err := contents(t, s)
		if err == nil && got != want {
			t.Errorf("%s: it was opened, and is not what it was:\n%s", name, cmp.Diff(want, got))
		}
		return err != nil
	}
	flips, flipsRefused, cuts := 0, 0, 0
	for at := range whole {
		if at >= 100 && at%*every != 0 { // the header of a SQLite file has 100 bytes
			continue
		}
		content := bytes.Clone(whole)
		content[at] ^= 0xff
		if flips++; refused(fmt.Sprintf("byte %d flipped", at), content) {
			flipsRefused++
		}
		if at == 0 {
			continue // an empty file is a new store
		}
		if cuts++; !refused(fmt.Sprintf("cut to %d bytes", at), whole[:at]) {
			t.Errorf("cut to %d bytes: it was opened, and something is missing", at)
		}
	}
	t.Logf("%d bytes: %d of %d flips and all %d cuts refused; what was opened was whole", len(whole), flipsRefused, flips, cuts)
}
