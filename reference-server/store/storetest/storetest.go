// SPDX-License-Identifier: Apache-2.0

// Package storetest holds what package store promises as a test suite. Every
// store passes it.
package storetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Kinds and names that the suite uses.
const (
	user   store.Kind = "User"
	group  store.Kind = "Group"
	member            = "member"
)

var errStop = errors.New("stop")

// Run holds the stores that open returns against the promises. Each subtest
// opens one and closes it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, promise := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"insert and get", insertAndGet},
		{"get of what is not there", getMissing},
		{"update", update},
		{"update of a stale version is a conflict", staleUpdate},
		{"delete", deleteRecord},
		{"unique keys", uniqueKeys},
		{"unique keys within one Update", uniqueWithin},
		{"unique keys after a failed Update", uniqueAfterRollback},
		{"a failed Update leaves nothing", rollback},
		{"a panic leaves nothing", rollbackOnPanic},
		{"a View does not write", readOnly},
		{"an Update sees its own writes", ownWrites},
		{"records are the caller's to change", copies},
		{"scan is in order of creation", scanOrder},
		{"find is in order of creation", findOrder},
		{"scan while deleting", scanWhileDeleting},
		{"links", links},
		{"links keep their order", linkOrder},
		{"deletion removes links both ways", deleteLinks},
		{"a failed Update restores links", rollbackLinks},
		{"concurrent updates lose nothing", concurrentUpdates},
		{"concurrent links lose nothing", concurrentLinks},
		{"readers see whole updates", wholeUpdates},
		{"readers see whole replacements", wholeReplaces},
		{"a View waits for no open Update and sees none of it", viewBesideUpdate},
		{"a View sees one moment, whatever is changed beside it", viewKeepsMoment},
		{"an ended context", endedContext},
		{"ids and values are any bytes", anyBytes},
		{"scans of many records", longScans},
		{"a loop may write", writingWalks},
		{"a refused change harms no other", refusedNeighbours},
		{"one of several takes a unique key", oneWinner},
	} {
		t.Run(promise.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			promise.test(t, s)
		})
	}
}

// record makes a User with one unique key, "name-" and its id, and one that
// all users share.
func record(id string) *store.Record {
	born := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &store.Record{
		Kind: user, ID: id, Created: born, Modified: born, Body: []byte(`{"n":"` + id + `"}`),
		Keys: []store.Key{{Index: "userName", Value: "name-" + id, Unique: true}, {Index: "tag", Value: "all"}},
	}
}

func change(t *testing.T, s store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatalf("update: %v", err)
	}
}

func look(t *testing.T, s store.Store, f func(store.Tx)) {
	t.Helper()
	if err := s.View(context.Background(), func(tx store.Tx) error { f(tx); return nil }); err != nil {
		t.Fatalf("view: %v", err)
	}
}

func insert(t *testing.T, s store.Store, ids ...string) {
	t.Helper()
	change(t, s, func(tx store.Tx) error {
		for _, id := range ids {
			if err := tx.Insert(record(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// state is everything about users and members that a Tx can tell.
type state struct {
	Records []store.Record
	Tagged  []string
	Links   map[string][]store.Link
	Back    map[string][]store.Link
	Count   int
}

func stateOf(tx store.Tx) state {
	st := state{Links: map[string][]store.Link{}, Back: map[string][]store.Link{}, Count: tx.Count(user)}
	for r := range tx.Scan(user, 0) {
		st.Records = append(st.Records, *r)
		if l := slices.Collect(tx.Links(member, r.ID)); len(l) > 0 {
			st.Links[r.ID] = l
		}
		if l := slices.Collect(tx.Backlinks(member, r.ID)); len(l) > 0 {
			st.Back[r.ID] = l
		}
	}
	st.Tagged = ids(tx.Find(user, "tag", "all"))
	return st
}

func snapshot(t *testing.T, s store.Store) (st state) {
	t.Helper()
	look(t, s, func(tx store.Tx) { st = stateOf(tx) })
	return st
}

func ids(records iter.Seq[*store.Record]) []string {
	list := []string{}
	for r := range records {
		list = append(list, r.ID)
	}
	return list
}

func ends(links iter.Seq[store.Link]) []string {
	list := []string{}
	for l := range links {
		list = append(list, l.From+">"+l.To)
	}
	return list
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}
