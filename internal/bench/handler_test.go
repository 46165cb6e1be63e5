// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkHandler measures the handler alone, without a connection: where
// time and memory go is easier seen than in a server process.
func BenchmarkHandler(b *testing.B) {
	for _, profile := range []string{"rfc", "datadog"} {
		var g greeting
		d, err := fill(profile, 20_000, 5000, &g)
		if err != nil {
			b.Fatal(err)
		}
		s := &server{greeting: g}
		for _, k := range kinds(options{}) {
			next := k.make(s)
			b.Run(profile+"/"+strings.ReplaceAll(k.name, " ", "-"), func(b *testing.B) {
				b.ReportAllocs()
				for n := 1; b.Loop(); n++ {
					r := parsed(b, next(nil, n))
					a := &answer{header: http.Header{}}
					d.full.ServeHTTP(a, r)
					if a.status >= 300 {
						b.Fatalf("status %d: %s", a.status, a.body)
					}
				}
			})
		}
	}
}

// parsed makes a request of its text in the cheapest way.
func parsed(b *testing.B, text []byte) *http.Request {
	b.Helper()
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	fields := strings.Fields(string(head[:bytes.IndexByte(head, '\r')]))
	r, err := http.NewRequestWithContext(b.Context(), fields[0], "http://bench"+fields[1], nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/scim+json"}, "Content-Type": {"application/scim+json"}}
	return r
}
