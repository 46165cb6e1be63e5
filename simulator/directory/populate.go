// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/scimproof/scimproof/fixtures/people"
)

// Population says which people and groups to invent.
type Population struct {
	People int
	Groups int
	Seed   uint64
}

// TeamID gives the id of the i-th group of a population, from 0.
func TeamID(i int) string { return fmt.Sprintf("team%d", i+1) }

// longest is how many characters the longest of the invented names has.
const longest = 256

// Populate adds invented people and groups, who are all assigned. Every fifth
// name is one that hurts: letters outside ASCII, written right to left, emoji,
// ß, İ, apostrophes, plus signs in addresses, 256 characters. The same seed
// gives the same population. Each group but the first two stands within no
// other; the second is within the first.
func (d *Directory) Populate(p Population) error {
	random := rand.New(rand.NewPCG(p.Seed, 0x9e3779b97f4a7c15)) //nolint:gosec // invented names, reproducible on purpose
	names := invented()
	ids := make([]string, p.People)
	for i := range p.People {
		person := invent(names, i, random)
		if i > 0 && random.IntN(3) == 0 {
			person.Manager = ids[random.IntN(i)]
		}
		ids[i] = person.ID
		if _, err := d.Apply(Change{Kind: Join, Person: &person}); err != nil {
			return fmt.Errorf("populate directory: %w", err)
		}
	}
	if _, err := d.Apply(Change{Kind: Assign, IDs: ids}); err != nil {
		return fmt.Errorf("populate directory: %w", err)
	}
	for i := range p.Groups {
		group := Group{ID: TeamID(i), DisplayName: fmt.Sprintf("Team %d %s", i+1, names[i%len(names)].FamilyName)}
		if p.People > 0 {
			for range min(p.People, 1+random.IntN(20)) {
				group.Members = append(group.Members, ids[random.IntN(p.People)])
			}
		}
		if _, err := d.Apply(Change{Kind: Found, Group: &group}); err != nil {
			return fmt.Errorf("populate directory: %w", err)
		}
	}
	if p.Groups > 1 {
		if _, err := d.Apply(Change{Kind: Add, IDs: []string{"team1"}, Members: []string{"team2"}}); err != nil {
			return fmt.Errorf("populate directory: %w", err)
		}
	}
	return nil
}

// invented gives the names to draw from.
func invented() []people.Person {
	return append(people.All(),
		people.Person{UserName: "istanbul", GivenName: "İpek", FamilyName: "Işık", Title: "Müdür"}, // letter case depends on the language
		people.Person{UserName: "long", GivenName: "Long", FamilyName: strings.Repeat("x", longest-len("Long ")), Title: "Clerk"},
		people.Person{UserName: "STRASSE", GivenName: "Karl", FamilyName: "STRAẞE", Title: "Fahrer"},
	)
}

// Invent gives the i-th person of a population, from 0. What is drawn depends on
// random alone.
func Invent(i int, random *rand.Rand) Person { return invent(invented(), i, random) }

func invent(names []people.Person, i int, random *rand.Rand) Person {
	hard := len(people.All()) - len(people.Hard())
	n := names[random.IntN(hard)]
	if i%5 == 0 {
		n = names[hard+i/5%(len(names)-hard)]
	}
	id := fmt.Sprintf("p%d", i+1)
	unique := fmt.Sprintf("%s-%s", id, n.UserName)
	return Person{
		ID: id, UserName: n.UserNameAs(unique), Email: n.EmailAs(unique), GivenName: n.GivenName, FamilyName: n.FamilyName,
		Title: n.Title, Department: n.Department,
	}
}
