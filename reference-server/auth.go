// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// bearer returns the token of a request that carries one, once, as RFC 6750
// §2.1 has it.
func bearer(r *http.Request) string {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// authorize finds out for whom a request speaks. The bearer token of the SCIM
// API is an application key, and what its owner may decides: the organisation
// knows. It costs O(1), whatever the number of keys.
//
// A token of Options or of the OAuth endpoint speaks for the account that SCIM
// is meant to use, in its tenant.
func (c *call) authorize() error {
	token := bearer(c.r)
	if token == "" {
		return unauthorized("")
	}
	t, err := c.s.granted(token)
	if err != nil {
		return err
	}
	if t != nil {
		if c.s.tenant != t.Tenant && c.named {
			return unauthorized("invalid_token")
		}
		c.s = c.s.gate.tenants[t.Tenant]
		c.user, c.readOnly, token = t.User, t.Rights == ReadOnly, c.s.key.Reveal()
	}
	err = c.s.store.View(c.r.Context(), func(tx store.Tx) (err error) {
		c.actor, err = c.s.org.Authorize(tx, token)
		return err
	})
	switch {
	case errors.Is(err, product.ErrUnauthorized):
		return unauthorized("invalid_token")
	case errors.Is(err, product.ErrForbidden):
		return refusal(http.StatusForbidden, "", "the owner of the key may not provision")
	}
	return err
}

// Login acts a SAML login of a user with the attributes of an assertion. It
// returns a token that speaks for the user to the product API, or why the login
// was refused.
func (s *Server) Login(ctx context.Context, email string, attributes map[string][]string) (token, refused string, err error) {
	var session *product.Session
	err = s.store.Update(ctx, func(tx store.Tx) (err error) {
		session, err = s.org.Login(tx, product.Login{Email: email, Attributes: attributes})
		return err
	})
	if err != nil {
		return "", "", err
	}
	return session.Token, session.Refused, nil
}
