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
// that go on.
const (
	firstRows = 32
	mostRows  = 512
)

// walk yields the rows that are there when it starts, less those removed before
// their turn. The body of the loop may write: no statement is open while it
// runs, rows that it adds come after the last one that newest names, and what
// was read ahead is read again when it has changed or removed rows.
func walk[T any](t *Tx, newest string, read func(window, []T) ([]T, error), number func(T) int64) iter.Seq[T] {
	return func(yield func(T) bool) {
		w := window{last: math.MaxInt64, limit: firstRows}
		if t.batch != nil {
			w.last, _, _ = t.integer(newest)
		}
		var rows []T
		for {
			var err error
			if rows, err = read(w, rows[:0]); err != nil {
				return
			}
			more := int64(len(rows)) == w.limit
			w.limit = min(2*w.limit, mostRows)
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
