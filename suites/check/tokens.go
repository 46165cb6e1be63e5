// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"net/http"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Tokens are bearer tokens besides Target.Token, for checks of what each may do
// at the same base URL. Checks of one that is not given are skipped.
type Tokens struct {
	ReadOnly flow.Secret // may read users and not write them
	Expired  flow.Secret // was good once
	Tenant   flow.Secret // reads and writes another tenant
}

// secrets lists the tokens that are given, for redaction.
func (t Tokens) secrets() []flow.Secret { return []flow.Secret{t.ReadOnly, t.Expired, t.Tenant} }

// of gives the token that a capability is about, "" for others.
func (t Tokens) of(capability string) flow.Secret {
	switch capability {
	case CapReadOnly:
		return t.ReadOnly
	case CapExpired:
		return t.Expired
	case CapTenant:
		return t.Tenant
	}
	return ""
}

func (p *Provider) readTokens() {
	for capability, what := range map[string]string{
		CapReadOnly: "that may only read", CapExpired: "that has expired", CapTenant: "of another tenant",
	} {
		p.grant(capability, p.target.Tokens.of(capability) != "", "the target gives no token "+what)
	}
}

// Using sends r with the token that a capability of Needs is about. What it
// made could not be removed with the run's own token: it is not for creating.
func (t *T) Using(capability string, r flow.Request) *flow.Exchange {
	token := t.provider.target.Tokens.of(capability)
	if token == "" {
		t.breakOff("the check uses a token without naming " + capability + " in Needs")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	return t.Send(r)
}

// Credentials sends r with an Authorization header made of the run's token. A
// run without a token leaves nothing to be put to the test.
func (t *T) Credentials(write func(token string) string, r flow.Request) *flow.Exchange {
	token := t.provider.target.Token.Reveal()
	if token == "" {
		t.Skip("the run goes by no token")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", write(token))
	return t.Send(r)
}
