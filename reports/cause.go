// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// cause is a likely root cause: checks that fail at the same place of the same
// kind of reply. It is a guess that orders what a reader sees, and no more.
type cause struct {
	Place   string // "GET /Users?filter · Resources"; "" if nothing tells
	Results []*Result
}

// causes groups results, which keep their order; a group stands where its first
// result does. It takes time in O(n).
func (r *Run) causes(results []*Result) []cause {
	at := make(map[string]int)
	var out []cause
	for _, x := range results {
		key, place := r.place(x)
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, cause{Place: place})
		}
		out[n].Results = append(out[n].Results, x)
	}
	return out
}

// found finds a request in a finding or a reason, and what was wrong with the
// answer: "GET /Users?filter=… · body.Resources: got …".
var found = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/[^\s·]*)(?: · ([^:]+))?(?:: got ([0-9]{3}\b)?)?`)

// place says where x went wrong: a key that is the same for checks that share
// it, and words. Checks that find a request granted which was to be refused share
// a cause only if they rest on the same section, since each refusal is a rule of
// its own.
func (r *Run) place(x *Result) (key, words string) {
	if r.standing(x) == stale {
		return "waiver", "Waivers to remove"
	}
	m := found.FindStringSubmatch(x.headline())
	if m == nil || x.Outcome == check.Broken {
		return "id " + x.ID, ""
	}
	words = m[1] + " " + endpoint(m[2])
	switch where, status := m[3], m[4]; {
	case where == "status":
		words += " · status " + status
		key = words
		if strings.HasPrefix(status, "2") {
			key += " " + x.Source.Text
		}
		return key, strings.TrimSpace(words)
	case where != "":
		words += " · " + attribute(where)
	}
	return words, words
}

// endpoint takes what differs from check to check out of a path: ids, and the
// values of a query.
func endpoint(path string) string {
	path, query, _ := strings.Cut(path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := 1; i < len(parts); i++ {
		if !strings.HasPrefix(parts[i], ".") {
			parts[i] = "…"
		}
	}
	out := "/" + strings.Join(parts, "/")
	var names []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if slices.Contains(names, "filter") {
		names = []string{"filter"} // an IdP looks people up so, whatever else it asks for
	}
	slices.Sort(names)
	if len(names) > 0 {
		out += "?" + strings.Join(names, "&")
	}
	return out
}

// attribute takes indexes and filters out of the place of a value.
func attribute(where string) string {
	where = strings.TrimPrefix(where, "body.")
	if i := strings.IndexByte(where, '['); i > 0 {
		where = where[:i]
	}
	return strings.TrimSpace(where)
}
