// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// people draws a user.
func people(r *rapid.T) *engine.Object {
	o := engine.NewObject("schemas", []any{scim.UserURN}, "userName", "a")
	for _, name := range []string{"title", "nickName"} {
		if rapid.Bool().Draw(r, name) {
			o.Set(name, words.Draw(r, name+" value"))
		}
	}
	if rapid.Bool().Draw(r, "name") {
		o.Set("name", engine.NewObject("givenName", words.Draw(r, "givenName")))
	}
	var emails []any
	for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"work", "home", "other"}), 0, 3, rapid.ID).Draw(r, "emails") {
		emails = append(emails, engine.NewObject("value", words.Draw(r, kind)+"@x.test", "type", kind))
	}
	if len(emails) > 0 {
		o.Set("emails", emails)
	}
	return o
}

var words = rapid.StringMatching(`[a-z]{1,4}`)

// operation draws one that is correct. Each works on an attribute of its own,
// whose number is area.
func operation(r *rapid.T, area int) string {
	op := rapid.SampledFrom([]string{"add", "replace"}).Draw(r, "op")
	value := words.Draw(r, "value")
	return rapid.SampledFrom([][]string{
		{`{"op":"` + op + `","path":"title","value":"` + value + `"}`, `{"op":"remove","path":"title"}`, `{"op":"` + op + `","value":{"title":"` + value + `"}}`},
		{`{"op":"` + op + `","path":"name.familyName","value":"` + value + `"}`, `{"op":"` + op + `","path":"name","value":{"givenName":"` + value + `"}}`, `{"op":"remove","path":"name"}`},
		{`{"op":"` + op + `","path":"emails","value":[{"value":"` + value + `@y.test","type":"work"}]}`, `{"op":"remove","path":"emails[type eq \"home\"]"}`, `{"op":"remove","path":"emails"}`},
		{`{"op":"` + op + `","path":"` + scim.EnterpriseUserURN + `:department","value":"` + value + `"}`, `{"op":"remove","path":"` + scim.EnterpriseUserURN + `"}`},
	}[area%4:area%4+1]).Draw(r, "area")[rapid.IntRange(0, 1).Draw(r, "form")]
}

// refused are operations that no user takes.
var refused = []string{
	`{"op":"remove","path":"userName"}`, `{"op":"replace","path":"nosuch","value":1}`, `{"op":"replace","path":"active","value":"maybe"}`,
	`{"op":"replace","path":"id","value":"x"}`, `{"op":"replace","path":"emails[type eq \"none\"].value","value":"x"}`,
}

func TestPatchLaws(t *testing.T) {
	rt := users(engine.Rules{})
	patch := func(r *rapid.T, o *engine.Object, list ...string) *engine.Object {
		next, _, err := rt.Patch(o, operations(t, `[`+strings.Join(list, ",")+`]`))
		if err != nil {
			r.Fatalf("%s of %s: %v", list, o, err)
		}
		return next
	}
	t.Run("replace twice is replace once", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			o, op := people(r), strings.Replace(operation(r, rapid.IntRange(0, 3).Draw(r, "n")), `"add"`, `"replace"`, 1)
			once := patch(r, o, op)
			if twice := patch(r, once, op); !engine.Equal(once, twice) {
				r.Fatalf("%s: once %s\ntwice %s", op, once, twice)
			}
		})
	})
	t.Run("what does not touch the same may change places", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			n := rapid.IntRange(0, 3).Draw(r, "n")
			o, a, b := people(r), operation(r, n), operation(r, n+rapid.IntRange(1, 3).Draw(r, "further"))
			if ab, ba := patch(r, o, a, b), patch(r, o, b, a); !engine.Equal(ab, ba) {
				r.Fatalf("%s then %s: %s\nthe other way: %s", a, b, ab, ba)
			}
		})
	})
	t.Run("one request is as good as two", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			o, a, b := people(r), operation(r, rapid.IntRange(0, 3).Draw(r, "n")), operation(r, rapid.IntRange(0, 3).Draw(r, "m"))
			if one, two := patch(r, o, a, b), patch(r, patch(r, o, a), b); !engine.Equal(one, two) {
				r.Fatalf("%s and %s: in one %s\nin two %s", a, b, one, two)
			}
		})
	})
	t.Run("a PATCH that fails changes nothing", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			o := people(r)
			before := o.String()
			ops := operations(t, `[`+operation(r, rapid.IntRange(0, 3).Draw(r, "n"))+`,`+rapid.SampledFrom(refused).Draw(r, "refused")+`]`)
			next, changed, err := rt.Patch(o, ops)
			if err == nil || next != nil || changed || o.String() != before {
				r.Fatalf("got %s, %v, %v; o is %s, was %s", next, changed, err, o, before)
			}
		})
	})
	t.Run("a PATCH leaves what it was given", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			o := people(r)
			before := o.String()
			patch(r, o, operation(r, rapid.IntRange(0, 3).Draw(r, "n")))
			if o.String() != before {
				r.Fatalf("o is %s, was %s", o, before)
			}
		})
	})
}
