// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

var kills = flag.Int("kills", 20, "how often TestKill kills a writer")

func TestMain(m *testing.M) {
	if path := os.Getenv("SCIMPROOF_TEST_WRITE"); path != "" {
		fmt.Fprintln(os.Stderr, write(path, os.Getenv("SCIMPROOF_TEST_RUN")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// write creates, changes and links records from several goroutines until the
// process is killed, and prints the id of each one when it is acknowledged.
func write(path, run string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{VerifyUpTo: -1})
	if err != nil {
		return err
	}
	fmt.Println("open")
	failed := make(chan error)
	for w := range clients {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%s-%d-%d", run, w, i)
				if err := s.Update(context.Background(), func(tx store.Tx) error { return add(tx, id) }); err != nil {
					failed <- err
					return
				}
				_, _ = os.Stdout.WriteString(id + "\n") // one write: a line is whole or not there
			}
		}()
	}
	return <-failed
}

// add makes a record of two writes and a link.
func add(tx store.Tx, id string) error {
	r := &store.Record{Kind: "User", ID: id, Body: []byte("half " + filler), Keys: []store.Key{{Index: "userName", Value: id, Unique: true}}}
	if err := tx.Insert(r); err != nil {
		return err
	}
	if _, err := tx.Link(store.Link{Relation: "member", From: "g", To: id}); err != nil {
		return err
	}
	r.Body = []byte("whole " + filler)
	return tx.Update(r)
}

// TestKill kills a writing process again and again, each time at another
// moment, and looks for what it had acknowledged.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged := map[string]bool{}
	for n := range *kills {
		for _, id := range writeAndKill(t, path, fmt.Sprint(n), time.Duration(rand.IntN(120))*time.Millisecond) {
			acknowledged[id] = true
		}
		s := open(t, path, sqlite.Options{VerifyUpTo: 1 << 40})
		if err := s.View(t.Context(), func(tx store.Tx) error {
			for id := range acknowledged {
				if r, err := tx.Get("User", id); err != nil || r.Version != 2 || !tx.Linked("member", "g", id) {
					t.Errorf("kill %d: %s: got %v, %v", n, id, r, err)
				}
			}
			users := 0
			for r := range tx.Scan("User", 0) {
				users++
				if !strings.HasPrefix(string(r.Body), "whole ") {
					t.Errorf("kill %d: half of the change that made %s is there", n, r.ID)
				}
			}
			if tx.Count("User") != users || tx.CountLinks("member", "g") != users {
				t.Errorf("kill %d: got counts %d and %d for %d users", n, tx.Count("User"), tx.CountLinks("member", "g"), users)
			}
			return nil
		}); err != nil {
			t.Errorf("kill %d: %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged before a kill")
	}
	t.Logf("%d kills, %d acknowledged changes, none lost", *kills, len(acknowledged))
}

// writeAndKill runs this binary as a writer, kills it some time after it has
// opened the file, and returns what it had acknowledged.
func writeAndKill(t *testing.T, path, run string, after time.Duration) (ids []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "SCIMPROOF_TEST_WRITE="+path, "SCIMPROOF_TEST_RUN="+run)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var kill sync.Once
	for lines.Scan() {
		kill.Do(func() { time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) })
		if id := lines.Text(); id != "open" {
			ids = append(ids, id)
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the writer was not killed: %v", err)
	}
	return ids
}
