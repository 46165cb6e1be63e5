// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

const (
	maxBody      = 1 << 20
	defaultCount = 100
	maxCount     = 200
)

// object reads the body of a write.
func (c *call) object() (*engine.Object, error) {
	if c.data != nil {
		return c.data, nil
	}
	if err := checkMedia(c.r.Header); err != nil {
		return nil, err
	}
	in := bytes.NewBuffer(takeBuffer())
	defer func() { giveBuffer(in.Bytes()) }() // Parse keeps none of it
	if _, err := in.ReadFrom(http.MaxBytesReader(c.rw, c.r.Body, int64(c.s.maxBody))); err != nil {
		return nil, err
	}
	return engine.Parse(in.Bytes(), engine.Limits{MaxBytes: c.s.maxBody})
}

// checkMedia refuses bodies that are not JSON in UTF-8, RFC 7644 §3.1 and
// §3.8. A body without a Content-Type is taken for JSON. Compressed bodies are
// refused, so that nobody sends a small one that is large.
func checkMedia(h http.Header) error {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return refusal(http.StatusUnsupportedMediaType, "", "send the body without Content-Encoding")
	}
	given := h.Get("Content-Type")
	switch given {
	case "", scim.MediaType, scim.MediaTypeJSON:
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(given)
	charset, stated := parameters["charset"]
	if err != nil || mediaType != scim.MediaType && mediaType != scim.MediaTypeJSON || stated && !strings.EqualFold(charset, "utf-8") {
		return refusal(http.StatusUnsupportedMediaType, "", "send the body as %s in UTF-8", scim.MediaType)
	}
	return nil
}

// query is what a client asks of a list or of the form of a reply, from the
// URL or from the body of a search.
type query struct {
	filter            *string
	attributes        []string
	excluded          []string
	sortBy, sortOrder string
	start, count      int

	// Paging by cursor, RFC 9865.
	cursor                 *string   // nil: by index
	from                   *position // nil: the beginning
	startGiven, countGiven bool
}

// values returns the query of the URL. Unknown parameters are ignored, such as
// the aadOptscim062020 that Entra ID is told to append. A raw semicolon is
// text: filters contain them.
func (c *call) values() (url.Values, error) {
	v, err := url.ParseQuery(strings.ReplaceAll(c.r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return nil, refusal(http.StatusBadRequest, scim.InvalidSyntax, "the query string is not percent-encoded")
	}
	return v, nil
}

// query reads the query of the URL, RFC 7644 §3.4.2 and §3.9.
func (c *call) query() (q query, err error) {
	v, err := c.values()
	if err != nil {
		return q, err
	}
	q = query{
		attributes: names(v.Get("attributes")), excluded: names(v.Get("excludedAttributes")),
		sortBy: v.Get("sortBy"), sortOrder: v.Get("sortOrder"), start: 1, count: defaultCount,
	}
	if v.Has("filter") {
		filter := v.Get("filter")
		q.filter = &filter
	}
	if v.Has("cursor") {
		text := v.Get("cursor")
		q.cursor = &text
	}
	for _, field := range []struct {
		name string
		into *int
	}{{"startIndex", &q.start}, {"count", &q.count}} {
		if v.Has(field.name) {
			if *field.into, err = integer(field.name, v.Get(field.name)); err != nil {
				err = q.counted(field.name, err)
				return q, err
			}
		}
	}
	q.startGiven, q.countGiven = v.Has("startIndex"), v.Has("count")
	q.bound()
	return q, nil
}

// counted gives a count that is no number the name that RFC 9865 §2.1 has for
// it, if the query pages by cursor.
func (q query) counted(name string, err error) error {
	if name == "count" && q.cursor != nil {
		return refusal(http.StatusBadRequest, scim.InvalidCount, "count must be an integer")
	}
	return err
}

// searchRequest reads the body of a POST to .search, RFC 7644 §3.4.3.
func (c *call) searchRequest() (q query, err error) {
	o, err := c.object()
	if err != nil {
		return q, err
	}
	if schemas := o.Array("schemas"); len(schemas) != 1 || schemas[0] != any(scim.SearchRequestURN) {
		return q, refusal(http.StatusBadRequest, scim.InvalidSyntax, "schemas must name %s alone", scim.SearchRequestURN)
	}
	q = query{start: 1, count: defaultCount}
	var filter, cursor string
	for _, field := range []struct {
		name string
		into any
	}{
		{"cursor", &cursor}, {"filter", &filter}, {"sortBy", &q.sortBy}, {"sortOrder", &q.sortOrder}, {"startIndex", &q.start}, {"count", &q.count},
		{"attributes", &q.attributes}, {"excludedAttributes", &q.excluded},
	} {
		v, there := o.Get(field.name)
		if !there || v == nil {
			continue
		}
		if err := assign(field.name, field.into, v); err != nil {
			err = q.counted(field.name, err)
			return q, err
		}
		switch field.name {
		case "filter":
			q.filter = &filter
		case "cursor":
			q.cursor = &cursor
		case "startIndex":
			q.startGiven = true
		case "count":
			q.countGiven = true
		}
	}
	q.bound()
	return q, nil
}

// assign sets into to a member of a search request.
func assign(name string, into, v any) (err error) {
	switch into := into.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*into = s
			return nil
		}
	case *int:
		if n, ok := v.(engine.Number); ok {
			*into, err = integer(name, string(n))
			return err
		}
	case *[]string:
		list, ok := v.([]any)
		for _, item := range list {
			s, text := item.(string)
			ok = ok && text
			*into = append(*into, s)
		}
		if ok {
			return nil
		}
	}
	return refusal(http.StatusBadRequest, scim.InvalidSyntax, "%s has the wrong type", name)
}

func integer(name, s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, refusal(http.StatusBadRequest, scim.InvalidValue, "%s must be an integer", name)
	}
	return n, nil
}

// bound applies RFC 7644 §3.4.2.4: a startIndex below 1 counts as 1, a
// negative count as 0.
func (q *query) bound() {
	q.start = max(q.start, 1)
	q.count = min(max(q.count, 0), maxCount)
}

func names(list string) (names []string) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// selected says whether a validator header names the version, RFC 9110
// §13.1.1 and §13.1.2. Tags are compared weakly: a SCIM provider has no others.
func selected(header []string, etag string) bool {
	for _, list := range header {
		for tag := range strings.SplitSeq(list, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}
