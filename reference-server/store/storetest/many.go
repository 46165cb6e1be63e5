// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// anyBytes holds stores to taking ids and values as they come: JSON strings
// hold NUL, addresses hold anything.
func anyBytes(t *testing.T, s store.Store) {
	long := strings.Repeat("long ", 2000)
	values := []string{"", "\x00", "a\x00b", "a\x00c", "\xff\xfe", "ü", "Ü", long, long + "!", long[:224], "'; DROP TABLE records; --"}
	for i, v := range values {
		change(t, s, func(tx store.Tx) error {
			r := record(fmt.Sprintf("%d%.100q%.100s", i, v, v))
			r.Keys = []store.Key{{Index: "userName", Value: v, Unique: true}, {Index: "tag", Value: v}, {Index: "tag", Value: v}}
			r.Created, r.Body = time.Time{}, nil
			if err := tx.Insert(r); err != nil {
				return err
			}
			_, err := tx.Link(store.Link{Relation: member, From: "g", To: fmt.Sprintf("%.200s", v), Data: long})
			return err
		})
	}
	look(t, s, func(tx store.Tx) {
		for i, v := range values {
			id := fmt.Sprintf("%d%.100q%.100s", i, v, v)
			equal(t, "found by tag", ids(tx.Find(user, "tag", v)), []string{id})
			r, err := tx.Get(user, id)
			is(t, "get", err, nil)
			equal(t, "key", r.Keys[0].Value, v)
			equal(t, "never", r.Created.IsZero(), true)
			equal(t, "linked", tx.Linked(member, "g", fmt.Sprintf("%.200s", v)), true)
		}
		for _, v := range []string{"\x00\x00", "a", long + "?"} {
			equal(t, "found", ids(tx.Find(user, "tag", v)), []string{})
			_, err := tx.Get(user, v)
			is(t, "get", err, store.ErrNotFound)
		}
	})
	for i, v := range values {
		is(t, "taken", s.Update(context.Background(), func(tx store.Tx) error {
			r := record(fmt.Sprint("other", i))
			r.Keys = []store.Key{{Index: "userName", Value: v, Unique: true}}
			return tx.Insert(r)
		}), store.ErrUniqueness)
	}
}

// longScans reads more than one page and beyond the ends.
func longScans(t *testing.T, s store.Store) {
	const n = 5000
	var want []string
	change(t, s, func(tx store.Tx) error {
		for i := range n {
			r := record(fmt.Sprint(i))
			if i%7 == 3 {
				r.Kind = group
			} else {
				want = append(want, r.ID)
			}
			if err := tx.Insert(r); err != nil {
				return err
			}
		}
		return nil
	})
	change(t, s, func(tx store.Tx) error {
		for _, id := range want[10:300] {
			if err := tx.Delete(user, id); err != nil {
				return err
			}
		}
		return nil
	})
	want = slices.Delete(want, 10, 300)
	check := func(tx store.Tx) {
		equal(t, "count", tx.Count(user), len(want))
		for _, offset := range []int{-1, 0, 1, 9, 10, 11, 3000, 3795, 3796, 3995, len(want) - 1, len(want), len(want) + 5000} {
			equal(t, fmt.Sprint("scan from ", offset), ids(tx.Scan(user, offset)), slices.Clone(want[min(max(offset, 0), len(want)):]))
		}
		equal(t, "find", ids(tx.Find(user, "tag", "all")), want)
	}
	look(t, s, check)
	change(t, s, func(tx store.Tx) error { check(tx); return nil })
}

// writingWalks changes what a loop is about to reach.
func writingWalks(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c", "d")
	change(t, s, func(tx store.Tx) error {
		link(t, tx, "g", "a", "b", "c", "d")
		return nil
	})
	change(t, s, func(tx store.Tx) error {
		var seen, linked []string
		for r := range tx.Scan(user, 0) {
			seen = append(seen, r.ID+string(r.Body))
			if r.ID != "b" {
				continue
			}
			is(t, "delete", tx.Delete(user, "c"), nil)
			next := record("d")
			next.Version, next.Body = 1, []byte("new")
			is(t, "update", tx.Update(next), nil)
			is(t, "insert", tx.Insert(record("e")), nil)
		}
		equal(t, "scanned", seen, []string{`a{"n":"a"}`, `b{"n":"b"}`, "dnew"})
		for l := range tx.Links(member, "g") {
			linked = append(linked, l.To)
			if l.To == "a" {
				unlink(t, tx, "g", "b", true)
				link(t, tx, "g", "z")
			}
		}
		equal(t, "links", linked, []string{"a", "d"})
		return nil
	})
}

// refusedNeighbours runs changes that fail among others that do not.
func refusedNeighbours(t *testing.T, s store.Store) {
	together(func(i int) {
		for j := range rounds {
			id := fmt.Sprintf("%d-%d", i, j)
			err := s.Update(context.Background(), func(tx store.Tx) error {
				if err := tx.Insert(record(id)); err != nil {
					return err
				}
				if _, err := tx.Link(store.Link{Relation: member, From: "g", To: id}); err != nil {
					return err
				}
				if j%2 == 1 {
					return errStop
				}
				return nil
			})
			if refused := errors.Is(err, errStop); refused != (j%2 == 1) {
				t.Errorf("%s: got %v", id, err)
			}
		}
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "count", tx.Count(user), workers*rounds/2)
		equal(t, "links", tx.CountLinks(member, "g"), workers*rounds/2)
		for r := range tx.Scan(user, 0) {
			equal(t, "linked "+r.ID, tx.Linked(member, "g", r.ID), true)
		}
	})
}

// oneWinner has several callers take the same key.
func oneWinner(t *testing.T, s store.Store) {
	for j := range rounds {
		won := make([]bool, workers)
		together(func(i int) {
			err := s.Update(context.Background(), func(tx store.Tx) error {
				r := record(fmt.Sprintf("%d-%d", i, j))
				r.Keys[0].Value = fmt.Sprint("same-", j)
				return tx.Insert(r)
			})
			if won[i] = err == nil; !won[i] {
				is(t, "loser", err, store.ErrUniqueness)
			}
		})
		n := 0
		for _, w := range won {
			if w {
				n++
			}
		}
		equal(t, "winners", n, 1)
	}
}
