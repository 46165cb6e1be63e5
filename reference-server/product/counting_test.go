// SPDX-License-Identifier: Apache-2.0

package product

import (
	"iter"

	"github.com/scimproof/scimproof/reference-server/store"
)

// countingTx counts calls, and every record or link that a sequence yields.
type countingTx struct {
	store.Tx
	calls int
}

func counted[T any](c *countingTx, seq iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			c.calls++
			if !yield(v) {
				return
			}
		}
	}
}

func (c *countingTx) Get(k store.Kind, id string) (*store.Record, error) {
	c.calls++
	return c.Tx.Get(k, id)
}

func (c *countingTx) Insert(r *store.Record) error {
	c.calls++
	return c.Tx.Insert(r)
}

func (c *countingTx) Update(r *store.Record) error {
	c.calls++
	return c.Tx.Update(r)
}

func (c *countingTx) Find(k store.Kind, index, value string) iter.Seq[*store.Record] {
	return counted(c, c.Tx.Find(k, index, value))
}

func (c *countingTx) Scan(k store.Kind, offset int) iter.Seq[*store.Record] {
	return counted(c, c.Tx.Scan(k, offset))
}

func (c *countingTx) Links(relation, from string) iter.Seq[store.Link] {
	return counted(c, c.Tx.Links(relation, from))
}

func (c *countingTx) Backlinks(relation, to string) iter.Seq[store.Link] {
	return counted(c, c.Tx.Backlinks(relation, to))
}

// metaOf returns what an event that was read says besides its fields.
func metaOf(e event) map[string]any {
	m, _ := e.Meta.(map[string]any)
	return m
}
