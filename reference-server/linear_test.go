// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// How much TestHistoriesAreLinearizable judges; `make linear` asks for more.
var (
	histories = flag.Int("histories", 10, "how many histories of each kind are judged")
	writers   = flag.Int("writers", 6, "how many clients a history has")
	moves     = flag.Int("moves", 12, "how many requests each client of a history sends")
)

// memberMove is a request about one member: "add", "remove" or "read", and what
// a read saw.
type memberMove struct {
	user int
	do   string
	is   bool
}

// memberModel says what one membership may do: whoever adds or removes it
// decides what the next read shows. Members are judged one by one, which a
// lost update cannot hide behind.
func memberModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := make([][]porcupine.Operation, *writers)
			for _, o := range history {
				user := o.Input.(memberMove).user
				parts[user] = append(parts[user], o)
			}
			return parts
		},
		Init: func() any { return false },
		Step: func(state, input, output any) (bool, any) {
			switch input.(memberMove).do {
			case "add":
				return true, true
			case "remove":
				return true, false
			}
			return output.(memberMove).is == state.(bool), state
		},
	}
}

// versionMove is a GET, or a PUT under If-Match, and the version it told of; ""
// says 412.
type versionMove struct{ match, version string }

// versionModel says what If-Match promises, RFC 7644 §3.14: a write succeeds
// exactly if the version is the one it names.
func versionModel(first string) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return first },
		Step: func(state, input, output any) (bool, any) {
			now, match, told := state.(string), input.(versionMove).match, output.(versionMove).version
			switch {
			case match == "":
				return told == now, now
			case match != now:
				return told == "", now
			}
			return told != "" && told != now, told
		},
	}
}

// nameMove is a POST of the one userName, or a DELETE of the user that had an id,
// and what came of it: the id of a new user, "" for a refusal.
type nameMove struct{ remove, id string }

// nameModel says what uniqueness promises: nobody is made while there is
// somebody of that name, and whoever is removed was there.
func nameModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			now, remove, made := state.(string), input.(nameMove).remove, output.(nameMove).id
			switch {
			case remove != "" && remove == now:
				return made == remove, ""
			case remove != "" || now != "":
				return made == "", now
			}
			return made != "", made
		},
	}
}

// script sends requests to a handler without a connection.
type script struct {
	t *testing.T
	h http.Handler
}

func (s script) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), method, neutral+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	s.h.ServeHTTP(rec, r)
	return rec
}

func (s script) made(path, body string) string {
	s.t.Helper()
	rec := s.do("POST", path, body)
	if rec.Code != 201 {
		s.t.Fatalf("POST %s: got %d %s", path, rec.Code, rec.Body)
	}
	return lastID(rec.Header().Get("Location"))
}

// together runs the writers and returns their history. move makes the nth
// request of a writer and says what went in and came out.
func together(move func(writer, n int, r *rand.Rand) (in, out any)) []porcupine.Operation {
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	var clock atomic.Int64
	for w := range *writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 7))
			for n := range *moves {
				called := clock.Add(1)
				in, out := move(w, n, r)
				o := porcupine.Operation{ClientId: w, Input: in, Call: called, Output: out, Return: clock.Add(1)}
				mu.Lock()
				history = append(history, o)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history
}

// memberships returns a history of memberships changed by PATCH.
func memberships(s script) []porcupine.Operation {
	ids := make([]string, *writers)
	for i := range ids {
		ids[i] = s.made("/Users", userBody(fmt.Sprintf("user%d", i)))
	}
	at := "/Groups/" + s.made("/Groups", groupBody("group"))
	ops := map[string]string{
		"add":    `{"op":"add","path":"members","value":[{"value":"%s"}]}`,
		"remove": `{"op":"remove","path":"members[value eq \"%s\"]"}`,
	}
	return together(func(_, _ int, r *rand.Rand) (in, out any) {
		m := memberMove{user: r.IntN(*writers), do: []string{"add", "remove", "read"}[r.IntN(3)]}
		if m.do != "read" {
			s.do("PATCH", at, patchBody(fmt.Sprintf(ops[m.do], ids[m.user])))
			return m, m
		}
		return m, memberMove{is: strings.Contains(s.do("GET", at, "").Body.String(), ids[m.user])}
	})
}

// versions returns a history of writes under If-Match, and the first version.
func versions(s script) ([]porcupine.Operation, string) {
	made := s.do("POST", "/Users", userBody("alice"))
	at, first := "/Users/"+lastID(made.Header().Get("Location")), made.Header().Get("ETag")
	known := make([]string, *writers) // what each writer saw last
	return together(func(w, n int, r *rand.Rand) (in, out any) {
		if known[w] == "" || r.IntN(2) == 0 {
			known[w] = s.do("GET", at, "").Header().Get("ETag")
			return versionMove{}, versionMove{version: known[w]}
		}
		match := known[w]
		rec := s.do("PUT", at, userBody("alice", fmt.Sprintf(`,"title":"%d of %d"`, n, w)), "If-Match", match)
		known[w] = ""
		return versionMove{match: match}, versionMove{version: map[bool]string{true: rec.Header().Get("ETag")}[rec.Code == 200]}
	}), first
}

