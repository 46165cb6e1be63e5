// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"net/http"

	refserver "github.com/scimproof/scimproof/reference-server"
)

// login is what came of a SAML login. The token speaks for the user to the
// product API, as a browser's session does.
type login struct {
	Refused string `json:"refused,omitzero"` // why; "": it was not
	Token   string `json:"token,omitzero"`
}

// postLogin acts a SAML login of a user with the attributes of an assertion.
func postLogin(to *refserver.Part) endpoint {
	return func(r *http.Request) (any, error) {
		body, err := read[struct {
			Email      string              `json:"email"`
			Attributes map[string][]string `json:"attributes"`
		}](r)
		if err != nil {
			return nil, err
		}
		if body.Email == "" {
			return nil, wrong("email: none").allowing(`{"email":"alice@example.test","attributes":{"group":["engineering"]}}`)
		}
		token, refused, err := to.Login(r.Context(), body.Email, body.Attributes)
		if err != nil {
			return nil, err
		}
		return login{Refused: refused, Token: token}, nil
	}
}
