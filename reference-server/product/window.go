// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"
	"net/url"
	"strconv"
)

// window is one page of a list of teams or memberships. Datadog speaks two
// dialects of paging there: by number and size when asked with page
// parameters, by offset and limit otherwise.
type window struct {
	offset, size int
	numbered     bool
}

func windowOf(q url.Values) (window, error) {
	if q.Has("page[offset]") || q.Has("page[limit]") {
		offset, err := intOf(q, "page[offset]", 0)
		if err != nil {
			return window{}, err
		}
		limit, err := intOf(q, "page[limit]", maxPage)
		if err != nil || limit == 0 {
			return window{}, refuse(http.StatusBadRequest, "Invalid page[limit]")
		}
		return window{offset: offset, size: min(limit, maxPage)}, nil
	}
	if !q.Has("page[size]") && !q.Has("page[number]") {
		return window{size: maxPage}, nil
	}
	p, err := pageOf(q)
	return window{offset: p.offset(), size: p.size, numbered: true}, err
}

func (w window) lastOffset(total int) int { return max(total-1, 0) / w.size * w.size }

// meta is meta.pagination.
func (w window) meta(total int) any {
	m := map[string]any{"total": total}
	at := func(name, unit string, offset int) { m[name+unit] = offset }
	unit, scale := "offset", 1
	if w.numbered {
		unit, scale = "number", w.size
		m["type"], m["number"], m["size"] = "number_size", w.offset/scale, w.size
	} else {
		m["type"], m["offset"], m["limit"] = "offset_limit", w.offset, w.size
	}
	at("first_", unit, 0)
	at("last_", unit, w.lastOffset(total)/scale)
	m["prev_"+unit], m["next_"+unit] = nil, nil
	if w.offset > 0 {
		at("prev_", unit, max(w.offset-w.size, 0)/scale)
	}
	if w.offset+w.size < total {
		at("next_", unit, (w.offset+w.size)/scale)
	}
	return map[string]any{"pagination": m}
}

// links leads to the pages around this one.
func (w window) links(r *request, total int) any {
	to := func(offset int) string {
		u := *r.URL
		q := u.Query()
		if w.numbered {
			q.Set("page[number]", strconv.Itoa(offset/w.size))
			q.Set("page[size]", strconv.Itoa(w.size))
		} else {
			q.Set("page[offset]", strconv.Itoa(offset))
			q.Set("page[limit]", strconv.Itoa(w.size))
		}
		u.RawQuery = q.Encode()
		return u.RequestURI()
	}
	links := map[string]any{"self": to(w.offset), "first": to(0), "last": to(w.lastOffset(total)), "prev": nil, "next": nil}
	if w.offset > 0 {
		links["prev"] = to(max(w.offset-w.size, 0))
	}
	if w.offset+w.size < total {
		links["next"] = to(w.offset + w.size)
	}
	return links
}
