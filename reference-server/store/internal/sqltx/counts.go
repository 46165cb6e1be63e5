// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"github.com/scimproof/scimproof/reference-server/store"
)

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

// statements write the differences.
func (c counts) statements() (list []Statement) {
	for k, n := range c.buckets {
		if n != 0 {
			list = append(list, statement(addBucket, string(k.kind), k.part, n))
		}
		if n < 0 {
			list = append(list, statement(dropBucket, string(k.kind), k.part))
		}
	}
	for k, n := range c.degrees {
		if n != 0 {
			list = append(list, statement(addDegree, k.relation, []byte(k.source), n))
		}
		if n < 0 {
			list = append(list, statement(dropDegree, k.relation, []byte(k.source)))
		}
	}
	return list
}
