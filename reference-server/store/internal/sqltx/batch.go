// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"context"
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Batch is one transaction of the database that holds several changes. Each
// has a savepoint, so that one can fail alone.
type Batch struct {
	session Session
	eager   bool
	counts  counts
	broken  error
}

// NewBatch returns a batch for a session that has begun a transaction. Eager
// says that a statement that fails ends the whole transaction unless there is
// a savepoint, so that a change that only reads needs one too.
func NewBatch(s Session, eager bool) *Batch {
	return &Batch{session: s, eager: eager, counts: newCounts()}
}

// Run runs one change. Its writes stay in the batch if Run returns nil, and
// leave no trace if it returns an error or panics.
func (b *Batch) Run(ctx context.Context, change func(store.Tx) error) error {
	if err := errors.Join(b.broken, ctx.Err()); err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, session: b.session, batch: b, own: newCounts()}
	kept := false
	defer func() {
		if tx.begun {
			b.end(kept)
		}
	}()
	if b.eager {
		if err := tx.write(); err != nil {
			b.broken = err
			return err
		}
	}
	if err := tx.outcome(change(tx)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b.counts.add(tx.own)
	kept = true
	return nil
}

// end drops the savepoint of a change, and what came after it unless it is to
// be kept.
func (b *Batch) end(keep bool) {
	if !keep {
		if _, err := b.session.Exec("ROLLBACK TO SAVEPOINT change"); err != nil {
			b.broken = errors.Join(b.broken, fmt.Errorf("take back a change: %w", err))
		}
	}
	if _, err := b.session.Exec("RELEASE SAVEPOINT change"); err != nil {
		b.broken = errors.Join(b.broken, fmt.Errorf("end a change: %w", err))
	}
}

// Flush writes what the batch has counted. It comes before the commit.
func (b *Batch) Flush() error {
	if b.broken != nil {
		return b.broken
	}
	return b.counts.flush(b.session)
}

const (
	addBucket  = "INSERT INTO buckets (kind, part, n) VALUES ($1, $2, $3) ON CONFLICT (kind, part) DO UPDATE SET n = buckets.n + excluded.n"
	addDegree  = "INSERT INTO degrees (relation, source, n) VALUES ($1, $2, $3) ON CONFLICT (relation, source) DO UPDATE SET n = degrees.n + excluded.n"
	dropBucket = "DELETE FROM buckets WHERE kind = $1 AND part = $2 AND n = 0"
	dropDegree = "DELETE FROM degrees WHERE relation = $1 AND source = $2 AND n = 0"
)

// whole is the part under which all records of a kind are counted.
const whole = -1

// run is how many Seqs share a part.
const run = 4096

type bucket struct {
	kind store.Kind
	part int64
}

type degree struct{ relation, source string }

// counts are differences to what the tables say.
type counts struct {
	buckets map[bucket]int64
	degrees map[degree]int64
}

func newCounts() counts {
	return counts{buckets: map[bucket]int64{}, degrees: map[degree]int64{}}
}

func (c counts) record(kind store.Kind, seq, n int64) {
	c.buckets[bucket{kind, whole}] += n
	c.buckets[bucket{kind, seq / run}] += n
}

func (c counts) link(relation, source string, n int64) { c.degrees[degree{relation, source}] += n }

func (c counts) add(d counts) {
	for k, n := range d.buckets {
		c.buckets[k] += n
	}
	for k, n := range d.degrees {
		c.degrees[k] += n
	}
}

func (c counts) flush(s Session) error {
	for k, n := range c.buckets {
		if n == 0 {
			continue
		}
		if _, err := s.Exec(addBucket, string(k.kind), k.part, n); err != nil {
			return fmt.Errorf("count records: %w", err)
		}
		if n < 0 {
			if _, err := s.Exec(dropBucket, string(k.kind), k.part); err != nil {
				return fmt.Errorf("count records: %w", err)
			}
		}
	}
	for k, n := range c.degrees {
		if n == 0 {
			continue
		}
		if _, err := s.Exec(addDegree, k.relation, []byte(k.source), n); err != nil {
			return fmt.Errorf("count links: %w", err)
		}
		if n < 0 {
			if _, err := s.Exec(dropDegree, k.relation, []byte(k.source)); err != nil {
				return fmt.Errorf("count links: %w", err)
			}
		}
	}
	return nil
}
