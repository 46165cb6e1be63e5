// SPDX-License-Identifier: Apache-2.0

package acceptance_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
)

const clients = 16

const kilobyte = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%[1]d@x.example","externalId":"e%[1]d",` +
	`"name":{"givenName":"Given","familyName":"Family"},"emails":[{"value":"u%[1]d@x.example","type":"work","primary":true}],"title":"%[2]s","active":true}`

// BenchmarkPost creates users of 1 KB through the server, from 16 clients over
// loopback connections: on the memory store, and durably.
func BenchmarkPost(b *testing.B) {
	memory := struct {
		name string
		open func(testing.TB) store.Store
	}{"memory", func(testing.TB) store.Store { return store.NewMemory() }}
	filler := strings.Repeat("x", 740)
	for _, profile := range []*profiles.Profile{profiles.RFC(), profiles.Datadog()} {
		for _, s := range append(slices.Clip(kept), memory) {
			b.Run(profile.Name+"/"+s.name, func(b *testing.B) {
				url := serve(b, refserver.Options{Profile: profile, Store: s.open(b)}) + "/scim/v2/Users"
				client := &http.Transport{MaxIdleConnsPerHost: clients}
				var next atomic.Int64
				var wg sync.WaitGroup
				b.ResetTimer()
				for range clients {
					wg.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							if _, err := try(b, client, http.MethodPost, url, fmt.Sprintf(kilobyte, i, filler)); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
			})
		}
	}
}
