// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// BeListResponse matches a ListResponse of RFC 7644 §3.4.2: its schema, an
// integer totalResults, integers for startIndex and itemsPerPage where they are
// given, and Resources as an array. startIndex and itemsPerPage are required
// of partial results, Resources of results. With total, totalResults is that.
func BeListResponse(total ...int) *Matcher {
	wants := "a ListResponse"
	if len(total) > 0 {
		wants += fmt.Sprintf(" of %d", total[0])
	}
	return newMatcher(wants, func(s *subject) *Finding {
		tree, f := s.json()
		if f != nil {
			return f
		}
		f = listFinding(tree.Root)
		if f == nil && len(total) > 0 {
			if n, _ := count(tree.Root, "totalResults"); n != total[0] {
				f = &Finding{Where: "body.totalResults", Got: strconv.Itoa(n), Want: strconv.Itoa(total[0])}
			}
		}
		if f != nil {
			f.Text = s.aside(f.Text)
		}
		return f
	})
}

func listFinding(root *Node) *Finding {
	schemas, _ := root.Member("schemas")
	if !holdsText(schemas.Value, scim.ListResponseURN) {
		return &Finding{Where: "body.schemas", Got: show(schemas.Value), Want: "an array with " + quote(scim.ListResponseURN)}
	}
	total, f := count(root, "totalResults")
	if f != nil {
		return f
	}
	resources, hasResources := root.Member("Resources")
	if hasResources && resources.Value.Kind != KindArray {
		return &Finding{Where: "body.Resources", Got: show(resources.Value), Want: "an array"}
	}
	here := 0
	if hasResources {
		here = len(resources.Value.Elements)
	}
	for _, name := range []string{"startIndex", "itemsPerPage"} {
		if _, given := root.Member(name); given || here < total {
			if _, f := count(root, name); f != nil {
				return f
			}
		}
	}
	perPage, _ := count(root, "itemsPerPage")
	if !hasResources && total > 0 && perPage > 0 {
		return &Finding{Where: "body.Resources", Got: "nothing", Want: "an array"}
	}
	if here > total {
		return &Finding{Where: "body.totalResults", Got: strconv.Itoa(total), Want: fmt.Sprintf("at least %d, the number of Resources", here)}
	}
	return nil
}

// count reads a member that has to be a non-negative integer.
func count(root *Node, name string) (int, *Finding) {
	m, _ := root.Member(name)
	wrong := &Finding{Where: "body." + name, Got: show(m.Value), Want: "an integer"}
	if m.Value == nil || m.Value.Kind != KindNumber || len(m.Value.Raw) > 20 {
		return 0, wrong
	}
	if strings.ContainsAny(m.Value.Raw, "eE") {
		return 0, wrong
	}
	r, ok := new(big.Rat).SetString(m.Value.Raw)
	if !ok || !r.IsInt() || !r.Num().IsInt64() || r.Sign() < 0 {
		return 0, wrong
	}
	return int(r.Num().Int64()), nil
}

// ContainResource matches a list response with a resource that has that id.
func ContainResource(id string) *Matcher {
	return newMatcher("a resource "+id, func(s *subject) *Finding {
		ids, f := s.resourceIDs()
		if f != nil {
			return f
		}
		if slices.Contains(ids, id) {
			return nil
		}
		return &Finding{Where: "body.Resources", Got: listed(ids), Want: "one with id " + quote(id), Text: s.aside("")}
	})
}

// NotContainResource matches a list response without a resource of that id.
func NotContainResource(id string) *Matcher {
	return newMatcher("no resource "+id, func(s *subject) *Finding {
		ids, f := s.resourceIDs()
		if f != nil {
			return f
		}
		if i := slices.Index(ids, id); i >= 0 {
			return &Finding{Where: "body.Resources[" + strconv.Itoa(i) + "].id", Got: quote(id), Want: "no resource with that id"}
		}
		return nil
	})
}

// HaveOnlyResources matches a list response whose resources have exactly those
// ids, in any order, each once.
func HaveOnlyResources(ids ...string) *Matcher {
	want := slices.Sorted(slices.Values(ids))
	return newMatcher("only the resources "+listed(want), func(s *subject) *Finding {
		got, f := s.resourceIDs()
		if f != nil {
			return f
		}
		if slices.Equal(slices.Sorted(slices.Values(got)), want) {
			return nil
		}
		return &Finding{Where: "body.Resources", Got: listed(got), Want: listed(want), Text: s.aside("")}
	})
}

// resourceIDs gives the ids of a list response in order. A reply that is no
// list at all is a finding, lest "not in it" hold for an error.
func (s *subject) resourceIDs() ([]string, *Finding) {
	tree, f := s.json()
	if f != nil {
		return nil, f
	}
	if f := listFinding(tree.Root); f != nil {
		f.Text = s.aside(f.Text)
		return nil, f
	}
	resources, ok := tree.Root.Member("Resources")
	if !ok {
		return nil, nil
	}
	var ids []string
	for i, r := range resources.Value.Elements {
		id, _ := r.Member("id")
		if id.Value == nil || id.Value.Kind != KindString {
			return nil, &Finding{Where: "body.Resources[" + strconv.Itoa(i) + "].id", Got: show(id.Value), Want: "a string"}
		}
		ids = append(ids, id.Value.Text)
	}
	return ids, nil
}

func listed(ids []string) string {
	if len(ids) == 0 {
		return "no resources"
	}
	return "ids " + cut(strings.Join(ids, ", "))
}
