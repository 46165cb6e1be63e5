// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	getRecord    = "SELECT " + columns + " FROM records r WHERE r.kind = $1 AND r.id = $2"
	headRecord   = "SELECT r.seq, r.version, r.keys FROM records r WHERE r.kind = $1 AND r.id = $2"
	insertRecord = "INSERT INTO records (kind, id, version, created, modified, body, keys, sum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, id) DO NOTHING RETURNING seq"
	updateRecord = "UPDATE records SET version = $2, created = $3, modified = $4, body = $5, keys = $6, sum = $7 WHERE seq = $1"
	deleteRecord = "DELETE FROM records WHERE seq = $1"
	ownerOfKey   = "SELECT r.id FROM keys k JOIN records r ON r.seq = k.seq WHERE k.kind = $1 AND k.name = $2 AND k.value = $3 AND k.seq <> $4 LIMIT 1"
	deleteKey    = "DELETE FROM keys WHERE kind = $1 AND name = $2 AND value = $3 AND seq = $4"
	countRecords = "SELECT n FROM buckets WHERE kind = $1 AND part = -1"
	reachOffset  = "SELECT part, skipped FROM (SELECT part, CAST(sum(n) OVER (ORDER BY part) - n AS bigint) AS skipped FROM buckets WHERE kind = $1 AND part >= 0) b WHERE skipped <= $2 ORDER BY part DESC LIMIT 1"
	findRecords  = "SELECT " + columns + " FROM keys k JOIN records r ON r.seq = k.seq WHERE k.kind = $1 AND k.name = $2 AND k.value = $3 AND k.seq > $4 AND k.seq <= $5 ORDER BY k.seq LIMIT $6"
	scanRecords  = "SELECT " + columns + " FROM records r WHERE r.kind = $1 AND r.seq > $2 AND r.seq <= $3 ORDER BY r.seq LIMIT $4 OFFSET $5"
)

// Get reads one row by an index. O(log n).
func (t *Tx) Get(kind store.Kind, id string) (r *store.Record, err error) {
	err = t.query(getRecord, func(v []driver.Value) (err error) {
		r, err = decode(v)
		return err
	}, string(kind), []byte(id))
	if err == nil && r == nil {
		err = notFound(kind, id)
	}
	return r, err
}

func notFound(kind store.Kind, id string) error {
	return fmt.Errorf("%s %q: %w", kind, id, store.ErrNotFound)
}

// Insert writes a row, and one for each key. O(keys · log n).
func (t *Tx) Insert(r *store.Record) error {
	if err := t.write(); err != nil {
		return err
	}
	if err := t.free(r, 0); err != nil {
		return err
	}
	keys := encodeKeys(r.Keys)
	row := *r
	row.Version = 1
	var inserted bool
	err := t.query(insertRecord, func(v []driver.Value) error {
		inserted = number(v[0], &row.Seq)
		return nil
	}, string(r.Kind), []byte(r.ID), row.Version, nanoseconds(r.Created), nanoseconds(r.Modified), bytesOf(r.Body), keys, checksum(&row, keys))
	if err != nil {
		return err
	}
	if !inserted {
		return &store.UniquenessError{Kind: r.Kind, Index: "id", Value: r.ID, Owner: r.ID}
	}
	if err := t.putKeys(r.Kind, row.Seq, entries(r.Keys, nil)); err != nil {
		return err
	}
	t.seqs = append(t.seqs, row.Seq)
	t.own.record(r.Kind, row.Seq, 1)
	r.Seq, r.Version = row.Seq, row.Version
	return nil
}

// bytesOf makes no body an empty one: NULL is no body.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// free tells whether r, stored as seq, may hold its unique keys.
func (t *Tx) free(r *store.Record, seq int64) error {
	for _, k := range r.Keys {
		if !k.Unique {
			continue
		}
		e := entryOf(k.Index, k.Value)
		var taken error
		err := t.query(ownerOfKey, func(v []driver.Value) error {
			owner, _ := v[0].([]byte)
			taken = &store.UniquenessError{Kind: r.Kind, Index: k.Index, Value: k.Value, Owner: string(owner)}
			return nil
		}, string(r.Kind), e.name, []byte(e.value), seq)
		if err != nil {
			return err
		}
		if taken != nil {
			return taken
		}
	}
	return nil
}

// maxRows is how many keys one statement inserts.
const maxRows = 16

