// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func operations(t testing.TB, list string) []engine.Operation {
	t.Helper()
	ops, err := engine.ParsePatch(parse(t, `{"schemas":["`+scim.PatchOpURN+`"],"Operations":`+list+`}`))
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestParsePatchRefuses(t *testing.T) {
	for _, c := range []struct {
		name, body, scimType string
		status               int
	}{
		{"no schemas", `{"Operations":[{"op":"add","path":"title","value":"x"}]}`, "invalidSyntax", 400},
		{"other schemas", `{"schemas":["` + scim.UserURN + `"],"Operations":[{"op":"add","path":"title","value":"x"}]}`, "invalidSyntax", 400},
		{"no operations", `{"schemas":["` + scim.PatchOpURN + `"]}`, "invalidSyntax", 400},
		{"operations is an object", `{"schemas":["` + scim.PatchOpURN + `"],"Operations":{"op":"add"}}`, "invalidSyntax", 400},
		{"too many operations", `{"schemas":["` + scim.PatchOpURN + `"],"Operations":[` + strings.Repeat(`{},`, 1000) + `{}]}`, "", 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := engine.ParsePatch(parse(t, c.body))
			if status, scimType := kind(err); status != c.status || scimType != c.scimType {
				t.Errorf("got %v, want %d %s", err, c.status, c.scimType)
			}
		})
	}
	ops, err := engine.ParsePatch(parse(t, `{"Operations":[{"value":"x","path":"title","op":"ADD"}],"schemas":["`+scim.PatchOpURN+`"]}`))
	if err != nil || len(ops) != 1 || ops[0].Op != "add" || ops[0].Path.String() != "title" {
		t.Errorf("got %v, %v", ops, err)
	}
}

func TestPatchErrorNamesTheOperation(t *testing.T) {
	o := parse(t, document(`"userName":"a"`))
	_, _, err := users(engine.Rules{}).Patch(o, operations(t, `[{"op":"add","path":"title","value":"x"},{"op":"remove","path":"userName"}]`))
	if err == nil || !strings.Contains(err.Error(), "Operations[1]: userName is required") {
		t.Errorf("got %v", err)
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name, ops, want string
		rules           engine.Rules
	}{
		{"create on replace", `[{"op":"replace","path":"emails[type eq \"work\"].value","value":"v"}]`, `"emails":[{"type":"work","value":"v"}]`, engine.Rules{CreateOnReplace: true}},
		{"objects only", `[{"op":"add","path":"roles","value":["x"]}]`, `'roles' should be object`, engine.Rules{ObjectsOnly: []string{"roles"}}},
		{"objects only, one", `[{"op":"add","path":"roles","value":"x"}]`, `'roles' should be object`, engine.Rules{ObjectsOnly: []string{"roles"}}},
		{"strict boolean", `[{"op":"replace","path":"active","value":"True"}]`, `active: a value of type boolean`, engine.Rules{StrictTypes: true}},
		{"strict object", `[{"op":"add","path":"emails","value":{"value":"x"}}]`, `emails is multi-valued`, engine.Rules{StrictTypes: true}},
		{"strict manager", `[{"op":"add","path":"manager","value":"1"}]`, `invalidPath`, engine.Rules{StrictTypes: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := parse(t, document(`"userName":"a"`))
			got, _, err := users(c.rules).Patch(o, operations(t, c.ops))
			text := got.String()
			if err != nil {
				text = err.Error()
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
}

func TestPatchCountsValues(t *testing.T) {
	rt := users(engine.Rules{MaxValues: 2})
	o := parse(t, document(`"userName":"a","emails":[{"value":"1"},{"value":"2"}]`))
	_, _, err := rt.Patch(o, operations(t, `[{"op":"add","path":"emails","value":[{"value":"3"}]}]`))
	if _, scimType := kind(err); scimType != "invalidValue" {
		t.Errorf("got %v, want invalidValue", err)
	}
}

// Adding and removing members by id never walks the members of a group.
func TestMembersByIDCostNothing(t *testing.T) {
	links := &roster{list: make([]engine.Member, 1000)}
	for i := range links.list {
		links.list[i].Value = "u" + strconv.Itoa(i)
	}
	group := parse(t, `{"schemas":["`+scim.GroupURN+`"],"displayName":"Team"}`)
	next, changes, changed, err := groups().PatchGroup(group, links, operations(t, `[
		{"op":"add","path":"members","value":[{"value":"new"},{"value":"u7"}]},
		{"op":"remove","path":"members[value eq \"u1\"]"},
		{"op":"Remove","path":"members","value":[{"value":"u2"},{"value":"absent"}]}]`))
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := []engine.MemberChange{
		{Op: engine.RemoveMember, Member: engine.Member{Value: "u1"}},
		{Op: engine.RemoveMember, Member: engine.Member{Value: "u2"}},
		{Op: engine.AddMember, Member: engine.Member{Value: "new"}},
	}
	if len(changes) != len(want) {
		t.Fatalf("got %v, want %v", changes, want)
	}
	for i := range want {
		if changes[i] != want[i] {
			t.Errorf("got %v, want %v", changes[i], want[i])
		}
	}
	if links.walked != 0 {
		t.Errorf("walked over %d members", links.walked)
	}
	if _, there := next.Get("members"); there {
		t.Error("members have come into the body")
	}
}

func TestDiffMembers(t *testing.T) {
	for _, c := range []struct{ name, was, want, changes string }{
		{"nothing", "a b", "b a", ""},
		{"one more", "a", "a b", "+b"},
		{"one less", "a b", "b", "-a"},
		{"all new", "a b", "c d", "clear +c +d"},
		{"none", "a b", "", "clear"},
		{"given twice", "", "a a", "+a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, ch := range engine.DiffMembers(&roster{list: list(c.was)}, list(c.want)) {
				got = append(got, map[engine.MemberOp]string{engine.AddMember: "+", engine.RemoveMember: "-", engine.ClearMembers: "clear"}[ch.Op]+ch.Member.Value)
			}
			if strings.Join(got, " ") != c.changes {
				t.Errorf("got %v, want %s", got, c.changes)
			}
		})
	}
}

func list(ids string) []engine.Member {
	var ms []engine.Member
	for id := range strings.FieldsSeq(ids) {
		ms = append(ms, engine.Member{Value: id})
	}
	return ms
}

// Any run of member operations leaves in the store's links what it leaves in a
// group that holds its members itself.
func TestLinksAgreeWithBody(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SampledFrom([]string{"a", "b", "c", "d"})
		before := &roster{list: list(strings.Join(rapid.SliceOfNDistinct(ids, 0, 4, rapid.ID[string]).Draw(rt, "members"), " "))}
		group := parse(t, `{"schemas":["`+scim.GroupURN+`"],"displayName":"Team"}`)
		whole := group.Clone()
		if len(before.list) > 0 {
			whole.Set("members", before.values())
		}
		op := rapid.Custom(func(rt *rapid.T) string {
			id := ids.Draw(rt, "id")
			return rapid.SampledFrom([]string{
				`{"op":"add","path":"members","value":[{"value":"` + id + `"}]}`,
				`{"op":"remove","path":"members[value eq \"` + id + `\"]"}`,
				`{"op":"remove","path":"members[value ne \"` + id + `\"]"}`,
				`{"op":"remove","path":"members","value":[{"value":"` + id + `"}]}`,
				`{"op":"replace","path":"members","value":[{"value":"` + id + `"},{"value":"d"}]}`,
				`{"op":"remove","path":"members"}`,
			}).Draw(rt, "op")
		})
		text := `[` + strings.Join(rapid.SliceOfN(op, 1, 6).Draw(rt, "ops"), ",") + `]`
		inside, changed, err := groups().Patch(whole, operations(t, text))
		if err != nil {
			rt.Fatal(err)
		}
		_, changes, _, err := groups().PatchGroup(group, before, operations(t, text))
		if err != nil {
			rt.Fatal(err)
		}
		had := len(before.list)
		before.apply(changes)
		got, want := set(before.values()), set(inside.Array("members"))
		if got != want {
			rt.Fatalf("%s: links give %s, the body %s", text, got, want)
		}
		if !changed && len(changes) > 0 {
			rt.Fatalf("%s: %d members, nothing changed, but %v", text, had, changes)
		}
	})
}

