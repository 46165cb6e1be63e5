// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	refserver "github.com/scimproof/scimproof/reference-server"
)

// Whatever a flag of serve offers can be said in refserver.Options, and the
// other way round, but for what only code can give.
func TestServeOffersTheOptions(t *testing.T) {
	const codeOnly = ""
	flagOf := map[string]string{
		"Token": "token-env", "AdminKey": "admin-key-env", "Tenants": "access-file", "Tokens": "access-file", "Clients": "access-file",
		"Schemas": "schemas", "Plan": "plan", "Profile": "profile", "Store": "store", "StatsD": "statsd", "Faults": "fault", "MaxBody": "max-body",
		"AuditEvents": "audit-events", "AuditAge": "audit-age",
		"Clock": codeOnly, "NewID": codeOnly, "Log": codeOnly,
	}
	// Second ways to say the same, where to listen, and the options of package admin.
	others := []string{
		"token", "token-file", "store-env", "listen", "insecure", "help",
		"admin-listen", "admin-token-env", "seed-file", "chaos", "seed",
	}
	p := new(program)
	flags := p.serve().Flags()
	for field := range reflect.TypeFor[refserver.Options]().Fields() {
		name, known := flagOf[field.Name]
		if !known {
			t.Errorf("Options.%s: no flag offers it", field.Name)
		} else if name != codeOnly && (flags.Lookup(name) == nil || flags.Lookup(name).Usage == "") {
			t.Errorf("Options.%s: serve has no flag --%s, or does not say what it is for", field.Name, name)
		}
		others = append(others, name)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(others, f.Name) {
			t.Errorf("--%s: no option says the same", f.Name)
		}
	})
	if help := p.serve().Long; !strings.Contains(help, "docs/access-file.md") {
		t.Error("the help does not say where the access file is described")
	}
}
