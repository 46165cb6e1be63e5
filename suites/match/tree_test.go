// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/scimproof/scimproof/suites/match"
)

func TestParseKeepsEverything(t *testing.T) {
	const text = `{"b":1.0,"a":[null,true,"\u00e4\/"],"b":1E2,"B":{},"\ud800":"x"}`
	tree, err := Parse([]byte("  " + text + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := tree.Root.JSON()
	if want := strings.Replace(text, `"\ud800"`, `"�"`, 1); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff(tree.Duplicates(), []Duplicate{{Where: "body", Names: []string{"b", "b", "B"}}}); diff != "" {
		t.Error(diff)
	}
}

func TestParseReadsInvalidUTF8(t *testing.T) {
	tree, err := Parse([]byte("{\"a\":\"x\xffy\"}"))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := tree.Root.Member("a")
	if m.Value.Raw != "\"x\xffy\"" || m.Value.Text != "x\uFFFDy" {
		t.Errorf("got raw %q, text %q", m.Value.Raw, m.Value.Text)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", " \n", "read JSON: no content"},
		{"two values", "{} {}", "read JSON: more bytes follow the value at offset 2"},
		{"deep", strings.Repeat("[", 70) + strings.Repeat("]", 70), "read JSON: nested deeper than 64"},
		{"cut short", `{"a":`, "read JSON: unexpected EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) && !strings.Contains(err.Error(), "EOF") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestFind(t *testing.T) {
	const text = `{"schemas":["urn:a"],"UserName":"x","userName":"y","emails":[{"value":"1","type":"work","primary":true},
{"value":"2","type":"home","n":3},{"value":"a]\"b","type":"other"}],"urn:x:2.0:User":{"a":{"b":1}}}`
	tree, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		want []string // where value
	}{
		{"userName", []string{`body.userName "y"`}},
		{"USERNAME", []string{`body.userName "y"`}},
		{"emails.value", []string{`body.emails[0].value "1"`, `body.emails[1].value "2"`, `body.emails[2].value "a]\"b"`}},
		{`emails[type eq "work"].value`, []string{`body.emails[0].value "1"`}},
		{`emails[type eq "work" and primary eq true].value`, []string{`body.emails[0].value "1"`}},
		{`emails[type eq "Work"].value`, nil},
		{`emails[primary eq "true"].value`, nil},
		{`emails[type ne "work" and n ge 3].value`, []string{`body.emails[1].value "2"`}},
		{`emails[value eq "a]\"b"].type`, []string{`body.emails[2].type "other"`}},
		{`emails[type sw "ho"].value`, []string{`body.emails[1].value "2"`}},
		{`emails[n pr].type`, []string{`body.emails[1].type "home"`}},
		{"emails[1].type", []string{`body.emails[1].type "home"`}},
		{"emails[9].type", nil},
		{`schemas[value eq "urn:a"]`, []string{`body.schemas[0] "urn:a"`}},
		{"urn:x:2.0:User:a.b", []string{"body.urn:x:2.0:User.a.b 1"}},
		{"URN:X:2.0:user", []string{`body.urn:x:2.0:User {"a":{"b":1}}`}},
		{"urn:y:a", nil},
		{"userName.x", nil},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			found, err := tree.Find(test.path)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.Where+" "+f.Node.JSON())
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParsePathRefuses(t *testing.T) {
	for _, path := range []string{
		"", ".", "a.", "a..b", "[0]", "a[", "a[]", "a[-1]", "a[b]", "a[b xx 1]", "a[b eq]", `a[b eq "x" or c pr]`, "a[0]b", `a[b eq "x" and ]`, "urn:",
	} {
		if _, err := ParsePath(path); err == nil {
			t.Errorf("%q: got no error", path)
		}
	}
}

func FuzzTree(f *testing.F) {
	for _, seed := range []string{alice, list, `[1e9999,-0,"\ud800"]`, "\uFEFF{}", "{\"a\":\"\xff\"}", `{"a":{"A":1},"a":[]}`} {
		f.Add([]byte(seed), "a.b")
	}
	f.Add([]byte(alice), `emails[type eq "work" and primary eq true].value`)
	f.Add([]byte(alice), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value")
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		tree, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse([]byte(tree.Root.JSON()))
		if err != nil {
			t.Fatalf("own text is not JSON: %v", err)
		}
		if ok, err := BeUnchangedSince(again.Root.JSON()).Match(tree.Root.JSON()); !ok || err != nil {
			t.Fatalf("text differs from itself: %v", err)
		}
		tree.Duplicates()
		if _, err := tree.Find(path); err != nil && !strings.Contains(err.Error(), "read path") {
			t.Fatalf("got %v", err)
		}
	})
}
