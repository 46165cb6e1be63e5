// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"github.com/scimproof/scimproof/fixtures/vectors"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func BenchmarkMatch(b *testing.B) {
	set, err := vectors.Filters()
	if err != nil {
		b.Fatal(err)
	}
	f, err := engine.ParseFilter(`userType eq "employee" and emails[type eq "home" and value co "@home"]`)
	if err != nil {
		b.Fatal(err)
	}
	m, err := users(engine.Rules{}).Bind(f)
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(set.Resources["alice"])
	b.Run("object", func(b *testing.B) {
		o := parse(b, string(body))
		b.ReportAllocs()
		for b.Loop() {
			if !m.Match(o) {
				b.Fatal("no match")
			}
		}
	})
	b.Run("stored", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			o, err := engine.Pick(body, m.Attributes()...)
			if err != nil || !m.Match(o) {
				b.Fatal("no match")
			}
		}
	})
}

func BenchmarkPatch(b *testing.B) {
	set, err := vectors.Filters()
	if err != nil {
		b.Fatal(err)
	}
	rt, o := users(engine.Rules{}), parse(b, set.Resources["alice"])
	ops := operations(b, `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@x.test"},{"op":"replace","value":{"name.givenName":"K","active":false}}]`)
	b.ReportAllocs()
	for b.Loop() {
		if _, changed, err := rt.Patch(o, ops); err != nil || !changed {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	set, err := vectors.Filters()
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(set.Resources["alice"])
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.Parse(body, engine.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
