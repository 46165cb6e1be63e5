// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/simulator"
)

const token = "a-token-of-16-bytes-or-more"

// play runs a scenario against a provider and gives the report.
func play(t *testing.T, dialect, scenario string, provider http.Handler) *simulator.Report {
	t.Helper()
	r, err := simulate(t, dialect, scenario, simulator.Options{Handler: provider})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func simulate(t *testing.T, dialect, scenario string, o simulator.Options) (*simulator.Report, error) {
	t.Helper()
	var err error
	if o.Scenario, err = simulator.Parse("scenario.yaml", []byte("dialect: "+dialect+"\n"+scenario)); err != nil {
		t.Fatal(err)
	}
	o.BaseURL, o.Token = "http://provider.example/scim/v2", token
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(t.Context())
}

// reference returns the reference server without a product behind it, and what
// it is sent.
func reference(t *testing.T) *witness {
	t.Helper()
	srv, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return &witness{next: srv}
}

// request is one as it came in.
type request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
	Length       int64
}

// witness writes down what a handler is sent, and may answer in its place.
type witness struct {
	next   http.Handler
	answer func(q request) (status int, h http.Header, body string, ok bool) // nil: never
	sent   []request
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	q := read(r)
	w.sent = append(w.sent, q)
	if w.answer != nil {
		if status, h, body, ok := w.answer(q); ok {
			maps.Copy(rw.Header(), h)
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
			return
		}
	}
	r.Body = io.NopCloser(strings.NewReader(string(q.Body)))
	w.next.ServeHTTP(rw, r)
}

func read(r *http.Request) request {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err) // never: the body is in memory
	}
	return request{r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/scim/v2"), r.Header, body, r.ContentLength}
}

func (w *witness) lines() []string { return lines(w.sent) }

func lines(sent []request) []string {
	var all []string
	for _, q := range sent {
		all = append(all, strings.TrimSpace(q.Method+" "+q.Path+" "+string(q.Body)))
	}
	return all
}

// published is a provider that answers in the shape and the order of Okta's
// protocol reference.
type published struct {
	users map[string]map[string]jsontext.Value
	put   map[string]string // bodies of PUT: their order is kept
	crowd int               // users whom nobody asks for by name
	sent  []request
}

// create adds a user and gives the id.
func (p *published) create(body string) string {
	var u map[string]jsontext.Value
	if err := json.Unmarshal([]byte(body), &u); err != nil {
		panic(err)
	}
	name, _, _ := strings.Cut(strings.Trim(string(u["userName"]), `"`), ".")
	u["id"] = jsontext.Value(`"id-` + name + `"`)
	u["meta"] = jsontext.Value(`{"resourceType":"User"}`)
	delete(u, "password")
	p.users["id-"+name] = u
	return "id-" + name
}

var active = regexp.MustCompile(`"active":(true|false)`)

var byName = regexp.MustCompile(`userName eq "(.*)"`)

func (p *published) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := read(r)
	p.sent = append(p.sent, q)
	endpoint, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/scim/v2/"), "/")
	switch {
	case endpoint == "ResourceTypes", endpoint == "Schemas", endpoint == "Groups" && id == "" && r.Method == http.MethodGet, endpoint == "Users" && id == "" && r.Method == http.MethodGet:
		p.find(w, r.URL.Query())
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case endpoint == "Groups":
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"id-team","displayName":"Team A","members":[],"meta":{"resourceType":"Group"}}`)
	case r.Method == http.MethodPost:
		id = p.create(string(q.Body))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, p.shown(id))
	default:
		p.change(r.Method, id, q.Body)
		_, _ = io.WriteString(w, p.shown(id))
	}
}

func (p *published) change(method, id string, body []byte) {
	var u map[string]jsontext.Value
	if len(body) > 0 {
		if err := json.Unmarshal(body, &u); err != nil {
			panic(err)
		}
	}
	switch method {
	case http.MethodPut:
		p.users[id], p.put[id] = u, string(body)
	case http.MethodPatch:
		on := fmt.Sprint(strings.Contains(string(body), "true"))
		p.users[id]["active"] = jsontext.Value(on)
		p.put[id] = active.ReplaceAllString(p.put[id], `"active":`+on)
	}
}

func (p *published) find(w io.Writer, query url.Values) {
	var found []string
	if m := byName.FindStringSubmatch(query.Get("filter")); m != nil {
		for id, u := range p.users {
			if string(u["userName"]) == `"`+m[1]+`"` {
				found = append(found, p.shown(id))
			}
		}
	}
	total := len(found)
	if query.Get("filter") == "" {
		start, _ := strconv.Atoi(query.Get("startIndex"))
		count, _ := strconv.Atoi(query.Get("count"))
		total = p.crowd
		for i := start; i <= min(total, start+count-1); i++ {
			found = append(found, fmt.Sprintf(`{"id":"%d","userName":"user%[1]d@example.test","active":true}`, i))
		}
	}
	fmt.Fprintf(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"startIndex":1,"itemsPerPage":%d,"Resources":[%s]}`,
		total, len(found), strings.Join(found, ","))
}

// shown gives a user in the order of the reference.
func (p *published) shown(id string) string {
	if body := p.put[id]; body != "" {
		return body
	}
	var members []string
	for _, name := range []string{"schemas", "id", "userName", "name", "emails", "title", "roles", "displayName", "locale", "externalId", "active", "groups", "meta"} {
		if v, ok := p.users[id][name]; ok {
			members = append(members, fmt.Sprintf("%q:%s", name, v))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}
