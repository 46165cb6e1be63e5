// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
)

// Sorter orders resources by one attribute, RFC 7644 §3.4.2.3.
type Sorter struct {
	attr       *attribute
	descending bool
}

// SortKey is what a Sorter compares of one resource.
type SortKey struct {
	some   bool
	text   string
	number Number
	time   time.Time
}

// Sorter reads sortBy and sortOrder. A path that no schema has, or that leads
// to a complex attribute without a value, is 400 invalidPath; another order than
// ascending and descending is 400 invalidValue; a password is 403 sensitive.
func (rt *ResourceType) Sorter(sortBy, sortOrder string) (*Sorter, error) {
	s := &Sorter{}
	switch {
	case sameName(sortOrder, "descending"):
		s.descending = true
	case sortOrder != "" && !sameName(sortOrder, "ascending"):
		return nil, invalidValue("sortOrder is ascending or descending")
	}
	n, wrong := parseName(sortBy)
	if wrong != "" {
		return nil, invalidPath("sortBy: %s", wrong)
	}
	a, _, _ := rt.resolve(n)
	switch {
	case a == nil:
		return nil, invalidPath("sortBy: %s has no attribute %s", rt.Name, n)
	case a.secret() || a.top().secret():
		return nil, &Error{Status: 403, Type: scim.Sensitive, Detail: "sortBy: " + a.path + " cannot be sorted by"}
	case a.leaf() == nil:
		return nil, invalidPath("sortBy: %s is complex: name one of its sub-attributes", a.path)
	}
	s.attr = a.leaf()
	return s, nil
}

// Attribute returns the name of the top-level member that the sorter reads, as
// Pick takes it.
func (s *Sorter) Attribute() string {
	if s.attr.extension != nil {
		return s.attr.extension.urn
	}
	return s.attr.top().Name
}

// Key returns the key of o. Of a multi-valued attribute the primary value
// counts, or else the first.
func (s *Sorter) Key(o *Object) SortKey {
	a := s.attr
	v, _ := a.holder(o).Get(a.top().Name)
	if list, many := v.([]any); many {
		v = nil
		for i, e := range list {
			in, _ := e.(*Object)
			if on, _ := in.Get("primary"); i == 0 || on == true {
				v = e
			}
		}
	}
	if a.parent != nil {
		in, _ := v.(*Object)
		v, _ = in.Get(a.Name)
	}
	return a.sortKey(v)
}

func (a *attribute) sortKey(v any) SortKey {
	switch v := v.(type) {
	case string:
		if a.Type == scim.DateTime {
			t, ok := parseDateTime(v)
			return SortKey{some: ok, time: t}
		}
		return SortKey{some: v != "", text: a.key(v)}
	case bool:
		k := SortKey{some: true, text: "0"}
		if v {
			k.text = "1"
		}
		return k
	case Number:
		return SortKey{some: true, number: v}
	}
	return SortKey{}
}

// Compare orders two keys of this Sorter. Resources without the value come last
// ascending and first descending.
func (s *Sorter) Compare(a, b SortKey) int {
	c := a.compare(b)
	if s.descending {
		return -c
	}
	return c
}

func (k SortKey) compare(b SortKey) int {
	switch {
	case k.some != b.some && k.some:
		return -1
	case k.some != b.some:
		return 1
	case k.number != "" && b.number != "":
		return compareNumbers(k.number, b.number)
	case k.text != b.text:
		return cmp.Compare(k.text, b.text)
	}
	return k.time.Compare(b.time)
}
