// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// maxMembers is how many members one reply holds in all.
const maxMembers = 100_000

// displayIndex holds the name under which groups and users show a resource,
// RFC 7643 §2.4. It is kept among the keys so that showing a member needs no
// look into its body, and has no name since nobody searches it.
const displayIndex = ""

// view shows records as one wire does, within one transaction.
type view struct {
	tx   store.Tx
	wire *wire
	base string
	room int // members that still fit in the reply

	tagged *store.Record
	tag    string // version of tagged
	heldID string // of the user that held is about
	held   []holder
}

func (c *call) view(tx store.Tx) *view {
	return &view{tx: tx, wire: c.wire, base: c.base, room: maxMembers}
}

// resource appends what a client sees of r. A stored body is the resource but
// for groups, members and meta, so that showing all of it parses nothing.
func (v *view) resource(dst []byte, r *store.Record, p *engine.Projection) ([]byte, error) {
	if p.Whole() {
		return v.whole(dst, r, true), nil
	}
	o, err := parse(v.whole(nil, r, p.Wants(linked(r.Kind))))
	if err != nil {
		return dst, err
	}
	return p.Apply(o).Append(dst), nil
}

// linked names the attribute that is made of links.
func linked(k store.Kind) string {
	switch k {
	case groupKind:
		return "members"
	case userKind:
		return "groups"
	}
	return "" // no attribute
}

// afterBody is how much is added to a stored body in most cases: meta, and a
// group or two.
const afterBody = 512

// whole appends the resource, with or without what is made of links.
func (v *view) whole(dst []byte, r *store.Record, links bool) []byte {
	dst = slices.Grow(dst, len(r.Body)+afterBody)
	dst = append(dst, r.Body[:len(r.Body)-1]...)
	if links && r.Kind == userKind {
		dst = v.groups(dst, r)
	}
	if links && r.Kind == groupKind {
		dst = v.members(dst, r)
	}
	return append(v.meta(dst, r), '}')
}

// groups appends the groups that a user is a member of, RFC 7643 §4.1.2.
func (v *view) groups(dst []byte, r *store.Record) []byte {
	first := true
	for _, h := range v.holders(r.ID) {
		dst = open(dst, `,"groups":[`, &first)
		dst = v.reference(dst, v.wire.groups, h.group)
		dst = append(append(append(dst, `,"type":"`...), h.how...), `"}`...)
	}
	if !first {
		dst = append(dst, ']')
	}
	return dst
}

// groupsOf yields the groups that hold a resource as a member.
func (v *view) groupsOf(id string) iter.Seq[*store.Record] {
	return func(yield func(*store.Record) bool) {
		for l := range v.tx.Backlinks(member, id) {
			if g, err := v.tx.Get(groupKind, l.From); err == nil && !yield(g) {
				return
			}
		}
	}
}

// holder is a group that shows a user, and how the user comes to be in it.
type holder struct {
	group *store.Record
	how   string
}

// holders returns the groups that a user is shown in and how it comes to be in
// them: directly, and where the wire shows that, through nested groups. Both the
// version and the groups of a user ask for it, one after the other.
func (v *view) holders(id string) []holder {
	if v.heldID == id {
		return v.held
	}
	v.heldID, v.held = id, v.held[:0]
	for l := range v.tx.Backlinks(member, id) {
		if g, err := v.tx.Get(groupKind, l.From); err == nil {
			v.held = append(v.held, holder{g, "direct"})
		}
	}
	if v.wire.indirect {
		direct := make([]string, len(v.held))
		for i, h := range v.held {
			direct[i] = h.group.ID
		}
		for g := range v.above(direct) {
			v.held = append(v.held, holder{g, "indirect"})
		}
	}
	return v.held
}

// above yields, once each, the groups that hold one of the given groups at any
// depth, those themselves left out. O(groups above and their links).
func (v *view) above(groups []string) iter.Seq[*store.Record] {
	return func(yield func(*store.Record) bool) {
		seen := map[string]bool{}
		for _, id := range groups {
			seen[id] = true
		}
		for queue := groups; len(queue) > 0; queue = queue[1:] {
			for g := range v.groupsOf(queue[0]) {
				if seen[g.ID] {
					continue
				}
				if seen[g.ID] = true; !yield(g) {
					return
				}
				queue = append(queue, g.ID)
			}
		}
	}
}

// within says whether a group is a member, at any depth, of another.
func (v *view) within(group, outer string) bool {
	for g := range v.above([]string{group}) {
		if g.ID == outer {
			return true
		}
	}
	return false
}

