// SPDX-License-Identifier: Apache-2.0

package engine

// Member is one value of a group's members. $ref and display are the server's
// to fill in on output; Display is what the client said.
type Member struct{ Value, Type, Display string }

func (m Member) object() *Object {
	o := NewObject("value", m.Value)
	if m.Type != "" {
		o.Set("type", m.Type)
	}
	if m.Display != "" {
		o.Set("display", m.Display)
	}
	return o
}

func asMember(v any) Member {
	o, _ := v.(*Object)
	return Member{Value: o.Text("value"), Type: o.Text("type"), Display: o.Text("display")}
}

// Members are the members of one group as they are before the request. The
// engine reads them and never changes them.
type Members interface {
	Has(id string) bool
	Each(yield func(Member) bool) // in their order
}

// MemberOp says what a MemberChange does.
type MemberOp int

// A change adds a member at the end, removes one, or removes all.
const (
	AddMember MemberOp = iota + 1
	RemoveMember
	ClearMembers
)

// MemberChange is one change to the members of a group. Only Member.Value is
// set for RemoveMember, and nothing for ClearMembers.
type MemberChange struct {
	Op     MemberOp
	Member Member
}

// TakeMembers removes the members from a normalised group and returns them.
func TakeMembers(o *Object) []Member {
	list := o.Array("members")
	o.Delete("members")
	members := make([]Member, len(list))
	for i, v := range list {
		members[i] = asMember(v)
	}
	return members
}

// DiffMembers returns the changes, in the order to apply them, that make ms
// into want. Members that stay keep their place.
func DiffMembers(ms Members, want []Member) []MemberChange {
	keep := make(map[string]bool, len(want)) // true: is there already
	for _, m := range want {
		keep[m.Value] = false
	}
	var changes []MemberChange
	kept := 0
	ms.Each(func(m Member) bool {
		if _, ok := keep[m.Value]; ok {
			keep[m.Value] = true
			kept++
		} else {
			changes = append(changes, MemberChange{RemoveMember, Member{Value: m.Value}})
		}
		return true
	})
	if kept == 0 && len(changes) > 1 {
		changes = append(changes[:0], MemberChange{Op: ClearMembers})
	}
	for _, m := range want {
		if !keep[m.Value] {
			keep[m.Value] = true
			changes = append(changes, MemberChange{AddMember, m})
		}
	}
	return changes
}

// memberSet is what Members become in the course of a PATCH.
type memberSet struct {
	base    Members
	cleared bool            // nothing of base counts any more
	removed map[string]bool // ids of base
	order   []string        // removed ids, in the order of removal
	added   []Member        // Value "" marks one that went again
	index   map[string]int  // id to added
}

func newMemberSet(base Members) *memberSet {
	return &memberSet{base: base, removed: map[string]bool{}, index: map[string]int{}}
}

func (s *memberSet) Has(id string) bool {
	if _, ok := s.index[id]; ok {
		return true
	}
	return !s.cleared && !s.removed[id] && s.base.Has(id)
}

func (s *memberSet) Each(yield func(Member) bool) {
	on := true
	if !s.cleared {
		s.base.Each(func(m Member) bool {
			on = s.removed[m.Value] || yield(m)
			return on
		})
	}
	for i := 0; on && i < len(s.added); i++ {
		on = s.added[i].Value == "" || yield(s.added[i])
	}
}

func (s *memberSet) add(m Member) {
	switch {
	case s.Has(m.Value):
	case s.removed[m.Value]:
		delete(s.removed, m.Value) // it was there all the time
	default:
		s.index[m.Value] = len(s.added)
		s.added = append(s.added, m)
	}
}

func (s *memberSet) remove(id string) {
	if i, ok := s.index[id]; ok {
		s.added[i] = Member{}
		delete(s.index, id)
		return
	}
	if s.Has(id) {
		s.removed[id] = true
		s.order = append(s.order, id)
	}
}

func (s *memberSet) clear() {
	*s = memberSet{base: s.base, cleared: true, removed: map[string]bool{}, index: map[string]int{}}
}

// changes returns what to do to base.
func (s *memberSet) changes() []MemberChange {
	var added []Member
	for _, m := range s.added {
		if m.Value != "" {
			added = append(added, m)
		}
	}
	if s.cleared {
		if len(added) > 0 {
			return DiffMembers(s.base, added)
		}
		var some bool
		s.base.Each(func(Member) bool { some = true; return false })
		if some {
			return []MemberChange{{Op: ClearMembers}}
		}
		return nil
	}
	var list []MemberChange
	for _, id := range s.order {
		if s.removed[id] {
			s.removed[id] = false // an id may have been removed twice
			list = append(list, MemberChange{RemoveMember, Member{Value: id}})
		}
	}
	for _, m := range added {
		list = append(list, MemberChange{AddMember, m})
	}
	return list
}