// names returns a history of users of one userName who are made and removed.
func names(s script) []porcupine.Operation {
	known := make([]string, *writers) // whom each writer heard of last
	var last atomic.Value
	last.Store("")
	return together(func(w, _ int, r *rand.Rand) (in, out any) {
		known[w] = last.Load().(string)
		if known[w] != "" && r.IntN(2) == 0 {
			m := nameMove{remove: known[w]}
			if s.do("DELETE", "/Users/"+m.remove, "").Code == 204 {
				return m, nameMove{id: m.remove}
			}
			return m, nameMove{}
		}
		rec := s.do("POST", "/Users", userBody("alice"))
		if rec.Code != 201 {
			return nameMove{}, nameMove{}
		}
		id := lastID(rec.Header().Get("Location"))
		last.Store(id)
		return nameMove{}, nameMove{id: id}
	})
}

func newScript(t *testing.T, wrap func(http.Handler) http.Handler) script {
	t.Helper()
	s, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	return script{t, wrap(s)}
}

func TestHistoriesAreLinearizable(t *testing.T) {
	plain := func(h http.Handler) http.Handler { return h }
	judged := 0
	judge := func(kind string, m porcupine.Model, h []porcupine.Operation) {
		judged += len(h)
		if got := porcupine.CheckOperationsTimeout(m, h, time.Minute); got != porcupine.Ok {
			t.Fatalf("%s: got %s: no order of the requests explains %.2000v", kind, got, h)
		}
	}
	for range *histories {
		judge("members", memberModel(), memberships(newScript(t, plain)))
		h, first := versions(newScript(t, plain))
		judge("If-Match", versionModel(first), h)
		judge("userName", nameModel(), names(newScript(t, plain)))
	}
	t.Logf("%d histories of %d clients, %d requests: all are linearizable", 3**histories, *writers, judged)
}

// The judge must be able to say no: servers that read, think and then write
// lose updates, and it finds them out.
func TestLostUpdatesAreFound(t *testing.T) {
	const tries = 50
	found := func(name string, illegal func() bool) {
		for range tries {
			if illegal() {
				return
			}
		}
		t.Errorf("%s: no lost update was found in %d histories", name, tries)
	}
	found("members", func() bool {
		return porcupine.CheckOperationsTimeout(memberModel(), memberships(newScript(t, racyMembers)), 5*time.Second) == porcupine.Illegal
	})
	found("If-Match", func() bool {
		h, first := versions(newScript(t, racyVersions))
		return porcupine.CheckOperationsTimeout(versionModel(first), h, 5*time.Second) == porcupine.Illegal
	})
	found("userName", func() bool {
		return porcupine.CheckOperationsTimeout(nameModel(), names(newScript(t, racyNames)), 5*time.Second) == porcupine.Illegal
	})
}

// racyNames plants a third: uniqueness is looked up before the write, and not
// kept by it. Users are made under names of their own.
func racyNames(next http.Handler) http.Handler {
	var made atomic.Int64
	var alice atomic.Value // the id of whoever has the name
	alice.Store("")
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodDelete:
			alice.CompareAndSwap(lastID(r.URL.Path), "")
		case alice.Load() != "":
			rw.WriteHeader(http.StatusConflict)
			return
		default:
			for range 20 {
				runtime.Gosched()
			}
			rec := send(next, r, http.MethodPost, userBody(fmt.Sprint("alice", made.Add(1))))
			alice.Store(lastID(rec.Header().Get("Location")))
			rw.Header().Set("Location", rec.Header().Get("Location"))
			rw.WriteHeader(rec.Code)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

// racyMembers plants a lost update: a PATCH of a group becomes a GET, a change
// of the list, and a PUT of all of it.
func racyMembers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch || !strings.Contains(r.URL.Path, "/Groups/") {
			next.ServeHTTP(rw, r)
			return
		}
		var patch struct {
			Operations []struct {
				Op, Path string
				Value    []struct{ Value string }
			}
		}
		var group struct {
			Members []map[string]any `json:"members"`
		}
		body, _ := io.ReadAll(r.Body)
		rec := send(next, r, http.MethodGet, "")
		if json.Unmarshal(body, &patch) != nil || json.Unmarshal(rec.Body.Bytes(), &group) != nil {
			panic("the test writes and reads JSON") // a mistake in the test
		}
		for range 20 {
			runtime.Gosched()
		}
		var ids []string
		for _, m := range group.Members {
			if id := fmt.Sprint(m["value"]); !strings.Contains(patch.Operations[0].Path, id) {
				ids = append(ids, id)
			}
		}
		for _, v := range patch.Operations[0].Value {
			if !slices.Contains(ids, v.Value) {
				ids = append(ids, v.Value)
			}
		}
		send(next, r, http.MethodPut, groupBody("group", ids...))
		rw.WriteHeader(http.StatusNoContent)
	})
}

// racyVersions plants another: If-Match is compared before the write, and not
// by it.
func racyVersions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if match := r.Header.Get("If-Match"); match != "" {
			r.Header.Del("If-Match")
			if send(next, r, http.MethodGet, "").Header().Get("ETag") != match {
				rw.WriteHeader(http.StatusPreconditionFailed)
				return
			}
			for range 20 {
				runtime.Gosched()
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// send sends a request like r with another method and body.
func send(h http.Handler, r *http.Request, method, body string) *httptest.ResponseRecorder {
	again := r.Clone(r.Context())
	again.Method, again.Body, again.ContentLength = method, io.NopCloser(bytes.NewReader([]byte(body))), int64(len(body))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, again)
	return rec
}
