// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"iter"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Kinds of records. The id of a user's record is not that of the SCIM user but
// userNode of it: removing the SCIM user removes the links of that id, and the
// product's own have to stay.
const (
	kindOrg   store.Kind = "product.org"
	kindUser  store.Kind = "product.user"
	kindRole  store.Kind = "product.role"
	kindTeam  store.Kind = "product.team"
	kindAudit store.Kind = "product.audit"
	kindKey   store.Kind = "product.key"

	kindInvitation store.Kind = "product.invitation"
	kindTeamLink   store.Kind = "product.teamlink"
	kindMapping    store.Kind = "product.mapping"

	// kindAccess is one record whose version rises with each change of who may
	// do what.
	kindAccess store.Kind = "product.access"

	orgID = "organisation"
)

// Relations lead from the role or team to userNode, so that counting the users
// of either costs O(1).
const (
	relRole = "product.role.user"
	relTeam = "product.team.user"
)

// word is what people call the records of a kind.
func word(kind store.Kind) string { return strings.TrimPrefix(string(kind), "product.") }

const nodePrefix = "product.user:"

func userNode(id string) string { return nodePrefix + id }

func decode[T any](r *store.Record) (T, error) {
	var v T
	if err := json.Unmarshal(r.Body, &v); err != nil {
		return v, fmt.Errorf("read %s %s: %w", r.Kind, r.ID, err)
	}
	return v, nil
}

func encode(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }

func (o *Organisation) insert(tx store.Tx, kind store.Kind, id string, v any, keys ...store.Key) error {
	body, err := encode(v)
	if err != nil {
		return fmt.Errorf("write %s %s: %w", kind, id, err)
	}
	now := o.now()
	return tx.Insert(&store.Record{Kind: kind, ID: id, Created: now, Modified: now, Body: body, Keys: keys})
}

func (o *Organisation) update(tx store.Tx, kind store.Kind, id string, v any, keys ...store.Key) error {
	old, err := tx.Get(kind, id)
	if err != nil {
		return err
	}
	body, err := encode(v)
	if err != nil {
		return fmt.Errorf("write %s %s: %w", kind, id, err)
	}
	r := *old
	r.Body, r.Keys, r.Modified = body, keys, o.now()
	return tx.Update(&r)
}

// first returns the first record of a sequence, or nil.
func first(records iter.Seq[*store.Record]) *store.Record {
	for r := range records {
		return r
	}
	return nil
}
