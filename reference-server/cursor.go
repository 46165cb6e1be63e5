// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/store"
)

// cursorLife is how long a cursor is good for.
const cursorLife = 10 * time.Minute

// position is a place in the results of a query: behind the first offset of
// them, the last of which was record seq of the part of that number.
type position struct {
	offset int64
	part   int64
	seq    int64
}

// cursor is what a nextCursor holds, RFC 9865 §2: a position, the count that
// all pages share, and the time at which it stops. It grants nothing: who has
// it needs the token as well, and must ask the same query.
type cursor struct {
	position
	count   int64
	expires int64 // Unix seconds
}

const (
	cursorFields = 5 * 8
	cursorMAC    = 16
)

// seal returns the cursor as text of unreserved characters, with a code that
// only this server makes, and for this asker only.
func (c cursor) seal(key []byte, asker string) string {
	b := make([]byte, 0, cursorFields+cursorMAC)
	for _, n := range []int64{c.offset, c.part, c.seq, c.count, c.expires} {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // read back as it was written
	}
	return base64.RawURLEncoding.EncodeToString(append(b, code(key, asker, b)...))
}

func code(key []byte, asker string, fields []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(fields)
	mac.Write([]byte(asker))
	return mac.Sum(nil)[:cursorMAC]
}

// openCursor reads what seal wrote. A cursor that was forged and one that was
// given to somebody else, or for another query, are refused in the same words.
func openCursor(key []byte, asker, text string, now time.Time) (c cursor, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != cursorFields+cursorMAC || !hmac.Equal(b[cursorFields:], code(key, asker, b[:cursorFields])) {
		return c, refusal(http.StatusBadRequest, scim.InvalidCursor, "cursor is not one that was returned for this query")
	}
	for i, into := range []*int64{&c.offset, &c.part, &c.seq, &c.count, &c.expires} {
		*into = int64(binary.BigEndian.Uint64(b[8*i:])) //nolint:gosec // written by seal from such a number
	}
	if now.Unix() >= c.expires {
		return c, refusal(http.StatusBadRequest, scim.ExpiredCursor, "cursor has expired: begin again without one")
	}
	return c, nil
}

// asker names who asks for what: token, tenant, address and query.
func (c *call) asker(q query, endpoints []*endpoint) string {
	parts := []string{bearer(c.r), c.wire.path, q.sortBy, q.sortOrder}
	if q.filter != nil {
		parts = append(parts, "filter", *q.filter)
	}
	for _, e := range endpoints {
		parts = append(parts, e.Endpoint)
	}
	for _, list := range [][]string{q.attributes, q.excluded} {
		list = append([]string(nil), list...)
		sort.Strings(list)
		parts = append(parts, strings.Join(list, ","))
	}
	return strings.Join(parts, "\x00")
}

// resume makes q go on where its cursor says. All pages of a walk have the
// count of the first.
func (c *call) resume(q *query, asker string) error {
	if q.startGiven {
		return refusal(http.StatusBadRequest, scim.InvalidValue, "startIndex and cursor exclude each other")
	}
	if *q.cursor == "" {
		return nil
	}
	at, err := openCursor(c.s.cursorKey, asker, *q.cursor, c.s.clock())
	if err != nil {
		return err
	}
	if q.countGiven && int64(q.count) != at.count {
		return refusal(http.StatusBadRequest, scim.InvalidCount, "count differs from that of the first page")
	}
	q.count, q.from = int(at.count), at.position
	return nil
}

// nextCursor returns the cursor for the page behind next.
func (c *call) nextCursor(q query, next position, asker string) string {
	return cursor{position: next, count: int64(q.count), expires: c.s.clock().Add(cursorLife).Unix()}.seal(c.s.cursorKey, asker)
}

// before says whether a record comes behind the position. All do at the start.
func (p position) before(part int, seq int64) bool {
	return p.offset == 0 || int64(part) > p.part || int64(part) == p.part && seq > p.seq
}

// offset returns how many records of kind come before those that a walk has not
// seen. That is the position's own offset unless records have been deleted since
// then: O(log n) in the memory store, or its square.
func (v *view) offset(kind store.Kind, at position) int {
	if at.offset == 0 {
		return 0
	}
	for r := range v.tx.Scan(kind, int(at.offset)-1) {
		if r.Seq == at.seq {
			return int(at.offset)
		}
		break
	}
	return sort.Search(v.tx.Count(kind), func(i int) bool {
		for r := range v.tx.Scan(kind, i) {
			return r.Seq > at.seq
		}
		return true
	})
}

// keyKind is where the server keeps the key of its cursors, so that they outlive
// it and are good at every server of the same store.
const keyKind store.Kind = "key"

func (s *Server) openCursors() error {
	return s.store.Update(context.Background(), func(tx store.Tx) error {
		r, err := tx.Get(keyKind, "cursor")
		if errors.Is(err, store.ErrNotFound) {
			r = &store.Record{Kind: keyKind, ID: "cursor", Created: s.clock(), Modified: s.clock(), Body: make([]byte, sha256.Size)}
			_, _ = rand.Read(r.Body) // never fails
			err = tx.Insert(r)
		}
		s.cursorKey = r.Body
		return err
	})
}
