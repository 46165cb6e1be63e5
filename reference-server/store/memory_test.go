// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewMemory() })
}

// TestColliding holds that the memory store does not rely on hashes.
func TestColliding(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewColliding() })
}

// picture is all that a Tx tells of a small world.
type picture struct {
	Scans, Finds, Links, Backlinks map[string][]string
	Linked                         []string
	Counts                         map[string]int
}

var names = []string{"a", "b", "c", "d"}

func take(tx store.Tx) picture {
	p := picture{Scans: map[string][]string{}, Finds: map[string][]string{}, Links: map[string][]string{}, Backlinks: map[string][]string{}, Counts: map[string]int{}}
	show := func(r *store.Record) string { return fmt.Sprint(r.ID, r.Seq, r.Version, string(r.Body), r.Keys) }
	p.Counts["records"] = tx.Count("k")
	for i := range len(names) + 1 {
		at := fmt.Sprint(i)
		for r := range tx.Scan("k", i) {
			p.Scans[at] = append(p.Scans[at], show(r))
		}
	}
	for _, name := range names {
		for r := range tx.Find("k", "tag", name) {
			p.Finds[name] = append(p.Finds[name], show(r))
		}
		if r, err := tx.Get("k", name); err == nil {
			p.Scans["get"] = append(p.Scans["get"], show(r))
		}
		for l := range tx.Links("l", name) {
			p.Links[name] = append(p.Links[name], l.To+l.Data)
		}
		for l := range tx.Backlinks("l", name) {
			p.Backlinks[name] = append(p.Backlinks[name], l.From+l.Data)
		}
		p.Counts[name] = tx.CountLinks("l", name)
		for _, to := range names {
			if tx.Linked("l", name, to) {
				p.Linked = append(p.Linked, name+to)
			}
		}
	}
	return p
}

// TestMemoryMoments changes a store and a naive model alike, with Views open all
// the while that must go on seeing what they saw first.
func TestMemoryMoments(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		s, model := store.NewMemory(), naive{}
		if rapid.Bool().Draw(t, "colliding") {
			s = store.NewColliding()
		}
		type open struct {
			tx    store.Tx
			saw   picture
			leave func()
		}
		var views []open
		same := func(what string, got, want picture) {
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s (-want +got):\n%s", what, d)
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				got, left, done := make(chan store.Tx), make(chan struct{}), make(chan struct{})
				go func() {
					defer close(done)
					_ = s.View(ctx, func(tx store.Tx) error { got <- tx; <-left; return nil })
				}()
				tx := <-got
				views = append(views, open{tx, take(tx), func() { close(left); <-done }})
			case 1:
				if len(views) > 0 {
					i := rapid.IntRange(0, len(views)-1).Draw(t, "view")
					views[i].leave()
					views = slices.Delete(views, i, i+1)
				}
			default:
				next, fail := model.clone(), rapid.IntRange(0, 3).Draw(t, "fail") == 0
				err := s.Update(ctx, func(tx store.Tx) error {
					for range rapid.IntRange(0, 8).Draw(t, "writes") {
						if got, want := write(t, tx, &next); got != want {
							t.Fatalf("got %s, want %s", got, want)
						}
					}
					same("own writes", take(tx), take(&next))
					if fail {
						return errors.New("stop")
					}
					return nil
				})
				if err == nil {
					model = next
				}
			}
			for _, v := range views {
				same("an open View", take(v.tx), v.saw)
			}
			_ = s.View(ctx, func(tx store.Tx) error { same("the present", take(tx), take(&model)); return nil })
		}
		for _, v := range views {
			v.leave()
		}
		_ = s.Update(ctx, func(tx store.Tx) error { return errOrNil(tx.Link(store.Link{Relation: "other", From: "a", To: "b"})) })
		if n := store.Leftovers(s); n != 0 {
			t.Fatalf("%d pieces of the past are kept when nobody sees them", n)
		}
	})
}

func errOrNil(_ bool, err error) error { return err }
