// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

const clients = 16

// spread runs f b.N times from several goroutines.
func spread(b *testing.B, f func(i int64) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range clients {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

func stores(b *testing.B, bench func(*testing.B, store.Store)) {
	b.Run("memory", func(b *testing.B) { bench(b, store.NewMemory()) })
	b.Run("sqlite", func(b *testing.B) {
		s := open(b, filepath.Join(b.TempDir(), "store.db"), sqlite.Options{})
		defer s.Close()
		bench(b, s)
	})
}

var filler = strings.Repeat("x", 900)

// BenchmarkCreate inserts records of 1 KB with five keys, durably, from 16
// callers.
func BenchmarkCreate(b *testing.B) {
	stores(b, func(b *testing.B, s store.Store) {
		spread(b, func(i int64) error {
			return s.Update(context.Background(), func(tx store.Tx) error { return tx.Insert(person(i)) })
		})
	})
}

func person(i int64) *store.Record {
	id := fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(i*2654435761), i)
	return &store.Record{
		Kind: "User", ID: id, Created: time.Now(), Modified: time.Now(), Body: []byte(`{"x":"` + filler + `"}`),
		Keys: []store.Key{
			{Index: "userName", Value: fmt.Sprintf("user%d@example.test", i), Unique: true},
			{Index: "externalId", Value: id},
			{Index: "display", Value: "Some Body"},
			{Index: "emails.value", Value: fmt.Sprintf("user%d@example.test", i)},
			{Index: "name.familyName", Value: fmt.Sprintf("family%d", i%1000)},
		},
	}
}
