// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/vectors"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func users(rules engine.Rules) *engine.ResourceType {
	return engine.NewResourceType(engine.Definition{
		Name: "User", Endpoint: "/Users", Schema: scim.UserSchema(), Rules: rules,
		Extensions: []engine.Extension{{Schema: scim.EnterpriseUserSchema()}},
	})
}

func groups() *engine.ResourceType {
	return engine.NewResourceType(engine.Definition{Name: "Group", Endpoint: "/Groups", Schema: scim.GroupSchema()})
}

func parse(t testing.TB, text string) *engine.Object {
	t.Helper()
	o, err := engine.Parse([]byte(text), engine.Limits{})
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return o
}

// kind returns status and scimType of an error, zero for none.
func kind(err error) (int, string) {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		return e.Status, e.Type
	}
	return 0, ""
}

func TestFilterVectors(t *testing.T) {
	set, err := vectors.Filters()
	if err != nil {
		t.Fatal(err)
	}
	rt := users(engine.Rules{})
	for _, v := range set.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			got, err := matches(rt, v.Filter, set.Resources, t)
			status, scimType := kind(err)
			if v.Error != "" {
				if v.Status == 0 {
					v.Status = 400
				}
				if status != v.Status || scimType != v.Error {
					t.Fatalf("got %v (%d), want %d %s", err, status, v.Status, v.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, v.Match); diff != "" {
				t.Errorf("-got +want:\n%s", diff)
			}
		})
	}
}

func matches(rt *engine.ResourceType, filter string, resources map[string]string, t *testing.T) ([]string, error) {
	f, err := engine.ParseFilter(filter)
	if err != nil {
		return nil, err
	}
	again, err := engine.ParseFilter(f.String())
	if err != nil || again.String() != f.String() {
		t.Errorf("%s does not survive being written and read: %v", f, err)
	}
	m, err := rt.Bind(f)
	if err != nil {
		return nil, err
	}
	hits := []string{}
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		o := parse(t, resources[name])
		if m.Match(o) {
			hits = append(hits, name)
			for _, e := range m.Equalities() {
				if !slices.Contains(slices.Collect(rt.Index(e.Path).Keys(o)), e.Key) {
					t.Errorf("%s matches %s, which an index over %v would not have found", f, name, e)
				}
			}
		}
		picked, err := engine.Pick([]byte(resources[name]), m.Attributes()...)
		if err != nil || m.Match(picked) != m.Match(o) {
			t.Errorf("%s judges %s otherwise when only %v are read: %v", f, name, m.Attributes(), err)
		}
	}
	return hits, nil
}

func TestPathVectors(t *testing.T) {
	all, err := vectors.Paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			p, err := engine.ParsePath(v.Path)
			if v.Error != "" {
				if _, scimType := kind(err); scimType != v.Error {
					t.Fatalf("got %v, want %s", err, v.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != v.Canonical {
				t.Errorf("got %s, want %s", p, v.Canonical)
			}
		})
	}
}

func TestPatchVectors(t *testing.T) {
	set, err := vectors.Patches()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			before, rt := parse(t, set.Resources[v.Resource]), users(engine.Rules{})
			if v.Resource == "group" {
				rt = groups()
			}
			want := before.Clone()
			if v.Then != "" {
				for name, value := range parse(t, v.Then).All() {
					if want.Set(name, value); value == nil {
						want.Delete(name)
					}
				}
			}
			expectPatch(t, v, rt, before, want, inBody)
			if v.Resource == "group" {
				expectPatch(t, v, rt, before, want, asLinks)
			}
			if before.String() != parse(t, set.Resources[v.Resource]).String() {
				t.Error("the resource that was patched has changed")
			}
		})
	}
}

type patch func(t *testing.T, rt *engine.ResourceType, o *engine.Object, ops []engine.Operation) (*engine.Object, bool, error)

func inBody(_ *testing.T, rt *engine.ResourceType, o *engine.Object, ops []engine.Operation) (*engine.Object, bool, error) {
	return rt.Patch(o, ops)
}

// asLinks keeps the members outside the object, as the store does.
func asLinks(_ *testing.T, rt *engine.ResourceType, o *engine.Object, ops []engine.Operation) (*engine.Object, bool, error) {
	body := o.Clone()
	links := &roster{list: engine.TakeMembers(body)}
	next, changes, changed, err := rt.PatchGroup(body, links, ops)
	if err != nil {
		return nil, false, err
	}
	links.apply(changes)
	if len(links.list) > 0 {
		next.Set("members", links.values())
	}
	return next, changed, nil
}

func expectPatch(t *testing.T, v vectors.PatchVector, rt *engine.ResourceType, before, want *engine.Object, apply patch) {
	t.Helper()
	body := `{"Operations":` + v.Operations + `,"schemas":["` + scim.PatchOpURN + `"]}`
	ops, err := engine.ParsePatch(parse(t, body))
	var got *engine.Object
	var changed bool
	if err == nil {
		got, changed, err = apply(t, rt, before, ops)
	}
	if v.Error != "" {
		if status, scimType := kind(err); scimType != v.Error || status != 400 {
			t.Errorf("got %v, want 400 %s", err, v.Error)
		}
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	if !engine.Equal(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if changed != (v.Then != "{}") {
		t.Errorf("got changed %v, want %v", changed, !changed)
	}
}

// roster is Members over a slice.
type roster struct {
	list   []engine.Member
	walked int
}

func (r *roster) find(id string) int {
	return slices.IndexFunc(r.list, func(m engine.Member) bool { return m.Value == id })
}

func (r *roster) Has(id string) bool { return r.find(id) >= 0 }

func (r *roster) Each(yield func(engine.Member) bool) {
	for _, m := range r.list {
		r.walked++
		if !yield(m) {
			return
		}
	}
}

func (r *roster) apply(changes []engine.MemberChange) {
	for _, c := range changes {
		switch c.Op {
		case engine.ClearMembers:
			r.list = nil
		case engine.RemoveMember:
			i := r.find(c.Member.Value)
			r.list = slices.Delete(r.list, i, i+1)
		case engine.AddMember:
			r.list = append(r.list, c.Member)
		}
	}
}

func (r *roster) values() []any {
	out := []any{}
	for _, m := range r.list {
		o := engine.NewObject("value", m.Value)
		if m.Display != "" {
			o.Set("display", m.Display)
		}
		out = append(out, o)
	}
	return out
}
