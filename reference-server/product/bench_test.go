// SPDX-License-Identifier: Apache-2.0

package product

import (
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/store"
)

func benchWorld(b *testing.B, events int) *world {
	b.Helper()
	w := &world{store: store.NewMemory()}
	o, err := New(Options{Profile: profiles.Datadog(), Directory: w, SCIMKey: scimKey, AuditEvents: events})
	if err != nil {
		b.Fatal(err)
	}
	w.Organisation = o
	if err := w.store.Update(b.Context(), o.Seed); err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkAuthorize costs the same whatever the number of keys.
func BenchmarkAuthorize(b *testing.B) {
	w := benchWorld(b, 0)
	for b.Loop() {
		if err := w.store.View(b.Context(), func(tx store.Tx) error {
			_, err := w.Authorize(tx, scimKey)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAuditWhenFull records an event and forgets the oldest one.
func BenchmarkAuditWhenFull(b *testing.B) {
	w := benchWorld(b, 10_000)
	record := func() {
		if err := w.store.Update(b.Context(), func(tx store.Tx) error {
			return w.recordAs(tx, &Actor{ID: "a", Email: "a@x.test"}, event{EventName: "e", Action: created, AssetType: "user"})
		}); err != nil {
			b.Fatal(err)
		}
	}
	for range 10_000 {
		record()
	}
	for b.Loop() {
		record()
	}
}
