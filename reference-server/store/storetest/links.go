// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
)

func link(t *testing.T, tx store.Tx, from string, to ...string) {
	t.Helper()
	for _, id := range to {
		added, err := tx.Link(store.Link{Relation: member, From: from, To: id, Data: "User"})
		if err != nil || !added {
			t.Fatalf("link %s>%s: got %v, %v; want true, nil", from, id, added, err)
		}
	}
}

func unlink(t *testing.T, tx store.Tx, from, to string, want bool) {
	t.Helper()
	removed, err := tx.Unlink(member, from, to)
	if err != nil || removed != want {
		t.Errorf("unlink %s>%s: got %v, %v; want %v, nil", from, to, removed, err, want)
	}
}

func links(t *testing.T, s store.Store) {
	change(t, s, func(tx store.Tx) error {
		link(t, tx, "g", "a", "b")
		link(t, tx, "h", "a")
		added, err := tx.Link(store.Link{Relation: member, From: "g", To: "a", Data: "other"})
		is(t, "second link", err, nil)
		equal(t, "second link is added", added, false)
		_, err = tx.Link(store.Link{Relation: "owner", From: "g", To: "c"})
		return err
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "links", ends(tx.Links(member, "g")), []string{"g>a", "g>b"})
		equal(t, "backlinks", ends(tx.Backlinks(member, "a")), []string{"g>a", "h>a"})
		equal(t, "count", tx.CountLinks(member, "g"), 2)
		equal(t, "count of another relation", tx.CountLinks("owner", "g"), 1)
		equal(t, "count of nothing", tx.CountLinks(member, "x"), 0)
		equal(t, "linked", tx.Linked(member, "g", "a"), true)
		equal(t, "linked the other way", tx.Linked(member, "a", "g"), false)
		equal(t, "linked in another relation", tx.Linked("owner", "g", "a"), false)
		for l := range tx.Links(member, "g") {
			equal(t, "first link", l, store.Link{Relation: member, From: "g", To: "a", Data: "User"})
			break
		}
	})
	change(t, s, func(tx store.Tx) error {
		unlink(t, tx, "g", "a", true)
		unlink(t, tx, "g", "a", false)
		unlink(t, tx, "x", "a", false)
		equal(t, "links", ends(tx.Links(member, "g")), []string{"g>b"})
		return nil
	})
	look(t, s, func(tx store.Tx) {
		equal(t, "linked", tx.Linked(member, "g", "a"), false)
		equal(t, "count", tx.CountLinks(member, "g"), 1)
		equal(t, "backlinks", ends(tx.Backlinks(member, "a")), []string{"h>a"})
	})
}

func linkOrder(t *testing.T, s store.Store) {
	const n = 200
	want := []string{}
	change(t, s, func(tx store.Tx) error {
		for i := range n {
			link(t, tx, "g", fmt.Sprint(i))
		}
		return nil
	})
	for i := range n { // most go, some come back to the end
		change(t, s, func(tx store.Tx) error {
			if i%10 != 0 {
				unlink(t, tx, "g", fmt.Sprint(i), true)
			}
			return nil
		})
		if i%10 == 0 {
			want = append(want, fmt.Sprintf("g>%d", i))
		}
	}
	change(t, s, func(tx store.Tx) error { link(t, tx, "g", "1", "3", "2"); return nil })
	want = append(want, "g>1", "g>3", "g>2")
	change(t, s, func(tx store.Tx) error { unlink(t, tx, "g", "3", true); return nil })
	want = append(want[:len(want)-2], "g>2")
	look(t, s, func(tx store.Tx) {
		equal(t, "links", ends(tx.Links(member, "g")), want)
		equal(t, "count", tx.CountLinks(member, "g"), len(want))
	})
}

func deleteLinks(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "g", "h")
	change(t, s, func(tx store.Tx) error {
		link(t, tx, "g", "a", "b", "h")
		link(t, tx, "h", "a", "g", "h")
		_, err := tx.Link(store.Link{Relation: "owner", From: "a", To: "g"})
		return err
	})
	change(t, s, func(tx store.Tx) error { return tx.Delete(user, "a") })
	look(t, s, func(tx store.Tx) {
		equal(t, "links", ends(tx.Links(member, "g")), []string{"g>b", "g>h"})
		equal(t, "backlinks of the deleted", ends(tx.Backlinks(member, "a")), []string{})
		equal(t, "links of the deleted", ends(tx.Links("owner", "a")), []string{})
	})
	change(t, s, func(tx store.Tx) error { return tx.Delete(user, "h") })
	look(t, s, func(tx store.Tx) {
		equal(t, "links", ends(tx.Links(member, "g")), []string{"g>b"})
		equal(t, "backlinks", ends(tx.Backlinks(member, "g")), []string{})
		equal(t, "count", tx.CountLinks(member, "h"), 0)
	})
}

func rollbackLinks(t *testing.T, s store.Store) {
	insert(t, s, "a", "b", "c", "g", "h")
	change(t, s, func(tx store.Tx) error {
		link(t, tx, "g", "a", "b", "c")
		link(t, tx, "h", "a")
		return nil
	})
	before := snapshot(t, s)
	is(t, "update", s.Update(context.Background(), func(tx store.Tx) error {
		unlink(t, tx, "g", "a", true)
		link(t, tx, "g", "a")
		unlink(t, tx, "g", "b", true)
		link(t, tx, "h", "c", "b")
		link(t, tx, "c", "a")
		unlink(t, tx, "h", "c", true)
		if err := tx.Delete(user, "g"); err != nil {
			return err
		}
		return errStop
	}), errStop)
	equal(t, "state", snapshot(t, s), before)
}