func (t *Tx) putKeys(kind store.Kind, seq int64, list []entry) error {
	for len(list) > 0 {
		n := min(len(list), maxRows)
		args := make([]driver.Value, 2, 2+2*n)
		args[0], args[1] = string(kind), seq
		for _, e := range list[:n] {
			args = append(args, e.name, []byte(e.value))
		}
		if err := t.exec(insertKeys(n), args...); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// insertKeys inserts n keys of one record.
func insertKeys(n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO keys (kind, seq, name, value) VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("($1,$2,$" + strconv.Itoa(3+2*i) + ",$" + strconv.Itoa(4+2*i) + ")")
	}
	return b.String()
}

// head reads what a change of a record needs to know of it.
func (t *Tx) head(kind store.Kind, id string) (seq, version int64, keys []store.Key, err error) {
	found := false
	err = t.query(headRecord, func(v []driver.Value) error {
		b, _ := v[2].([]byte)
		found = number(v[0], &seq) && number(v[1], &version)
		var ok bool
		if keys, ok = decodeKeys(b); !ok {
			return fmt.Errorf("keys of record %d: %w", seq, ErrDamaged)
		}
		return nil
	}, string(kind), []byte(id))
	if err == nil && !found {
		err = notFound(kind, id)
	}
	return seq, version, keys, err
}

// Update writes the row, and those keys that differ. O(keys · log n).
func (t *Tx) Update(r *store.Record) error {
	if err := t.write(); err != nil {
		return err
	}
	seq, version, old, err := t.head(r.Kind, r.ID)
	if err != nil {
		return err
	}
	if version != r.Version {
		return fmt.Errorf("%s %q: version %d is now %d: %w", r.Kind, r.ID, r.Version, version, store.ErrConflict)
	}
	if err := t.free(r, seq); err != nil {
		return err
	}
	keys := encodeKeys(r.Keys)
	row := *r
	row.Version++
	t.writes++
	if err := t.exec(updateRecord, seq, row.Version, nanoseconds(r.Created), nanoseconds(r.Modified), bytesOf(r.Body), keys, checksum(&row, keys)); err != nil {
		return err
	}
	if err := t.dropKeys(r.Kind, seq, entries(old, r.Keys)); err != nil {
		return err
	}
	if err := t.putKeys(r.Kind, seq, entries(r.Keys, old)); err != nil {
		return err
	}
	r.Seq, r.Version = seq, row.Version
	return nil
}

func (t *Tx) dropKeys(kind store.Kind, seq int64, list []entry) error {
	for _, e := range list {
		if err := t.exec(deleteKey, string(kind), e.name, []byte(e.value), seq); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes the row, its keys and its links. O((keys + links) · log n).
func (t *Tx) Delete(kind store.Kind, id string) error {
	if err := t.write(); err != nil {
		return err
	}
	seq, _, keys, err := t.head(kind, id)
	if err != nil {
		return err
	}
	if err := t.dropKeys(kind, seq, entries(keys, nil)); err != nil {
		return err
	}
	if err := t.exec(deleteRecord, seq); err != nil {
		return err
	}
	t.writes++
	t.own.record(kind, seq, -1)
	return t.unlinkAll(id)
}

// Count reads one row. O(log n).
func (t *Tx) Count(kind store.Kind) int {
	n, _, _ := t.integer(countRecords, string(kind))
	at := bucket{kind, whole}
	if t.batch != nil {
		n += t.batch.counts.buckets[at] + t.own.buckets[at]
	}
	return int(n)
}

// Find reads an index. O(hits · log n).
func (t *Tx) Find(kind store.Kind, index, value string) iter.Seq[*store.Record] {
	e := entryOf(index, value)
	return t.records(func(after, last, limit int64, row func([]driver.Value) error) error {
		return t.query(findRecords, row, string(kind), e.name, []byte(e.value), after, last, limit)
	})
}

// Scan reaches the offset by the counts of buckets: O(n/4096 + 4096) steps in
// an index, none of them reading a record. In an Update it takes O(offset).
func (t *Tx) Scan(kind store.Kind, offset int) iter.Seq[*store.Record] {
	return func(yield func(*store.Record) bool) {
		start, skip := int64(0), int64(max(offset, 0))
		if t.batch == nil && skip >= run {
			err := t.query(reachOffset, func(v []driver.Value) error {
				var part, skipped int64
				if number(v[0], &part) && number(v[1], &skipped) {
					start, skip = part*run-1, skip-skipped
				}
				return nil
			}, string(kind), skip)
			if err != nil {
				return
			}
		}
		first := true
		t.records(func(after, last, limit int64, row func([]driver.Value) error) error {
			offset := int64(0)
			if first {
				after, offset, first = start, skip, false
			}
			return t.query(scanRecords, row, string(kind), after, last, limit, offset)
		})(yield)
	}
}

// records walks over records. Read adds rows to what it is given.
func (t *Tx) records(read func(after, last, limit int64, row func([]driver.Value) error) error) iter.Seq[*store.Record] {
	return walk(t, &t.seqs, func(w window, found []*store.Record) ([]*store.Record, error) {
		err := read(w.after, w.last, w.limit, func(v []driver.Value) error {
			r, err := decode(v)
			found = append(found, r)
			return err
		})
		return found, err
	}, func(r *store.Record) int64 { return r.Seq })
}
