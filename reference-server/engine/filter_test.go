// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func TestFilterBounds(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("not (", n) + "title pr" + strings.Repeat(")", n) }
	terms := func(n int) string { return strings.Repeat("title pr or ", n-1) + "title pr" }
	for _, c := range []struct {
		name, filter string
		ok           bool
	}{
		{"32 brackets", nested(32), true},
		{"33 brackets", nested(33), false},
		{"value path is a bracket", strings.Repeat("(", 32) + `emails[type pr]` + strings.Repeat(")", 32), false},
		{"3,000 brackets", nested(3000), false},
		{"256 terms", terms(256), true},
		{"257 terms", terms(257), false},
		{"16 KiB", `title eq "` + strings.Repeat("x", 16<<10-11) + `"`, true},
		{"16 KiB and one", `title eq "` + strings.Repeat("x", 16<<10-10) + `"`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := engine.ParseFilter(c.filter)
			if _, scimType := kind(err); (err == nil) != c.ok || err != nil && scimType != "invalidFilter" {
				t.Errorf("got %v, want accepted %v", err, c.ok)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	if _, err := engine.ParsePath("emails[" + nested(33) + "]"); err == nil {
		t.Error("a path may nest deeper than a filter")
	}
}

// Datadog's documentation writes values without quotes.
func TestUnquoted(t *testing.T) {
	o := parse(t, `{"userName":"alice@example.test","title":"42","active":true}`)
	for _, c := range []struct {
		filter string
		want   bool
	}{
		{`userName eq alice@example.test`, true},
		{`userName eq bob and title pr`, false},
		{`(userName eq alice@example.test)`, true},
		{`title eq 42`, true},
		{`title eq true`, false},
		{`active eq true`, true},
		{`userName eq "alice@example.test"`, true},
	} {
		t.Run(c.filter, func(t *testing.T) {
			f, err := engine.FilterOptions{Unquoted: true}.Parse(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			got, err := users(engine.Rules{}).Match(f, o)
			if err != nil || got != c.want {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
	for _, bad := range []string{`userName eq 'x'`, `userName eq "x`, `userName eq `, `userName eq a"b`} {
		if _, err := (engine.FilterOptions{Unquoted: true}).Parse(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestEqualities(t *testing.T) {
	ext := scim.EnterpriseUserURN + ":employeeNumber"
	for _, c := range []struct {
		filter string
		want   []engine.Equality
	}{
		{`USERNAME eq "Alice"`, []engine.Equality{{Path: "userName", Key: "alice"}}},
		{`externalId eq "Ab" and userName eq "B"`, []engine.Equality{{Path: "externalId", Key: "Ab"}, {Path: "userName", Key: "b"}}},
		{`userName eq "a" and (title pr or id eq "x")`, []engine.Equality{{Path: "userName", Key: "a"}}},
		{`emails[type eq "work" and value eq "X"]`, []engine.Equality{{Path: "emails.type", Key: "work"}, {Path: "emails.value", Key: "x"}}},
		{`emails eq "X"`, []engine.Equality{{Path: "emails.value", Key: "x"}}},
		{ext + ` eq "7"`, []engine.Equality{{Path: ext, Key: "7"}}},
		{`userName eq "a" or userName eq "b"`, nil},
		{`not (userName eq "a")`, nil},
		{`userName sw "a" and active eq true`, nil},
	} {
		t.Run(c.filter, func(t *testing.T) {
			f, err := engine.ParseFilter(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			m, err := users(engine.Rules{}).Bind(f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(m.Equalities(), c.want); diff != "" {
				t.Errorf("-got +want:\n%s", diff)
			}
		})
	}
	f, err := engine.ParseFilter(`userName eq "A"`)
	if err != nil {
		t.Fatal(err)
	}
	if attr, value, ok := f.Equality(); attr != "userName" || value != "A" || !ok {
		t.Errorf("got %s %s %v", attr, value, ok)
	}
}

func TestFilterNumbers(t *testing.T) {
	for _, c := range []struct {
		filter string
		want   bool
	}{
		{`i gt 9`, true}, {`i lt 9`, false}, {`i eq 10`, true}, {`d ge 1.5`, true}, {`d eq 15e-1`, true}, {`i ne 10`, false},
	} {
		f, err := engine.ParseFilter(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := typed().Match(f, parse(t, `{"i":10,"d":1.50}`)); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.filter, got, err, c.want)
		}
	}
}

// A filter on the value of a member asks for that member; any other walks.
func TestMatchMembers(t *testing.T) {
	group := parse(t, `{"displayName":"Team"}`)
	for _, c := range []struct {
		filter string
		want   bool
		walked int
	}{
		{`members.value eq "u2"`, true, 0},
		{`members eq "u2"`, true, 0},
		{`members[value eq "u2"]`, true, 0},
		{`displayName eq "team" and members[value eq "u9"]`, false, 0},
		{`members[value eq "U2"]`, false, 0},
		{`members[type eq "user"]`, true, 1},
		{`members[value eq "u2" and type eq "Group"]`, false, 2},
		{`members pr`, true, 1},
		{`members.type eq "Group"`, false, 2},
		{`not (members.value sw "u")`, false, 1},
	} {
		t.Run(c.filter, func(t *testing.T) {
			f, err := engine.ParseFilter(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			m, err := groups().Bind(f)
			if err != nil {
				t.Fatal(err)
			}
			links := &roster{list: []engine.Member{{Value: "u1", Type: "User"}, {Value: "u2", Type: "User"}}}
			if got := m.MatchMembers(group, links); got != c.want || links.walked != c.walked {
				t.Errorf("got %v after %d members, want %v after %d", got, links.walked, c.want, c.walked)
			}
			if got := m.Match(group.With("members", []any{
				engine.NewObject("value", "u1", "type", "User"), engine.NewObject("value", "u2", "type", "User"),
			})); got != c.want {
				t.Errorf("with the members inside: got %v, want %v", got, c.want)
			}
			if !m.Uses("members") {
				t.Error("the filter does not say that it reads members")
			}
		})
	}
}

// filters draws filters by the rules of RFC 7644 figure 1.
func filters(depth int, inner bool) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		names := []string{"userName", "name.givenName", "urn:example:2.0:User:x.y", "active", "nosuch"}
		if inner {
			names = []string{"type", "value", "primary"}
		}
		most := 3
		if depth <= 0 {
			most = 0
		}
		sub := func() string { return filters(depth-1, inner).Draw(t, "sub") }
		switch rapid.IntRange(0, most).Draw(t, "shape") {
		case 1:
			op := rapid.SampledFrom([]string{" and ", " or ", " AND "}).Draw(t, "join")
			return sub() + op + sub()
		case 2:
			return rapid.SampledFrom([]string{"(", "not (", "not("}).Draw(t, "group") + sub() + ")"
		case 3:
			if !inner {
				return "emails[" + filters(depth-1, true).Draw(t, "values") + "]"
			}
		}
		name := rapid.SampledFrom(names).Draw(t, "name")
		op := rapid.SampledFrom([]string{"pr", "eq", "ne", "CO", "sw", "ew", "gt", "ge", "lt", "le"}).Draw(t, "op")
		if op == "pr" {
			return name + " pr"
		}
		value := rapid.SampledFrom([]string{"true", "false", "null", "-1.5e3", "0"}).Draw(t, "value")
		if rapid.Bool().Draw(t, "text") {
			value = engine.NewObject("v", rapid.String().Draw(t, "string")).String()
			value = value[len(`{"v":`) : len(value)-1]
		}
		return name + " " + op + " " + value
	})
}

func TestFilterRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := filters(4, false).Draw(t, "filter")
		f, err := engine.ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := engine.ParseFilter(f.String())
		if err != nil {
			t.Fatalf("%s, from %s: %v", f, text, err)
		}
		if !again.Equal(f) {
			t.Fatalf("%s became %s became %s", text, f, again)
		}
	})
}

// An operand in brackets and the same without give one truth where and binds
// closer than or.
func TestPrecedence(t *testing.T) {
	for bits := range 8 {
		o := parse(t, fmt.Sprintf(`{"title":"%d","nickName":"%d","userType":"%d"}`, bits&1, bits>>1&1, bits>>2&1))
		verdicts := []bool{}
		for _, text := range []string{
			`title eq "1" or nickName eq "1" and userType eq "1"`,
			`title eq "1" or (nickName eq "1" and userType eq "1")`,
		} {
			f, err := engine.ParseFilter(text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := users(engine.Rules{}).Match(f, o)
			if err != nil {
				t.Fatal(err)
			}
			verdicts = append(verdicts, got)
		}
		want := bits&1 == 1 || bits&6 == 6
		if !slices.Equal(verdicts, []bool{want, want}) {
			t.Errorf("%s: got %v, want %v", o, verdicts, want)
		}
	}
}
