// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/reference-server/store"
)

// naive is a Tx on two lists of one kind and one relation.
type naive struct {
	seq     int64
	records []store.Record
	links   []store.Link
}

func (n *naive) clone() naive {
	return naive{n.seq, slices.Clone(n.records), slices.Clone(n.links)}
}

func (n *naive) at(id string) int {
	return slices.IndexFunc(n.records, func(r store.Record) bool { return r.ID == id })
}

func (n *naive) taken(r *store.Record) bool {
	return slices.ContainsFunc(n.records, func(o store.Record) bool {
		return o.ID != r.ID && slices.ContainsFunc(r.Keys, func(k store.Key) bool { return k.Unique && slices.Contains(o.Keys, k) })
	})
}

func (n *naive) Get(_ store.Kind, id string) (*store.Record, error) {
	if i := n.at(id); i >= 0 {
		return &n.records[i], nil
	}
	return nil, store.ErrNotFound
}

func (n *naive) Insert(r *store.Record) error {
	if n.at(r.ID) >= 0 || n.taken(r) {
		return store.ErrUniqueness
	}
	n.seq++
	r.Seq, r.Version = n.seq, 1
	n.records = append(n.records, *r)
	return nil
}

func (n *naive) Update(r *store.Record) error {
	i := n.at(r.ID)
	switch {
	case i < 0:
		return store.ErrNotFound
	case n.records[i].Version != r.Version:
		return store.ErrConflict
	case n.taken(r):
		return store.ErrUniqueness
	}
	r.Seq, r.Version = n.records[i].Seq, r.Version+1
	n.records[i] = *r
	return nil
}

func (n *naive) Delete(_ store.Kind, id string) error {
	i := n.at(id)
	if i < 0 {
		return store.ErrNotFound
	}
	n.records = slices.Delete(n.records, i, i+1)
	n.links = slices.DeleteFunc(n.links, func(l store.Link) bool { return l.From == id || l.To == id })
	return nil
}

func (n *naive) Find(_ store.Kind, index, value string) iter.Seq[*store.Record] {
	return n.each(0, func(r store.Record) bool {
		return slices.ContainsFunc(r.Keys, func(k store.Key) bool { return k.Index == index && k.Value == value })
	})
}

func (n *naive) Scan(_ store.Kind, offset int) iter.Seq[*store.Record] {
	return n.each(offset, func(store.Record) bool { return true })
}

func (n *naive) each(offset int, match func(store.Record) bool) iter.Seq[*store.Record] {
	return func(yield func(*store.Record) bool) {
		for i := offset; i < len(n.records); i++ {
			if match(n.records[i]) && !yield(&n.records[i]) {
				return
			}
		}
	}
}

func (n *naive) Count(store.Kind) int { return len(n.records) }

func (n *naive) Link(l store.Link) (bool, error) {
	if n.Linked(l.Relation, l.From, l.To) {
		return false, nil
	}
	n.links = append(n.links, l)
	return true, nil
}

func (n *naive) Unlink(_, from, to string) (bool, error) {
	before := len(n.links)
	n.links = slices.DeleteFunc(n.links, func(l store.Link) bool { return l.From == from && l.To == to })
	return len(n.links) < before, nil
}

func (n *naive) Linked(_, from, to string) bool {
	return slices.ContainsFunc(n.links, func(l store.Link) bool { return l.From == from && l.To == to })
}

func (n *naive) matching(match func(store.Link) bool) iter.Seq[store.Link] {
	return func(yield func(store.Link) bool) {
		for _, l := range n.links {
			if match(l) && !yield(l) {
				return
			}
		}
	}
}

func (n *naive) Links(_, from string) iter.Seq[store.Link] {
	return n.matching(func(l store.Link) bool { return l.From == from })
}

func (n *naive) Backlinks(_, to string) iter.Seq[store.Link] {
	return n.matching(func(l store.Link) bool { return l.To == to })
}

func (n *naive) CountLinks(_, from string) int {
	return len(slices.Collect(n.Links("", from)))
}

// write makes one change in both and returns what each said.
func write(t *rapid.T, tx store.Tx, n *naive) (got, want string) {
	name := func(what string) string { return rapid.SampledFrom(names).Draw(t, what) }
	said := func(f func(store.Tx) (any, error)) {
		tell := func(v any, err error) string {
			for _, known := range []error{store.ErrNotFound, store.ErrUniqueness, store.ErrConflict} {
				if errors.Is(err, known) {
					err = known
				}
			}
			return fmt.Sprint(v, " ", err)
		}
		got, want = tell(f(tx)), tell(f(n))
	}
	op := rapid.SampledFrom([]string{"insert", "update", "delete", "link", "unlink"}).Draw(t, "op")
	id := name("id")
	switch op {
	case "insert", "update":
		r := store.Record{Kind: "k", ID: id, Body: []byte(name("body")), Keys: []store.Key{
			{Index: "name", Value: name("name"), Unique: true}, {Index: "tag", Value: name("tag")}, {Value: "shown"}, {Index: "tag", Value: name("second tag")},
		}}
		if old, err := n.Get("k", id); err == nil && op == "update" {
			r.Version = old.Version - int64(rapid.IntRange(0, 5).Draw(t, "stale")/5)
		}
		said(func(tx store.Tx) (any, error) {
			r := r
			do := tx.Update
			if op == "insert" {
				do = tx.Insert
			}
			err := do(&r)
			return r.Seq, err
		})
	case "delete":
		said(func(tx store.Tx) (any, error) { return nil, tx.Delete("k", id) })
	case "link":
		l := store.Link{Relation: "l", From: id, To: name("to"), Data: name("data")}
		said(func(tx store.Tx) (any, error) { return tx.Link(l) })
	default:
		to := name("to")
		said(func(tx store.Tx) (any, error) { return tx.Unlink("l", id, to) })
	}
	return got, want
}
