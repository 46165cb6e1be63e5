// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	getRecord    = "SELECT " + columns + " FROM records r WHERE r.kind = $1 AND r.id = $2"
	insertRecord = "INSERT INTO records (kind, id, version, created, modified, body, keys, sum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, id) DO NOTHING RETURNING seq"
	updateRecord = "UPDATE records SET version = $2, created = $3, modified = $4, body = $5, keys = $6, sum = $7 WHERE seq = $1"
	deleteRecord = "DELETE FROM records WHERE seq = $1"
	ownerOfKey   = "SELECT r.id FROM keys k JOIN records r ON r.seq = k.seq WHERE k.kind = $1 AND k.name = $2 AND k.value = $3 AND r.id <> $4 LIMIT 1"
	deleteKey    = "DELETE FROM keys WHERE kind = $1 AND name = $2 AND value = $3 AND seq = $4"
	countRecords = "SELECT n FROM buckets WHERE kind = $1 AND part = -1"
	reachOffset  = "SELECT part, skipped FROM (SELECT part, CAST(sum(n) OVER (ORDER BY part) - n AS bigint) AS skipped FROM buckets WHERE kind = $1 AND part >= 0) b WHERE skipped <= $2 ORDER BY part DESC LIMIT 1"
	findRecords  = "SELECT " + columns + " FROM keys k JOIN records r ON r.seq = k.seq WHERE k.kind = $1 AND k.name = $2 AND k.value = $3 AND k.seq > $4 AND k.seq <= $5 ORDER BY k.seq LIMIT $6"
	scanRecords  = "SELECT " + columns + " FROM records r WHERE r.kind = $1 AND r.seq > $2 AND r.seq <= $3 ORDER BY r.seq LIMIT $4 OFFSET $5"
)

// Get reads one row by an index. O(log n).
func (t *Tx) Get(kind store.Kind, id string) (*store.Record, error) {
	where := at{kind, id}
	r, known := t.known(where)
	if !known {
		err := t.query(getRecord, func(v []driver.Value) (err error) {
			r, err = decode(v)
			return err
		}, string(kind), []byte(id))
		if err != nil {
			return nil, err
		}
		t.hold(where, r)
	}
	if r == nil {
		return nil, notFound(kind, id)
	}
	return r, nil
}

// known returns a record that need not be read; nil: there is none.
func (t *Tx) known(where at) (*store.Record, bool) {
	if t.batch == nil || t.begun || t.err != nil {
		return nil, false
	}
	if r := t.own.records[where]; r != nil {
		return r, true
	}
	if r := t.batch.waiting.records[where]; r != nil {
		return r, true
	}
	r, known := t.batch.held[where]
	return r, known
}

// hold keeps what was read for those who ask again.
func (t *Tx) hold(where at, r *store.Record) {
	if t.batch != nil && !t.begun && len(t.batch.held) < mostHeld {
		t.batch.held[where] = r
	}
}

func notFound(kind store.Kind, id string) error {
	return fmt.Errorf("%s %q: %w", kind, id, store.ErrNotFound)
}

// Insert writes a row, and one for each key. O(keys · log n). While the row
// waits to be written, an id that is taken shows when the change ends.
func (t *Tx) Insert(r *store.Record) error {
	waits, err := t.waits()
	if err != nil {
		return err
	}
	if known, _ := t.known(at{r.Kind, r.ID}); known != nil {
		return idTaken(r.Kind, r.ID)
	}
	if err := t.free(r, nil); err != nil {
		return err
	}
	row := copyOf(r)
	row.Version = 1
	if waits && !t.begun { // which looking for the keys may have changed
		if err := t.batch.number(t); err != nil {
			return err
		}
		t.batch.seq++
		row.Seq = t.batch.seq
		t.own.put(row, nil)
	} else if err := t.insertNow(row); err != nil {
		return err
	}
	t.seqs = append(t.seqs, row.Seq)
	t.counts.record(r.Kind, row.Seq, 1)
	r.Seq, r.Version = row.Seq, row.Version
	return nil
}

// insertNow inserts a row and sets its Seq.
func (t *Tx) insertNow(r *store.Record) error {
	keys := encodeKeys(r.Keys)
	var inserted bool
	err := t.query(insertRecord, func(v []driver.Value) error {
		inserted = number(v[0], &r.Seq)
		return nil
	}, string(r.Kind), []byte(r.ID), r.Version, nanoseconds(r.Created), nanoseconds(r.Modified), r.Body, keys, checksum(r, keys))
	if err != nil {
		return err
	}
	if !inserted {
		return idTaken(r.Kind, r.ID)
	}
	return t.putKeys(r.Kind, r.Seq, entries(r.Keys, nil))
}

func idTaken(kind store.Kind, id string) error {
	return &store.UniquenessError{Kind: kind, Index: "id", Value: id, Owner: id}
}

// newIDs tells whether the ids of the records that wait to be inserted are
// free. One statement asks for sixteen of them.
func (t *Tx) newIDs() error {
	var args []driver.Value
	for _, where := range t.own.order {
		_, known := t.batch.held[where]
		if known || t.batch.waiting.records[where] != nil {
			continue
		}
		args = append(args, string(where.kind), []byte(where.id))
	}
	for len(args) > 0 {
		n := min(len(args)/2, maxRows)
		var taken error
		if err := t.query(anyOf(n), func(v []driver.Value) error {
			kind, _ := v[0].(string)
			id, _ := v[1].([]byte)
			taken = idTaken(store.Kind(kind), string(id))
			return nil
		}, args[:2*n]...); err != nil {
			return err
		}
		if taken != nil {
			return taken
		}
		args = args[2*n:]
	}
	return nil
}

