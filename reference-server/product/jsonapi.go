// SPDX-License-Identifier: Apache-2.0

package product

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// resource is one JSON:API resource.
type resource struct {
	Type          string         `json:"type"`
	ID            string         `json:"id"`
	Attributes    any            `json:"attributes"`
	Relationships map[string]any `json:"relationships,omitempty"`
}

// ref names a resource.
type ref struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// toOne and toMany are relationships.
type toOne struct {
	Data ref `json:"data"`
}

type toMany struct {
	Data []ref `json:"data"`
}

// document is the body of a reply.
type document struct {
	Data     any        `json:"data"`
	Included []resource `json:"included,omitempty"`
	Meta     any        `json:"meta,omitzero"`
	Links    any        `json:"links,omitzero"`
}

// pageMeta is how users and roles count.
type pageMeta struct {
	Page struct {
		Total    int `json:"total_count"`
		Filtered int `json:"total_filtered_count"`
	} `json:"page"`
}

func countMeta(total, filtered int) pageMeta {
	var m pageMeta
	m.Page.Total, m.Page.Filtered = total, filtered
	return m
}

// Sizes of a page.
const (
	usualPage = 10
	maxPage   = 100
)

// page is one page of a list.
type page struct{ size, number int }

func (p page) offset() int { return p.size * p.number }

func pageOf(q url.Values) (page, error) {
	size, err := intOf(q, "page[size]", usualPage)
	if err != nil {
		return page{}, err
	}
	number, err := intOf(q, "page[number]", 0)
	if err != nil {
		return page{}, err
	}
	if size == 0 || number > 1<<31/maxPage {
		return page{}, refuse(http.StatusBadRequest, "Invalid page")
	}
	return page{min(size, maxPage), number}, nil
}

func intOf(q url.Values, name string, usual int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, refuse(http.StatusBadRequest, "Invalid %s", name)
	}
	return n, nil
}

// cut returns the part of a list from offset, at most size long.
func cut[T any](list []T, offset, size int) []T {
	start := min(offset, len(list))
	return list[start:min(start+size, len(list))]
}

// order sorts a list by the column that a sort parameter names, with a leading
// "-" or desc for the other way round. Equal items keep their order.
func order[T any](list []T, sort string, desc bool, usual string, columns map[string]func(a, b T) int) error {
	name, minus := strings.CutPrefix(cmp.Or(sort, usual), "-")
	compare, ok := columns[name]
	if !ok {
		return refuse(http.StatusBadRequest, "Invalid sort")
	}
	slices.SortStableFunc(list, func(a, b T) int {
		if minus != desc {
			return compare(b, a)
		}
		return compare(a, b)
	})
	return nil
}

// mentions says whether any of the texts holds the word, whatever the case.
func mentions(word string, texts ...string) bool {
	word = strings.ToLower(word)
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), word) })
}

// stamp writes a moment the way the product API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

func momentOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// orNull returns nil for an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func compareBy[T any, V cmp.Ordered](key func(T) V) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(key(a), key(b)) }
}
