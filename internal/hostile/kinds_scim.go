// SPDX-License-Identifier: Apache-2.0

package hostile

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

func identity() []Kind {
	location := func(values ...string) wrap { return head(posts, "Location", values...) }
	return []Kind{
		{Name: "no-location", Wrap: location(), Exit: judged()},
		{Name: "no-id", Wrap: member(posts, "id", nil), Exit: judged()},
		{Name: "empty-id", Wrap: member(posts, "id", ""), Exit: judged()},
		{Name: "number-id", Wrap: member(posts, "id", 7), Exit: judged()},
		{Name: "climbing-id", Wrap: member(posts, "id", "../../admin?x=#y%2f "), Exit: judged()},
		{Name: "dot-id", Wrap: member(posts, "id", ".."), Exit: judged()},
		{Name: "long-id", Wrap: member(posts, "id", strings.Repeat("i", 10_000)), Exit: judged()},
		{Name: "location-elsewhere", Wrap: location("https://evil.example/scim/v2/Users/1"), Exit: judged()},
		{Name: "location-script", Wrap: location("javascript:alert(1)"), Exit: judged()},
		{Name: "location-file", Wrap: location("file:///etc/passwd"), Exit: judged()},
		{Name: "locations", Wrap: location("/scim/v2/Users/1", "/scim/v2/Users/2"), Exit: judged()},
		{Name: "200-for-201", Wrap: status(posts, 200), Exit: judged()},
		{Name: "same-id-twice", Wrap: member(posts, "id", "1"), Exit: judged()},
		{Name: "201-not-stored", Wrap: on(posts, func(_ *Provider, w http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, strings.Replace(string(body), "{", `{"id":"nowhere",`, 1))
		}), Exit: judged()},
		{Name: "409-for-new", Wrap: on(posts, func(p *Provider, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusConflict)
			_, _ = fmt.Fprintf(w, `{"status":"409","scimType":"uniqueness","detail":"exists as %s","id":%[1]q}`, p.Foreign[0])
		}), Exit: judged()},
		{Name: "id-changes", Wrap: member(func(q *http.Request) bool { return q.Method == http.MethodPatch || q.Method == http.MethodPut }, "id", "another"), Exit: judged()},
		{Name: "stored-under-another-name", Wrap: member(reads, "userName", "somebody@else.example"), Exit: judged()},
		{Name: "reply-lost", Wrap: lose, Exit: judged()},
		{Name: "500-after-create", Wrap: status(posts, 500), Exit: judged()},
		Adoption()[0], Adoption()[1], Adoption()[2], Adoption()[3],
	}
}

// Adoption lists the kinds that answer a create with the id of a user whom the
// run did not make.
func Adoption() []Kind {
	return []Kind{
		{Name: "adopts-echoing-the-name", Exit: judged(), Wrap: on(newUsers, func(p *Provider, w http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, strings.Replace(string(body), "{", `{"id":"`+p.Foreign[0]+`",`, 1))
		})},
		{Name: "adopts-showing-whom", Exit: judged(), Wrap: on(newUsers, func(p *Provider, w http.ResponseWriter, _ *http.Request) {
			_, b := p.ask(http.MethodGet, "/Users/"+p.Foreign[0], "")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(b)
		})},
		{Name: "upserts-by-email", Exit: judged(), Wrap: func(p *Provider, next http.Handler) http.Handler {
			upsert := on(newUsers, func(p *Provider, w http.ResponseWriter, q *http.Request) {
				body, _ := io.ReadAll(q.Body)
				_, b := p.ask(http.MethodPut, "/Users/"+p.Foreign[0], string(body))
				w.WriteHeader(http.StatusCreated)
				_, _ = w.Write(b)
			})(p, next)
			return change(reads, func(p *Provider, q *http.Request, r *httptest.ResponseRecorder) {
				if strings.HasSuffix(q.URL.Path, p.Foreign[0]) { // who has been there for years
					edit(r, func(m map[string]any) { m["meta"] = map[string]any{"created": "2020-01-01T00:00:00Z"} })
				}
			})(p, upsert)
		}},
		{Name: "adopts-in-bulk", Exit: judged(), Wrap: change(func(q *http.Request) bool { return strings.HasSuffix(q.URL.Path, "/Bulk") },
			func(p *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
				edit(r, func(m map[string]any) {
					list, _ := m["Operations"].([]any)
					for _, op := range list {
						if o, ok := op.(map[string]any); ok {
							o["location"] = p.URL + "/Users/" + p.Foreign[0]
						}
					}
				})
			})},
	}
}

func newUsers(q *http.Request) bool { return posts(q) && strings.HasSuffix(q.URL.Path, "/Users") }

// lose makes what it is asked to, and closes the connection without a word.
func lose(_ *Provider, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !posts(q) {
			next.ServeHTTP(w, q)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), q)
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = c.Close()
		}
	})
}

