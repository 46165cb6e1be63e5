// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

func (w *world) group(c *GroupChange) error {
	return w.store.Update(w.t.Context(), func(tx store.Tx) error {
		_, err := w.AfterGroup(tx, c)
		return err
	})
}

func (w *world) mustGroup(c *GroupChange) {
	w.t.Helper()
	if err := w.group(c); err != nil {
		w.t.Fatalf("%s group: %v", c.Op, err)
	}
}

// teamState is what can be seen of a team.
type teamState struct {
	Name, Handle string
	Managed      bool
	Members      []string
}

func (w *world) teams() []teamState {
	w.t.Helper()
	all := []teamState{}
	w.view(func(tx store.Tx) error {
		for r := range tx.Scan(kindTeam, 0) {
			x, err := decodeTeam(r)
			if err != nil {
				return err
			}
			s := teamState{x.Name, x.Handle, x.managed(), []string{}}
			for l := range tx.Links(relTeam, x.ID) {
				s.Members = append(s.Members, memberOf(l))
			}
			all = append(all, s)
		}
		return nil
	})
	return all
}

// teamByHand makes a team as an administrator would.
func (w *world) teamByHand(name, handle string, members ...string) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		x := &team{ID: w.id(), Name: name, Handle: handle}
		for _, id := range members {
			if _, err := w.join(tx, x.ID, id, membership{}); err != nil {
				return err
			}
		}
		return w.insertTeam(tx, x)
	})
}

