// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/postgres"
)

// Each of several processes has several callers, each of which does so many
// rounds.
const processes, callers, rounds = 4, 4, 25

// TestProcesses has several processes work on one database at once: they add
// members to one group, race for the same names, and count up one record, once
// by transactions and once by versions.
func TestProcesses(t *testing.T) {
	address := cluster.Database(t)
	s := open(t, address)
	defer s.Close()
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.Insert(&store.Record{Kind: "counter", ID: "tx", Body: []byte("0")}),
			tx.Insert(&store.Record{Kind: "counter", ID: "version", Body: []byte("0")}))
	}); err != nil {
		t.Fatal(err)
	}
	if won := spawn(t, address); won != callers*rounds {
		t.Errorf("names won: got %d, want %d", won, callers*rounds)
	}
	if err := s.View(t.Context(), func(tx store.Tx) error {
		const writes = processes * callers * rounds
		linked := 0
		for range tx.Links("member", "g") {
			linked++
		}
		for _, count := range []struct {
			name string
			got  int
			want int
		}{
			{"members", linked, writes},
			{"counted members", tx.CountLinks("member", "g"), writes},
			{"users", tx.Count("User"), callers * rounds},
			{"counted by transactions", counter(tx, "tx"), writes},
			{"counted by versions", counter(tx, "version"), writes},
		} {
			if count.got != count.want {
				t.Errorf("%s: got %d, want %d", count.name, count.got, count.want)
			}
		}
		for _, id := range []string{"tx", "version"} {
			if r, err := tx.Get("counter", id); err != nil || r.Version != writes+1 {
				t.Errorf("version of %s: got %v, %v", id, r, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestSeqOrder holds that nothing appears before what a reader has seen, while
// several processes write.
func TestSeqOrder(t *testing.T) {
	address := cluster.Database(t)
	s := open(t, address)
	defer s.Close()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		var seen []string
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true
			default:
			}
			var now []string
			if err := s.View(context.Background(), func(tx store.Tx) error {
				for r := range tx.Scan("User", 0) {
					now = append(now, r.ID)
				}
				return nil
			}); err != nil {
				t.Error(err)
				return
			}
			for i, id := range seen {
				if now[i] != id {
					t.Errorf("place %d: got %s, had seen %s there", i, now[i], id)
					return
				}
			}
			seen = now
		}
	})
	spawn(t, address)
	close(done)
	wg.Wait()
}

func counter(tx store.Tx, id string) int {
	r, err := tx.Get("counter", id)
	if err != nil {
		return -1
	}
	n, _ := strconv.Atoi(string(r.Body))
	return n
}

// spawn runs this binary as workers and returns how many names they won.
func spawn(t *testing.T, address string) (won int) {
	t.Helper()
	var wg sync.WaitGroup
	var total atomic.Int64
	for p := range processes {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "SCIMPROOF_TEST_WORKER="+strconv.Itoa(p), "SCIMPROOF_TEST_URL="+address)
			out, err := cmd.CombinedOutput()
			n, badNumber := strconv.Atoi(strings.TrimSpace(string(out)))
			if err != nil || badNumber != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
			total.Add(int64(n))
		})
	}
	wg.Wait()
	return int(total.Load())
}

// work is what a worker does. It prints how many names it has won.
func work(name string) int {
	s, err := postgres.Open(context.Background(), os.Getenv("SCIMPROOF_TEST_URL"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer s.Close()
	var won atomic.Int64
	failures := make(chan error, callers)
	for c := range callers {
		go func() {
			var err error
			for i := 0; i < rounds && err == nil; i++ {
				err = round(s, fmt.Sprintf("%s-%d-%d", name, c, i), fmt.Sprintf("name-%d-%d", c, i), &won)
			}
			failures <- err
		}()
	}
	for range callers {
		err = errors.Join(err, <-failures)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(won.Load())
	return 0
}

func round(s store.Store, id, name string, won *atomic.Int64) error {
	ctx := context.Background()
	if err := s.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Link(store.Link{Relation: "member", From: "g", To: id})
		return errors.Join(err, increment(tx, "tx"))
	}); err != nil {
		return err
	}
	err := s.Update(ctx, func(tx store.Tx) error {
		return tx.Insert(&store.Record{Kind: "User", ID: id, Keys: []store.Key{{Index: "userName", Value: name, Unique: true}}})
	})
	switch {
	case err == nil:
		won.Add(1)
	case !errors.Is(err, store.ErrUniqueness):
		return err
	}
	for {
		var seen store.Record
		if err := s.View(ctx, func(tx store.Tx) error {
			r, err := tx.Get("counter", "version")
			if err == nil {
				seen = *r
			}
			return ignore(err, store.ErrNotFound)
		}); err != nil || seen.ID == "" {
			return err
		}
		err := s.Update(ctx, func(tx store.Tx) error {
			n, _ := strconv.Atoi(string(seen.Body))
			next := seen
			next.Body = []byte(strconv.Itoa(n + 1))
			return tx.Update(&next)
		})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// increment counts up a record, if it is there.
func increment(tx store.Tx, id string) error {
	r, err := tx.Get("counter", id)
	if err != nil {
		return ignore(err, store.ErrNotFound)
	}
	n, err := strconv.Atoi(string(r.Body))
	if err != nil {
		return err
	}
	next := *r
	next.Body = []byte(strconv.Itoa(n + 1))
	return tx.Update(&next)
}
