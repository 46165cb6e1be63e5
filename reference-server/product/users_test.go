// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

func TestUserAttributes(t *testing.T) {
	tests := []struct {
		name, body string
		want       user
	}{
		{"work address", `{"userName":"A","emails":[{"value":"Home@x.test","type":"home","primary":true},{"value":"Work@x.test","type":"Work"}]}`, user{Handle: "a", Email: "work@x.test"}},
		{"primary address", `{"userName":"A","emails":[{"value":"one@x.test"},{"value":"Two@x.test","primary":true}]}`, user{Handle: "a", Email: "two@x.test"}},
		{"no address", `{"userName":"A@X.test","emails":[{"value":"one@x.test"}]}`, user{Handle: "a@x.test", Email: "a@x.test"}},
		{"formatted name", `{"userName":"a","displayName":"D","name":{"formatted":"F","givenName":"G"}}`, user{Handle: "a", Email: "a", Name: "F"}},
		{"display name", `{"userName":"a","displayName":"D","name":{"givenName":"G"}}`, user{Handle: "a", Email: "a", Name: "D"}},
		{"given and family name", `{"userName":"a","name":{"givenName":"G","familyName":"F"}}`, user{Handle: "a", Email: "a", Name: "G F"}},
		{"family name", `{"userName":"a","name":{"familyName":"F"}}`, user{Handle: "a", Email: "a", Name: "F"}},
		{"title", `{"userName":"a","title":"T"}`, user{Handle: "a", Email: "a", Title: "T"}},
		{"inactive", `{"userName":"a","active":false}`, user{Handle: "a", Email: "a", Disabled: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, nil)
			got := *w.userOf(w.must(write{op: Create, body: test.body}).id)
			got.ID, got.created, got.modified = "", test.want.created, test.want.modified
			if diff := gocmp.Diff(got, test.want, gocmp.AllowUnexported(user{})); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func TestUserStatus(t *testing.T) {
	w := newWorld(t, nil)
	id := w.alice()
	steps := []struct {
		name, body, want string
		active           any
	}{
		{"created", "", "Pending", true},
		{"disabled", `{"userName":"a@example.test","active":false}`, "Disabled", false},
		{"nothing said of active", `{"userName":"a@example.test"}`, "Disabled", false},
		{"enabled", `{"userName":"a@example.test","active":true}`, "Pending", true},
	}
	for _, step := range steps {
		if step.body != "" {
			r := w.must(write{op: Replace, id: id, body: step.body})
			if got, _ := r.shown.Get("active"); got != step.active {
				t.Errorf("%s: SCIM shows active %v, want %v", step.name, got, step.active)
			}
		}
		if got := w.userOf(id).status(); got != step.want {
			t.Errorf("%s: status %s, want %s", step.name, got, step.want)
		}
	}
	active := newWorld(t, func(p *profiles.Profile) { p.Users.Status = "active" })
	if got := active.userOf(active.alice()).status(); got != "Active" {
		t.Errorf("status: active gives %s", got)
	}
}

func TestReturningUser(t *testing.T) {
	leave := map[string]func(w *world, id string){
		"deleted": func(w *world, id string) { w.must(write{op: Delete, id: id}) },
		"disabled": func(w *world, id string) {
			w.must(write{op: Replace, id: id, body: `{"userName":"alice@example.test","active":false}`})
		},
	}
	for name, leaves := range leave {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			id := w.must(write{op: Create, given: true, body: `{"userName":"Alice@example.test",` + rolesJSON(w, "$admin") + `}`}).id
			leaves(w, id)
			if got := w.userOf(id).status(); got != "Disabled" {
				t.Fatalf("status %s", got)
			}
			if got := w.rolesHeld(id); !slices.Equal(got, []string{"admin"}) {
				t.Errorf("roles of a disabled user: %v", got)
			}
			back := w.must(write{op: Create, body: `{"userName":"alice@EXAMPLE.test","title":"New"}`})
			if back.id != id {
				t.Errorf("returned as %s, want %s", back.id, id)
			}
			u := w.userOf(id)
			if u.status() != "Pending" || u.Title != "New" || u.Gone {
				t.Errorf("returned as %+v", u)
			}
			if got := w.rolesHeld(id); !slices.Equal(got, []string{"admin"}) {
				t.Errorf("roles of a returned user: %v", got)
			}
			if len(back.shown.Array("roles")) != 1 {
				t.Errorf("SCIM shows %s", back.shown)
			}
		})
	}
}

func TestUserConflicts(t *testing.T) {
	conflict := func(p *profiles.Profile) { p.Users.Returning = "conflict" }
	tests := []struct {
		name     string
		profile  func(*profiles.Profile)
		disabled bool
		want     error
	}{
		{"active", nil, false, &engine.Error{Status: 409, Type: scim.Uniqueness}},
		{"disabled", nil, true, nil},
		{"disabled, returning conflicts", conflict, true, &engine.Error{Status: 409, Type: scim.Uniqueness}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.profile)
			id := w.alice()
			if test.disabled {
				w.must(write{op: Delete, id: id})
			}
			_, err := w.write(write{op: Create, body: `{"userName":"ALICE@example.test"}`})
			if test.want == nil && err != nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	w := newWorld(t, nil)
	id := w.alice()
	w.must(write{op: Create, body: `{"userName":"bob"}`})
	_, err := w.write(write{op: Replace, id: id, body: `{"userName":"BOB"}`})
	if e := (*engine.Error)(nil); !errors.As(err, &e) || e.Status != 409 || e.Type != scim.Uniqueness {
		t.Errorf("taking another user's name: got %v, want 409 uniqueness", err)
	}
}

func TestNeutralProfile(t *testing.T) {
	w := newWorld(t, func(p *profiles.Profile) { *p = *profiles.RFC() })
	body := `{"userName":"Alice","roles":[{"value":"anything"}],"active":true}`
	r := w.must(write{op: Create, given: true, body: body})
	if got := r.shown.String(); got != body {
		t.Errorf("stored %s, want %s", got, body)
	}
	if u := w.userOf(r.id); u.Handle != "Alice" || u.status() != "Active" {
		t.Errorf("user %+v", u)
	}
	if len(r.counts) != 0 || len(w.events()) != 0 {
		t.Errorf("counts %v, events %v, want none", r.counts, w.events())
	}
	if err := w.group(&GroupChange{Op: Create, ID: "g", Name: "Engineering", Added: []string{r.id}}); err != nil {
		t.Fatal(err)
	}
	w.must(write{op: Delete, id: r.id})
	w.view(func(tx store.Tx) error {
		if tx.Count(kindTeam) != 0 {
			t.Error("a group became a team")
		}
		if _, err := w.user(tx, r.id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the user is not erased: %v", err)
		}
		return nil
	})
	if again := w.must(write{op: Create, body: body}); again.id == r.id {
		t.Error("an erased user returned with the old id")
	}
}

func TestSeedOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.update(w.Seed)
	w.view(func(tx store.Tx) error {
		if tx.Count(kindRole) != 3 || tx.Count(kindUser) != 2 || tx.Count(kindOrg) != 1 {
			t.Errorf("%d roles, %d users, %d organisations", tx.Count(kindRole), tx.Count(kindUser), tx.Count(kindOrg))
		}
		return nil
	})
}

func TestRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.update(func(tx store.Tx) error {
		return w.Refused(tx, Refusal{Op: Patch, AssetType: "user", AssetID: "u", Status: 400, Detail: "userName is immutable"})
	})
	e := w.events()[0]
	if e.Outcome != "failure" || e.EventName != "SCIM user not modified" || metaOf(e)["detail"] != "userName is immutable" {
		t.Errorf("got %+v", e)
	}
}

func TestNewNeedsProfileAndDirectory(t *testing.T) {
	if _, err := New(Options{Directory: &world{}}); err == nil {
		t.Error("no profile: no error")
	}
	if _, err := New(Options{Profile: profiles.RFC()}); err == nil {
		t.Error("no directory: no error")
	}
}

func TestCreateAmongMany(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 500 {
		w.must(write{op: Create, body: fmt.Sprintf(`{"userName":"u%d"}`, i)})
	}
	w.update(func(tx store.Tx) error {
		counted := &countingTx{Tx: tx}
		_, err := w.BeforeUser(counted, &UserChange{Op: Create, ID: w.id(), New: parse(t, `{"userName":"alice"}`)})
		if counted.calls > 20 {
			t.Errorf("creating a user beside 500 made %d calls to the store", counted.calls)
		}
		return err
	})
}