func TestTeams(t *testing.T) {
	tests := []struct {
		name    string
		profile func(*profiles.Teams)
		hand    *teamState // made by hand before, with bob
		changes []GroupChange
		want    []teamState
	}{
		{name: "create", changes: []GroupChange{{Op: Create, Name: "Engineering Team", Added: []string{"alice", "nobody"}}},
			want: []teamState{{"Engineering Team", "engineering_team", true, []string{"alice"}}}},
		{name: "members", changes: []GroupChange{
			{Op: Create, Name: "Eng", Added: []string{"alice"}},
			{Op: Patch, Name: "Eng", OldName: "Eng", Added: []string{"bob"}},
			{Op: Patch, Name: "Eng", OldName: "Eng", Removed: []string{"alice", "nobody"}},
		}, want: []teamState{{"Eng", "eng", true, []string{"bob"}}}},
		{name: "rename keeps the handle", changes: []GroupChange{
			{Op: Create, Name: "Eng", Added: []string{"alice"}},
			{Op: Patch, Name: "Platform", OldName: "Eng"},
		}, want: []teamState{{"Platform", "eng", true, []string{"alice"}}}},
		{name: "rename moves the handle", profile: func(p *profiles.Teams) { p.RenameHandle = true }, changes: []GroupChange{
			{Op: Create, Name: "Eng"}, {Op: Replace, Name: "Platform", OldName: "Eng"},
		}, want: []teamState{{"Platform", "platform", true, []string{}}}},
		{name: "delete empties and unlinks", changes: []GroupChange{{Op: Create, Name: "Eng", Added: []string{"alice"}}, {Op: Delete, Name: "Eng"}},
			want: []teamState{{"Eng", "eng", false, []string{}}}},
		{name: "delete deletes", profile: func(p *profiles.Teams) { p.Delete = "delete" },
			changes: []GroupChange{{Op: Create, Name: "Eng", Added: []string{"alice"}}, {Op: Delete, Name: "Eng"}}, want: []teamState{}},
		{name: "delete keeps", profile: func(p *profiles.Teams) { p.Delete = "keep" },
			changes: []GroupChange{{Op: Create, Name: "Eng", Added: []string{"alice"}}, {Op: Delete, Name: "Eng"}},
			want:    []teamState{{"Eng", "eng", false, []string{"alice"}}}},
		{name: "push again adopts", changes: []GroupChange{{Op: Create, Name: "Eng"}, {Op: Delete, Name: "Eng"}, {Op: Create, Name: "ENG", Added: []string{"bob"}}},
			want: []teamState{{"ENG", "eng", true, []string{"bob"}}}},
		{name: "adopt by handle", hand: &teamState{Name: "By hand", Handle: "the_eng"}, changes: []GroupChange{{Op: Create, Name: "The Eng", Added: []string{"alice"}}},
			want: []teamState{{"The Eng", "the_eng", true, []string{"alice"}}}},
		{name: "adopt by name", profile: func(p *profiles.Teams) { p.Adopt = "name" }, hand: &teamState{Name: "The Eng", Handle: "other"},
			changes: []GroupChange{{Op: Create, Name: "The Eng", Added: []string{"alice"}}},
			want:    []teamState{{"The Eng", "other", true, []string{"alice"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, func(p *profiles.Profile) {
				if test.profile != nil {
					test.profile(&p.Teams)
				}
			})
			ids := map[string]string{"alice": w.alice(), "bob": w.must(write{op: Create, body: `{"userName":"bob"}`}).id, "nobody": unknownRole}
			names := func(list []string) []string {
				out := []string{}
				for _, n := range list {
					out = append(out, ids[n])
				}
				return out
			}
			if test.hand != nil {
				w.teamByHand(test.hand.Name, test.hand.Handle, ids["bob"])
			}
			for _, c := range test.changes {
				c.ID, c.Added, c.Removed = "group-1", names(c.Added), names(c.Removed)
				w.mustGroup(&c)
			}
			for i := range test.want {
				test.want[i].Members = names(test.want[i].Members)
			}
			if diff := gocmp.Diff(w.teams(), test.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func TestTeamConflicts(t *testing.T) {
	taken := &engine.Error{Status: 409, Type: scim.Uniqueness}
	w := newWorld(t, nil)
	w.mustGroup(&GroupChange{Op: Create, ID: "g1", Name: "Eng"})
	if err := w.group(&GroupChange{Op: Create, ID: "g2", Name: "eng"}); !errors.Is(err, taken) {
		t.Errorf("a handle that is linked: got %v, want a conflict", err)
	}
	w.mustGroup(&GroupChange{Op: Create, ID: "g3", Name: "Ops"})
	if err := w.group(&GroupChange{Op: Replace, ID: "g3", Name: "Eng", OldName: "Ops"}); !errors.Is(err, taken) {
		t.Errorf("a name that is taken: got %v, want a conflict", err)
	}
	never := newWorld(t, func(p *profiles.Profile) { p.Teams.Adopt = "never" })
	never.teamByHand("By hand", "eng")
	if err := never.group(&GroupChange{Op: Create, ID: "g1", Name: "Eng"}); !errors.Is(err, taken) {
		t.Errorf("adopt: never: got %v, want a conflict", err)
	}
}

func TestUnknownMembers(t *testing.T) {
	c := GroupChange{Op: Create, ID: "g", Name: "Eng", Unknown: []string{unknownRole}}
	w := newWorld(t, nil)
	w.mustGroup(&c)
	if got := metaOf(w.events()[0])["unknown_members"]; !gocmp.Equal(got, []any{unknownRole}) {
		t.Errorf("audit says %v", got)
	}
	w = newWorld(t, func(p *profiles.Profile) { p.Teams.UnknownMember = "reject" })
	if err := w.group(&c); !errors.Is(err, engine.ErrInvalidValue) {
		t.Errorf("reject: got %v", err)
	}
}

func TestHandle(t *testing.T) {
	w := newWorld(t, nil)
	tests := []struct{ name, group, want string }{
		{"plain", "eng", "eng"},
		{"lower case", "Engineering", "engineering"},
		{"spaces", "The Big Team", "the_big_team"},
		{"allowed characters", "a.b-c:d/e_f 9", "a.b-c:d/e_f_9"},
		{"trailing separators", "Team (EU)", "team__eu"},
		{"beyond ASCII", "Équipe", "_quipe"},
		{"nothing left", "日本", "group-id"},
		{"too long", strings.Repeat("a", 300), strings.Repeat("a", 195)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := w.handleOf(test.group, "group-id"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMembershipsOfLeavers(t *testing.T) {
	w := newWorld(t, nil)
	id := w.alice()
	w.teamByHand("By hand", "by_hand", id)
	w.mustGroup(&GroupChange{Op: Create, ID: "g", Name: "Eng", Added: []string{id}})
	w.must(write{op: Replace, id: id, body: `{"userName":"alice@example.test","active":false}`})
	if got := w.teams(); len(got[0].Members) != 1 || len(got[1].Members) != 1 {
		t.Errorf("disabling left %+v, want both memberships", got)
	}
	w.must(write{op: Delete, id: id}) // the server then takes the user out of the groups
	w.mustGroup(&GroupChange{Op: Patch, ID: "g", Name: "Eng", OldName: "Eng", Removed: []string{id}})
	w.alice()
	if got := w.teams(); !slices.Equal(got[0].Members, []string{id}) || len(got[1].Members) != 0 {
		t.Errorf("after the return: %+v, want the team made by hand alone", got)
	}
}

// A member more must not cost more in a large group: the transaction counts.
func TestOneMemberOfMany(t *testing.T) {
	w := newWorld(t, nil)
	id := w.alice()
	var many []string
	for i := range 500 {
		many = append(many, w.must(write{op: Create, body: fmt.Sprintf(`{"userName":"u%d"}`, i)}).id)
	}
	w.mustGroup(&GroupChange{Op: Create, ID: "g", Name: "Eng", Added: many})
	w.update(func(tx store.Tx) error {
		counted := &countingTx{Tx: tx}
		_, err := w.AfterGroup(counted, &GroupChange{Op: Patch, ID: "g", Name: "Eng", OldName: "Eng", Added: []string{id}})
		if counted.calls > 20 {
			t.Errorf("adding one member to 500 made %d calls to the store", counted.calls)
		}
		return err
	})
}
