// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
)

func insertAndGet(t *testing.T, s store.Store) {
	r := record("a")
	change(t, s, func(tx store.Tx) error { return tx.Insert(r) })
	equal(t, "version set by Insert", r.Version, 1)
	look(t, s, func(tx store.Tx) {
		got, err := tx.Get(user, "a")
		is(t, "get", err, nil)
		equal(t, "record", got, r)
		equal(t, "count", tx.Count(user), 1)
		equal(t, "find", ids(tx.Find(user, "userName", "name-a")), []string{"a"})
		equal(t, "find is exact", ids(tx.Find(user, "userName", "NAME-A")), []string{})
		equal(t, "find in another index", ids(tx.Find(user, "tag", "name-a")), []string{})
		equal(t, "find in another kind", ids(tx.Find(group, "userName", "name-a")), []string{})
		equal(t, "count of another kind", tx.Count(group), 0)
	})
	err := s.Update(context.Background(), func(tx store.Tx) error {
		again := record("a")
		again.Keys = nil
		return tx.Insert(again)
	})
	is(t, "insert of a taken id", err, store.ErrUniqueness)
}

func getMissing(t *testing.T, s store.Store) {
	insert(t, s, "a")
	look(t, s, func(tx store.Tx) {
		_, err := tx.Get(user, "b")
		is(t, "unknown id", err, store.ErrNotFound)
		_, err = tx.Get(group, "a")
		is(t, "id of another kind", err, store.ErrNotFound)
	})
	is(t, "update", s.Update(context.Background(), func(tx store.Tx) error {
		r := record("b")
		r.Version = 1
		return tx.Update(r)
	}), store.ErrNotFound)
	is(t, "delete", s.Update(context.Background(), func(tx store.Tx) error { return tx.Delete(group, "a") }), store.ErrNotFound)
}

func update(t *testing.T, s store.Store) {
	insert(t, s, "a", "b")
	next := record("a")
	next.Version, next.Body = 1, []byte("new")
	next.Keys = []store.Key{{Index: "userName", Value: "renamed", Unique: true}}
	change(t, s, func(tx store.Tx) error { return tx.Update(next) })
	equal(t, "version raised", next.Version, 2)
	look(t, s, func(tx store.Tx) {
		got, err := tx.Get(user, "a")
		is(t, "get", err, nil)
		equal(t, "record", got, next)
		equal(t, "new key", ids(tx.Find(user, "userName", "renamed")), []string{"a"})
		equal(t, "old key", ids(tx.Find(user, "userName", "name-a")), []string{})
		equal(t, "dropped key", ids(tx.Find(user, "tag", "all")), []string{"b"})
		equal(t, "order", ids(tx.Scan(user, 0)), []string{"a", "b"})
		equal(t, "count", tx.Count(user), 2)
	})
}

func staleUpdate(t *testing.T, s store.Store) {
	insert(t, s, "a")
	before := snapshot(t, s)
	for _, version := range []int64{0, 2} {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			r := record("a")
			r.Version, r.Body = version, []byte("stale")
			return tx.Update(r)
		})
		is(t, "update", err, store.ErrConflict)
	}
	equal(t, "state", snapshot(t, s), before)
}

func deleteRecord(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c")
	change(t, s, func(tx store.Tx) error { return tx.Delete(user, "b") })
	look(t, s, func(tx store.Tx) {
		_, err := tx.Get(user, "b")
		is(t, "get", err, store.ErrNotFound)
		equal(t, "scan", ids(tx.Scan(user, 0)), []string{"a", "c"})
		equal(t, "find", ids(tx.Find(user, "userName", "name-b")), []string{})
		equal(t, "count", tx.Count(user), 2)
	})
	insert(t, s, "b")
	look(t, s, func(tx store.Tx) { equal(t, "scan", ids(tx.Scan(user, 0)), []string{"a", "c", "b"}) })
}

func uniqueKeys(t *testing.T, s store.Store) {
	insert(t, s, "a", "b")
	before := snapshot(t, s)
	err := s.Update(context.Background(), func(tx store.Tx) error {
		r := record("c")
		r.Keys[0].Value = "name-b"
		return tx.Insert(r)
	})
	taken(t, err, "b")
	err = s.Update(context.Background(), func(tx store.Tx) error {
		r := record("a")
		r.Version, r.Keys[0].Value = 1, "name-b"
		return tx.Update(r)
	})
	taken(t, err, "b")
	equal(t, "state", snapshot(t, s), before)

	change(t, s, func(tx store.Tx) error {
		r := record("b")
		r.Kind = group
		return tx.Insert(r) // another kind has its own keys and ids
	})
	change(t, s, func(tx store.Tx) error {
		r := record("a")
		r.Version = 1
		return tx.Update(r) // its own key is no obstacle
	})
}

