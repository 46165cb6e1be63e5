// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// generator draws changes that an administrator could make now: it keeps a
// directory of its own, to which each is made as well.
type generator struct {
	random *rand.Rand
	dir    *directory.Directory
	kinds  []drawn
	vary   Vary
	okta   bool
	pod    bool
	pushed map[string]bool // okta: groups; true: paused
	left   map[string]bool // groups that were unlinked or unassigned
	came   int             // people and groups that the generator brought
}

// drawn is a kind of change and how often it is drawn, as a part of the sum.
// draw gives no change where there is nobody to make it to.
type drawn struct {
	weight int
	draw   func() (directory.Change, bool)
}

// Changes gives a function that draws changes, without end, each of which can be
// made after the scenario's own and all that were drawn before it.
func Changes(s simulator.Scenario, seed uint64, vary Vary) (next func() directory.Change, err error) {
	g, err := newGenerator(s, seed, vary)
	if err != nil {
		return nil, err
	}
	return g.next, nil
}

func newGenerator(s simulator.Scenario, seed uint64, vary Vary) (*generator, error) {
	g := &generator{
		random: rand.New(rand.NewPCG(seed, 0x50a4)), //nolint:gosec // changes to be repeated, no secret
		okta:   strings.HasPrefix(s.Dialect, "okta-"),
		pod:    s.Dialect == entra.Pod,
		vary:   vary, pushed: map[string]bool{}, left: map[string]bool{},
	}
	g.dir = directory.New(directory.Options{Now: time.Now, Transitive: g.okta})
	var start []directory.Change
	for i := range s.Directory.People {
		start = append(start, directory.Change{Kind: directory.Join, Person: &s.Directory.People[i]})
	}
	for i := range s.Directory.Groups {
		start = append(start, directory.Change{Kind: directory.Found, Group: &s.Directory.Groups[i]})
	}
	start = append(start, directory.Change{Kind: directory.Assign, IDs: s.Directory.Assigned})
	for _, c := range append(start, s.Changes...) {
		if _, err := g.dir.Apply(c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", s.File, c.Line, err)
		}
		g.note(c)
	}
	g.kinds = g.common()
	switch {
	case g.okta:
		g.kinds = append(g.kinds, g.ofOkta()...)
	default:
		g.kinds = append(g.kinds, g.ofEntra()...)
	}
	return g, nil
}

// next draws a change and makes it.
func (g *generator) next() directory.Change {
	sum := 0
	for _, k := range g.kinds {
		sum += k.weight
	}
	for {
		at := g.random.IntN(sum)
		for _, k := range g.kinds {
			if at -= k.weight; at >= 0 {
				continue
			}
			if c, ok := k.draw(); ok {
				if _, err := g.dir.Apply(c); err == nil {
					g.note(c)
					return c
				}
			}
			break
		}
	}
}

// note keeps which groups are pushed.
func (g *generator) note(c directory.Change) {
	for _, id := range c.IDs {
		switch c.Kind {
		case directory.Push, directory.Resume, directory.Pause:
			g.pushed[id] = c.Kind == directory.Pause
		case directory.Unlink:
			delete(g.pushed, id)
			g.left[id] = true
		case directory.Unassign:
			g.left[id] = true
		}
	}
}

// common are the changes that every directory knows. New people always can
// come, so that a change is always found.
func (g *generator) common() []drawn {
	active := func(p *directory.Person) bool { return p.Active() }
	kinds := []drawn{
		{6, g.join},
		{4, g.onPerson(directory.Assign, func(p *directory.Person) bool { return p.Active() && !g.dir.Assigned(p.ID) })},
		{3, g.onPerson(directory.Unassign, func(p *directory.Person) bool { return g.dir.InScope(p.ID) })},
		{12, g.set},
		{3, g.onPerson(directory.Disable, active)},
		{3, g.onPerson(directory.Enable, func(p *directory.Person) bool { return p.Disabled && !p.Deleted })},
		{2, g.onPerson(directory.Delete, active)},
		{2, g.onPerson(directory.Restore, func(p *directory.Person) bool { return p.Deleted })},
		{1, g.onPerson(directory.Purge, func(p *directory.Person) bool { return p.Deleted })},
		{2, g.found},
		{2, g.rename},
		{10, g.enter},
		{6, g.leave},
		{2, g.onPerson(directory.SetPassword, active)},
	}
	if len(g.vary.Roles) > 0 {
		kinds = append(kinds, drawn{5, g.roles})
	}
	if !g.vary.RealTime {
		kinds = append(kinds, drawn{2, func() (directory.Change, bool) {
			return directory.Change{Kind: directory.Wait, Wait: fmt.Sprintf("%dm", 1+g.random.IntN(600))}, true
		}})
	}
	return kinds
}

