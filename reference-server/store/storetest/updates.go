// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
)

func mangle(tx store.Tx) error {
	if err := tx.Insert(record("d")); err != nil {
		return err
	}
	r := record("b")
	r.Version, r.Body = 1, []byte("changed")
	if err := tx.Update(r); err != nil {
		return err
	}
	if err := tx.Update(r); err != nil {
		return err
	}
	if err := tx.Delete(user, "a"); err != nil {
		return err
	}
	if err := tx.Insert(record("a")); err != nil {
		return err
	}
	return tx.Delete(user, "c")
}

func rollback(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c")
	before := snapshot(t, s)
	is(t, "update", s.Update(context.Background(), func(tx store.Tx) error {
		if err := mangle(tx); err != nil {
			return err
		}
		return errStop
	}), errStop)
	equal(t, "state", snapshot(t, s), before)
	insert(t, s, "d")
	look(t, s, func(tx store.Tx) { equal(t, "scan", ids(tx.Scan(user, 0)), []string{"a", "b", "c", "d"}) })
}

func rollbackOnPanic(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c")
	before := snapshot(t, s)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.Update(context.Background(), func(tx store.Tx) error {
			is(t, "mangle", mangle(tx), nil)
			panic("programmer's mistake") // which must undo the change
		})
	}()
	equal(t, "state", snapshot(t, s), before)
}

func readOnly(t *testing.T, s store.Store) {
	insert(t, s, "a", "b")
	before := snapshot(t, s)
	look(t, s, func(tx store.Tx) {
		r := record("a")
		r.Version = 1
		is(t, "insert", tx.Insert(record("c")), store.ErrReadOnly)
		is(t, "update", tx.Update(r), store.ErrReadOnly)
		is(t, "delete", tx.Delete(user, "a"), store.ErrReadOnly)
		_, err := tx.Link(store.Link{Relation: member, From: "a", To: "b"})
		is(t, "link", err, store.ErrReadOnly)
		_, err = tx.Unlink(member, "a", "b")
		is(t, "unlink", err, store.ErrReadOnly)
	})
	equal(t, "state", snapshot(t, s), before)
}

func ownWrites(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c")
	change(t, s, func(tx store.Tx) error {
		if err := mangle(tx); err != nil {
			return err
		}
		got, err := tx.Get(user, "b")
		is(t, "get", err, nil)
		equal(t, "version", got.Version, 3)
		equal(t, "scan", ids(tx.Scan(user, 0)), []string{"b", "d", "a"})
		equal(t, "find", ids(tx.Find(user, "tag", "all")), []string{"b", "d", "a"})
		equal(t, "count", tx.Count(user), 3)
		return nil
	})
}

func copies(t *testing.T, s store.Store) {
	r := record("a")
	change(t, s, func(tx store.Tx) error { return tx.Insert(r) })
	before := snapshot(t, s)
	r.Body[0], r.Keys[0].Value = '!', "changed"
	equal(t, "state", snapshot(t, s), before)
	look(t, s, func(tx store.Tx) { equal(t, "find", ids(tx.Find(user, "userName", "name-a")), []string{"a"}) })
}

// together runs f in as many goroutines as there are workers and waits for them.
func together(f func(i int)) {
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

const workers, rounds = 4, 50

func concurrentUpdates(t *testing.T, s store.Store) {
	r := record("a")
	r.Body = []byte("0")
	change(t, s, func(tx store.Tx) error { return tx.Insert(r) })
	increment := func(tx store.Tx) error {
		r, err := tx.Get(user, "a")
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(r.Body))
		if err != nil {
			return err
		}
		next := *r
		next.Body = []byte(strconv.Itoa(n + 1))
		return tx.Update(&next)
	}
	together(func(int) {
		for range rounds {
			if err := s.Update(context.Background(), increment); err != nil {
				t.Errorf("update: %v", err)
			}
		}
	})
	// The same from two transactions, as a client with If-Match works: the
	// version keeps the second writer out.
	together(func(int) {
		for done := 0; done < rounds; {
			var seen store.Record
			look(t, s, func(tx store.Tx) {
				if r, err := tx.Get(user, "a"); err == nil {
					seen = *r
				}
			})
			n, _ := strconv.Atoi(string(seen.Body))
			seen.Body = []byte(strconv.Itoa(n + 1))
			err := s.Update(context.Background(), func(tx store.Tx) error { next := seen; return tx.Update(&next) })
			switch {
			case err == nil:
				done++
			case !errors.Is(err, store.ErrConflict):
				t.Errorf("update: %v", err)
				return
			}
		}
	})
	look(t, s, func(tx store.Tx) {
		r, err := tx.Get(user, "a")
		is(t, "get", err, nil)
		equal(t, "count", string(r.Body), strconv.Itoa(2*workers*rounds))
		equal(t, "version", r.Version, int64(2*workers*rounds+1))
	})
}

func concurrentLinks(t *testing.T, s store.Store) {
	together(func(i int) {
		for j := range rounds {
			change(t, s, func(tx store.Tx) error { link(t, tx, "g", fmt.Sprintf("%d-%d", i, j)); return nil })
			if j%2 == 1 {
				change(t, s, func(tx store.Tx) error { unlink(t, tx, "g", fmt.Sprintf("%d-%d", i, j), true); return nil })
			}
		}
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "count", tx.CountLinks(member, "g"), workers*rounds/2)
		equal(t, "links", len(ends(tx.Links(member, "g"))), workers*rounds/2)
	})
}

func wholeUpdates(t *testing.T, s store.Store) {
	insert(t, s, "g")
	together(func(i int) {
		for j := range rounds {
			if i%2 == 0 {
				change(t, s, func(tx store.Tx) error {
					id := fmt.Sprintf("%d-%d", i, j)
					link(t, tx, "g", id)
					return tx.Insert(record(id))
				})
				continue
			}
			look(t, s, func(tx store.Tx) { equal(t, "records and links", tx.Count(user), tx.CountLinks(member, "g")+1) })
		}
	})
}

func endedContext(t *testing.T, s store.Store) {
	insert(t, s, "a")
	before := snapshot(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	is(t, "update that outlives its context", s.Update(ctx, func(tx store.Tx) error {
		cancel()
		return tx.Delete(user, "a")
	}), context.Canceled)
	for _, run := range []func(context.Context, func(store.Tx) error) error{s.View, s.Update} {
		called := false
		is(t, "ended context", run(ctx, func(store.Tx) error { called = true; return nil }), context.Canceled)
		equal(t, "called", called, false)
	}
	equal(t, "state", snapshot(t, s), before)
}
