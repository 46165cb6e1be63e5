// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// maxStored is the limit for reading what the server itself has written, which
// is longer than what it was sent.
const maxStored = 1 << 30

// shelf writes resources of one type into a store.
type shelf struct {
	*endpoint
	tx     store.Tx
	now    time.Time
	bodies [][]byte // buffers that hold what was saved
}

// load returns a resource as it is stored.
func (s *shelf) load(id string) (*store.Record, *engine.Object, error) {
	r, err := s.tx.Get(s.kind, id)
	if err != nil {
		return nil, nil, err
	}
	o, err := parse(r.Body)
	return r, o, err
}

// parse reads what the server itself has written. That it cannot be read is
// nothing that the client could mend, so the error is no SCIM error.
func parse(body []byte) (*engine.Object, error) {
	o, err := engine.Parse(body, engine.Limits{MaxBytes: maxStored})
	if err != nil {
		return nil, errors.New("read stored resource: " + err.Error())
	}
	return o, nil
}

// save stores o under id: as a new resource, or in place of old. It returns old
// itself when nothing would change and touch does not ask for a new version.
func (s *shelf) save(old *store.Record, id string, o *engine.Object, touch bool) (*store.Record, error) {
	body := bodyOf(takeBuffer(), s.kind, o, id)
	s.bodies = append(s.bodies, body)
	r := &store.Record{Kind: s.kind, ID: id, Created: s.now, Modified: s.now, Body: body, Keys: s.keys(o)}
	if len(r.Body) > maxBody {
		return nil, refusal(http.StatusRequestEntityTooLarge, "", "the resource would be larger than %d bytes", maxBody)
	}
	if old == nil {
		return r, s.tx.Insert(r)
	}
	if !touch && bytes.Equal(r.Body, old.Body) {
		return old, nil
	}
	r.Created, r.Version = old.Created, old.Version
	return r, s.tx.Update(r)
}

// release gives the buffers of what was saved away, once the transaction has been
// committed: the store has copies of its own by then. What becomes of a
// transaction that failed nobody knows, so its buffers are left alone.
func (s *shelf) release() {
	for _, body := range s.bodies {
		giveBuffer(body)
	}
	s.bodies = nil
}

// bodyOf appends what is stored of a resource: schemas and id first, and none
// of what is made of links, kept by the store, or not kept at all.
func bodyOf(dst []byte, kind store.Kind, o *engine.Object, id string) []byte {
	schemas, _ := o.Get("schemas")
	dst = engine.AppendValue(append(dst, `{"schemas":`...), schemas)
	dst = quote(append(dst, `,"id":`...), id)
	for name, v := range o.All() {
		switch name {
		case "schemas", "id", "meta", linked(kind):
		default:
			dst = engine.AppendValue(append(quote(append(dst, ','), name), ':'), v)
		}
	}
	return append(dst, '}')
}

func (s *shelf) keys(o *engine.Object) []store.Key {
	keys := append(make([]store.Key, 0, len(s.indexes)+2), store.Key{Index: displayIndex, Value: displayName(o)})
	for _, index := range s.keyed {
		unique := index.Path == s.unique || slices.Contains(s.uniques, index.Path)
		for value := range index.Keys(o) {
			keys = append(keys, store.Key{Index: index.Path, Value: value, Unique: unique})
		}
	}
	return keys
}

// displayName returns the name under which others show a resource.
func displayName(o *engine.Object) string {
	return cmp.Or(o.Text("displayName"), o.Object("name").Text("formatted"), o.Text("userName"))
}
