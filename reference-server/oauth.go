// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/scimproof/scimproof/reference-server/engine"
)

// tokenPath is the OAuth 2.0 token endpoint, RFC 6749 §3.2. It is there when the
// server has clients.
const tokenPath = "/oauth/token"

// oauthError is an error of RFC 6749 §5.2.
type oauthError struct {
	status int
	code   string
}

// serveToken answers a request for a token by client credentials, RFC 6749 §4.4.
func (s *Server) serveToken(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json")
	body, wrong := s.token(rw, r)
	if wrong != nil {
		switch wrong.status {
		case http.StatusUnauthorized:
			h.Set("WWW-Authenticate", `Basic realm="scimproof"`)
		case http.StatusMethodNotAllowed:
			h.Set("Allow", http.MethodPost)
		}
		rw.WriteHeader(wrong.status)
		body = engine.NewObject("error", wrong.code)
	}
	if _, err := rw.Write(body.Append(nil)); err != nil {
		s.log.Debug("token not written", "error", err)
	}
}

func (s *Server) token(rw http.ResponseWriter, r *http.Request) (*engine.Object, *oauthError) {
	if r.Method != http.MethodPost {
		return nil, &oauthError{http.StatusMethodNotAllowed, "invalid_request"}
	}
	malformed := &oauthError{http.StatusBadRequest, "invalid_request"}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return nil, malformed
	}
	r.Body = http.MaxBytesReader(rw, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return nil, malformed
	}
	for _, values := range r.PostForm { // "parameters MUST NOT be included more than once"
		if len(values) > 1 {
			return nil, malformed
		}
	}
	c, wrong := s.client(r)
	if wrong != nil {
		return nil, wrong
	}
	rights := c.Rights
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
	case "":
		return nil, malformed
	default:
		return nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type"}
	}
	if scope := Rights(r.PostForm.Get("scope")); scope != "" {
		if scope != c.Rights && scope != ReadOnly {
			return nil, &oauthError{http.StatusBadRequest, "invalid_scope"}
		}
		rights = scope
	}
	return engine.NewObject("access_token", s.issue(c, rights), "token_type", "Bearer",
		"expires_in", engine.Number(strconv.Itoa(int(c.Lifetime.Seconds()))), "scope", string(rights)), nil
}

// client finds out who asks: by HTTP Basic or in the form, but not by both, RFC
// 6749 §2.3.
func (s *Server) client(r *http.Request) (*Client, *oauthError) {
	unknown := &oauthError{http.StatusUnauthorized, "invalid_client"}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if values := r.Header.Values("Authorization"); len(values) > 0 {
		if secret != "" {
			return nil, &oauthError{http.StatusBadRequest, "invalid_request"}
		}
		user, password, ok := r.BasicAuth()
		var err1, err2 error
		id, err1 = url.QueryUnescape(user)
		secret, err2 = url.QueryUnescape(password)
		if !ok || len(values) != 1 || err1 != nil || err2 != nil {
			return nil, unknown
		}
	}
	c := s.gate.clients[id]
	want := ""
	if c != nil {
		want = c.Secret.Reveal()
	}
	got, wanted := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(want))
	if !equal(got[:], wanted[:]) || c == nil {
		return nil, unknown
	}
	return c, nil
}

// equal compares secrets in a time that tells nothing about them.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
