// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"testing"

	"github.com/scimproof/scimproof/fixtures/vectors"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// What Parse accepts it writes in a form that it reads as the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,"x",null,{"b":false}]}`, `{"a":1,"A":2}`, `{"a":"\ud83d\ude00"}`, `{"a":`, `[]`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := engine.Parse(b, engine.Limits{MaxBytes: 1 << 16})
		if err != nil {
			if status, _ := kind(err); status != 400 && status != 413 {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		again, err := engine.Parse(o.Append(nil), engine.Limits{})
		if err != nil || !engine.Equal(o, again) {
			t.Fatalf("%s: %v", o, err)
		}
	})
}

// What ParseFilter accepts survives being written, and can be asked.
func FuzzFilter(f *testing.F) {
	set, err := vectors.Filters()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range set.Vectors {
		f.Add(v.Filter)
	}
	rt, o := users(engine.Rules{}), parse(f, set.Resources["alice"])
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := engine.ParseFilter(s)
		if err != nil {
			if _, scimType := kind(err); scimType != "invalidFilter" {
				t.Fatal(err)
			}
			return
		}
		again, err := engine.ParseFilter(parsed.String())
		if err != nil || !again.Equal(parsed) {
			t.Fatalf("%q became %q: %v", s, parsed, err)
		}
		got, err := rt.Match(parsed, o)
		if err == nil {
			if second, _ := rt.Match(again, o); second != got {
				t.Fatalf("%q and %q differ", s, again)
			}
		}
	})
}

// What ParsePath accepts survives being written.
func FuzzPath(f *testing.F) {
	all, err := vectors.Paths()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range all {
		f.Add(v.Path)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := engine.ParsePath(s)
		if err != nil {
			if _, scimType := kind(err); scimType != "invalidPath" {
				t.Fatal(err)
			}
			return
		}
		again, err := engine.ParsePath(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q became %q: %v", s, p, err)
		}
	})
}

// No PATCH touches the resource it is applied to, and what comes out is a
// resource that PUT would take and that a second run of Patch takes as it is.
func FuzzPatch(f *testing.F) {
	set, err := vectors.Patches()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range set.Vectors {
		f.Add(v.Resource, v.Operations)
	}
	f.Fuzz(func(t *testing.T, name, list string) {
		rt := users(engine.Rules{})
		if name == "group" {
			rt = groups()
		}
		text, ok := set.Resources[name]
		body, err := engine.Parse(fmt.Appendf(nil, `{"schemas":["%s"],"Operations":%s}`, scim.PatchOpURN, list), engine.Limits{})
		if !ok || err != nil {
			return
		}
		ops, err := engine.ParsePatch(body)
		if err != nil {
			return
		}
		o, pristine := parse(t, text), parse(t, text)
		next, changed, err := rt.Patch(o, ops)
		if !engine.Equal(o, pristine) {
			t.Fatalf("%s changed the resource to %s", list, o)
		}
		if err != nil {
			return
		}
		if changed == engine.Equal(next, o) {
			t.Fatalf("%s: changed is %v for %s", list, changed, next)
		}
		normal, err := rt.Normalize(next)
		if err != nil || !engine.Equal(normal, next) {
			t.Fatalf("%s made %s, which PUT takes as %s, %v", list, next, normal, err)
		}
	})
}