func lying() []Kind {
	var n atomic.Int64
	every := func(k int64, which func(*http.Request) bool) func(*http.Request) bool {
		return func(q *http.Request) bool { return which(q) && n.Add(1)%k == 0 }
	}
	meta := func(name string, value any) wrap {
		return change(later, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
			edit(r, func(m map[string]any) {
				if inner, ok := m["meta"].(map[string]any); ok {
					inner[name] = value
				}
			})
		})
	}
	cursor := func(next func(n int64) string) wrap {
		return change(lists, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
			edit(r, func(m map[string]any) { m["nextCursor"], m["totalResults"] = next(n.Add(1)), 1<<40 })
		})
	}
	return []Kind{
		{Name: "deleted-but-there", Wrap: say(func(q *http.Request) bool { return q.Method == http.MethodDelete }, 204, ""), Exit: judged()},
		{Name: "404-now-and-then", Wrap: say(every(3, reads), 404, `{"status":"404"}`), Exit: judged()},
		{Name: "modified-in-the-future", Wrap: meta("lastModified", "9999-12-31T23:59:59Z"), Exit: judged()},
		{Name: "modified-is-no-date", Wrap: meta("lastModified", Nasty), Exit: judged()},
		{Name: "clock-wrong-by-years", Wrap: head(later, "Date", "Thu, 01 Jan 1970 00:00:00 GMT"), Exit: judged()},
		{Name: "etags-odd", Wrap: head(later, "ETag", "not quoted", Nasty[:1]), Exit: judged()},
		{Name: "total-is-text", Wrap: member(lists, "totalResults", "many"), Exit: judged()},
		{Name: "total-is-negative", Wrap: member(lists, "totalResults", -5), Exit: judged()},
		{Name: "total-is-10^18", Wrap: member(lists, "totalResults", int64(1e18)), Exit: judged()},
		{Name: "total-changes", Wrap: change(lists, func(_ *Provider, _ *http.Request, r *httptest.ResponseRecorder) {
			edit(r, func(m map[string]any) { m["totalResults"] = n.Add(7) })
		}), Exit: judged()},
		{Name: "resources-missing", Wrap: member(lists, "Resources", nil), Exit: judged()},
		{Name: "resources-null", Wrap: replace(lists, func([]byte) []byte { return []byte(`{"totalResults":3,"Resources":null}`) }), Exit: judged()},
		{Name: "resources-object", Wrap: member(lists, "Resources", map[string]any{"id": "1"}), Exit: judged()},
		{Name: "start-ignored", Wrap: func(_ *Provider, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if lists(q) {
					v := q.URL.Query()
					v.Del("startIndex")
					q.URL.RawQuery = v.Encode()
				}
				next.ServeHTTP(w, q)
			})
		}, Exit: judged()},
		{Name: "filter-ignored", Wrap: func(_ *Provider, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if lists(q) {
					q.URL.RawQuery = ""
				}
				next.ServeHTTP(w, q)
			})
		}, Exit: judged()},
		{Name: "endless-cursor", Wrap: cursor(func(n int64) string { return fmt.Sprint("c", n) }), Exit: judged()},
		{Name: "same-cursor", Wrap: cursor(func(int64) string { return "again" }), Exit: judged()},
		{Name: "cursor-of-1-MB", Wrap: cursor(func(n int64) string { return strings.Repeat("c", 1_000_000) + fmt.Sprint(n) }), Exit: judged()},
		{Name: "cursor-with-a-filter", Wrap: cursor(func(int64) string { return `x&filter=userName pr` }), Exit: judged()},
	}
}

func redirects() []Kind {
	to := func(status int, which func(*http.Request) bool, location func(q *http.Request, n int64) string) wrap {
		var n atomic.Int64
		return on(which, func(_ *Provider, w http.ResponseWriter, q *http.Request) {
			if l := location(q, n.Add(1)); l != "" {
				w.Header().Set("Location", l)
			}
			w.WriteHeader(status)
		})
	}
	fixed := func(l string) func(*http.Request, int64) string {
		return func(*http.Request, int64) string { return l }
	}
	other := func(q *http.Request, _ int64) string { return "http://localhost:1" + q.URL.RequestURI() }
	return []Kind{
		{Name: "redirect-loop", Wrap: to(307, later, func(q *http.Request, _ int64) string { return q.URL.RequestURI() }), Exit: judged()},
		{Name: "redirect-chain", Wrap: to(308, later, func(_ *http.Request, n int64) string { return fmt.Sprint(path, "/Users/", n) }), Exit: judged()},
		{Name: "redirect-elsewhere", Wrap: to(307, later, other), Exit: judged()},
		{Name: "redirect-at-once", Wrap: to(302, all, other), Exit: away()},
		{Name: "redirect-to-metadata", Wrap: to(302, later, fixed("http://169.254.169.254/latest/meta-data")), Exit: judged()},
		{Name: "redirect-to-a-file", Wrap: to(301, later, fixed("file:///etc/passwd")), Exit: judged()},
		{Name: "redirect-of-writes", Wrap: to(302, writes, fixed(path+"/Users")), Exit: judged()},
		{Name: "redirect-to-a-foreign-user", Wrap: func(p *Provider, next http.Handler) http.Handler {
			return to(308, func(q *http.Request) bool {
				return writes(q) && !posts(q) && !strings.Contains(q.URL.Path, p.Foreign[0])
			}, func(*http.Request, int64) string { return path + "/Users/" + p.Foreign[0] })(p, next)
		}, Exit: judged()},
		{Name: "redirect-without-location", Wrap: to(307, later, fixed("")), Exit: judged()},
	}
}

