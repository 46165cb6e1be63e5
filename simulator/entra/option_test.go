// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/simulator/entra"
)

func TestSetOption(t *testing.T) {
	tests := []struct {
		name, option, value string
		want                entra.Options
		err                 string
	}{
		{"flag", "skip_out_of_scope", "true", entra.Options{Knobs: entra.Knobs{SkipOutOfScope: true}}, ""},
		{"text", "accept", "application/scim+json", entra.Options{Knobs: entra.Knobs{Accept: "application/scim+json"}}, ""},
		{"number", "concurrency", "4", entra.Options{Concurrency: 4}, ""},
		{"bad flag", "no_groups", "maybe", entra.Options{}, `set option no_groups: found "maybe", it must be true or false`},
		{"bad number", "concurrency", "0", entra.Options{}, "a whole number from 1"},
		{"unknown", "speed", "1", entra.Options{}, "set option speed: it must be one of accept, ad_scim_version, "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got entra.Options
			err := got.Set(tt.option, tt.value)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want an error with %q", err, tt.err)
				}
				return
			}
			if d := cmp.Diff(tt.want, got); d != "" || err != nil {
				t.Errorf("error %v, options (-want +got):\n%s", err, d)
			}
		})
	}
}

// TestWithMapping holds that a mapping is replaced where it stands, added at
// the end, or left out.
func TestWithMapping(t *testing.T) {
	base := []entra.Mapping{{Target: "userName", Source: "userPrincipalName", Matching: 1}, {Target: "title", Source: "jobTitle"}}
	tests := []struct {
		name string
		m    entra.Mapping
		want []entra.Mapping
	}{
		{"replaced", entra.Mapping{Target: "userName", Source: "mail"},
			[]entra.Mapping{{Target: "userName", Source: "mail", Matching: 1}, {Target: "title", Source: "jobTitle"}}},
		{"added", entra.Mapping{Target: "nickName", Source: "givenName"}, append(base[:2:2], entra.Mapping{Target: "nickName", Source: "givenName"})},
		{"left out", entra.Mapping{Target: "title"}, base[:1]},
		{"nothing to leave out", entra.Mapping{Target: "nickName"}, base},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, entra.WithMapping(base, tt.m)); d != "" {
				t.Errorf("mappings (-want +got):\n%s", d)
			}
		})
	}
}
