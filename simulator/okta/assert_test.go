// SPDX-License-Identifier: Apache-2.0

package okta_test

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

// year is what happens in a year of an organisation, in few acts.
const year = `
directory:
  people:
    - {id: ada, userName: ada@example.test, givenName: Ada, familyName: Test, title: Engineer, department: "R&D / Ü"}
    - {id: bob, userName: "o'bob+x@example.test", givenName: Bob, familyName: Šťastný}
    - {id: eve, userName: eve@example.test, givenName: Eve, familyName: Hill}
  groups:
    - {id: inner, displayName: Inner, members: [bob]}
    - {id: outer, displayName: Outer / 山, members: [ada, inner]}
changes:
  - assign: outer
  - push: outer
  - set: {person: ada, title: Staff Engineer}
  - add: {group: outer, members: [eve]}
  - rename: {group: outer, displayName: Outer 2}
  - members: {group: outer, add: [], remove: [ada]}
  - add: {group: inner, members: [ada]}
  - disable: bob
  - enable: bob
  - push_now: outer
  - import: users
  - unassign: outer
  - assign: [ada, bob, eve]
  - delete: eve
  - restore: eve
  - unlink: {group: outer, delete: true}
  - unassign: eve
`

// TestOwnRequests holds what is known of Okta's requests against everything
// that the simulator sends in such a year.
func TestOwnRequests(t *testing.T) {
	for _, dialect := range []string{"okta-oin", "okta-aiw"} {
		provider := reference(t)
		r := play(t, dialect, year, provider)
		if !r.Converged() {
			t.Errorf("%s: tasks %v, differences %v", dialect, r.Tasks, r.Differences)
		}
		sent := provider.sent[:r.Requests]
		tests := map[string]func(*testing.T, []request){
			"sim-okta-ua": headers, "sim-okta-headers": headers, "sim-okta-compact-json": compact, "sim-okta-query": queries,
			"sim-okta-lookup-first": lookupFirst, "sim-okta-create-order": createOrder, "sim-okta-unmapped-absent": unmappedAbsent,
			"sim-okta-put-after-get": putAfterGet, "sim-okta-never-delete-user": neverDelete, "sim-okta-no-discovery": noDiscovery,
		}
		if dialect == "okta-oin" {
			tests["sim-okta-patch-nopath"] = patchWithoutPath
			tests["sim-okta-rename-before-members"] = renameBeforeMembers
			tests["sim-okta-remove-then-add"] = removeThenAdd
		} else {
			tests["sim-okta-aiw-group-four-calls"] = fourCalls
			tests["no-patch"] = noPatch
		}
		for name, test := range tests {
			t.Run(dialect+"/"+name, func(t *testing.T) { test(t, sent) })
		}
	}
}

func headers(t *testing.T, sent []request) {
	for _, q := range sent {
		want := http.Header{
			"Accept": {"application/scim+json"}, "Accept-Charset": {"utf-8"}, "Accept-Encoding": {"gzip,deflate"},
			"User-Agent": {"Okta SCIM Client 1.0.0"}, "Authorization": {"Bearer " + token},
		}
		if len(q.Body) > 0 {
			want["Content-Type"] = []string{"application/scim+json; charset=utf-8"}
		}
		for _, name := range []string{"Accept", "Accept-Charset", "Accept-Encoding", "User-Agent", "Authorization", "Content-Type"} {
			if got := q.Header[name]; !slices.Equal(got, want[name]) {
				t.Errorf("%s %s: %s is %q, want %q", q.Method, q.Path, name, got, want[name])
			}
		}
		if len(q.Header) > len(want) {
			t.Errorf("%s %s: other headers: %v", q.Method, q.Path, q.Header)
		}
	}
}

