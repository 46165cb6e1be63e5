// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

var update = flag.Bool("update", false, "write testdata")

const format1 = "testdata/format-1.db"

// fill writes some records and links.
func fill(t testing.TB, s store.Store, n int) {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		for i := range n {
			r := person(int64(i))
			r.Created, r.Modified = at, at
			if err := tx.Insert(r); err != nil {
				return err
			}
			if _, err := tx.Link(store.Link{Relation: "member", From: "g", To: r.ID, Data: "User"}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// contents is all that is in a store that fill has filled, as text.
func contents(t testing.TB, s store.Store) (text string, err error) {
	t.Helper()
	err = s.View(t.Context(), func(tx store.Tx) error {
		var b strings.Builder
		for r := range tx.Scan("User", 0) {
			fmt.Fprintln(&b, *r)
			for _, k := range r.Keys {
				for hit := range tx.Find("User", k.Index, k.Value) {
					fmt.Fprint(&b, hit.Seq, " ")
				}
			}
		}
		for l := range tx.Links("member", "g") {
			fmt.Fprintln(&b, l, tx.Linked("member", "g", l.To))
		}
		fmt.Fprintln(&b, tx.Count("User"), tx.CountLinks("member", "g"))
		text = b.String()
		return nil
	})
	return text, err
}

// TestOlderFormat opens a file that a program of format 1 has left, which knew
// no counts.
func TestOlderFormat(t *testing.T) {
	if *update {
		made := filepath.Join(t.TempDir(), "made.db")
		s := open(t, made, sqlite.Options{})
		fill(t, s, 20)
		s.Close()
		sqlite.Downgrade(t, made)
		copyFile(t, made, format1)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	copyFile(t, format1, path)
	for range 2 {
		s := open(t, path, sqlite.Options{})
		want := open(t, filepath.Join(t.TempDir(), "new.db"), sqlite.Options{})
		fill(t, want, 20)
		got, err := contents(t, s)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := contents(t, want)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(wanted, got); d != "" {
			t.Errorf("contents (-want +got):\n%s", d)
		}
		want.Close()
		s.Close()
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, b, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefusal(t *testing.T) {
	dir := t.TempDir()
	newer, foreign, text := filepath.Join(dir, "newer.db"), filepath.Join(dir, "foreign.db"), filepath.Join(dir, "notes.txt")
	open(t, newer, sqlite.Options{}).Close()
	sqlite.Script(t, newer, "PRAGMA user_version = 99")
	copyFile(t, os.DevNull, foreign)
	sqlite.Script(t, foreign, "CREATE TABLE theirs (n)")
	if err := os.WriteFile(text, bytes.Repeat([]byte("Dear diary, "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, refusal := range []struct {
		name, path, want string
		is               error
	}{
		{"newer format", newer, "format 99, and this program knows formats up to 3; use a newer scimproof", sqlite.ErrFormat},
		{"another program's", foreign, "a SQLite file of another program", sqlite.ErrFormat},
		{"a text", text, "no SQLite file", sqlite.ErrDamaged},
		{"a directory", dir, "not a regular file", nil},
		{"no directory", filepath.Join(dir, "nowhere", "x.db"), "no such file or directory", fs.ErrNotExist},
	} {
		t.Run(refusal.name, func(t *testing.T) {
			before, _ := os.ReadFile(refusal.path)
			_, err := sqlite.Open(t.Context(), refusal.path, sqlite.Options{})
			if err == nil || !strings.Contains(err.Error(), refusal.want) || !strings.Contains(err.Error(), refusal.path) {
				t.Fatalf("got %v, want an error that names the file and says %q", err, refusal.want)
			}
			if refusal.is != nil && !errors.Is(err, refusal.is) {
				t.Errorf("got %v, want %v", err, refusal.is)
			}
			if after, _ := os.ReadFile(refusal.path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestDamage flips bytes all over a file, and cuts it. Either the file is
// refused, or nothing in it is other than it was: the byte was in free space.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := open(t, path, sqlite.Options{})
	fill(t, s, 100)
	want, err := contents(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused, large := 0, 0
	try := func(name string, damaged []byte, verify int64) bool {
		path := filepath.Join(dir, "damaged.db")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{VerifyUpTo: verify})
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%s: the error does not name the file: %v", name, err)
			}
			return true
		}
		defer s.Close()
		got, err := contents(t, s)
		if err == nil && got != want && verify > 0 {
			t.Errorf("%s: was read:\n%s", name, cmp.Diff(want, got))
		}
		return err != nil
	}
	const step = 2503
	for at := 0; at < len(whole); at += step {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x21
		if try(fmt.Sprintf("byte %d flipped", at), damaged, 1<<30) {
			refused++
		}
		if try(fmt.Sprintf("byte %d flipped", at), damaged, -1) {
			large++
		}
	}
	for _, keep := range []int{1, 50, 100, 4095, 4096, len(whole) / 2, len(whole) - 4096, len(whole) - 1} {
		if !try(fmt.Sprintf("cut to %d bytes", keep), whole[:keep], -1) {
			t.Errorf("cut to %d bytes: it was opened", keep)
		}
	}
	t.Logf("%d flips in %d bytes: %d refused when all is verified, %d by what reading alone finds", len(whole)/step+1, len(whole), refused, large)
	if refused*2 < len(whole)/step {
		t.Errorf("only %d of %d flips were noticed", refused, len(whole)/step)
	}
}

func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	fill(t, s, 1)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		st, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := st.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", path+suffix, got)
		}
	}
}

// TestTwoStores has two Stores work on one file, as two processes would.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	a, b := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	done := make(chan error)
	const n = 100
	for i, s := range []*sqlite.Store{a, b} {
		go func() {
			var err error
			for j := 0; j < n && err == nil; j++ {
				err = s.Update(t.Context(), func(tx store.Tx) error { return add(tx, fmt.Sprintf("%d-%d", i, j)) })
			}
			done <- err
		}()
	}
	if err := errors.Join(<-done, <-done, a.Close()); err != nil {
		t.Fatal(err)
	}
	if err := b.View(t.Context(), func(tx store.Tx) error {
		if got := tx.CountLinks("member", "g"); got != 2*n || tx.Count("User") != 2*n {
			t.Errorf("got %d links and %d users, want %d", got, tx.Count("User"), 2*n)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.View(t.Context(), func(store.Tx) error { return nil }); err == nil {
		t.Error("a closed store was read")
	}
}
