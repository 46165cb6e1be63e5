// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// cursorLife is how long a cursor is good for.
const cursorLife = 10 * time.Minute

// position is between two resources of a result: behind a place, or before it.
// It is told by what the result is sorted by and not by a number, so that nothing
// is repeated or left out when others come and go.
type position struct {
	place
	back   bool  // before the place: the page ends there
	offset int64 // how many came before the position when it was made, of a whole collection
}

// cursor is what a nextCursor or a previousCursor holds, RFC 9865 §2: a position,
// the count that all pages share, and the time at which it stops. It is all that
// there is of it: the server keeps nothing, so that cursors need no limit, and
// one that is dropped costs nothing. It grants nothing: who has it needs the token
// as well, and must ask the same query.
type cursor struct {
	position
	count   int64
	expires int64 // Unix seconds
}

const cursorMAC = 16

// seal returns the cursor as text of unreserved characters, which only this
// server can read or make, and for this asker only. The value that the result is
// sorted by is in it, encrypted: it may be somebody's name. The nonce is derived
// of all that is sealed, and so repeats with the whole cursor only.
func (c cursor) seal(key []byte, asker string) string {
	var b []byte
	for _, n := range c.numbers() {
		b = binary.AppendVarint(b, *n)
	}
	b = c.key.Append(append(b, flag(c.back)))
	aead := cursorCipher(key)
	nonce := code(key, "\x00nonce"+asker, b)[:aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, b, []byte(asker)))
}

// numbers are the fields of a cursor that are written one after the other.
func (c *cursor) numbers() []*int64 {
	return []*int64{&c.offset, &c.part, &c.seq, &c.count, &c.expires}
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func cursorCipher(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(code(key, "\x00cursor", nil))
	if err != nil {
		panic(err) // the key has a length that AES knows
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of the size that GCM wants
	}
	return aead
}

// code is a MAC of the fields for an asker, 16 bytes.
func code(key []byte, asker string, fields []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(fields)
	mac.Write([]byte(asker))
	return mac.Sum(nil)[:cursorMAC]
}

// openCursor reads what seal wrote. A cursor that was forged and one that was
// given to somebody else, or for another query, are refused in the same words.
func openCursor(key []byte, asker, text string, now time.Time) (cursor, error) {
	c, ok := unsealed(key, asker, text)
	if !ok {
		return c, refusal(http.StatusBadRequest, scim.InvalidCursor, "cursor is not one that was returned for this query")
	}
	if now.Unix() >= c.expires {
		return c, refusal(http.StatusBadRequest, scim.ExpiredCursor, "cursor has expired: begin again without one")
	}
	return c, nil
}

func unsealed(key []byte, asker, text string) (c cursor, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	aead := cursorCipher(key)
	if err != nil || len(b) < aead.NonceSize() {
		return c, false
	}
	nonce, sealed := b[:aead.NonceSize()], b[aead.NonceSize():]
	if b, err = aead.Open(nil, nonce, sealed, []byte(asker)); err != nil {
		return c, false
	}
	for _, into := range c.numbers() {
		n, size := binary.Varint(b)
		if size <= 0 {
			return c, false
		}
		*into, b = n, b[size:]
	}
	if len(b) == 0 {
		return c, false
	}
	c.back = b[0] == 1
	c.key, ok = engine.ParseSortKey(b[1:])
	return c, ok
}

// asker names who asks for what: token with its rights, tenant, address and
// query. A token that may less or more than it did has no cursors any more.
func (c *call) asker(q query, endpoints []*endpoint) string {
	rights := ReadWrite
	if c.readOnly {
		rights = ReadOnly
	}
	parts := []string{bearer(c.r), c.s.tenant, c.user, string(rights), c.wire.path, q.sortBy, q.sortOrder}
	if q.filter != nil {
		parts = append(parts, "filter", *q.filter)
	}
	for _, e := range endpoints {
		parts = append(parts, e.Endpoint)
	}
	for _, list := range [][]string{q.attributes, q.excluded} {
		parts = append(parts, strings.Join(slices.Sorted(slices.Values(list)), ","))
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
	q.count, q.from = int(at.count), &at.position
	return nil
}

// cursors returns the cursors of the pages behind and before one, "" where there
// is none. A page that is empty, because what it had is gone, leads back to the
// side that it was come from.
func (c *call) cursors(q query, w window, asker string) (next, previous string) {
	if q.cursor == nil || q.count == 0 {
		return "", ""
	}
	first, last := place{}, place{}
	switch n := len(w.hits); {
	case n > 0:
		first, last = w.hits[0].place, w.hits[n-1].place
	case q.from != nil:
		first, last = q.from.place, q.from.place
		first.seq, last.seq = first.seq+1, last.seq-1 // with the place itself
	}
	sealed := func(at position) string {
		at.offset = int64(w.first)
		if !at.back {
			at.offset += int64(len(w.hits))
		}
		return cursor{position: at, count: int64(q.count), expires: c.s.clock().Add(cursorLife).Unix()}.seal(c.s.cursorKey, asker)
	}
	if w.behind {
		next = sealed(position{place: last})
	}
	if w.before {
		previous = sealed(position{place: first, back: true})
	}
	return next, previous
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