func compact(t *testing.T, sent []request) {
	bodies := 0
	for _, q := range sent {
		if len(q.Body) == 0 {
			continue
		}
		bodies++
		v := jsontext.Value(bytes.Clone(q.Body))
		if err := v.Compact(); err != nil || !bytes.Equal(v, q.Body) {
			t.Errorf("%s %s: not compact (%v): %s", q.Method, q.Path, err, q.Body)
		}
		if q.Length != int64(len(q.Body)) {
			t.Errorf("%s %s: length %d of %d", q.Method, q.Path, q.Length, len(q.Body))
		}
		if bytes.Contains(q.Body, []byte(`\u`)) || bytes.Contains(q.Body, []byte(`\/`)) {
			t.Errorf("%s %s: escapes what needs none: %s", q.Method, q.Path, q.Body)
		}
	}
	if bodies == 0 {
		t.Error("no bodies")
	}
}

var query = regexp.MustCompile(`^/(Users|Groups)\?(filter=(userName|displayName)%20eq%20%22[A-Za-z0-9%._-]+%22&)?startIndex=\d+&count=(2|100)$`)

func queries(t *testing.T, sent []request) {
	for _, q := range sent {
		if strings.Contains(q.Path, "?") && !query.MatchString(q.Path) {
			t.Errorf("query %s", q.Path)
		}
	}
	if !slices.ContainsFunc(sent, func(q request) bool { return strings.Contains(q.Path, "%22o%27bob%2Bx%40example.test%22") }) {
		t.Error("no look-up with a plus sign and an apostrophe")
	}
}

func lookupFirst(t *testing.T, sent []request) {
	found := 0
	for i, q := range sent {
		if q.Method != http.MethodPost || q.Path != "/Users" {
			continue
		}
		found++
		if i == 0 || sent[i-1].Method != http.MethodGet || !strings.HasPrefix(sent[i-1].Path, "/Users?filter=userName") {
			t.Errorf("POST /Users after %s %s", sent[i-1].Method, sent[i-1].Path)
		}
	}
	if found != 3 {
		t.Errorf("%d people were created, want 3", found)
	}
}

