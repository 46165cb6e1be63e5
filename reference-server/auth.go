// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// credential is the hash of a bearer token. Hashes have one length, so that
// comparing them tells nothing about the token, not even how long it is.
type credential [sha256.Size]byte

func newCredential(token flow.Secret) credential {
	return sha256.Sum256([]byte(token.Reveal()))
}

// equal says whether text is the token.
func (c credential) equal(text string) bool {
	got := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(got[:], c[:]) == 1
}

// admits says whether a request carries the token, once, as RFC 6750 §2.1 has
// it.
func (c credential) admits(r *http.Request) bool {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	return c.equal(strings.TrimSpace(token)) && strings.EqualFold(scheme, "Bearer")
}
