// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

// question is a filter: its text, and whether a resource satisfies it. The
// second part is written from RFC 7644 §3.4.2.2 and shares nothing with the
// server: it walks the JSON that the server showed.
type question struct {
	text string
	true func(map[string]any) bool
}

// valuesAt returns the values of a path in a resource: those of every element where
// an attribute has several.
func valuesAt(v any, path ...string) []any {
	if list, ok := v.([]any); ok {
		var all []any
		for _, e := range list {
			all = append(all, valuesAt(e, path...)...)
		}
		return all
	}
	if len(path) == 0 {
		if v == nil {
			return nil
		}
		return []any{v}
	}
	o, _ := v.(map[string]any)
	return valuesAt(o[path[0]], path[1:]...)
}

// compares says whether one value satisfies an operator.
func compares(op string, value, with any, exact bool) bool {
	if _, text := with.(string); !text {
		return (value == with) == (op == "eq")
	}
	text, _ := value.(string)
	a, b := text, with.(string)
	if !exact {
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	return map[string]bool{
		"eq": a == b, "ne": a != b, "co": strings.Contains(a, b), "sw": strings.HasPrefix(a, b), "ew": strings.HasSuffix(a, b),
		"gt": a > b, "ge": a >= b, "lt": a < b, "le": a <= b,
	}[op]
}

// holds says whether a comparison is true: for some value, or, for ne, where
// there is none.
func holds(op string, values []any, with any, exact bool) bool {
	if op == "pr" {
		return slices.ContainsFunc(values, func(v any) bool { return v != "" })
	}
	some := slices.ContainsFunc(values, func(v any) bool { return compares(op, v, with, exact) })
	return some || op == "ne" && len(values) == 0
}

// drawTerm draws a comparison of one of paths.
func drawTerm(r *rapid.T, paths ...string) question {
	path := rapid.SampledFrom(paths).Draw(r, "path")
	steps := strings.Split(path, ".")
	ops := []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}
	var with any = rapid.SampledFrom([]string{"a", "b", "ab", "A", "Ba", "work", "c", "user3", "USER", "x.test"}).Draw(r, "with")
	if steps[len(steps)-1] == "active" || steps[len(steps)-1] == "primary" {
		ops, with = []string{"eq", "ne", "pr"}, rapid.Bool().Draw(r, "flag")
	}
	op := rapid.SampledFrom(ops).Draw(r, "op")
	text := path + " " + op
	if op != "pr" {
		literal, _ := json.Marshal(with) // of a string or a boolean: never fails
		text += " " + string(literal)
	}
	if rapid.Bool().Draw(r, "shout") {
		text = strings.Replace(text, path, strings.ToUpper(path), 1)
	}
	exact := path == "meta.resourceType" // RFC 7643 §3.1
	return question{text, func(o map[string]any) bool { return holds(op, valuesAt(o, steps...), with, exact) }}
}

// drawQuestion draws a filter of some depth.
func drawQuestion(r *rapid.T, depth int) question {
	form := rapid.IntRange(0, 5).Draw(r, "form")
	if depth == 0 {
		form %= 3
	}
	switch form {
	case 2:
		in := drawTerm(r, "value", "type", "primary")
		if rapid.Bool().Draw(r, "two") {
			other := drawTerm(r, "value", "type", "primary")
			in = question{in.text + " and " + other.text, both(in, other)}
		}
		return question{"emails[" + in.text + "]", func(o map[string]any) bool {
			list, _ := o["emails"].([]any)
			return slices.ContainsFunc(list, func(e any) bool { return in.true(e.(map[string]any)) })
		}}
	case 3:
		a := drawQuestion(r, depth-1)
		return question{"not (" + a.text + ")", func(o map[string]any) bool { return !a.true(o) }}
	case 4:
		a, b := drawQuestion(r, depth-1), drawQuestion(r, depth-1)
		return question{"(" + a.text + ") and (" + b.text + ")", both(a, b)}
	case 5:
		// Without brackets: and binds before or.
		a, b, c := drawQuestion(r, 0), drawQuestion(r, 0), drawQuestion(r, 0)
		return question{a.text + " or " + b.text + " and " + c.text, func(o map[string]any) bool { return a.true(o) || b.true(o) && c.true(o) }}
	}
	return drawTerm(r, "userName", "title", "active", "name.familyName", "emails.value", "emails.type", "meta.resourceType", "displayName")
}

func both(a, b question) func(map[string]any) bool {
	return func(o map[string]any) bool { return a.true(o) && b.true(o) }
}

// drawUser draws what a user has besides the userName.
func drawUser(r *rapid.T) string {
	word := func(name string) string { return rapid.StringMatching(`[abAB]{1,3}`).Draw(r, name) }
	var b strings.Builder
	for _, name := range []string{"title", "displayName"} {
		if rapid.Bool().Draw(r, name) {
			fmt.Fprintf(&b, `,%q:%q`, name, word(name))
		}
	}
	if rapid.Bool().Draw(r, "family") {
		fmt.Fprintf(&b, `,"name":{"familyName":%q}`, word("familyName"))
	}
	if rapid.Bool().Draw(r, "flag") {
		fmt.Fprintf(&b, `,"active":%v`, rapid.Bool().Draw(r, "active"))
	}
	var emails []string
	for i, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"work", "home", "other"}), 0, 3, rapid.ID).Draw(r, "emails") {
		emails = append(emails, fmt.Sprintf(`{"value":"%s@x.test","type":%q,"primary":%v}`, word("email"), kind, i == 0))
	}
	if len(emails) > 0 {
		fmt.Fprintf(&b, `,"emails":[%s]`, strings.Join(emails, ","))
	}
	return b.String()
}

// What the server finds is what the RFC says, for directories and filters that
// nobody thought of.
func TestFiltersFindTheTruth(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := open(t, profile(profiles.RFC()))
		for i := range rapid.IntRange(1, 8).Draw(r, "users") {
			c.user(fmt.Sprintf("user%d", i), drawUser(r))
		}
		shown, _ := c.do("GET", neutral+"/Users", "").body["Resources"].([]any)
		for range 8 {
			q := drawQuestion(r, 2)
			want := []string{}
			for _, v := range shown {
				if o := v.(map[string]any); q.true(o) {
					want = append(want, fmt.Sprint(o["userName"]))
				}
			}
			a := c.do("GET", neutral+"/Users?filter="+url.QueryEscape(q.text), "")
			got := []string{}
			found, _ := a.body["Resources"].([]any)
			for _, v := range found {
				got = append(got, fmt.Sprint(v.(map[string]any)["userName"]))
			}
			if a.Code != 200 || !slices.Equal(got, want) {
				r.Fatalf("%s: got %d %v, want %v, of %v", q.text, a.Code, got, want, shown)
			}
		}
	})
}
