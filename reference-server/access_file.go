// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// The access file, as it is written. Secrets are never in it: it names where
// they are.
type (
	accessFile struct {
		Tenants []tenantEntry `yaml:"tenants"`
		Tokens  []tokenEntry  `yaml:"tokens"`
		Clients []clientEntry `yaml:"clients"`
	}
	tenantEntry struct {
		Name     string       `yaml:"name"`
		AdminKey secretSource `yaml:"adminKey"`
		line     int
	}
	tokenEntry struct {
		Secret    secretSource `yaml:"secret"`
		Tenant    string       `yaml:"tenant"`
		Rights    Rights       `yaml:"rights"`
		Expires   time.Time    `yaml:"expires"`
		ExpiresIn span         `yaml:"expiresIn"`
		User      string       `yaml:"user"`
		line      int
	}
	clientEntry struct {
		ID       string       `yaml:"id"`
		Secret   secretSource `yaml:"secret"`
		Tenant   string       `yaml:"tenant"`
		Rights   Rights       `yaml:"rights"`
		Lifetime span         `yaml:"lifetime"`
		User     string       `yaml:"user"`
		line     int
	}
	secretSource struct {
		Env  string `yaml:"env"`
		File string `yaml:"file"`
		line int
	}
)

// span is a duration above zero, in the words of time.ParseDuration.
type span time.Duration

// UnmarshalText reads "90s", "5m" or "1h30m".
func (s *span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no duration above zero; write 90s, 5m or 1h30m", b)
	}
	*s = span(d)
	return nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (f *accessFile) UnmarshalYAML(n *yaml.Node) error {
	type plain accessFile
	return strictly(n, (*plain)(f), "tenants", "tokens", "clients")
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (e *tenantEntry) UnmarshalYAML(n *yaml.Node) error {
	type plain tenantEntry
	e.line = n.Line
	return strictly(n, (*plain)(e), "name", "adminKey")
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (e *tokenEntry) UnmarshalYAML(n *yaml.Node) error {
	type plain tokenEntry
	e.line = n.Line
	return strictly(n, (*plain)(e), "secret", "tenant", "rights", "expires", "expiresIn", "user")
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (e *clientEntry) UnmarshalYAML(n *yaml.Node) error {
	type plain clientEntry
	e.line = n.Line
	return strictly(n, (*plain)(e), "id", "secret", "tenant", "rights", "lifetime", "user")
}

// UnmarshalYAML implements yaml.Unmarshaler. What stands in place of a mapping
// may be the secret itself, and is not repeated.
func (s *secretSource) UnmarshalYAML(n *yaml.Node) error {
	type plain secretSource
	s.line = n.Line
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: a secret does not stand in the file; name where it is: {env: VARIABLE} or {file: PATH}", n.Line)
	}
	return strictly(n, (*plain)(s), "env", "file")
}

// strictly decodes a mapping that has none but the allowed keys.
func strictly(n *yaml.Node, into any, allowed ...string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: found no keys; allowed: %s", n.Line, strings.Join(allowed, ", "))
	}
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i]; !slices.Contains(allowed, key.Value) {
			return fmt.Errorf("line %d: unknown key %q; allowed: %s", key.Line, key.Value, strings.Join(allowed, ", "))
		}
	}
	return n.Load(into)
}
