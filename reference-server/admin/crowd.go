// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/scimproof/scimproof/fixtures/people"
)

// crowd makes up people and groups. The same seed makes the same ones, and
// fewer people are the first of more.
func (p *planter) crowd(s *Seed) error {
	for i := range s.Population {
		if err := p.person(madeUp(s.Random, i)); err != nil {
			return fmt.Errorf("person %d of %d: %w", i+1, s.Population, err)
		}
	}
	if s.Crowds == 0 {
		return nil
	}
	// Everybody is in one group, so that groups have Population/Crowds members
	// on average.
	members := make([][]string, s.Crowds)
	rng := rand.New(rand.NewPCG(s.Random, 1)) //nolint:gosec // a directory to be made again, no secret
	for i := range s.Population {
		at := rng.IntN(s.Crowds)
		members[at] = append(members[at], userNameOf(i))
	}
	for i, m := range members {
		if err := p.group(Group{DisplayName: fmt.Sprintf("Group %d", i+1), Members: m}); err != nil {
			return fmt.Errorf("group %d of %d: %w", i+1, s.Crowds, err)
		}
	}
	return nil
}

func userNameOf(i int) string { return fmt.Sprintf("person%d@%s", i+1, people.Domain) }

// madeUp returns the i-th person: parts of the names of invented persons, put
// together anew.
func madeUp(seed uint64, i int) Person {
	all := people.All()
	rng := rand.New(rand.NewPCG(seed, uint64(i)+2)) //nolint:gosec // a directory to be made again, no secret
	pick := func() people.Person { return all[rng.IntN(len(all))] }
	return Person{
		UserName: userNameOf(i), ExternalID: fmt.Sprintf("%08d", i+1),
		GivenName: strings.TrimSpace(pick().GivenName), FamilyName: pick().FamilyName,
		Title: pick().Title, Department: pick().Department,
	}
}
