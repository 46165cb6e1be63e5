// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// beside runs f in a goroutine of its own and reports when it has not returned
// long after it should have.
func beside(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Errorf("%s waits", what)
	}
}

// numbered returns n ids.
func numbered(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(prefix, i)
	}
	return list
}

// replaceLinks makes the links of g lead to the ids and to nothing else.
func replaceLinks(tx store.Tx, ids []string) error {
	for _, l := range slices.Collect(tx.Links(member, "g")) {
		if _, err := tx.Unlink(member, "g", l.To); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if _, err := tx.Link(store.Link{Relation: member, From: "g", To: id}); err != nil {
			return err
		}
	}
	return nil
}

// viewBesideUpdate reads while a large change is half done.
func viewBesideUpdate(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "g")
	old := numbered("old", 300)
	change(t, s, func(tx store.Tx) error { return replaceLinks(tx, append(old, "a")) })
	before := snapshot(t, s)
	read := func() {
		equal(t, "state beside an open Update", snapshot(t, s), before)
		look(t, s, func(tx store.Tx) {
			equal(t, "linked", []bool{tx.Linked(member, "g", "old7"), tx.Linked(member, "g", "new7")}, []bool{true, false})
			equal(t, "count", tx.CountLinks(member, "g"), len(old)+1)
			equal(t, "scan from 1", ids(tx.Scan(user, 1)), []string{"b", "g"})
		})
	}
	change(t, s, func(tx store.Tx) error {
		if err := replaceLinks(tx, numbered("new", 300)); err != nil {
			return err
		}
		if err := mangleTwo(tx); err != nil {
			return err
		}
		beside(t, "a View beside an open Update", read)
		return nil
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "count", tx.CountLinks(member, "g"), 300)
		equal(t, "scan", ids(tx.Scan(user, 0)), []string{"b", "g", "c"})
	})
}

// mangleTwo deletes a, changes b and makes c.
func mangleTwo(tx store.Tx) error {
	if err := tx.Delete(user, "a"); err != nil {
		return err
	}
	r := record("b")
	r.Version, r.Body, r.Keys = 1, []byte("changed"), r.Keys[:1]
	if err := tx.Update(r); err != nil {
		return err
	}
	return tx.Insert(record("c"))
}

// viewKeepsMoment goes on reading while others change what it reads, be it in
// the middle of a loop.
func viewKeepsMoment(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "g")
	old := append(numbered("old", 300), "a")
	change(t, s, func(tx store.Tx) error { return replaceLinks(tx, old) })
	before := snapshot(t, s)
	rewrite := func() {
		change(t, s, mangleTwo)
		for i := range 3 { // each makes the one before it obsolete
			change(t, s, func(tx store.Tx) error { return replaceLinks(tx, numbered(fmt.Sprint("new", i), 200)) })
		}
	}
	look(t, s, func(tx store.Tx) {
		n := 0
		for l := range tx.Links(member, "g") {
			if n == 0 {
				beside(t, "an Update beside an open View", rewrite)
			}
			if l.To != old[n] {
				t.Fatalf("link %d: got %s, want %s", n, l.To, old[n])
			}
			n++
		}
		equal(t, "links", n, len(old))
		equal(t, "state", stateOf(tx), before)
		equal(t, "scan from 1", ids(tx.Scan(user, 1)), []string{"b", "g"})
		_, err := tx.Get(user, "c")
		is(t, "get", err, store.ErrNotFound)
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "count", tx.CountLinks(member, "g"), 200)
		equal(t, "find", ids(tx.Find(user, "tag", "all")), []string{"g", "c"})
	})
}

// wholeReplaces reads a set of links that is replaced as a whole, over and over.
func wholeReplaces(t *testing.T, s store.Store) {
	const n = 150
	sets := [][]string{numbered("x", n), numbered("y", n)}
	change(t, s, func(tx store.Tx) error { return replaceLinks(tx, sets[0]) })
	var over atomic.Bool
	together(func(i int) {
		if i == 0 {
			defer over.Store(true)
			for j := range 20 {
				change(t, s, func(tx store.Tx) error { return replaceLinks(tx, sets[(j+1)%2]) })
			}
			return
		}
		for !over.Load() && !t.Failed() {
			look(t, s, func(tx store.Tx) {
				var got []string
				for l := range tx.Links(member, "g") {
					got = append(got, l.To)
				}
				i := bit(tx.Linked(member, "g", "y0"))
				if !slices.Equal(got, sets[i]) || tx.CountLinks(member, "g") != n || len(ends(tx.Backlinks(member, sets[1-i][n-1]))) > 0 {
					t.Errorf("got %d links of a count of %d: not one whole set", len(got), tx.CountLinks(member, "g"))
				}
			})
		}
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
