// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"time"
)

// Errors of changes that the directory refuses.
var (
	ErrUnknown   = errors.New("unknown id")
	ErrTaken     = errors.New("id or user name is taken")
	ErrDeleted   = errors.New("was deleted")
	ErrCircle    = errors.New("group would hold itself")
	ErrNotMember = errors.New("is not a member")
)

// Directory is the model of an IdP's directory and of the assignments to one
// application. It is not safe for use by several goroutines at once.
type Directory struct {
	now        func() time.Time
	transitive bool
	people     map[string]*Person
	groups     map[string]*Group
	order      []string                  // ids of people and groups as they came
	names      map[string]string         // user name: person
	parents    map[string][]string       // person or group: groups that hold it directly
	index      map[string]map[string]int // group: member: its place in Members, for large groups
	direct     map[string]bool           // person or group: assigned itself
	log        []Entry
	visits     atomic.Int64
}

// Options say what kind of directory it is.
type Options struct {
	Now        func() time.Time // nil: time.Now
	Transitive bool             // an assigned group stands also for the people of the groups within it
}

// Entry is one line of the log of a directory.
type Entry struct {
	At     time.Time
	Change Change
	Effect Effect
}

// New returns an empty directory.
func New(o Options) *Directory {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Directory{
		now: o.Now, transitive: o.Transitive,
		people: map[string]*Person{}, groups: map[string]*Group{}, names: map[string]string{},
		parents: map[string][]string{}, index: map[string]map[string]int{}, direct: map[string]bool{},
	}
}

// Person gives a person by id, also a deleted one, or nil. The caller must not
// alter it.
func (d *Directory) Person(id string) *Person {
	d.visits.Add(1)
	return d.people[id]
}

// Group gives a group by id, also a deleted one, or nil. The caller must not
// alter it.
func (d *Directory) Group(id string) *Group {
	d.visits.Add(1)
	return d.groups[id]
}

// Visits gives how often a person, a group or a place in a group was looked at:
// what work costs, whatever the machine does besides.
func (d *Directory) Visits() int64 { return d.visits.Load() }

// All gives the ids of people and groups in the order they came.
func (d *Directory) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, id := range d.order {
			d.visits.Add(1)
			if !yield(id) {
				return
			}
		}
	}
}

// People gives the people in the order they came, deleted ones too.
func (d *Directory) People() iter.Seq[*Person] {
	return func(yield func(*Person) bool) {
		for _, id := range d.order {
			d.visits.Add(1)
			if p := d.people[id]; p != nil && !yield(p) {
				return
			}
		}
	}
}

// Groups gives the groups in the order they came, deleted ones too.
func (d *Directory) Groups() iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for _, id := range d.order {
			d.visits.Add(1)
			if g := d.groups[id]; g != nil && !yield(g) {
				return
			}
		}
	}
}

// Mark is a place in the log: a watermark.
type Mark int

// Now gives the time of the directory.
func (d *Directory) Now() time.Time { return d.now() }

// Mark gives the end of the log.
func (d *Directory) Mark() Mark { return Mark(len(d.log)) }

// Since gives what was done after m, oldest first.
func (d *Directory) Since(m Mark) []Entry { return d.log[m:] }

// InScope says whether a person is active and assigned, directly or through a
// group; for a group, whether it is assigned and there.
func (d *Directory) InScope(id string) bool {
	d.visits.Add(1)
	if g := d.groups[id]; g != nil {
		return !g.Deleted && d.direct[id]
	}
	p := d.people[id]
	return p != nil && p.Active() && d.Assigned(id)
}

// Assigned says whether a person is assigned, directly or through a group,
// active or not.
func (d *Directory) Assigned(id string) bool {
	if d.direct[id] {
		return true
	}
	for _, g := range d.GroupsOf(id) {
		if d.direct[g] {
			return true
		}
	}
	return false
}

// GroupsOf gives the groups that a person or group is in: the direct ones, in
// a transitive directory also those that these are in.
func (d *Directory) GroupsOf(id string) []string {
	var found []string
	seen := map[string]bool{}
	queue := []string{id}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, g := range d.parents[next] {
			d.visits.Add(1)
			if seen[g] || d.groups[g].Deleted {
				continue
			}
			seen[g] = true
			found = append(found, g)
			if d.transitive {
				queue = append(queue, g)
			}
		}
	}
	return found
}

// Members gives the people in a group, each once: the direct ones, in a
// transitive directory also those of groups within it. Deleted people and
// groups are left out.
func (d *Directory) Members(group string) []string {
	var found []string
	d.walk(group, map[string]bool{}, func(id string) { found = append(found, id) })
	return found
}

func (d *Directory) walk(group string, seen map[string]bool, visit func(person string)) {
	g := d.groups[group]
	if g == nil || g.Deleted || seen[group] {
		return
	}
	seen[group] = true
	for _, m := range g.Members {
		d.visits.Add(1)
		if p := d.people[m]; p != nil {
			if !p.Deleted && !seen[m] {
				seen[m] = true
				visit(m)
			}
		} else if d.transitive {
			d.walk(m, seen, visit)
		}
	}
}

// Holds says whether a group holds a person or group itself.
func (d *Directory) Holds(group, member string) bool {
	return slices.Contains(d.parents[member], group)
}

// ByUserName gives the person with a user name, nil if nobody has it.
func (d *Directory) ByUserName(name string) *Person { return d.people[d.names[name]] }

func (d *Directory) known(id string) error {
	if d.people[id] == nil && d.groups[id] == nil {
		return fmt.Errorf("%w %q", ErrUnknown, id)
	}
	return nil
}
