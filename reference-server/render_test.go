// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/store"
)

// A reply that cannot hold all members of a group holds none of them: a part
// would look like the whole.
func TestMembersThatDoNotFitAreLeftOut(t *testing.T) {
	s := store.NewMemory()
	err := s.Update(context.Background(), func(tx store.Tx) error {
		for _, r := range []*store.Record{
			{Kind: userKind, ID: "a", Body: []byte(`{"id":"a"}`)},
			{Kind: userKind, ID: "b", Body: []byte(`{"id":"b"}`)},
			{Kind: groupKind, ID: "g", Body: []byte(`{"id":"g"}`)},
			{Kind: groupKind, ID: "h", Body: []byte(`{"id":"h"}`)},
		} {
			if err := tx.Insert(r); err != nil {
				return err
			}
		}
		for _, l := range [][2]string{{"g", "a"}, {"g", "b"}, {"h", "a"}, {"h", "b"}} {
			if _, err := tx.Link(store.Link{Relation: member, From: l[0], To: l[1], Data: string(userKind)}); err != nil {
				return err
			}
		}
		v := &view{tx: tx, wire: wiresOf(profiles.RFC(), &custom{})[0], base: "http://host", room: 3}
		for _, tt := range []struct {
			id   string
			want int
		}{{"g", 2}, {"h", 0}} {
			r, err := tx.Get(groupKind, tt.id)
			if err != nil {
				return err
			}
			shown := string(v.whole(nil, r, true))
			if got := strings.Count(shown, `"$ref":"http://host/Users/`); got != tt.want || strings.Contains(shown, `"members"`) != (tt.want > 0) {
				t.Errorf("%s: got %s, want %d members", tt.id, shown, tt.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
