// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scimproof/scimproof/fixtures/flow"
)

const (
	tokenFlag    = "token"
	defaultToken = "SCIMPROOF_TOKEN" // the variable read where no flag names another
)

// tokenRefused says why no secret is taken as an argument.
type tokenRefused struct{}

// Error says so.
func (*tokenRefused) Error() string {
	return "a token is not taken as an argument: every user of this machine could read it, and the shell keeps it; " +
		"put it in a variable and give its name with --token-env, or in a file and give it with --token-file"
}

// refusal is the value of --token: there only to explain itself.
type refusal struct{}

var _ pflag.Value = refusal{}

func (refusal) Set(string) error { return &tokenRefused{} }
func (refusal) String() string   { return "" }
func (refusal) Type() string     { return "" }

// tokenFlags are the two ways to hand a secret over.
type tokenFlags struct{ env, file string }

func (t *tokenFlags) register(c *cobra.Command, whose string) {
	f := c.Flags()
	f.StringVar(&t.env, "token-env", "", "read the bearer token "+whose+" from variable `NAME` (default "+defaultToken+")")
	f.StringVar(&t.file, "token-file", "", "read the bearer token "+whose+" from `FILE`")
	f.Var(refusal{}, tokenFlag, "")
	f.Lookup(tokenFlag).Hidden = true
	c.MarkFlagsMutuallyExclusive("token-env", "token-file")
}

// token returns the token, or "" if none was given. A source that was named and
// holds nothing usable is an error: an empty token would look like a refusal
// by the provider.
func (p *program) token(t tokenFlags) (flow.Secret, error) {
	switch {
	case t.file != "":
		b, err := os.ReadFile(t.file)
		if err != nil {
			return "", fmt.Errorf("--token-file: %w", err)
		}
		return usable("--token-file "+t.file, string(bytes.TrimSpace(b)))
	case t.env != "":
		return p.secret("--token-env", t.env)
	}
	if v, ok := p.env(defaultToken); ok {
		return usable(defaultToken, v)
	}
	return "", nil
}

// secret reads the variable that a flag names.
func (p *program) secret(flag, variable string) (flow.Secret, error) {
	v, ok := p.env(variable)
	if !ok {
		return "", fmt.Errorf("%s: the variable %s is not set; it has to hold the secret, and %[1]s its name", flag, variable)
	}
	return usable(flag+" "+variable, v)
}

func usable(where, secret string) (flow.Secret, error) {
	switch {
	case strings.TrimSpace(secret) == "":
		return "", fmt.Errorf("%s: the token is empty", where)
	case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", fmt.Errorf("%s: the token has a space, a line break or a character outside ASCII, which no HTTP header can carry", where)
	}
	return flow.Secret(secret), nil
}

// randomToken returns a new secret of at least 128 bits.
func randomToken() flow.Secret { return flow.Secret(rand.Text()) }