// anyOf returns the statement that finds those of n records that are there.
func anyOf(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT kind, id FROM records WHERE kind = $%d AND id = $%d", 2*i+1, 2*i+2)
	}
	return b.String()
}

// bytesOf makes no body an empty one: NULL is no body.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// free tells whether r may hold its unique keys. Old is the record that it
// replaces; what that holds need not be looked for.
func (t *Tx) free(r, old *store.Record) error {
	for _, k := range r.Keys {
		if !k.Unique || old != nil && slices.Contains(old.Keys, k) {
			continue
		}
		owner, err := t.owner(slot{r.Kind, entryOf(k.Index, k.Value)}, r.ID)
		if err != nil {
			return err
		}
		if owner != "" {
			return &store.UniquenessError{Kind: r.Kind, Index: k.Index, Value: k.Value, Owner: owner}
		}
	}
	return nil
}

// owner returns the id of the record, other than that of id, that holds a key;
// "" if none does.
func (t *Tx) owner(s slot, id string) (owner string, err error) {
	if !t.begun {
		if h := t.own.holder(s, id); h != nil {
			return h.ID, nil
		}
		t.settle(t.own.slots[s], t.batch.waiting.slots[s])
	}
	if !t.begun && t.batch.absent[s] {
		return "", t.err
	}
	err = t.query(ownerOfKey, func(v []driver.Value) error {
		b, _ := v[0].([]byte)
		owner = string(b)
		return nil
	}, string(s.kind), s.name, []byte(s.value), []byte(id))
	return owner, err
}

func (t *Tx) putKeys(kind store.Kind, seq int64, list []entry) error {
	var rows []driver.Value
	for _, e := range list {
		rows = append(rows, string(kind), seq, e.name, []byte(e.value))
	}
	if err := t.session.Send(insert(t.batch.dialect.Insert, keyColumns, "", 4, rows)); err != nil {
		t.err = fmt.Errorf("write store: %w", err)
	}
	return t.err
}

// Update writes the row, and those keys that differ. O(keys · log n).
func (t *Tx) Update(r *store.Record) error {
	waits, err := t.waits()
	if err != nil {
		return err
	}
	old, err := t.Get(r.Kind, r.ID)
	if err != nil {
		return err
	}
	if old.Version != r.Version {
		return fmt.Errorf("%s %q: version %d is now %d: %w", r.Kind, r.ID, r.Version, old.Version, store.ErrConflict)
	}
	if err := t.free(r, old); err != nil {
		return err
	}
	row := copyOf(r)
	row.Seq = old.Seq
	row.Version++
	t.writes++
	if waits && !t.begun {
		if _, known := t.known(at{r.Kind, r.ID}); !known {
			t.batch.held[at{r.Kind, r.ID}] = old // whatever else is held: it says which keys are stored
		}
		t.own.put(row, old)
	} else if err := t.updateNow(row, old); err != nil {
		return err
	}
	r.Seq, r.Version = row.Seq, row.Version
	return nil
}

func (t *Tx) updateNow(r, old *store.Record) error {
	keys := encodeKeys(r.Keys)
	if err := t.exec(updateRecord, r.Seq, r.Version, nanoseconds(r.Created), nanoseconds(r.Modified), r.Body, keys, checksum(r, keys)); err != nil {
		return err
	}
	if err := t.dropKeys(r.Kind, r.Seq, entries(old.Keys, r.Keys)); err != nil {
		return err
	}
	return t.putKeys(r.Kind, r.Seq, entries(r.Keys, old.Keys))
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
	if err := t.direct(); err != nil {
		return err
	}
	old, err := t.Get(kind, id)
	if err != nil {
		return err
	}
	if err := t.dropKeys(kind, old.Seq, entries(old.Keys, nil)); err != nil {
		return err
	}
	if err := t.exec(deleteRecord, old.Seq); err != nil {
		return err
	}
	t.writes++
	t.counts.record(kind, old.Seq, -1)
	return t.unlinkAll(id)
}

// Count reads one row. O(log n).
func (t *Tx) Count(kind store.Kind) int {
	if t.batch == nil {
		n, _, _ := t.integer(countRecords, string(kind))
		return int(n)
	}
	n, known := t.batch.wholes[kind]
	if !known {
		var err error
		if n, _, err = t.integer(countRecords, string(kind)); err != nil {
			return 0
		}
		t.batch.wholes[kind] = n // which no one changes before the batch ends
	}
	at := bucket{kind, whole}
	return int(n + t.batch.counts.buckets[at] + t.counts.buckets[at])
}

// Find reads an index. O(hits · log n).
func (t *Tx) Find(kind store.Kind, index, value string) iter.Seq[*store.Record] {
	e := entryOf(index, value)
	s := slot{kind, e}
	return t.records(func(after, last, limit int64, row func([]driver.Value) error) error {
		if t.batch == nil {
			return t.query(findRecords, row, string(kind), e.name, []byte(e.value), after, last, limit)
		}
		t.settle(t.own.slots[s], t.batch.waiting.slots[s])
		if !t.begun && t.batch.absent[s] {
			return t.err
		}
		found := false
		err := t.query(findRecords, func(v []driver.Value) error {
			found = true
			return row(v)
		}, string(kind), e.name, []byte(e.value), after, last, limit)
		if err == nil && !found && after == 0 && last == math.MaxInt64 && !t.begun {
			t.batch.absent[s] = true
		}
		return err
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
			if t.batch != nil {
				t.settle(t.own.kinds[kind], t.batch.waiting.kinds[kind])
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
