// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// BenchmarkMemory measures each operation in a transaction of its own, on
// 100,000 records of 1 KB with six keys, each linked from one of ten.
func BenchmarkMemory(b *testing.B) {
	const n = 100_000
	ctx, s := context.Background(), store.NewMemory()
	body, born := bytes.Repeat([]byte{'x'}, 1000), time.Now()
	id := func(i int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", i) }
	record := func(i int) *store.Record {
		name := fmt.Sprintf("user%d@x.example", i)
		return &store.Record{Kind: "User", ID: id(i), Created: born, Modified: born, Body: body, Keys: []store.Key{
			{Value: "Given Family"}, {Index: "userName", Value: name, Unique: true}, {Index: "emails.value", Value: name},
			{Index: "externalId", Value: fmt.Sprint("e", i)}, {Index: "displayName", Value: fmt.Sprint("d", i)}, {Index: "active", Value: fmt.Sprint(i % 1000)},
		}}
	}
	update := func(b *testing.B, f func(store.Tx) error) {
		if err := s.Update(ctx, f); err != nil {
			b.Fatal(err)
		}
	}
	view := func(b *testing.B, f func(store.Tx) error) {
		if err := s.View(ctx, f); err != nil {
			b.Fatal(err)
		}
	}
	link := func(i int) store.Link {
		return store.Link{Relation: "member", From: fmt.Sprint(i % 10), To: id(i), Data: "User"}
	}
	for i := range n {
		update(b, func(tx store.Tx) error {
			_, err := tx.Link(link(i))
			if err != nil {
				return err
			}
			return tx.Insert(record(i))
		})
	}
	next := n
	ids, links := make([]string, n), make([]store.Link, n)
	for i := range n {
		ids[i], links[i] = id(i), link(i+1)
		links[i].To = ids[i]
	}
	for _, bench := range []struct {
		name string
		one  func(b *testing.B, i int)
	}{
		{"get", func(b *testing.B, i int) {
			view(b, func(tx store.Tx) error { _, err := tx.Get("User", ids[i*7%n]); return err })
		}},
		{"find", func(b *testing.B, i int) {
			view(b, func(tx store.Tx) error {
				for range tx.Find("User", "externalId", fmt.Sprint("e", i*7%n)) {
					return nil
				}
				return store.ErrNotFound
			})
		}},
		{"page of 100", func(b *testing.B, i int) {
			view(b, func(tx store.Tx) error {
				seen := 0
				for range tx.Scan("User", i*7%n) {
					if seen++; seen == 100 {
						break
					}
				}
				return nil
			})
		}},
		{"backlinks", func(b *testing.B, i int) {
			view(b, func(tx store.Tx) error {
				for range tx.Backlinks("member", ids[i*7%n]) {
					return nil
				}
				return store.ErrNotFound
			})
		}},
		{"insert", func(b *testing.B, _ int) {
			r := record(next)
			next++
			update(b, func(tx store.Tx) error { return tx.Insert(r) })
		}},
		{"update", func(b *testing.B, i int) {
			update(b, func(tx store.Tx) error {
				old, err := tx.Get("User", ids[i*7%n])
				if err != nil {
					return err
				}
				r := *old
				r.Body = body
				return tx.Update(&r)
			})
		}},
		{"update of a key", func(b *testing.B, i int) {
			update(b, func(tx store.Tx) error {
				old, err := tx.Get("User", ids[i*7%n])
				if err != nil {
					return err
				}
				r := *old
				r.Keys = append(r.Keys[:5:5], store.Key{Index: "active", Value: "no"})
				if i/n%2 == 1 {
					r.Keys[5].Value = "yes"
				}
				return tx.Update(&r)
			})
		}},
		{"link and unlink", func(b *testing.B, i int) {
			l := links[i*7%n]
			update(b, func(tx store.Tx) error { _, err := tx.Link(l); return err })
			update(b, func(tx store.Tx) error { _, err := tx.Unlink(l.Relation, l.From, l.To); return err })
		}},
		{"replace 10,000 links", func(b *testing.B, i int) {
			update(b, func(tx store.Tx) error {
				for _, l := range links[i%9*10_000 : i%9*10_000+10_000] {
					l.From = "large"
					if _, err := tx.Link(l); err != nil {
						return err
					}
				}
				return nil
			})
			update(b, func(tx store.Tx) error {
				for l := range tx.Links("member", "large") {
					if _, err := tx.Unlink(l.Relation, l.From, l.To); err != nil {
						return err
					}
				}
				return nil
			})
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				bench.one(b, i)
				i++
			}
		})
	}
}
