// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// TestMatching holds that a person is looked for by each matching attribute in
// turn, never by two at once, and that an id is percent-encoded whatever it is.
func TestMatching(t *testing.T) {
	const list = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[`
	byName, byMail := regexp.MustCompile(`filter=userName`), regexp.MustCompile(`filter=emails`)
	one := `{"id":"a%3D/ß","userName":"old","active":true}`
	mappings := entra.WithMapping(published(), entra.Mapping{Target: `emails[type eq "work"].value`, Source: "mail", Matching: 2})
	tests := []struct {
		name           string
		byName, byMail string
		want           []string
		task           string
	}{
		{"first attribute", list + one + `]}`, none, []string{"GET userName", "PATCH /Users/a%253D%2F%C3%9F"}, ""},
		{"second attribute", none, list + one + `]}`, []string{"GET userName", "GET emails", "PATCH /Users/a%253D%2F%C3%9F"}, ""},
		{"neither", none, none, []string{"GET userName", "GET emails", "POST /Users"}, ""},
		{"two", list + one + "," + one + `]}`, none, []string{"GET userName"}, "DuplicateTargetEntries: 2 resources have userName"},
		{"one without an id", list + `{"userName":"x"}]}`, none, []string{"GET userName"}, "has no id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := scripted(t)
			m.RegisterNoResponder(reply(204, ""))
			x := open(t, roundTrip(func(q *http.Request) (*http.Response, error) {
				switch {
				case byName.MatchString(q.URL.RawQuery) && strings.Contains(q.URL.RawQuery, "ada"):
					return reply(200, tt.byName)(q)
				case byMail.MatchString(q.URL.RawQuery) && strings.Contains(q.URL.RawQuery, "ada"):
					return reply(200, tt.byMail)(q)
				}
				return m.RoundTrip(q)
			}), entra.Options{Mappings: mappings})
			var got []string
			for _, e := range x.cycle(join(ada()), on(directory.Assign, "ada")) {
				what := e.Path
				if _, filter, ok := strings.Cut(e.Path, "filter="); ok {
					what = regexp.MustCompile(`^\w+`).FindString(filter)
				}
				got = append(got, e.Method+" "+what)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
			tasks := fmt.Sprint(x.app.Tasks())
			if tt.task == "" && len(x.app.Tasks()) > 0 || !strings.Contains(tasks, tt.task) {
				t.Errorf("got tasks %v, want %q", tasks, tt.task)
			}
		})
	}
}

// TestFilterValues holds how a value that has quotation marks stands in a
// filter.
func TestFilterValues(t *testing.T) {
	const name = `"x" \ y`
	tests := []struct {
		name  string
		knobs entra.Knobs
		want  string
	}{
		{"escaped", entra.Knobs{}, `displayName eq "\"x\" \\ y"`},
		{"as it is", entra.Knobs{RawFilter: true}, `displayName eq ""x" \ y"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t, provider(t), entra.Options{Knobs: tt.knobs})
			sent := x.cycle(found("g", name), on(directory.Assign, "g"))
			_, query, _ := strings.Cut(sent[0].Path, "?")
			values, err := url.ParseQuery(query)
			if err != nil || values.Get("filter") != tt.want {
				t.Errorf("error %v, filter %s, want %s", err, values.Get("filter"), tt.want)
			}
			if failed := len(x.app.Tasks()) > 0; failed != tt.knobs.RawFilter {
				t.Errorf("tasks %v", x.app.Tasks())
			}
		})
	}
}