func throttling() []Kind {
	after := func(value string) wrap { return say(later, 429, `{"status":"429"}`, "Retry-After", value) }
	var n atomic.Int64
	return []Kind{
		{Name: "429-without-time", Wrap: say(later, 429, `{"status":"429"}`), Exit: judged()},
		{Name: "429-for-30-years", Wrap: after("1000000000"), Exit: judged()},
		{Name: "429-negative", Wrap: after("-5"), Exit: judged()},
		{Name: "429-a-word", Wrap: after("soon"), Exit: judged()},
		{Name: "429-at-once", Wrap: say(all, 429, `{"status":"429"}`, "Retry-After", "1000000000"), Exit: away()},
		{Name: "503-for-ever", Wrap: say(later, 503, ""), Exit: judged()},
		{Name: "503-at-once", Wrap: say(all, 503, ""), Exit: away()},
		{Name: "401-in-the-middle", Wrap: say(func(q *http.Request) bool { return later(q) && n.Add(1) > 5 }, 401, `{"status":"401"}`), Exit: judged()},
		{Name: "401-at-once", Wrap: say(all, 401, "", "WWW-Authenticate", strings.Repeat(`Basic realm="x", `, 100)), Exit: away()},
	}
}

func discovery() []Kind {
	config := func(q *http.Request) bool { return strings.HasSuffix(q.URL.Path, "Config") }
	types := func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/ResourceTypes") }
	schemas := func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/Schemas") }
	endpoint := func(e string) string {
		return string(quoted(map[string]any{"totalResults": 1, "Resources": []any{map[string]any{"id": "User", "name": "User", "endpoint": e, "schema": "urn:ietf:params:scim:schemas:core:2.0:User"}}}))
	}
	inner := map[string]any{"name": "a", "type": "complex"}
	for range 40 {
		inner = map[string]any{"name": "a", "type": "complex", "subAttributes": []any{inner}}
	}
	var many []any
	for i := range 10_000 {
		many = append(many, map[string]any{"id": fmt.Sprint("urn:x:", i), "name": Nasty, "attributes": []any{inner}})
	}
	crowd, err := json.Marshal(map[string]any{"totalResults": len(many), "Resources": many})
	if err != nil {
		panic("hostile: " + err.Error()) // a defect of the table
	}
	return []Kind{
		{Name: "config-missing", Wrap: say(config, 404, ""), Exit: judged()},
		{Name: "config-of-wrong-types", Wrap: say(config, 200, `{"patch":"yes","bulk":[1],"filter":{"supported":"true","maxResults":-1},"pagination":{"cursor":{}}}`), Exit: judged()},
		{Name: "config-lies", Wrap: say(config, 200, `{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":1e9},"sort":{"supported":true},"etag":{"supported":true},"filter":{"supported":true}}`), Exit: judged()},
		{Name: "config-hangs", Wrap: raw(config, hang("")), Exit: judged()},
		{Name: "endpoint-absolute", Wrap: say(types, 200, endpoint("https://evil.example/Users")), Exit: judged()},
		{Name: "endpoint-of-another-host", Wrap: say(types, 200, endpoint("//evil.example/Users")), Exit: judged()},
		{Name: "endpoint-climbs", Wrap: say(types, 200, endpoint("/../admin")), Exit: judged()},
		{Name: "endpoint-empty", Wrap: say(types, 200, endpoint("")), Exit: judged()},
		{Name: "ten-thousand-schemas", Wrap: say(schemas, 200, string(crowd)), Exit: judged()},
		{Name: "slow-with-cookies", Wrap: func(_ *Provider, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				<-time.After(20 * time.Millisecond)
				for _, h := range []string{"Set-Cookie", "Alt-Svc", "Clear-Site-Data", "Refresh"} {
					w.Header().Set(h, `x="evil.example:443"; url=http://evil.example/`)
				}
				next.ServeHTTP(w, q)
			})
		}, Exit: judged()},
	}
}
