// SPDX-License-Identifier: Apache-2.0

package product

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reference-server/store"
)

// appKey is an application key. The key itself is never kept, only its hash
// and its last four characters.
type appKey struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Owner   string    `json:"owner"` // id of a user or a service account
	Hash    string    `json:"hash"`  // SHA-256 of the key, in hex
	Last4   string    `json:"last4"`
	Scopes  []string  `json:"scopes,omitempty"` // what the key may at most; nil: all that its owner may
	Seeded  bool      `json:"seeded,omitzero"`  // given to the server at its start
	Session bool      `json:"session,omitzero"` // of a person who is logged in: no key for SCIM, and in no list
	Expires time.Time `json:"expires,omitzero"` // of a session

	created time.Time
}

// newAppKey makes an application key of an owner; hash and last characters
// are those of secret.
func (o *Organisation) newAppKey(owner, name, secret string) *appKey {
	return &appKey{ID: o.newID(), Name: name, Owner: owner, Hash: hashOf(secret), Last4: last4(secret), created: o.now()}
}

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func last4(key string) string { return key[max(len(key)-4, 0):] }

func (k *appKey) keys() []store.Key {
	return []store.Key{{Index: "hash", Value: k.Hash, Unique: true}, {Index: "owner", Value: k.Owner}}
}

func decodeKey(r *store.Record) (*appKey, error) {
	k, err := decode[appKey](r)
	k.created = r.Created
	return &k, err
}

// insertKey, updateKey and deleteKey change keys, and what is known of who may
// do what.
func (o *Organisation) insertKey(tx store.Tx, k *appKey) error {
	return errors.Join(o.insert(tx, kindKey, k.ID, k, k.keys()...), o.accessChanged(tx))
}

func (o *Organisation) updateKey(tx store.Tx, k *appKey) error {
	return errors.Join(o.update(tx, kindKey, k.ID, k, k.keys()...), o.accessChanged(tx))
}

func (o *Organisation) deleteKey(tx store.Tx, k *appKey) error {
	return errors.Join(tx.Delete(kindKey, k.ID), o.accessChanged(tx))
}

// keysOf returns the keys of an owner, sessions among them.
func (o *Organisation) keysOf(tx store.Tx, owner string) ([]*appKey, error) {
	var keys []*appKey
	for _, r := range slices.Collect(tx.Find(kindKey, "owner", owner)) {
		k, err := decodeKey(r)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// seedKey makes secret the key that an account was given at the start of the
// server, in place of the one of the last start.
func (o *Organisation) seedKey(tx store.Tx, owner, name string, secret flow.Secret) error {
	if secret == "" {
		return nil
	}
	keys, err := o.keysOf(tx, owner)
	if err != nil {
		return err
	}
	fresh := o.newAppKey(owner, name, secret.Reveal())
	fresh.Seeded = true
	i := slices.IndexFunc(keys, func(k *appKey) bool { return k.Seeded })
	if i < 0 {
		return o.insertKey(tx, fresh)
	}
	if keys[i].Hash == fresh.Hash {
		return nil
	}
	fresh.ID = keys[i].ID
	return o.updateKey(tx, fresh)
}

// ownerChanged follows a change of a user in the user's keys. Those of a
// person who was disabled are revoked at once and for good, if the profile
// says so; a service account's only stop while it is disabled. It costs O(1)
// for the many who own no key.
func (o *Organisation) ownerChanged(tx store.Tx, u *user) error {
	keys, err := o.keysOf(tx, u.ID)
	if err != nil || len(keys) == 0 {
		return err
	}
	erased := u.Gone && o.profile.Users.Delete == "erase"
	for _, k := range keys {
		lost := k.Session || erased || o.profile.Access.Keys == "revoke"
		if !u.Disabled || u.Service || !lost {
			continue
		}
		if err := tx.Delete(kindKey, k.ID); err != nil {
			return err
		}
		if err := o.recordRevoked(tx, u, k); err != nil {
			return err
		}
	}
	return o.accessChanged(tx)
}

// recordRevoked records that a key went with its owner.
func (o *Organisation) recordRevoked(tx store.Tx, u *user, k *appKey) error {
	if k.Session {
		return nil
	}
	return o.record(tx, "", event{
		EventName: "application key revoked", Action: "deleted", AssetType: "application_key", AssetID: k.ID, Outcome: "success",
		Meta: map[string]any{"owner": u.ID, "owner_email": u.Email, "key_name": k.Name, "reason": "owner disabled"},
	})
}
