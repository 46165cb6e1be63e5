// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"errors"
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/simulator/directory"
)

// small gives a directory of three people and two groups, one in the other.
func small(t *testing.T, transitive bool) *directory.Directory {
	t.Helper()
	d := directory.New(directory.Options{Transitive: transitive, Now: func() time.Time { return time.Unix(0, 0) }})
	for _, id := range []string{"ada", "bob", "eve"} {
		do(t, d, directory.Change{Kind: directory.Join, Person: &directory.Person{ID: id, UserName: id + "@example.test"}})
	}
	do(t, d, directory.Change{Kind: directory.Found, Group: &directory.Group{ID: "inner", Members: []string{"bob"}}})
	do(t, d, directory.Change{Kind: directory.Found, Group: &directory.Group{ID: "outer", Members: []string{"ada", "inner"}}})
	return d
}

func do(t *testing.T, d *directory.Directory, c directory.Change) directory.Effect {
	t.Helper()
	e, err := d.Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func on(kind directory.Kind, ids ...string) directory.Change {
	return directory.Change{Kind: kind, IDs: ids}
}

func TestEffects(t *testing.T) {
	tests := []struct {
		name       string
		transitive bool
		before     []directory.Change
		change     directory.Change
		want       directory.Effect
	}{
		{"a group brings its people", true, nil, on(directory.Assign, "outer"),
			directory.Effect{Assigned: []string{"outer", "ada", "bob"}}},
		{"but not those of groups within, unless transitive", false, nil, on(directory.Assign, "outer"),
			directory.Effect{Assigned: []string{"outer", "ada"}}},
		{"who is assigned twice stays", true, []directory.Change{on(directory.Assign, "outer", "bob")}, on(directory.Unassign, "outer"),
			directory.Effect{Unassigned: []string{"outer", "ada"}}},
		{"a member of an inner group", true, []directory.Change{on(directory.Assign, "outer")},
			directory.Change{Kind: directory.Add, IDs: []string{"inner"}, Members: []string{"eve"}},
			directory.Effect{Assigned: []string{"eve"}, Members: []directory.Membership{{Group: "inner", Added: []string{"eve"}}, {Group: "outer", Added: []string{"eve"}}}}},
		{"a group that leaves takes its people", true, []directory.Change{on(directory.Assign, "outer")},
			directory.Change{Kind: directory.Remove, IDs: []string{"outer"}, Members: []string{"inner"}},
			directory.Effect{Unassigned: []string{"bob"}, Members: []directory.Membership{{Group: "outer", Removed: []string{"bob"}}}}},
		{"a group is a member itself, unless transitive", false, nil,
			directory.Change{Kind: directory.Remove, IDs: []string{"outer"}, Members: []string{"inner"}},
			directory.Effect{Members: []directory.Membership{{Group: "outer", Removed: []string{"inner"}}}}},
		{"a disabled account is out of scope", true, []directory.Change{on(directory.Assign, "ada")}, on(directory.Disable, "ada"),
			directory.Effect{Unassigned: []string{"ada"}}},
		{"who is deleted leaves groups", true, []directory.Change{on(directory.Assign, "outer")}, on(directory.Delete, "bob"),
			directory.Effect{Unassigned: []string{"bob"}, Gone: []string{"bob"}, Members: []directory.Membership{{Group: "inner", Removed: []string{"bob"}}, {Group: "outer", Removed: []string{"bob"}}}}},
		{"and is back in them when restored", true, []directory.Change{on(directory.Assign, "outer"), on(directory.Delete, "bob")}, on(directory.Restore, "bob"),
			directory.Effect{Assigned: []string{"bob"}, Back: []string{"bob"}, Members: []directory.Membership{{Group: "inner", Added: []string{"bob"}}, {Group: "outer", Added: []string{"bob"}}}}},
		{"a deleted group unassigns its people", true, []directory.Change{on(directory.Assign, "inner")}, on(directory.Delete, "inner"),
			directory.Effect{Unassigned: []string{"inner", "bob"}, Gone: []string{"inner"}, Members: []directory.Membership{
				{Group: "inner", Removed: []string{"bob"}}, {Group: "outer", Removed: []string{"bob"}}}}},
		{"attributes", true, nil, directory.Change{Kind: directory.Set, IDs: []string{"eve"}, Values: map[string]string{"title": "Boss"}},
			directory.Effect{Changed: []string{"eve"}}},
		{"who comes and goes", true, nil, directory.Change{Kind: directory.Swap, IDs: []string{"inner"}, Members: []string{"eve"}, Leavers: []string{"bob"}},
			directory.Effect{Members: []directory.Membership{{Group: "inner", Added: []string{"eve"}, Removed: []string{"bob"}}, {Group: "outer", Added: []string{"eve"}, Removed: []string{"bob"}}}}},
		{"who is there already does not come", true, nil, directory.Change{Kind: directory.Add, IDs: []string{"inner"}, Members: []string{"bob"}}, directory.Effect{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := small(t, tt.transitive)
			for _, c := range tt.before {
				do(t, d, c)
			}
			mark := d.Mark()
			if diff := cmp.Diff(tt.want, do(t, d, tt.change)); diff != "" {
				t.Errorf("effect (-want +got):\n%s", diff)
			}
			if log := d.Since(mark); len(log) != 1 || log[0].Change.Kind != tt.change.Kind {
				t.Errorf("log %v", log)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name   string
		change directory.Change
		want   error
	}{
		{"unknown person", on(directory.Assign, "nobody"), directory.ErrUnknown},
		{"unknown member", directory.Change{Kind: directory.Add, IDs: []string{"inner"}, Members: []string{"nobody"}}, directory.ErrUnknown},
		{"a person as group", directory.Change{Kind: directory.Rename, IDs: []string{"ada"}, Name: "x"}, directory.ErrUnknown},
		{"a group as person", directory.Change{Kind: directory.Roles, IDs: []string{"inner"}}, directory.ErrUnknown},
		{"id is taken", directory.Change{Kind: directory.Join, Person: &directory.Person{ID: "inner", UserName: "x"}}, directory.ErrTaken},
		{"user name is taken", directory.Change{Kind: directory.Join, Person: &directory.Person{ID: "x", UserName: "ada@example.test"}}, directory.ErrTaken},
		{"new user name is taken", directory.Change{Kind: directory.Set, IDs: []string{"bob"}, Values: map[string]string{"userName": "ada@example.test"}}, directory.ErrTaken},
		{"a circle", directory.Change{Kind: directory.Add, IDs: []string{"inner"}, Members: []string{"outer"}}, directory.ErrCircle},
		{"itself", directory.Change{Kind: directory.Add, IDs: []string{"inner"}, Members: []string{"inner"}}, directory.ErrCircle},
		{"no member", directory.Change{Kind: directory.Remove, IDs: []string{"inner"}, Members: []string{"ada"}}, directory.ErrNotMember},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := small(t, true)
			mark := d.Mark()
			if _, err := d.Apply(tt.change); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if d.Mark() != mark {
				t.Error("a change that was refused is in the log")
			}
		})
	}
}

func TestPurge(t *testing.T) {
	d := small(t, true)
	do(t, d, on(directory.Delete, "bob"))
	do(t, d, on(directory.Purge, "bob", "inner"))
	if d.Person("bob") != nil || d.Group("inner") != nil || d.ByUserName("bob@example.test") != nil {
		t.Error("somebody is left")
	}
	if diff := cmp.Diff([]string{"ada"}, d.Group("outer").Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	do(t, d, directory.Change{Kind: directory.Join, Person: &directory.Person{ID: "bob2", UserName: "bob@example.test"}})
}

func TestPopulate(t *testing.T) {
	fill := func(seed uint64) *directory.Directory {
		d := directory.New(directory.Options{Transitive: true})
		if err := d.Populate(directory.Population{People: 100, Groups: 5, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		return d
	}
	people := func(d *directory.Directory) (all []directory.Person) {
		for p := range d.People() {
			all = append(all, *p)
		}
		return all
	}
	a := people(fill(1))
	if diff := cmp.Diff(a, people(fill(1))); diff != "" {
		t.Errorf("the same seed gives others:\n%s", diff)
	}
	if cmp.Equal(a, people(fill(2))) {
		t.Error("another seed gives the same")
	}
	longest := 0
	for _, p := range a {
		longest = max(longest, utf8.RuneCountInString(p.Name()))
	}
	if longest != 256 || len(a) != 100 {
		t.Errorf("%d people, the longest name has %d characters", len(a), longest)
	}
	for g := range fill(1).Groups() {
		if len(g.Members) == 0 {
			t.Errorf("%s is empty", g.ID)
		}
	}
}

// BenchmarkChange shows that a change costs the same in a large directory.
func BenchmarkChange(b *testing.B) {
	for _, size := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			d := directory.New(directory.Options{Transitive: true})
			if err := d.Populate(directory.Population{People: size, Groups: 1}); err != nil {
				b.Fatal(err)
			}
			all := make([]string, size)
			for i := range all {
				all[i] = fmt.Sprintf("p%d", i+1)
			}
			if _, err := d.Apply(directory.Change{Kind: directory.Add, IDs: []string{"team1"}, Members: all}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, kind := range []directory.Kind{directory.Remove, directory.Add} {
					if _, err := d.Apply(directory.Change{Kind: kind, IDs: []string{"team1"}, Members: []string{"p7"}}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
