// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
)

// TestOtherProvidersAreJudgedFairly puts the whole catalogue to providers that
// are right in another way than the reference server: what they do not have is
// skipped with the reason, and nothing else is held against them.
func TestOtherProvidersAreJudgedFairly(t *testing.T) {
	without := func(feature string) func(http.Handler) http.Handler {
		return editing("/ServiceProviderConfig", `"`+feature+`":{"supported":true`, `"`+feature+`":{"supported":false`)
	}
	tests := []struct {
		name    string
		act     func(http.Handler) http.Handler
		target  func(*check.Target)
		skipped string // a capability without which some checks are skipped
		allowed string // part of the ids of checks, besides media.*, that the provider is known to fail
	}{
		{name: "reads that lag behind", act: lagging(150 * time.Millisecond), target: func(target *check.Target) { target.Consistency = 200 * time.Millisecond }},
		{name: "required attributes", act: requiring("costCenter"), target: func(target *check.Target) {
			target.Attributes = []byte(`{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"4130"}}`)
		}},
		{name: "no groups", skipped: check.CapGroup, act: chained(refusing(http.StatusNotFound, func(r *http.Request, _ []byte) bool { return strings.HasPrefix(at(r), "/Groups") }), withoutGroups)},
		{name: "no filters", skipped: check.CapFilter, act: chained(without("filter"), refusing(http.StatusNotImplemented, func(r *http.Request, _ []byte) bool {
			return r.URL.Query().Has("filter") && !strings.Contains(at(r), "/Schemas") && !strings.Contains(at(r), "/ResourceTypes") || strings.HasSuffix(at(r), "/.search")
		}))},
		{name: "no PATCH", skipped: check.CapPatch, act: chained(without("patch"), refusing(http.StatusNotImplemented, func(r *http.Request, body []byte) bool {
			return r.Method == http.MethodPatch || at(r) == "/Bulk" && bytes.Contains(body, []byte("PATCH"))
		}))},
		{name: "another base path", act: below("/deep/er/v9"), target: func(target *check.Target) {
			target.BaseURL = strings.Replace(target.BaseURL, "/scim/v2", "/deep/er/v9", 1)
		}},
		{name: "application/json only", allowed: "media-type", act: jsonOnly, target: func(target *check.Target) {
			target.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			skipped := 0
			for _, r := range judgeActing(t, test.act, test.target) {
				switch {
				case r.Outcome == check.Passed:
				case r.Outcome == check.Skipped && r.Reason != "":
					if test.skipped != "" && strings.Contains(r.Reason, "needs "+test.skipped+":") {
						skipped++
					}
				case r.Outcome == check.Failed && test.allowed != "" && (strings.HasPrefix(r.Check.ID, "media.") || strings.Contains(r.Check.ID, test.allowed)):
				case r.Outcome == check.Failed && r.Check.Level == check.Should && test.skipped != "" && strings.Contains(r.Check.ID, "config."+test.skipped):
					// that it ought to have it is another matter, and a warning
				default:
					t.Errorf("%s is %s: %s %v", r.Check.ID, r.Outcome, r.Reason, r.Findings)
				}
				if len(r.Leftovers) > 0 {
					t.Errorf("%s left %v", r.Check.ID, r.Leftovers)
				}
			}
			if test.skipped != "" && skipped == 0 {
				t.Errorf("no check was skipped for want of %s", test.skipped)
			}
		})
	}
}

// judgeActing judges the catalogue against a reference server behind a wrapper.
func judgeActing(t *testing.T, act func(http.Handler) http.Handler, edit func(*check.Target)) []check.Result {
	t.Helper()
	return judgeThese(t, suites.All(), act, edit)
}

// judgeThese judges some checks against a reference server behind a wrapper.
func judgeThese(t *testing.T, catalogue []check.Check, act func(http.Handler) http.Handler, edit func(*check.Target)) []check.Result {
	t.Helper()
	profile := *profiles.Datadog()
	profile.Wire.Pagination = true
	profile.Within = profiles.Within{Users: "2s", Roles: "2s", Teams: "2s", Audit: "2s"}
	server, err := refserver.New(refserver.Options{Token: token, AdminKey: adminKey, Profile: &profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	srv := httptest.NewServer(act(server))
	t.Cleanup(srv.Close)
	target := check.Target{
		BaseURL: srv.URL + "/scim/v2", Token: token, Profile: &profile, Timeout: 10 * time.Second, Login: server,
		Product: datadog.New(srv.URL, adminKey, adminKey, nil),
	}
	if edit != nil {
		edit(&target)
	}
	provider, err := check.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]check.Result, len(catalogue))
	next := make(chan int)
	var workers sync.WaitGroup
	for range 32 { // most of them wait
		workers.Go(func() {
			for i := range next {
				results[i] = check.Judge(t.Context(), catalogue[i], provider)
			}
		})
	}
	for i := range catalogue {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

// at gives the path of a SCIM request below its base, or "".
func at(r *http.Request) string {
	rest, _ := strings.CutPrefix(r.URL.Path, "/scim/v2")
	if rest == r.URL.Path {
		return ""
	}
	return rest
}

func chained(wrappers ...func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		for _, w := range wrappers {
			h = w(h)
		}
		return h
	}
}

// bodyOf reads the body of a request and puts it back.
func bodyOf(r *http.Request) []byte {
	b, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	return b
}

// recorded gives the reply of h to r.
func recorded(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func reply(w http.ResponseWriter, rec *httptest.ResponseRecorder, body string) {
	for name, values := range rec.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(rec.Code)
	_, _ = io.WriteString(w, body)
}

// refusing answers requests with a SCIM error once they are let in.
func refusing(status int, which func(r *http.Request, body []byte) bool) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at(r) == "" || r.Header.Get("Authorization") != "Bearer "+token.Reveal() || !which(r, bodyOf(r)) {
				h.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/scim+json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"`+itoa(status)+`","detail":"not supported"}`)
		})
	}
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

// editing replaces a text in the replies of one endpoint.
func editing(endpoint, old, with string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at(r) != endpoint {
				h.ServeHTTP(w, r)
				return
			}
			rec := recorded(h, r)
			reply(w, rec, strings.ReplaceAll(rec.Body.String(), old, with))
		})
	}
}

// withoutGroups hides the resource type of groups.
func withoutGroups(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch at(r) {
		case "/ResourceTypes":
			rec := recorded(h, r)
			reply(w, rec, dropGroup(rec.Body.Bytes()))
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// requiring refuses users who lack an attribute of the enterprise extension.
func requiring(name string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			writes := r.Method == http.MethodPost && at(r) == "/Users" || r.Method == http.MethodPut && strings.HasPrefix(at(r), "/Users/")
			if writes && r.Header.Get("Authorization") != "" {
				if b := bodyOf(r); isObject(b) && !bytes.Contains(b, []byte(`"`+name+`"`)) {
					w.Header().Set("Content-Type", "application/scim+json")
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"`+name+` is required"}`)
					return
				}
			}
			h.ServeHTTP(w, r)
		})
	}
}

