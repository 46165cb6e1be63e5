// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/store"
)

// tenantPath is where a tenant has its addresses, for those who do not leave the
// choice to the token: /t/acme/scim/v2.
const tenantPath = "/t/"

// openTenants starts a Server for each tenant, on its own part of the store.
// They are reached through s only.
func (s *Server) openTenants(o Options) error {
	for name, part := range s.gate.parts {
		own := o
		own.Store, own.Tokens, own.Clients, own.Tenants = &tenantStore{s.store, name + "/"}, nil, nil, nil
		own.Token, own.AdminKey = ownSecret(o.Token, name), part.AdminKey
		own.Faults = append(slices.Clone(o.Faults), part.Faults...)
		t, err := New(own)
		if err != nil {
			return fmt.Errorf("open tenant %s: %w", name, err)
		}
		t.tenant, t.gate, t.cursorKey = name, s.gate, s.cursorKey
		s.gate.tenants[name] = t
		s.gate.plant(name, part.Faults, http.HandlerFunc(s.dispatch))
	}
	return nil
}

// ownSecret derives a secret for a tenant that nobody can tell without the one
// that it is derived of.
func ownSecret(of flow.Secret, tenant string) flow.Secret {
	sum := sha256.Sum256([]byte(of.Reveal() + "\x00tenant\x00" + tenant))
	return flow.Secret(hex.EncodeToString(sum[:]))
}

// plant puts the faults of a tenant that are wrappers before its requests.
func (g *gate) plant(tenant string, faults []fault.Fault, dispatch http.Handler) {
	for _, f := range faults {
		if f.Wrap != nil {
			dispatch = f.Wrap(dispatch)
			g.faulty[tenant] = dispatch
		}
	}
}

// tenantOf returns the name of the tenant that a request concerns: that of its
// address, or else that of its token. It is "" for a token that nobody has. It
// costs a hash of the token, and O(1) in tokens and tenants.
func (s *Server) tenantOf(r *http.Request) string {
	if len(s.gate.parts) == 0 {
		return ""
	}
	path := r.URL.EscapedPath()
	if prefix, _ := s.inTenant(path); prefix != "" {
		return prefix[len(tenantPath):]
	}
	if strings.HasPrefix(path, tenantPath) {
		return ""
	}
	if t, err := s.granted(bearer(r)); t != nil && err == nil {
		return t.Tenant
	}
	return ""
}

// tenantStore is the part of a store that belongs to one tenant. Kinds and ids
// carry its name, so that neither records nor links of two tenants can meet, and
// every operation costs what it costs in the store itself.
type tenantStore struct {
	whole  store.Store
	prefix string // no name of a tenant has a slash
}

// View implements store.Store.
func (s *tenantStore) View(ctx context.Context, read func(store.Tx) error) error {
	return s.whole.View(ctx, func(tx store.Tx) error { return read(&tenantTx{tx, s.prefix}) })
}

// Update implements store.Store.
func (s *tenantStore) Update(ctx context.Context, change func(store.Tx) error) error {
	return s.whole.Update(ctx, func(tx store.Tx) error { return change(&tenantTx{tx, s.prefix}) })
}

// Close implements store.Store. The whole store is closed by who opened it.
func (s *tenantStore) Close() error { return nil }

// tenantTx is a transaction as one tenant sees it.
type tenantTx struct {
	tx     store.Tx
	prefix string
}

func (t *tenantTx) kind(k store.Kind) store.Kind { return store.Kind(t.prefix) + k }

func (t *tenantTx) cut(s string) string { return strings.TrimPrefix(s, t.prefix) }

// inner and outer translate a record to what is stored, and back.
func (t *tenantTx) inner(r *store.Record) *store.Record {
	c := *r
	c.Kind, c.ID = t.kind(r.Kind), t.prefix+r.ID
	return &c
}

func (t *tenantTx) outer(r *store.Record) *store.Record {
	c := *r
	c.Kind, c.ID = store.Kind(t.cut(string(r.Kind))), t.cut(r.ID)
	return &c
}

func (t *tenantTx) each(records iter.Seq[*store.Record]) iter.Seq[*store.Record] {
	return func(yield func(*store.Record) bool) {
		for r := range records {
			if !yield(t.outer(r)) {
				return
			}
		}
	}
}

func (t *tenantTx) links(links iter.Seq[store.Link]) iter.Seq[store.Link] {
	return func(yield func(store.Link) bool) {
		for l := range links {
			if l.From, l.To = t.cut(l.From), t.cut(l.To); !yield(l) {
				return
			}
		}
	}
}

// errorOf takes the tenant's name out of an error.
func (t *tenantTx) errorOf(err error) error {
	var taken *store.UniquenessError
	if !errors.As(err, &taken) {
		return err
	}
	return &store.UniquenessError{Kind: store.Kind(t.cut(string(taken.Kind))), Index: taken.Index, Value: t.cut(taken.Value), Owner: t.cut(taken.Owner)}
}

// Get implements store.Tx.
func (t *tenantTx) Get(kind store.Kind, id string) (*store.Record, error) {
	r, err := t.tx.Get(t.kind(kind), t.prefix+id)
	if err != nil {
		return nil, err
	}
	return t.outer(r), nil
}

// Insert implements store.Tx.
func (t *tenantTx) Insert(r *store.Record) error { return t.write(r, t.tx.Insert) }

// Update implements store.Tx.
func (t *tenantTx) Update(r *store.Record) error { return t.write(r, t.tx.Update) }

func (t *tenantTx) write(r *store.Record, f func(*store.Record) error) error {
	in := t.inner(r)
	if err := f(in); err != nil {
		return t.errorOf(err)
	}
	r.Seq, r.Version = in.Seq, in.Version
	return nil
}

// Delete implements store.Tx.
func (t *tenantTx) Delete(kind store.Kind, id string) error {
	return t.tx.Delete(t.kind(kind), t.prefix+id)
}

// Find implements store.Tx.
func (t *tenantTx) Find(kind store.Kind, index, value string) iter.Seq[*store.Record] {
	return t.each(t.tx.Find(t.kind(kind), index, value))
}

// Scan implements store.Tx.
func (t *tenantTx) Scan(kind store.Kind, offset int) iter.Seq[*store.Record] {
	return t.each(t.tx.Scan(t.kind(kind), offset))
}

// Count implements store.Tx.
func (t *tenantTx) Count(kind store.Kind) int { return t.tx.Count(t.kind(kind)) }

// Link implements store.Tx.
func (t *tenantTx) Link(l store.Link) (bool, error) {
	l.From, l.To = t.prefix+l.From, t.prefix+l.To
	return t.tx.Link(l)
}

// Unlink implements store.Tx.
func (t *tenantTx) Unlink(relation, from, to string) (bool, error) {
	return t.tx.Unlink(relation, t.prefix+from, t.prefix+to)
}

// Linked implements store.Tx.
func (t *tenantTx) Linked(relation, from, to string) bool {
	return t.tx.Linked(relation, t.prefix+from, t.prefix+to)
}

// Links implements store.Tx.
func (t *tenantTx) Links(relation, from string) iter.Seq[store.Link] {
	return t.links(t.tx.Links(relation, t.prefix+from))
}

// Backlinks implements store.Tx.
func (t *tenantTx) Backlinks(relation, to string) iter.Seq[store.Link] {
	return t.links(t.tx.Backlinks(relation, t.prefix+to))
}

// CountLinks implements store.Tx.
func (t *tenantTx) CountLinks(relation, from string) int {
	return t.tx.CountLinks(relation, t.prefix+from)
}