func taken(t *testing.T, err error, owner string) {
	t.Helper()
	is(t, "unique key", err, store.ErrUniqueness)
	var u *store.UniquenessError
	if !errors.As(err, &u) {
		t.Fatalf("got %T, want *store.UniquenessError", err)
	}
	equal(t, "error", *u, store.UniquenessError{Kind: user, Index: "userName", Value: "name-" + owner, Owner: owner})
}

func uniqueWithin(t *testing.T, s store.Store) {
	err := s.Update(context.Background(), func(tx store.Tx) error {
		if err := tx.Insert(record("a")); err != nil {
			return err
		}
		r := record("b")
		r.Keys[0].Value = "name-a"
		return tx.Insert(r)
	})
	taken(t, err, "a")
	change(t, s, func(tx store.Tx) error { // a key that is given up can be taken at once
		if err := tx.Insert(record("a")); err != nil {
			return err
		}
		if err := tx.Delete(user, "a"); err != nil {
			return err
		}
		r := record("b")
		r.Keys[0].Value = "name-a"
		return tx.Insert(r)
	})
	look(t, s, func(tx store.Tx) { equal(t, "holder", ids(tx.Find(user, "userName", "name-a")), []string{"b"}) })
}

func uniqueAfterRollback(t *testing.T, s store.Store) {
	insert(t, s, "a")
	is(t, "update", s.Update(context.Background(), func(tx store.Tx) error {
		r := record("a")
		r.Version, r.Keys[0].Value = 1, "renamed"
		if err := tx.Update(r); err != nil {
			return err
		}
		if err := tx.Insert(record("b")); err != nil {
			return err
		}
		return errStop
	}), errStop)
	err := s.Update(context.Background(), func(tx store.Tx) error {
		r := record("c")
		r.Keys[0].Value = "name-a"
		return tx.Insert(r)
	})
	taken(t, err, "a")
	insert(t, s, "b")
	change(t, s, func(tx store.Tx) error {
		r := record("c")
		r.Keys[0].Value = "renamed"
		return tx.Insert(r)
	})
}

func scanOrder(t *testing.T, s store.Store) {
	insert(t, s, "d", "a", "c", "b", "e")
	change(t, s, func(tx store.Tx) error {
		r := record("a")
		r.Version = 1
		if err := tx.Update(r); err != nil { // an update does not move a record
			return err
		}
		return tx.Delete(user, "c")
	})
	look(t, s, func(tx store.Tx) {
		for offset, want := range [][]string{{"d", "a", "b", "e"}, {"a", "b", "e"}, {"b", "e"}, {"e"}, {}, {}} {
			equal(t, "scan", ids(tx.Scan(user, offset)), want)
		}
		for r := range tx.Scan(user, 1) {
			equal(t, "first of a scan that is left", r.ID, "a")
			break
		}
		records := slices.Collect(tx.Scan(user, 0))
		if !slices.IsSortedFunc(records, func(a, b *store.Record) int { return int(a.Seq - b.Seq) }) {
			t.Error("scan is not in order of Seq")
		}
	})
}

func findOrder(t *testing.T, s store.Store) {
	insert(t, s, "c", "a", "b")
	change(t, s, func(tx store.Tx) error {
		r := record("c")
		r.Version, r.Keys = 1, r.Keys[:1]
		if err := tx.Update(r); err != nil { // leaves the index
			return err
		}
		r.Keys = record("c").Keys
		return tx.Update(r) // and comes back to its place
	})
	look(t, s, func(tx store.Tx) { equal(t, "find", ids(tx.Find(user, "tag", "all")), []string{"c", "a", "b"}) })
}

func scanWhileDeleting(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c", "d", "e")
	for _, walk := range []struct {
		name string
		each func(store.Tx, func(*store.Record))
	}{
		{"scan", func(tx store.Tx, f func(*store.Record)) {
			for r := range tx.Scan(user, 0) {
				f(r)
			}
		}},
		{"find", func(tx store.Tx, f func(*store.Record)) {
			for r := range tx.Find(user, "tag", "all") {
				f(r)
			}
		}},
	} {
		t.Run(walk.name, func(t *testing.T) {
			var seen []string
			err := s.Update(context.Background(), func(tx store.Tx) error {
				walk.each(tx, func(r *store.Record) {
					seen = append(seen, r.ID)
					is(t, "delete", tx.Delete(user, r.ID), nil)
				})
				equal(t, "count", tx.Count(user), 0)
				return errStop
			})
			is(t, "update", err, errStop)
			equal(t, "seen", seen, []string{"a", "b", "c", "d", "e"})
		})
	}
}