// below serves SCIM under another path, in addresses too.
func below(path string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rest, ok := strings.CutPrefix(r.URL.Path, path)
			if !ok {
				h.ServeHTTP(w, r)
				return
			}
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/scim/v2"+rest, strings.Replace(r.URL.RawPath, path, "/scim/v2", 1)
			rec := recorded(h, r)
			for name, values := range rec.Header() {
				moved := make([]string, len(values)) // those that come may be shared between replies
				for i, v := range values {
					moved[i] = strings.ReplaceAll(v, "/scim/v2", path)
				}
				rec.Header()[name] = moved
			}
			reply(w, rec, strings.ReplaceAll(rec.Body.String(), "/scim/v2", path))
		})
	}
}

// jsonOnly calls every reply application/json.
func jsonOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := recorded(h, r)
		if strings.Contains(rec.Header().Get("Content-Type"), "scim+json") {
			rec.Header().Set("Content-Type", "application/json")
		}
		reply(w, rec, rec.Body.String())
	})
}

// lagging answers reads from what it answered before, for a time, and does not
// know what was made until that time is over: a replica that is behind.
func lagging(lag time.Duration) func(http.Handler) http.Handler {
	type past struct {
		rec *httptest.ResponseRecorder
		at  time.Time
	}
	return func(h http.Handler) http.Handler {
		var mu sync.Mutex
		read := map[string]past{}
		made := map[string]time.Time{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b := bodyOf(r)
			rec := recorded(h, r)
			mu.Lock()
			defer mu.Unlock()
			if r.Method == http.MethodPost && rec.Code == http.StatusCreated {
				if location := rec.Header().Get("Location"); location != "" {
					made[location[strings.LastIndex(location, "/")+1:]] = time.Now()
				}
			}
			looks := r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/.search")
			discovery := strings.HasSuffix(r.URL.Path, "/ServiceProviderConfig") || strings.Contains(r.URL.Path, "/Schemas") || strings.Contains(r.URL.Path, "/ResourceTypes")
			if at(r) == "" || !looks || discovery || r.Header.Get("If-None-Match") != "" {
				reply(w, rec, rec.Body.String())
				return
			}
			id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			if rec.Code == http.StatusOK && time.Since(made[id]) < lag {
				w.Header().Set("Content-Type", "application/scim+json")
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"not there yet"}`)
				return
			}
			key := r.Method + r.URL.String() + r.Header.Get("Authorization") + r.Header.Get("Accept") + string(b)
			if p, ok := read[key]; ok && time.Since(p.at) < lag {
				rec = p.rec
			} else {
				read[key] = past{rec, time.Now()}
			}
			reply(w, rec, rec.Body.String())
		})
	}
}

// isObject says whether b is a JSON object.
func isObject(b []byte) bool {
	var o map[string]any
	return json.Unmarshal(b, &o) == nil
}

// dropGroup leaves what is about groups out of a list of discovery.
func dropGroup(list []byte) string {
	var o map[string]any
	if json.Unmarshal(list, &o) != nil {
		return string(list)
	}
	var kept []any
	all, _ := o["Resources"].([]any)
	for _, r := range all {
		id, _ := r.(map[string]any)["id"].(string)
		if id != "Group" && !strings.HasSuffix(id, ":Group") {
			kept = append(kept, r)
		}
	}
	o["Resources"], o["totalResults"], o["itemsPerPage"] = kept, len(kept), len(kept)
	b, _ := json.Marshal(o)
	return string(b)
}

// names gives the names of an object's members.
func names(object []byte) []string {
	var o map[string]any
	_ = json.Unmarshal(object, &o)
	return slices.Collect(maps.Keys(o))
}

func readCloser(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }
