// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// membership is what is kept with the link between a team and a user.
type membership struct {
	Admin  bool // role of the member within the team
	Scim   bool // provisioned through SCIM
	Mapped bool // provisioned by a mapping at a login
}

func (m membership) data() string {
	var words []string
	if m.Admin {
		words = append(words, "admin")
	}
	if m.Scim {
		words = append(words, "scim")
	}
	if m.Mapped {
		words = append(words, "mapped")
	}
	return strings.Join(words, " ")
}

func membershipOf(l store.Link) membership {
	return membership{
		Admin: strings.Contains(l.Data, "admin"), Scim: strings.Contains(l.Data, "scim"), Mapped: strings.Contains(l.Data, "mapped"),
	}
}

// join makes a user a member of a team and says whether that is news.
func (o *Organisation) join(tx store.Tx, teamID, userID string, m membership) (bool, error) {
	return tx.Link(store.Link{Relation: relTeam, From: teamID, To: userNode(userID), Data: m.data()})
}

func memberOf(l store.Link) string { return strings.TrimPrefix(l.To, nodePrefix) }

// membershipID is TeamMembership-<team>-<integer>, the form in which Datadog
// shows it; the integer here is drawn from the ends of the link.
func membershipID(l store.Link) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(l.From + l.To)) // never fails
	return fmt.Sprintf("TeamMembership-%s-%d", l.From, h.Sum32())
}
