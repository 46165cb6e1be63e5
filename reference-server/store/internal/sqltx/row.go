// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// columns are what decode expects.
const columns = "r.seq, r.kind, r.id, r.version, r.created, r.modified, r.body, r.keys, r.sum"

// decode makes a record of a row, and refuses one that is not as it was
// written.
func decode(v []driver.Value) (*store.Record, error) {
	r := &store.Record{}
	var keys []byte
	var sum int64
	ok := number(v[0], &r.Seq) && number(v[3], &r.Version) && number(v[8], &sum)
	kind, isText := v[1].(string)
	id, isID := v[2].([]byte)
	r.Kind, r.ID = store.Kind(kind), string(id)
	var created, modified int64
	ok = ok && isText && isID && number(v[4], &created) && number(v[5], &modified)
	r.Created, r.Modified = moment(created), moment(modified)
	r.Body, _ = v[6].([]byte)
	keys, _ = v[7].([]byte)
	if ok && sum == checksum(r, keys) {
		if r.Keys, ok = decodeKeys(keys); ok {
			return r, nil
		}
	}
	return nil, fmt.Errorf("record %d: %w", r.Seq, ErrDamaged)
}

func number(v driver.Value, to *int64) bool {
	n, ok := v.(int64)
	*to = n
	return ok
}

// checksum guards all of a record but its Seq.
func checksum(r *store.Record, keys []byte) int64 {
	table := crc32.MakeTable(crc32.Castagnoli)
	head := make([]byte, 0, 128)
	head = binary.AppendUvarint(head, uint64(len(r.Kind)))
	head = append(head, r.Kind...)
	head = binary.AppendUvarint(head, uint64(len(r.ID)))
	head = append(head, r.ID...)
	for _, n := range []int64{r.Version, nanoseconds(r.Created), nanoseconds(r.Modified), int64(len(keys))} {
		head = binary.AppendVarint(head, n)
	}
	sum := crc32.Checksum(head, table)
	sum = crc32.Update(sum, table, keys)
	return int64(crc32.Update(sum, table, r.Body))
}

// linkSum guards all of a link but its place.
func linkSum(l store.Link) int64 {
	b := make([]byte, 0, 128)
	for _, s := range []string{l.Relation, l.From, l.To, l.Data} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// never stands for the zero time, which has no number of nanoseconds.
const never = math.MinInt64

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixNano()
}

func moment(ns int64) time.Time {
	if ns == never {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// encodeKeys writes each key as a flag and two texts with their lengths.
func encodeKeys(keys []store.Key) []byte {
	b := make([]byte, 0, 32*len(keys))
	for _, k := range keys {
		flag := byte(0)
		if k.Unique {
			flag = 1
		}
		b = append(b, flag)
		for _, s := range []string{k.Index, k.Value} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return b
}

func decodeKeys(b []byte) ([]store.Key, bool) {
	var keys []store.Key
	text := func() (string, bool) {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			return "", false
		}
		s := string(b[width : width+int(n)])
		b = b[width+int(n):]
		return s, true
	}
	for len(b) > 0 {
		k := store.Key{Unique: b[0] == 1}
		b = b[1:]
		var ok bool
		if k.Index, ok = text(); !ok {
			return nil, false
		}
		if k.Value, ok = text(); !ok {
			return nil, false
		}
		keys = append(keys, k)
	}
	return keys, true
}

// entry is a key as the table of keys holds it.
type entry struct{ name, value string }

// longest is how long a value may be to stand in an index whole: PostgreSQL
// refuses entries of a third of a page. A longer one is cut, with a digest of
// all of it, to one byte more, so that it equals no short one.
const longest = 255

func entryOf(index, value string) entry {
	if len(value) > longest {
		digest := sha256.Sum256([]byte(value))
		value = value[:longest+1-len(digest)] + string(digest[:])
	}
	return entry{index, value}
}

// entries returns the distinct entries of keys, less those of others.
func entries(keys, others []store.Key) []entry {
	seen := make(map[entry]bool, len(keys)+len(others))
	for _, k := range others {
		seen[entryOf(k.Index, k.Value)] = true
	}
	var list []entry
	for _, k := range keys {
		if e := entryOf(k.Index, k.Value); !seen[e] {
			seen[e] = true
			list = append(list, e)
		}
	}
	return list
}
