// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"iter"
	"math"
)

// window is which rows a loop reads next: those numbered above after and up to
// last, limit of them.
type window struct{ after, last, limit int64 }

// Rows are read few at first, since many loops end early, and more for those
// that go on. A change seldom wants more than the first.
const (
	firstRows  = 32
	firstOfOwn = 2
	mostRows   = 512
)

// walk yields the rows that are there when it starts, less those removed before
// their turn. The body of the loop may write: no statement is open while it
// runs, what it adds (added is where the change notes that) is not reached, and
// what was read ahead is read again when it has changed or removed rows.
func walk[T any](t *Tx, added *[]int64, read func(window, []T) ([]T, error), number func(T) int64) iter.Seq[T] {
	return func(yield func(T) bool) {
		w := window{last: math.MaxInt64, limit: firstRows}
		if t.batch != nil {
			w.limit = firstOfOwn
		}
		before := len(*added)
		var rows []T
		for {
			if len(*added) > before {
				w.last = (*added)[before] - 1
			}
			var err error
			if rows, err = read(w, rows[:0]); err != nil {
				return
			}
			more := int64(len(rows)) == w.limit
			w.limit = min(4*w.limit, mostRows)
			writes := t.writes
			for _, row := range rows {
				w.after = number(row)
				if !yield(row) {
					return
				}
				if t.writes != writes {
					more, w.limit = true, 1
					break
				}
			}
			if !more {
				return
			}
		}
	}
}
