// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"
	"fmt"
	"iter"
	"math"

	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	insertLink  = "INSERT INTO links (relation, source, target, data, sum) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, target, relation) DO NOTHING RETURNING n"
	deleteLink  = "DELETE FROM links WHERE relation = $1 AND source = $2 AND target = $3"
	isLinked    = "SELECT n FROM links WHERE relation = $1 AND source = $2 AND target = $3"
	linksFrom   = "SELECT n, relation, source, target, data, sum FROM links WHERE relation = $1 AND source = $2 AND n > $3 AND n <= $4 ORDER BY n LIMIT $5"
	linksTo     = "SELECT n, relation, source, target, data, sum FROM links WHERE relation = $1 AND target = $2 AND n > $3 AND n <= $4 ORDER BY n LIMIT $5"
	degreesOf   = "SELECT relation, count(*) FROM links WHERE source = $1 GROUP BY relation"
	deleteFrom  = "DELETE FROM links WHERE source = $1"
	sourcesOf   = "SELECT relation, source FROM links WHERE target = $1"
	deleteTo    = "DELETE FROM links WHERE target = $1"
	countDegree = "SELECT n FROM degrees WHERE relation = $1 AND source = $2"
)

// Link writes a row. O(log n), whatever else is linked from or to its ends.
func (t *Tx) Link(l store.Link) (bool, error) {
	waits, err := t.waits()
	if err != nil {
		return false, err
	}
	if !waits {
		place, added, err := t.integer(insertLink, l.Relation, []byte(l.From), []byte(l.To), []byte(l.Data), linkSum(l))
		if added {
			t.placed(l, place)
		}
		return added, err
	}
	if t.Linked(l.Relation, l.From, l.To) || t.err != nil {
		return false, t.err
	}
	if err := t.batch.number(t); err != nil {
		return false, err
	}
	t.batch.place++
	t.own.link(numbered{l, t.batch.place})
	t.placed(l, t.batch.place)
	return true, nil
}

func (t *Tx) placed(l store.Link, place int64) {
	t.places = append(t.places, place)
	t.counts.link(l.Relation, l.From, 1)
}

// Unlink removes a row. O(log n).
func (t *Tx) Unlink(relation, from, to string) (bool, error) {
	if err := t.direct(); err != nil {
		return false, err
	}
	n, err := t.session.Exec(deleteLink, relation, []byte(from), []byte(to))
	if err != nil {
		t.err = fmt.Errorf("write store: %w", err)
		return false, t.err
	}
	if n > 0 {
		t.writes++
		t.counts.link(relation, from, -1)
	}
	return n > 0, nil
}

// unlinkAll removes every link from or to id.
func (t *Tx) unlinkAll(id string) error {
	t.writes++
	from, to := false, false
	if err := t.query(degreesOf, func(v []driver.Value) error {
		var n int64
		relation, ok := v[0].(string)
		if !ok || !number(v[1], &n) {
			return ErrDamaged
		}
		from = true
		t.counts.link(relation, id, -n)
		return nil
	}, []byte(id)); err != nil {
		return err
	}
	if from { // before the links to it are counted: one from itself is among both
		if err := t.exec(deleteFrom, []byte(id)); err != nil {
			return err
		}
	}
	if err := t.query(sourcesOf, func(v []driver.Value) error {
		relation, ok := v[0].(string)
		source, isSource := v[1].([]byte)
		if !ok || !isSource {
			return ErrDamaged
		}
		to = true
		t.counts.link(relation, string(source), -1)
		return nil
	}, []byte(id)); err != nil || !to {
		return err
	}
	return t.exec(deleteTo, []byte(id))
}

// Linked looks into an index. O(log n).
func (t *Tx) Linked(relation, from, to string) bool {
	if t.batch != nil && !t.begun {
		l := ends{relation, from, to}
		if t.own.links[l] || t.batch.waiting.links[l] {
			return true
		}
		if t.batch.unlinked[side{relation, to, true}] || t.batch.unlinked[side{relation, from, false}] {
			return false
		}
	}
	_, found, _ := t.integer(isLinked, relation, []byte(from), []byte(to))
	return found
}

// Links reads an index. O(links · log n).
func (t *Tx) Links(relation, from string) iter.Seq[store.Link] {
	return t.linksAt(side{relation, from, false}, linksFrom)
}

// Backlinks reads an index. O(links · log n).
func (t *Tx) Backlinks(relation, to string) iter.Seq[store.Link] {
	return t.linksAt(side{relation, to, true}, linksTo)
}

func (t *Tx) linksAt(s side, statement string) iter.Seq[store.Link] {
	return t.links(func(w window, row func([]driver.Value) error) error {
		if t.batch == nil {
			return t.query(statement, row, s.relation, []byte(s.id), w.after, w.last, w.limit)
		}
		t.settle(t.own.sides[s], t.batch.waiting.sides[s])
		if !t.begun && t.batch.unlinked[s] {
			return t.err
		}
		found := false
		err := t.query(statement, func(v []driver.Value) error {
			found = true
			return row(v)
		}, s.relation, []byte(s.id), w.after, w.last, w.limit)
		if err == nil && !found && w.after == 0 && w.last == math.MaxInt64 && !t.begun {
			t.batch.unlinked[s] = true
		}
		return err
	})
}

// numbered is a link with its place in the order of links.
type numbered struct {
	store.Link
	n int64
}

func (t *Tx) links(read func(window, func([]driver.Value) error) error) iter.Seq[store.Link] {
	rows := walk(t, &t.places, func(w window, found []numbered) ([]numbered, error) {
		err := read(w, func(v []driver.Value) error {
			l, err := decodeLink(v)
			found = append(found, l)
			return err
		})
		return found, err
	}, func(l numbered) int64 { return l.n })
	return func(yield func(store.Link) bool) {
		for l := range rows {
			if !yield(l.Link) {
				return
			}
		}
	}
}

// decodeLink makes a link of a row, and refuses one that is not as it was
// written.
func decodeLink(v []driver.Value) (l numbered, err error) {
	relation, ok := v[1].(string)
	source, isSource := v[2].([]byte)
	target, isTarget := v[3].([]byte)
	data, isData := v[4].([]byte)
	var sum int64
	l.Link = store.Link{Relation: relation, From: string(source), To: string(target), Data: string(data)}
	if !number(v[0], &l.n) || !number(v[5], &sum) || !ok || !isSource || !isTarget || !isData || sum != linkSum(l.Link) {
		return l, fmt.Errorf("link %d: %w", l.n, ErrDamaged)
	}
	return l, nil
}

// CountLinks reads one row. O(log n).
func (t *Tx) CountLinks(relation, from string) int {
	n, _, _ := t.integer(countDegree, relation, []byte(from))
	if t.batch != nil {
		at := degree{relation, from}
		n += t.batch.counts.degrees[at] + t.counts.degrees[at]
	}
	return int(n)
}