func set(values []any) string {
	var s string
	for _, id := range []string{"a", "b", "c", "d"} {
		for _, v := range values {
			if v.(*engine.Object).Text("value") == id {
				s += id
			}
		}
	}
	return s
}

// Adding a value that is new and removing it again gives the resource back.
func TestAddThenRemoveIsIdentity(t *testing.T) {
	rt := users(engine.Rules{})
	o := parse(t, document(`"userName":"a","name":{"givenName":"g"},"emails":[{"value":"v","type":"work"}]`))
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.StringMatching(`[a-zA-Z0-9 ."\\]{1,20}x`).Draw(r, "value")
		quoted := engine.NewObject("v", value).String()
		quoted = quoted[len(`{"v":`) : len(quoted)-1]
		inFilter := engine.NewObject("v", `emails[value eq `+quoted+`]`).String()
		inFilter = inFilter[len(`{"v":`) : len(inFilter)-1]
		pair := rapid.SampledFrom([][2]string{
			{`{"op":"add","path":"title","value":` + quoted + `}`, `{"op":"remove","path":"title"}`},
			{`{"op":"add","path":"name.familyName","value":` + quoted + `}`, `{"op":"remove","path":"name.familyName"}`},
			{`{"op":"add","path":"emails","value":[{"value":` + quoted + `}]}`, `{"op":"remove","path":` + inFilter + `}`},
			{`{"op":"add","path":"` + scim.EnterpriseUserURN + `:department","value":` + quoted + `}`, `{"op":"remove","path":"` + scim.EnterpriseUserURN + `"}`},
		}).Draw(r, "pair")
		added, changed, err := rt.Patch(o, operations(t, `[`+pair[0]+`]`))
		if err != nil || !changed {
			r.Fatalf("%s: changed %v, %v", pair[0], changed, err)
		}
		back, changed, err := rt.Patch(added, operations(t, `[`+pair[1]+`]`))
		if err != nil || !changed || !engine.Equal(back, o) {
			r.Fatalf("%v: got %s, %v\nwant %s", pair, back, err, o)
		}
	})
}
