// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"net/http"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// write is one change of one resource within a transaction.
type write struct {
	*call
	shelf
	op      product.Op
	shape   *engine.Projection
	pending []*product.Pending
}

// me answers for the user whom the token is tied to, RFC 7644 §3.11. Replies
// name the user's own address.
func (c *call) me() (*reply, error) {
	id := ""
	switch {
	case c.user != "":
		q := query{filter: new(string)}
		*q.filter = string(quote([]byte("userName eq "), c.user))
		p, err := c.part(q, c.wire.users)
		if err != nil {
			return nil, err
		}
		if err := c.s.store.View(c.r.Context(), func(tx store.Tx) error {
			for r := range p.candidates(tx) {
				id = r.ID
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if id == "" {
			return nil, notFound("the user whom the token is tied to is not there")
		}
	case c.actor.Service:
		return nil, refusal(http.StatusNotImplemented, "", "/Me is not supported for a token that is tied to no user")
	default:
		id = c.actor.ID
	}
	return c.resource(c.wire.users, id)
}

// read answers GET of one resource, RFC 7644 §3.4.1.
func (c *call) read(e *endpoint, id string) (*reply, error) {
	shape, err := c.shape(e)
	if err != nil {
		return nil, err
	}
	rep := &reply{status: http.StatusOK}
	err = c.s.store.View(c.r.Context(), func(tx store.Tx) (err error) {
		v := c.view(tx)
		r, err := tx.Get(e.kind, id)
		if err != nil {
			return err
		}
		rep.etag, rep.location = v.version(r), v.location(e, id)
		if selected(c.r.Header.Values("If-None-Match"), rep.etag) {
			rep.status = http.StatusNotModified
			return nil
		}
		rep.body, err = v.resource(takeBuffer(), r, shape)
		return err
	})
	return rep, err
}

// create answers POST, RFC 7644 §3.3.
func (c *call) create(e *endpoint) (*reply, error) {
	o, err := c.object()
	if err != nil {
		return nil, err
	}
	n, err := e.Normalize(o)
	if err != nil {
		return nil, err
	}
	return c.change(e, product.Create, func(w *write) (*store.Record, error) {
		switch e.kind {
		case userKind:
		case groupKind:
			return w.createGroup(n.Shallow())
		default:
			return w.save(nil, w.newID(), n, false)
		}
		return w.createUser(n.Shallow(), named(o, "roles"))
	})
}

// replace answers PUT, RFC 7644 §3.5.1.
func (c *call) replace(e *endpoint, id string) (*reply, error) {
	o, err := c.object()
	if err != nil {
		return nil, err
	}
	n, err := e.Normalize(o)
	if err != nil {
		// A PUT of what is not there is 404 whatever it says.
		return nil, c.missingOr(e, id, err)
	}
	return c.change(e, product.Replace, func(w *write) (*store.Record, error) {
		switch e.kind {
		case userKind:
		case groupKind:
			return w.replaceGroup(id, n.Clone())
		default:
			return w.replaceCustom(id, n.Clone())
		}
		return w.replaceUser(id, n.Clone(), named(o, "roles"))
	})
}

// patch answers PATCH, RFC 7644 §3.5.2.
func (c *call) patch(e *endpoint, id string) (*reply, error) {
	o, err := c.object()
	if err != nil {
		return nil, err
	}
	ops, err := engine.ParsePatch(o)
	if err != nil {
		return nil, c.missingOr(e, id, err)
	}
	return c.change(e, product.Patch, func(w *write) (*store.Record, error) {
		switch e.kind {
		case userKind:
		case groupKind:
			return w.patchGroup(id, ops)
		default:
			return w.patchCustom(id, ops)
		}
		return w.patchUser(id, ops)
	})
}

// delete answers DELETE, RFC 7644 §3.6.
func (c *call) delete(e *endpoint, id string) (*reply, error) {
	return c.change(e, product.Delete, func(w *write) (*store.Record, error) {
		switch e.kind {
		case userKind:
		case groupKind:
			return nil, w.deleteGroup(id)
		default:
			return nil, w.deleteCustom(id)
		}
		return nil, w.deleteUser(id)
	})
}

// replaceCustom, patchCustom and deleteCustom change a resource of a custom type,
// of which the organisation knows nothing.
func (w *write) replaceCustom(id string, n *engine.Object) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	if err := w.CheckImmutable(current, n); err != nil {
		return nil, err
	}
	return w.save(old, id, n, false)
}

func (w *write) patchCustom(id string, ops []engine.Operation) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	next, _, err := w.Patch(current, ops)
	if err != nil {
		return nil, err
	}
	return w.save(old, id, next, false)
}

func (w *write) deleteCustom(id string) error {
	if _, _, err := w.current(id); err != nil {
		return err
	}
	return w.tx.Delete(w.kind, id)
}

// change runs f in a transaction and answers with the record that it returns,
// as it is at the end of it. A store may run f again.
func (c *call) change(e *endpoint, op product.Op, f func(*write) (*store.Record, error)) (*reply, error) {
	shape, err := c.shape(e)
	if err != nil {
		return nil, err
	}
	var rep *reply
	var w *write
	err = c.update(func(tx store.Tx) error {
		w = &write{call: c, shelf: shelf{endpoint: e, tx: tx, now: c.s.clock()}, op: op, shape: shape}
		r, err := f(w)
		if err != nil {
			return err
		}
		rep, err = w.reply(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.shared != nil {
		c.shared.pending = append(c.shared.pending, w.pending...)
		return rep, nil
	}
	w.release()
	for _, p := range w.pending {
		c.s.org.Committed(p)
	}
	return rep, nil
}

// update runs f in a transaction of its own, or in the one that the call shares
// with others.
func (c *call) update(f func(store.Tx) error) error {
	if c.shared != nil {
		return f(c.shared.tx)
	}
	return c.s.store.Update(c.r.Context(), f)
}

// newID returns the id of what a call makes.
func (c *call) newID() string {
	if c.id != "" {
		return c.id
	}
	return c.s.newID()
}

func (w *write) reply(r *store.Record) (*reply, error) {
	if r == nil {
		return &reply{status: http.StatusNoContent}, nil
	}
	v := w.view(w.tx)
	rep := &reply{status: http.StatusOK, etag: v.version(r), id: r.ID, location: v.location(w.endpoint, r.ID)}
	if w.op == product.Create {
		rep.status = http.StatusCreated
	}
	if w.op == product.Patch && w.brief(r) {
		rep.status = http.StatusNoContent
		return rep, nil
	}
	var err error
	if w.data == nil {
		rep.body, err = v.resource(takeBuffer(), r, w.shape)
	}
	return rep, err
}

// maxPatched is how many members a group has at most when a PATCH of it is
// answered with the group.
const maxPatched = 1000

// brief says whether a PATCH is answered without the resource, which RFC 7644
// §3.5.2 allows unless the request names attributes.
func (w *write) brief(r *store.Record) bool {
	large := r.Kind == groupKind && w.tx.CountLinks(member, r.ID) > maxPatched
	return (w.wire.emptyPatch || large) && w.shape.Whole()
}

// shape reads which attributes the reply shall have, RFC 7644 §3.9.
func (c *call) shape(e *endpoint) (*engine.Projection, error) {
	if c.r.URL.RawQuery == "" {
		return e.Projection(nil, nil)
	}
	v, err := c.values()
	if err != nil {
		return nil, err
	}
	return e.Projection(names(v.Get("attributes")), names(v.Get("excludedAttributes")))
}

// missingOr returns err, or a 404 if there is no such resource.
func (c *call) missingOr(e *endpoint, id string, err error) error {
	missing := c.s.store.View(c.r.Context(), func(tx store.Tx) error {
		_, err := tx.Get(e.kind, id)
		return err
	})
	if missing != nil {
		return missing
	}
	return err
}

// current returns the resource that a request is about, provided that it is
// what the client thinks it is (If-Match, RFC 7644 §3.14).
func (w *write) current(id string) (*store.Record, *engine.Object, error) {
	r, o, err := w.load(id)
	if err != nil {
		return nil, nil, err
	}
	if match := w.r.Header.Values("If-Match"); len(match) > 0 && !selected(match, w.view(w.tx).version(r)) {
		return nil, nil, refusal(http.StatusPreconditionFailed, "", "the resource is not the version that If-Match names")
	}
	return r, o, nil
}
