// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/url"
	"strings"
)

// projectionFaults break attributes and excludedAttributes, RFC 7644 §3.4.2.5
// and §3.9.
func projectionFaults() []Fault {
	return []Fault{
		{Name: "attributes-ignored", Breaks: "attributes is ignored.", Wrap: queried(resources(), func(q url.Values) { q.Del("attributes") })},
		{Name: "attributes-drop-id", Breaks: "id is left out unless attributes names it.",
			Wrap: editingResources(both(resources(), asking("attributes")), func(o object) { delete(o, "id") })},
		{Name: "attributes-no-sub", Breaks: "A sub-attribute in attributes gives the whole attribute.",
			Wrap: queried(resources(), func(q url.Values) {
				names := strings.Split(q.Get("attributes"), ",")
				for i, n := range names {
					if !strings.HasPrefix(n, "urn:") {
						names[i], _, _ = strings.Cut(n, ".")
					}
				}
				if q.Has("attributes") {
					q.Set("attributes", strings.Join(names, ","))
				}
			})},
		{Name: "attributes-no-urn", Breaks: "A URN-qualified name in attributes is not understood.",
			Wrap: queried(resources(), func(q url.Values) {
				if strings.HasPrefix(strings.ToLower(q.Get("attributes")), "urn:") {
					q.Set("attributes", "id")
				}
			})},
		{Name: "attributes-case", Breaks: "Names in attributes must be written as in the schema.",
			Wrap: queried(resources(), func(q url.Values) {
				if a := q.Get("attributes"); a != "" && (a == strings.ToUpper(a) || a == strings.ToLower(a) && strings.Contains(a, "username")) {
					q.Set("attributes", "id")
				}
			})},
		{Name: "attributes-on-write-ignored", Breaks: "attributes is ignored on POST, PUT and PATCH.",
			Wrap: queried(func(r *http.Request) bool { return resources()(r) && r.Method != http.MethodGet }, func(q url.Values) { q.Del("attributes") })},
		{Name: "excluded-ignored", Breaks: "excludedAttributes is ignored: groups come with all their members.", Source: "Entra reads every group with excludedAttributes=members",
			Wrap: queried(resources(), func(q url.Values) { q.Del("excludedAttributes") })},
		{Name: "excluded-in-lists-ignored", Breaks: "excludedAttributes is ignored in lists.",
			Wrap: queried(both(resources(), hasID(false)), func(q url.Values) { q.Del("excludedAttributes") })},
		{Name: "excluded-drops-id", Breaks: "excludedAttributes can leave out id and schemas.",
			Wrap: editingResources(both(resources(), asking("excludedAttributes")), func(o object) { delete(o, "id"); delete(o, "schemas") })},
	}
}
