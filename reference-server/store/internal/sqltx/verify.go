// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Recount fills empty tables of counts, in SQL that both databases understand.
const Recount = `INSERT INTO buckets (kind, part, n) SELECT kind, seq / 4096, count(*) FROM records GROUP BY kind, seq / 4096;
	INSERT INTO buckets (kind, part, n) SELECT kind, -1, count(*) FROM records GROUP BY kind;
	INSERT INTO degrees (relation, source, n) SELECT relation, source, count(*) FROM links GROUP BY relation, source;`

const (
	everyRecord = "SELECT " + columns + " FROM records r ORDER BY r.seq"
	everyBucket = "SELECT kind, part, n FROM buckets"
	everyKey    = "SELECT kind, name, value, seq FROM keys"
	everyDegree = "SELECT relation, source, n FROM degrees"
	everyLink   = "SELECT n, relation, source, target, data, sum FROM links"
)

// held is a key as a record holds it.
type held struct {
	kind string
	seq  int64
	entry
}

// Verify reads everything and says whether records, keys, links and counts
// agree. It keeps every key in memory while it does.
func Verify(s Session) error {
	c := newCounts()
	keys := map[held]bool{}
	if err := s.Query(everyRecord, func(v []driver.Value) error {
		r, err := decode(v)
		if err != nil {
			return err
		}
		c.record(r.Kind, r.Seq, 1)
		for _, e := range entries(r.Keys, nil) {
			keys[held{string(r.Kind), r.Seq, e}] = true
		}
		return nil
	}); err != nil {
		return err
	}
	if err := s.Query(everyKey, func(v []driver.Value) error {
		var k held
		k.kind, _ = v[0].(string)
		k.name, _ = v[1].(string)
		value, _ := v[2].([]byte)
		k.value = string(value)
		if !number(v[3], &k.seq) || !keys[k] {
			return fmt.Errorf("key %s of record %d: %w", k.name, k.seq, ErrDamaged)
		}
		delete(keys, k)
		return nil
	}); err != nil {
		return err
	}
	if len(keys) > 0 {
		return fmt.Errorf("%d keys are missing: %w", len(keys), ErrDamaged)
	}
	if err := s.Query(everyLink, func(v []driver.Value) error {
		l, err := decodeLink(v)
		c.link(l.Relation, l.From, 1)
		return err
	}); err != nil {
		return err
	}
	return c.verify(s)
}

// verify compares what was counted with what the tables say.
func (c counts) verify(s Session) error {
	if err := s.Query(everyBucket, func(v []driver.Value) error {
		kind, _ := v[0].(string)
		var part, n int64
		if !number(v[1], &part) || !number(v[2], &n) {
			return ErrDamaged
		}
		c.buckets[bucket{store.Kind(kind), part}] -= n
		return nil
	}); err != nil {
		return err
	}
	if err := s.Query(everyDegree, func(v []driver.Value) error {
		relation, _ := v[0].(string)
		source, _ := v[1].([]byte)
		var n int64
		if !number(v[2], &n) {
			return ErrDamaged
		}
		c.degrees[degree{relation, string(source)}] -= n
		return nil
	}); err != nil {
		return err
	}
	for at, n := range c.buckets {
		if n != 0 {
			return fmt.Errorf("count of %s: %w", at.kind, ErrDamaged)
		}
	}
	for at, n := range c.degrees {
		if n != 0 {
			return fmt.Errorf("count of %s links: %w", at.relation, ErrDamaged)
		}
	}
	return nil
}
