// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"iter"
	"net/http"
	"slices"
	"strconv"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// list answers a query in the URL, RFC 7644 §3.4.2.
func (c *call) list(endpoints ...*endpoint) (*reply, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	return c.answerQuery(q, endpoints)
}

// search answers a query in the body, RFC 7644 §3.4.3.
func (c *call) search(endpoints ...*endpoint) (*reply, error) {
	if err := c.only(http.MethodPost); err != nil {
		return nil, err
	}
	q, err := c.searchRequest()
	if err != nil {
		return nil, err
	}
	return c.answerQuery(q, endpoints)
}

// part is what a query asks of one resource type.
type part struct {
	*endpoint
	matcher *engine.Matcher // nil: all match
	shape   *engine.Projection

	indirect bool // links alone do not tell in which groups a user is shown
}

func (c *call) answerQuery(q query, endpoints []*endpoint) (*reply, error) {
	parts := make([]part, len(endpoints))
	for i, e := range endpoints {
		p, err := c.part(q, e)
		if err != nil {
			return nil, err
		}
		parts[i] = p
	}
	var sorter *engine.Sorter
	if q.sortBy != "" {
		var err error
		if sorter, err = endpoints[0].Sorter(q.sortBy, q.sortOrder); err != nil {
			return nil, err
		}
	}
	asker := ""
	if q.cursor != nil {
		asker = c.asker(q, endpoints)
		if err := c.resume(&q, asker); err != nil {
			return nil, err
		}
	}
	var body []byte
	err := c.s.store.View(c.r.Context(), func(tx store.Tx) error {
		v := c.view(tx)
		w, err := v.window(c.r.Context(), q, parts, sorter)
		if err != nil {
			return err
		}
		next, previous := c.cursors(q, w, asker)
		body, err = v.page(q, w, next, previous)
		return err
	})
	return &reply{status: 200, body: body}, err
}

func (c *call) part(q query, e *endpoint) (p part, err error) {
	p.endpoint, p.indirect = e, c.wire.indirect
	if p.shape, err = e.Projection(q.attributes, q.excluded); err != nil || q.filter == nil {
		return p, err
	}
	filter, err := c.wire.filters.Parse(*q.filter)
	if err != nil {
		return p, err
	}
	p.matcher, err = e.Bind(filter)
	return p, err
}

// matches says whether a record satisfies the filter. Only the members that
// the filter reads are parsed.
func (v *view) matches(p part, r *store.Record) (bool, error) {
	if p.matcher == nil || p.certain() {
		return true, nil
	}
	body := r.Body
	if p.matcher.Uses("meta") || p.matcher.Uses("groups") {
		body = v.whole(nil, r, r.Kind == userKind)
	}
	o, err := engine.Pick(body, p.matcher.Attributes()...)
	if err != nil {
		return false, err
	}
	if r.Kind == groupKind {
		return p.matcher.MatchMembers(o, memberLinks{v.tx, r.ID}), nil
	}
	return p.matcher.Match(o), nil
}

// candidates yields, in order of creation, the records that can match: those
// that an index gives for a condition that must hold, or else all.
func (p part) candidates(tx store.Tx) iter.Seq[*store.Record] {
	if p.matcher != nil {
		for _, path := range p.tried {
			for _, eq := range p.matcher.Equalities() {
				if eq.Path == path && p.indexed(path) {
					return p.lookUp(tx, eq)
				}
			}
		}
	}
	return tx.Scan(p.kind, 0)
}

// indexed says whether a look-up by the path finds all that matches. Links tell
// who is in which group, but not who is in it through others.
func (p part) indexed(path string) bool {
	switch path {
	case "members.value":
		return p.kind == groupKind
	case "groups.value":
		return p.kind == userKind && !p.indirect
	}
	return true
}

// certain says that what candidates yields are all matches: the filter is one
// equality, and its index holds the very keys that it compares.
func (p part) certain() bool {
	eq, alone := p.matcher.Sole()
	return alone && slices.Contains(p.indexes, eq.Path)
}

// lookUp yields the records of which one value of a path has a key. Every path
// that candidates tries is either an index or one of those named here, or has
// no equality because no such attribute is in the schema.
func (p part) lookUp(tx store.Tx, eq engine.Equality) iter.Seq[*store.Record] {
	var ids []string
	switch eq.Path {
	case "id":
		ids = []string{eq.Key}
	case "members.value":
		for l := range tx.Backlinks(member, eq.Key) {
			ids = append(ids, l.From)
		}
	case "groups.value":
		for l := range tx.Links(member, eq.Key) {
			ids = append(ids, l.To)
		}
	default:
		return tx.Find(p.kind, eq.Path, eq.Key)
	}
	var records []*store.Record
	for _, id := range ids {
		if r, err := tx.Get(p.kind, id); err == nil {
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b *store.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.Values(records)
}

// page writes a ListResponse, RFC 7644 §3.4.2. Resources is there even when it
// is empty, as Entra ID expects. A page found by cursor has no startIndex.
func (v *view) page(q query, w window, next, previous string) (dst []byte, err error) {
	size := afterBody
	for _, h := range w.hits {
		size += len(h.record.Body) + afterBody
	}
	dst = append(slices.Grow(takeBuffer(), size), `{"schemas":["`+scim.ListResponseURN+`"],"totalResults":`...)
	dst = strconv.AppendInt(dst, int64(w.total), 10)
	if q.cursor == nil {
		dst = strconv.AppendInt(append(dst, `,"startIndex":`...), int64(q.start), 10)
	}
	if next != "" {
		dst = quote(append(dst, `,"nextCursor":`...), next)
	}
	if previous != "" {
		dst = quote(append(dst, `,"previousCursor":`...), previous)
	}
	dst = strconv.AppendInt(append(dst, `,"itemsPerPage":`...), int64(len(w.hits)), 10)
	dst = append(dst, `,"Resources":[`...)
	for i, h := range w.hits {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = v.resource(dst, h.record, h.shape); err != nil {
			return nil, err
		}
	}
	return append(dst, "]}"...), nil
}