// names gives the members of the object in a body, in order.
func names(t *testing.T, body []byte) []string {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(body))
	var all []string
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = d.ReadToken(); err == nil {
			all = append(all, name.String())
			err = d.SkipValue()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func createOrder(t *testing.T, sent []request) {
	for _, q := range sent {
		if q.Method != http.MethodPost || q.Path != "/Users" {
			continue
		}
		got := slices.DeleteFunc(names(t, q.Body), func(s string) bool { return s == "title" || strings.HasPrefix(s, "urn:") })
		want := []string{"schemas", "userName", "name", "emails", "displayName", "locale", "externalId", "groups", "password", "active"}
		if !slices.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
		if !bytes.Contains(q.Body, []byte(`"groups":[]`)) {
			t.Errorf("groups are not empty: %s", q.Body)
		}
	}
}

func unmappedAbsent(t *testing.T, sent []request) {
	for _, q := range sent {
		if q.Method == http.MethodPost && (bytes.Contains(q.Body, []byte("null")) || bytes.Contains(q.Body, []byte(`""`))) {
			t.Errorf("empty values in a creation: %s", q.Body)
		}
		if q.Path == "/Users" && bytes.Contains(q.Body, []byte("eve@")) && bytes.Contains(q.Body, []byte("title")) {
			t.Errorf("eve has no title: %s", q.Body)
		}
	}
}

func putAfterGet(t *testing.T, sent []request) {
	puts := 0
	for i, q := range sent {
		if q.Method != http.MethodPut {
			continue
		}
		puts++
		if before := sent[i-1]; before.Method != http.MethodGet || before.Path != q.Path {
			t.Errorf("PUT %s after %s %s", q.Path, before.Method, before.Path)
		}
	}
	if puts == 0 {
		t.Error("no PUT")
	}
}

func neverDelete(t *testing.T, sent []request) {
	for _, q := range sent {
		if q.Method == http.MethodDelete && !strings.HasPrefix(q.Path, "/Groups/") {
			t.Errorf("DELETE %s", q.Path)
		}
	}
}

func noDiscovery(t *testing.T, sent []request) {
	for _, q := range sent {
		if !strings.HasPrefix(q.Path, "/Users") && !strings.HasPrefix(q.Path, "/Groups") {
			t.Errorf("%s %s", q.Method, q.Path)
		}
	}
}

func noPatch(t *testing.T, sent []request) {
	for _, q := range sent {
		if q.Method == http.MethodPatch {
			t.Errorf("PATCH %s", q.Path)
		}
	}
}

func patchWithoutPath(t *testing.T, sent []request) {
	form := regexp.MustCompile(`^\{"schemas":\["urn:ietf:params:scim:api:messages:2.0:PatchOp"\],"Operations":\[\{"op":"replace","value":\{"active":(true|false)\}\}\]\}$`)
	found := 0
	for _, q := range sent {
		if q.Method == http.MethodPatch && strings.HasPrefix(q.Path, "/Users/") {
			found++
			if !form.Match(q.Body) {
				t.Errorf("PATCH %s", q.Body)
			}
		}
	}
	if found < 8 {
		t.Errorf("%d users were patched, want at least 8", found)
	}
}

func renameBeforeMembers(t *testing.T, sent []request) {
	found := 0
	for i, q := range sent {
		if q.Method != http.MethodPatch || !bytes.Contains(q.Body, []byte(`"members`)) || bytes.Contains(q.Body, []byte(`"replace","path":"members"`)) {
			continue
		}
		found++
		id := strings.TrimPrefix(q.Path, "/Groups/")
		if before := sent[i-1]; before.Path != q.Path || !bytes.Contains(before.Body, []byte(`{"op":"replace","value":{"id":"`+id+`","displayName":"Outer`)) {
			t.Errorf("membership after %s %s", before.Path, before.Body)
		}
	}
	if found < 4 {
		t.Errorf("%d changes of membership, want at least 4", found)
	}
}

func removeThenAdd(t *testing.T, sent []request) {
	for _, q := range sent {
		if add := bytes.Index(q.Body, []byte(`"op":"add"`)); add >= 0 && bytes.Contains(q.Body[add:], []byte(`"op":"remove"`)) {
			t.Errorf("a removal after an addition: %s", q.Body)
		}
		if bytes.Count(q.Body, []byte(`"op":"add"`)) > 1 {
			t.Errorf("two additions: %s", q.Body)
		}
	}
}

func fourCalls(t *testing.T, sent []request) {
	at := slices.IndexFunc(sent, func(q request) bool { return q.Method == http.MethodPost && q.Path == "/Groups" })
	if at < 1 || at+2 >= len(sent) {
		t.Fatal("no POST /Groups")
	}
	put := sent[at+2]
	if !strings.HasPrefix(sent[at-1].Path, "/Groups?filter=displayName") || sent[at+1].Method != http.MethodGet || put.Method != http.MethodPut || sent[at+1].Path != put.Path {
		t.Errorf("calls %v", lines(sent[at-1:at+3]))
	}
	if got, want := names(t, put.Body), []string{"schemas", "id", "displayName", "members"}; !slices.Equal(got, want) {
		t.Errorf("members of PUT %v, want %v", got, want)
	}
}

// TestChunks holds that a membership goes out in hundreds, removals in one
// PATCH with additions, and the name before each.
func TestChunks(t *testing.T) {
	provider := reference(t)
	r, err := simulate(t, "okta-oin", `changes: [{group: {id: all, displayName: All, members: `+ids(250)+`}}, {push: all},
  {members: {group: all, remove: `+ids(30)+`}}, {group: {id: few, displayName: Few}}]`, simulator.Options{
		Handler: provider, Population: directory.Population{People: 250, Seed: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Converged() {
		t.Errorf("tasks %v, differences %v", r.Tasks, r.Differences)
	}
	var got []int
	for _, q := range provider.sent[:r.Requests] {
		if q.Method == http.MethodPatch && bytes.Contains(q.Body, []byte(`"members`)) {
			got = append(got, bytes.Count(q.Body, []byte(`"display"`))+bytes.Count(q.Body, []byte(`"remove"`)))
		}
	}
	if want := []int{100, 100, 50, 30}; !slices.Equal(got, want) {
		t.Errorf("changes in each PATCH: %v, want %v", got, want)
	}
}

// ids gives the first n people of a population.
func ids(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "p" + strconv.Itoa(i+1)
	}
	return "[" + strings.Join(all, ", ") + "]"
}