// perMember is what a member takes in a reply, besides the base of its $ref.
const perMember = 160

// members appends the members of a group, all or none.
func (v *view) members(dst []byte, r *store.Record) []byte {
	n := v.tx.CountLinks(member, r.ID)
	if n > v.room {
		return dst
	}
	v.room -= n
	dst = slices.Grow(append(dst, `,"members":[`...), n*(len(v.base)+perMember))
	first := true
	for l := range v.tx.Links(member, r.ID) {
		kind := store.Kind(l.Data)
		m, err := v.tx.Get(kind, l.To)
		if err != nil {
			continue
		}
		dst = open(dst, "", &first)
		dst = v.reference(dst, v.wire.endpoint(kind), m)
		dst = append(dst, `,"type":"`+l.Data+`"}`...)
	}
	return append(dst, ']')
}

func open(dst []byte, head string, first *bool) []byte {
	if *first {
		*first = false
		return append(dst, head...)
	}
	return append(dst, ',')
}

func (v *view) reference(dst []byte, e *endpoint, r *store.Record) []byte {
	dst = quote(append(dst, `{"value":`...), r.ID)
	dst = v.quotedLocation(append(dst, `,"$ref":`...), e, r.ID)
	return quote(append(dst, `,"display":`...), display(r))
}

func display(r *store.Record) string {
	for _, k := range r.Keys {
		if k.Index == displayIndex {
			return k.Value
		}
	}
	return ""
}

func (v *view) meta(dst []byte, r *store.Record) []byte {
	dst = quote(append(dst, `,"meta":{"resourceType":`...), strings.TrimPrefix(string(r.Kind), customKind))
	dst = instant(append(dst, `,"created":"`...), r.Created)
	dst = instant(append(dst, `","lastModified":"`...), r.Modified)
	dst = v.quotedLocation(append(dst, `","location":`...), v.wire.endpoint(r.Kind), r.ID)
	dst = quote(append(dst, `,"version":`...), v.version(r))
	return append(dst, '}')
}

func instant(dst []byte, t time.Time) []byte {
	dst = t.UTC().AppendFormat(dst, time.RFC3339) // which the library knows a fast way to write
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst[:len(dst)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

func (v *view) location(e *endpoint, id string) string {
	return v.base + e.Endpoint + "/" + url.PathEscape(id)
}

// quotedLocation appends what location returns, as a JSON string.
func (v *view) quotedLocation(dst []byte, e *endpoint, id string) []byte {
	dst = quote(dst, v.base)
	dst = append(append(dst[:len(dst)-1], e.Endpoint...), '/')
	return append(append(dst, url.PathEscape(id)...), '"') // what is escaped needs no quoting
}

// version returns the ETag of a resource, RFC 7644 §3.14. The store counts the
// versions of a record; who was deleted and is back under the old id has a new
// record, with a Seq of its own, so that no ETag comes back. That of a user who
// is in groups depends on them as well: they change what is shown, though not
// the record.
func (v *view) version(r *store.Record) string {
	if v.tagged == r {
		return v.tag
	}
	tag := strconv.AppendInt(append(make([]byte, 0, 64), `W/"`...), r.Seq, 36)
	tag = strconv.AppendInt(append(tag, '.'), r.Version, 10)
	if r.Kind == userKind {
		h, groups := newSum(), v.holders(r.ID)
		for _, g := range groups {
			h = h.add(g.group.ID).add(display(g.group)).add(g.how)
		}
		if len(groups) > 0 {
			tag = strconv.AppendUint(append(tag, '-'), uint64(h), 36)
		}
	}
	v.tagged, v.tag = r, string(append(tag, '"'))
	return v.tag
}

// sum is an FNV-1a hash of strings.
type sum uint64

func newSum() sum { return 14695981039346656037 }

func (h sum) add(s string) sum {
	for i := range len(s) {
		h = (h ^ sum(s[i])) * 1099511628211
	}
	return h * 1099511628211 // the end of a string counts
}

// memberLinks are the members of one group, for the engine.
type memberLinks struct {
	tx    store.Tx
	group string
}

// Has says whether a resource is a member.
func (m memberLinks) Has(id string) bool { return m.tx.Linked(member, m.group, id) }

// Each yields the members in order.
func (m memberLinks) Each(yield func(engine.Member) bool) {
	for l := range m.tx.Links(member, m.group) {
		if r, err := m.tx.Get(store.Kind(l.Data), l.To); err == nil && !yield(engine.Member{Value: l.To, Type: l.Data, Display: display(r)}) {
			return
		}
	}
}