// mayReturn says whether a group may come back: where a product keeps the team of
// a group that left, under an older handle, its name is taken.
func (g *generator) mayReturn(group string) bool { return !g.left[group] || !g.vary.FixedHandles }

// last is the change that goes before a look, so that nothing is due that the
// scenario does not say; nil for none.
func (g *generator) last() *directory.Change {
	switch {
	case g.okta:
		return nil
	case !g.pod:
		return &directory.Change{Kind: directory.Retry}
	}
	c := directory.Change{Kind: directory.OnDemand}
	for p := range g.dir.People() {
		if !p.Deleted && g.dir.Assigned(p.ID) {
			c.IDs = append(c.IDs, p.ID)
		}
	}
	if c.IDs == nil {
		return nil
	}
	return &c
}

func (g *generator) ofOkta() []drawn {
	pushed := func(paused bool) func(string) bool {
		return func(id string) bool { is, there := g.pushed[id]; return there && is == paused }
	}
	return []drawn{
		{5, g.onGroup(directory.Push, func(id string) bool { _, there := g.pushed[id]; return !there && g.mayReturn(id) })},
		{1, g.onGroup(directory.PushNow, pushed(false))},
		{1, g.onGroup(directory.Pause, pushed(false))},
		{2, g.onGroup(directory.Resume, pushed(true))},
		{1, func() (directory.Change, bool) {
			c, ok := g.onGroup(directory.Unlink, pushed(false))()
			c.Values = map[string]string{"delete": "true"}
			return c, ok
		}},
	}
}

func (g *generator) ofEntra() []drawn {
	inScope := func(p *directory.Person) bool { return g.dir.InScope(p.ID) }
	if g.pod {
		return []drawn{{20, g.onPerson(directory.OnDemand, inScope)}}
	}
	return []drawn{
		{4, g.onGroup(directory.Assign, func(id string) bool { return !g.dir.InScope(id) && g.mayReturn(id) })},
		{1, g.onGroup(directory.Unassign, g.dir.InScope)},
		{1, g.onGroup(directory.Delete, func(string) bool { return true })},
		{8, func() (directory.Change, bool) { return directory.Change{Kind: directory.Cycle}, true }},
		{1, func() (directory.Change, bool) { return directory.Change{Kind: directory.Initial}, true }},
		{2, g.onPerson(directory.OnDemand, inScope)},
	}
}

// onPerson makes a change to one of the people who fit.
func (g *generator) onPerson(kind directory.Kind, fit func(*directory.Person) bool) func() (directory.Change, bool) {
	return func() (directory.Change, bool) {
		p := g.person(fit)
		if p == nil {
			return directory.Change{}, false
		}
		c := directory.Change{Kind: kind, IDs: []string{p.ID}}
		if kind == directory.SetPassword {
			c.Password = fmt.Sprintf("Pass-%08x", g.random.Uint32())
		}
		return c, true
	}
}

// onGroup makes a change to one of the groups that fit.
func (g *generator) onGroup(kind directory.Kind, fit func(id string) bool) func() (directory.Change, bool) {
	return func() (directory.Change, bool) {
		group := g.group(func(one *directory.Group) bool { return fit(one.ID) })
		if group == nil {
			return directory.Change{}, false
		}
		return directory.Change{Kind: kind, IDs: []string{group.ID}}, true
	}
}

// person draws one of the people who fit, nil for nobody.
func (g *generator) person(fit func(*directory.Person) bool) *directory.Person {
	return one(g.random, func(yield func(*directory.Person)) {
		for p := range g.dir.People() {
			if fit(p) {
				yield(p)
			}
		}
	})
}

// group draws one of the groups that are there and fit, nil for none.
func (g *generator) group(fit func(*directory.Group) bool) *directory.Group {
	return one(g.random, func(yield func(*directory.Group)) {
		for group := range g.dir.Groups() {
			if !group.Deleted && fit(group) {
				yield(group)
			}
		}
	})
}

