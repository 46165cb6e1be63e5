// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// team is a team of the product. It is managed while it is linked to a group.
type team struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Handle      string `json:"handle"`
	Description string `json:"description,omitzero"`
	Group       string `json:"group,omitzero"` // id of the group it is linked to

	// Settings say who may do what to the team, where an administrator chose.
	Settings map[string]string `json:"settings,omitempty"`

	created, modified time.Time
}

func (t *team) managed() bool { return t.Group != "" }

func (t *team) keys() []store.Key {
	keys := []store.Key{{Index: "handle", Value: t.Handle, Unique: true}, {Index: "name", Value: t.Name, Unique: true}}
	if t.managed() {
		keys = append(keys, store.Key{Index: "group", Value: t.Group, Unique: true})
	}
	return keys
}

func (o *Organisation) insertTeam(tx store.Tx, t *team) error {
	return o.insert(tx, kindTeam, t.ID, t, t.keys()...)
}

func (o *Organisation) updateTeam(tx store.Tx, t *team) error {
	return o.update(tx, kindTeam, t.ID, t, t.keys()...)
}

// removeTeam removes a team with its links and the mappings that lead to it.
func (o *Organisation) removeTeam(tx store.Tx, t *team) error {
	return errors.Join(dropLinks(tx, t), dropMappings(tx, t.ID), tx.Delete(kindTeam, t.ID))
}

func decodeTeam(r *store.Record) (*team, error) {
	t, err := decode[team](r)
	t.created, t.modified = r.Created, r.Modified
	return &t, err
}

// findTeam returns the team that holds the key, or nil.
func (o *Organisation) findTeam(tx store.Tx, index, value string) (*team, error) {
	r := first(tx.Find(kindTeam, index, value))
	if r == nil {
		return nil, nil
	}
	return decodeTeam(r)
}

// syncTeam makes the team what the group became.
func (o *Organisation) syncTeam(tx store.Tx, c *GroupChange) error {
	if o.profile.Teams.Target != "team" {
		return nil
	}
	if c.Op == Create {
		return o.linkTeam(tx, c)
	}
	t, err := o.findTeam(tx, "group", c.ID)
	if err != nil || t == nil {
		return err
	}
	if c.Op == Delete {
		return o.unlinkTeam(tx, c, t)
	}
	if c.Name != c.OldName {
		t.Name = c.Name
		if o.profile.Teams.RenameHandle {
			t.Handle = o.handleOf(c.Name, c.ID)
		}
		if err := o.updateTeam(tx, t); err != nil {
			return err
		}
	}
	return o.syncMembers(tx, c, t, map[string]any{})
}

// linkTeam makes a team of a new group, or adopts the one that is there.
func (o *Organisation) linkTeam(tx store.Tx, c *GroupChange) error {
	handle := o.handleOf(c.Name, c.ID)
	t, err := o.teamToAdopt(tx, c.Name, handle)
	if err != nil {
		return err
	}
	if t == nil {
		t = &team{ID: o.newID(), Name: c.Name, Handle: handle, Group: c.ID}
		if err := o.insertTeam(tx, t); err != nil {
			return err
		}
		return o.syncMembers(tx, c, t, map[string]any{"adopted": false})
	}
	if t.managed() {
		return &engine.Error{Status: 409, Type: scim.Uniqueness, Detail: fmt.Sprintf("team %q is linked to another group", t.Handle)}
	}
	t.Name, t.Group = c.Name, c.ID
	if err := o.updateTeam(tx, t); err != nil {
		return err
	}
	if err := o.emptyTeam(tx, t); err != nil { // the identity provider owns the membership from now on
		return err
	}
	return o.syncMembers(tx, c, t, map[string]any{"adopted": true})
}

// teamToAdopt returns the team that a new group shall be linked to, or nil. A
// team that is there and must not be adopted is a conflict on its key.
func (o *Organisation) teamToAdopt(tx store.Tx, name, handle string) (*team, error) {
	switch o.profile.Teams.Adopt {
	case "handle":
		return o.findTeam(tx, "handle", handle)
	case "name":
		return o.findTeam(tx, "name", name)
	}
	return nil, nil
}

// unlinkTeam does what the profile says when a group is deleted.
func (o *Organisation) unlinkTeam(tx store.Tx, c *GroupChange, t *team) error {
	if err := o.recordTeam(tx, c, t, map[string]any{}); err != nil {
		return err
	}
	if o.profile.Teams.Delete == "delete" {
		return o.removeTeam(tx, t)
	}
	if o.profile.Teams.Delete == "unlink" {
		if err := o.emptyTeam(tx, t); err != nil {
			return err
		}
	}
	t.Group = ""
	return o.updateTeam(tx, t)
}

// syncMembers follows the changes of a group's members. Only users become
// members of a team.
func (o *Organisation) syncMembers(tx store.Tx, c *GroupChange, t *team, meta map[string]any) error {
	added, removed := 0, 0
	for _, id := range c.Removed {
		was, err := tx.Unlink(relTeam, t.ID, userNode(id))
		if err != nil {
			return err
		}
		removed += bit(was)
	}
	for _, id := range c.Added {
		_, err := tx.Get(kindUser, userNode(id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		is, err := o.join(tx, t.ID, id, membership{Scim: true})
		if err != nil {
			return err
		}
		added += bit(is)
	}
	meta["members_added"], meta["members_removed"] = added, removed
	return o.recordTeam(tx, c, t, meta)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (o *Organisation) emptyTeam(tx store.Tx, t *team) error {
	for _, l := range slices.Collect(tx.Links(relTeam, t.ID)) {
		if _, err := tx.Unlink(relTeam, l.From, l.To); err != nil {
			return err
		}
	}
	return nil
}

// maxHandle is the longest handle of a team.
const maxHandle = 195

// handleOf derives a team's handle from the name of a group: lower case, and a
// separator for what may not stand in a handle. A name that leaves nothing
// gives the group's id.
func (o *Organisation) handleOf(name, groupID string) string {
	separator := o.profile.Teams.Separator
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if handleRune(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(separator)
		}
	}
	handle := b.String()
	handle = strings.TrimRight(handle[:min(len(handle), maxHandle)], separator+"_")
	if handle == "" {
		return groupID
	}
	return handle
}

func handleRune(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("._-:/", r)
}
