// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/postgres"
	"github.com/scimproof/scimproof/reference-server/store/postgres/postgrestest"
	"github.com/scimproof/scimproof/reference-server/store/storetest"
)

var cluster *postgrestest.Cluster

func TestMain(m *testing.M) {
	if worker := os.Getenv("SCIMPROOF_TEST_WORKER"); worker != "" {
		os.Exit(work(worker))
	}
	var err error
	if cluster, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL:", err)
		os.Exit(1)
	}
	code := m.Run()
	cluster.Stop()
	os.Exit(code)
}

func open(t testing.TB, address string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, cluster.Database(t)) })
}

func TestOpen(t *testing.T) {
	newer, foreign, again := cluster.Database(t), cluster.Database(t), cluster.Database(t)
	open(t, newer).Close()
	postgrestest.Exec(t, newer, "UPDATE scimproof.format SET version = 99")
	postgrestest.Exec(t, foreign, "CREATE SCHEMA scimproof; CREATE TABLE scimproof.theirs (n int)")
	s := open(t, again)
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Insert(&store.Record{Kind: "User", ID: "a"}) }); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, again)
	defer s.Close()
	if err := s.View(t.Context(), func(tx store.Tx) error { _, err := tx.Get("User", "a"); return err }); err != nil {
		t.Errorf("after it was opened again: %v", err)
	}
	for _, refusal := range []struct{ name, url, want string }{
		{"newer format", newer, "format 99, and this program knows formats up to 2"},
		{"foreign schema", foreign, "the schema scimproof is there and is not ours"},
		{"nobody listens", "postgres://me:s3cret@127.0.0.1:1/db", "db at 127.0.0.1"},
		{"unreadable URL", "postgres://me:s3cret@127.0.0.1:port/db", "the URL cannot be read"},
		{"unreadable host", "postgres://me:s3cret@[::1/db", "the URL cannot be read"},
		{"unknown setting", "postgres://me:s3cret@127.0.0.1/db?sslmode=s3cret", "the URL cannot be read"},
	} {
		t.Run(refusal.name, func(t *testing.T) {
			_, err := postgres.Open(t.Context(), refusal.url)
			if err == nil || !strings.Contains(err.Error(), refusal.want) {
				t.Fatalf("got %v, want an error that says %q", err, refusal.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// TestOlderFormat opens tables of format 1, whose links had no checksum, and
// tables whose links somebody has changed since.
func TestOlderFormat(t *testing.T) {
	address := cluster.Database(t)
	want := store.Link{Relation: "member", From: "g", To: "a", Data: "User"}
	s := open(t, address)
	if err := s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.Link(want); return err }); err != nil {
		t.Fatal(err)
	}
	s.Close()
	links := func() (list []store.Link, err error) {
		s := open(t, address)
		defer s.Close()
		err = s.View(t.Context(), func(tx store.Tx) error {
			list = slices.Collect(tx.Links("member", "g"))
			return nil
		})
		return list, err
	}
	postgrestest.Exec(t, address, "ALTER TABLE scimproof.links DROP COLUMN sum; UPDATE scimproof.format SET version = 1")
	if got, err := links(); err != nil || !slices.Equal(got, []store.Link{want}) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	postgrestest.Exec(t, address, "UPDATE scimproof.links SET data = 'Ufer'")
	if got, err := links(); !errors.Is(err, postgres.ErrDamaged) {
		t.Errorf("got %v, %v of a link that was changed, want %v", got, err, postgres.ErrDamaged)
	}
}