// one draws one of all, nil for none.
func one[E any](random *rand.Rand, all func(yield func(*E))) *E {
	var list []*E
	all(func(e *E) { list = append(list, e) })
	if len(list) == 0 {
		return nil
	}
	return list[random.IntN(len(list))]
}

func (g *generator) join() (directory.Change, bool) {
	g.came++
	p := directory.Invent(g.random.IntN(1000), g.random)
	p.ID = fmt.Sprintf("new%d", g.came)
	p.UserName, p.Email = p.ID+"-"+p.UserName, p.ID+"-"+p.Email
	return directory.Change{Kind: directory.Join, Person: &p}, true
}

func (g *generator) found() (directory.Change, bool) {
	g.came++
	group := directory.Group{ID: fmt.Sprintf("group%d", g.came), DisplayName: g.groupName()}
	if p := g.person((*directory.Person).Active); p != nil {
		group.Members = []string{p.ID}
	}
	return directory.Change{Kind: directory.Found, Group: &group}, true
}

// groupName gives a name that no group has had, nor another handle in a
// product.
func (g *generator) groupName() string {
	g.came++
	names := []string{"R&D", "Équipe", "Ops / On-call", "チーム", "Team", `"Quoted"`}
	if !g.okta {
		names = names[:5] // how Entra ID writes a quotation mark in a filter is not known
	}
	return fmt.Sprintf("%s %d", names[g.random.IntN(len(names))], g.came)
}

func (g *generator) rename() (directory.Change, bool) {
	c, ok := g.onGroup(directory.Rename, func(string) bool { return true })()
	c.Name = g.groupName()
	return c, ok
}

// enter adds a person or, now and then, a group to a group.
func (g *generator) enter() (directory.Change, bool) {
	c, ok := g.onGroup(directory.Add, func(string) bool { return true })()
	p := g.person((*directory.Person).Active)
	if !ok || p == nil {
		return c, false
	}
	c.Members = []string{p.ID}
	const seldom = 10
	if inner := g.group(func(in *directory.Group) bool { return in.ID != c.ID() }); inner != nil && g.random.IntN(seldom) == 0 {
		c.Members = []string{inner.ID}
	}
	return c, true
}

func (g *generator) leave() (directory.Change, bool) {
	group := g.group(func(group *directory.Group) bool { return len(group.Members) > 0 })
	if group == nil {
		return directory.Change{}, false
	}
	return directory.Change{Kind: directory.Remove, IDs: []string{group.ID}, Members: []string{group.Members[g.random.IntN(len(group.Members))]}}, true
}

// set changes an attribute of somebody, also of somebody who is not assigned.
func (g *generator) set() (directory.Change, bool) {
	p := g.person(func(p *directory.Person) bool { return !p.Deleted })
	if p == nil {
		return directory.Change{}, false
	}
	name := []string{
		directory.Title, directory.Title, directory.Department, directory.GivenName, directory.FamilyName, directory.Phone,
		directory.Locale, directory.Manager, directory.UserName,
	}[g.random.IntN(9)]
	word := []string{"Engineer", "Müdür", "مدير", "Ops/😀", "O'Neil", "R&D +1"}[g.random.IntN(6)]
	value := fmt.Sprintf("%s %d", word, g.random.IntN(100))
	const seldom = 8
	switch {
	case name == directory.UserName && g.vary.FixedUserNames:
		return directory.Change{}, false
	case name == directory.UserName:
		g.came++
		value = fmt.Sprintf("renamed%d@example.test", g.came)
	case name == directory.Locale:
		value = []string{"en-GB", "de", "ja-JP"}[g.random.IntN(3)]
	case name == directory.Manager:
		boss := g.person(func(b *directory.Person) bool { return b.ID != p.ID && !b.Deleted })
		if boss == nil {
			return directory.Change{}, false
		}
		value = boss.ID
	case name == directory.Title && g.random.IntN(seldom) == 0:
		value = ""
	}
	return directory.Change{Kind: directory.Set, IDs: []string{p.ID}, Values: map[string]string{name: value}}, true
}

// roles gives somebody up to two roles.
func (g *generator) roles() (directory.Change, bool) {
	c, ok := g.onPerson(directory.Roles, func(p *directory.Person) bool { return !p.Deleted })()
	values := slices.Clone(g.vary.Roles)
	g.random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	for _, v := range values[:g.random.IntN(min(len(values), 2)+1)] {
		c.Roles = append(c.Roles, directory.Role{Value: v})
	}
	return c, ok
}
