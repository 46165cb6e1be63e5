// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reference-server/fault"
)

// Rights say what a token allows.
type Rights string

// A token reads and writes unless it says otherwise.
const (
	ReadWrite Rights = "write"
	ReadOnly  Rights = "read"
)

// Tenant is an organisation of its own beside that of Options.Token: with its
// users and its groups, its teams, roles and keys. It is there as well if only a
// Token or a Client names it.
type Tenant struct {
	Name     string        // lower-case letters, digits and dashes
	AdminKey flow.Secret   // of its product API, as Options.AdminKey is; "": nobody has one
	Faults   []fault.Fault // defects of this tenant alone, within Options.Faults
}

// Token is a further bearer token of the SCIM API.
type Token struct {
	Secret  flow.Secret // at least 16 bytes
	Tenant  string      // whose resources it shows, lower-case letters, digits and dashes; "": those of Options.Token
	Rights  Rights      // "": ReadWrite
	Expires time.Time   // zero: never
	User    string      // userName of the user whom /Me stands for; "": nobody
}

// Client is an OAuth 2.0 client, which gets tokens by its credentials.
type Client struct {
	ID       string
	Secret   flow.Secret // at least 16 bytes
	Tenant   string
	Rights   Rights        // "": ReadWrite
	Lifetime time.Duration // of a token; 0: an hour
	User     string
}

// gate knows the tokens, clients and tenants of a Server. It does not change.
type gate struct {
	tokens  map[[sha256.Size]byte]*Token
	clients map[string]*Client
	tenants map[string]*Server
	parts   map[string]Tenant       // what is said of each tenant but the one of Options.Token, ""
	faulty  map[string]http.Handler // the dispatch of tenants with faults of their own, behind them
}

var tenantName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

const tenantForm = "up to 63 lower-case letters, digits and dashes, no dash first"

func newGate(o Options) (*gate, error) {
	g := &gate{
		tokens: map[[sha256.Size]byte]*Token{}, clients: map[string]*Client{}, tenants: map[string]*Server{},
		parts: map[string]Tenant{}, faulty: map[string]http.Handler{},
	}
	keys := map[flow.Secret]bool{o.AdminKey: true}
	for _, t := range o.Tenants {
		switch _, twice := g.parts[t.Name]; {
		case !tenantName.MatchString(t.Name):
			return nil, fmt.Errorf("tenant %q: allowed: %s", t.Name, tenantForm)
		case twice:
			return nil, fmt.Errorf("tenant %s: there are two of that name", t.Name)
		case t.AdminKey != "" && (len(t.AdminKey.Reveal()) < minToken || keys[t.AdminKey]):
			return nil, fmt.Errorf("tenant %s: the admin key is shorter than 16 bytes, or that of another tenant", t.Name)
		}
		g.parts[t.Name], keys[t.AdminKey] = t, true
	}
	for i, t := range o.Tokens {
		hash := sha256.Sum256([]byte(t.Secret.Reveal()))
		if err := checkGrant(t.Secret, t.Tenant, &t.Rights); err != nil {
			return nil, fmt.Errorf("token %d: %w", i+1, err)
		}
		if g.tokens[hash] != nil || t.Secret == o.Token {
			return nil, fmt.Errorf("token %d: the secret is that of another token", i+1)
		}
		g.tokens[hash] = &t
		g.name(t.Tenant)
	}
	for _, c := range o.Clients {
		if err := checkGrant(c.Secret, c.Tenant, &c.Rights); err != nil {
			return nil, fmt.Errorf("client %q: %w", c.ID, err)
		}
		if c.ID == "" || strings.ContainsRune(c.ID, 0) || g.clients[c.ID] != nil {
			return nil, fmt.Errorf("client %q: the id is missing, has a NUL, or is that of another client", c.ID)
		}
		if c.Lifetime == 0 {
			c.Lifetime = time.Hour
		}
		g.clients[c.ID] = &c
		g.name(c.Tenant)
	}
	return g, nil
}

// name makes a tenant of which nothing else is said.
func (g *gate) name(tenant string) {
	if _, known := g.parts[tenant]; tenant != "" && !known {
		g.parts[tenant] = Tenant{Name: tenant}
	}
}

func checkGrant(secret flow.Secret, tenant string, rights *Rights) error {
	switch *rights {
	case "":
		*rights = ReadWrite
	case ReadWrite, ReadOnly:
	default:
		return fmt.Errorf("rights are %q, allowed: %s, %s", *rights, ReadWrite, ReadOnly)
	}
	switch {
	case len(secret.Reveal()) < minToken:
		return errors.New("the secret is missing or shorter than 16 bytes")
	case tenant != "" && !tenantName.MatchString(tenant):
		return fmt.Errorf("tenant is %q, allowed: %s", tenant, tenantForm)
	}
	return nil
}

// challenge is a 401 or 403 that says what is wrong with a token, RFC 6750 §3.
type challenge struct {
	status int
	code   string // "": no token was given
	detail string
}

func (e *challenge) Error() string { return e.detail }

// header is the challenge as WWW-Authenticate has it.
func (e *challenge) header() string {
	h := `Bearer realm="scimproof"`
	if e.code != "" {
		h += `, error="` + e.code + `", error_description="` + e.detail + `"`
	}
	return h
}

func unauthorized(code string) error {
	return &challenge{http.StatusUnauthorized, code, "a valid bearer token is required"}
}

// granted returns what a token of Options or of the OAuth endpoint stands for,
// or nil if it is neither.
func (s *Server) granted(token string) (*Token, error) {
	if len(s.gate.tokens)+len(s.gate.clients) == 0 {
		return nil, nil
	}
	t := s.gate.tokens[sha256.Sum256([]byte(token))]
	if t == nil {
		t = s.issued(token)
	}
	if t != nil && !t.Expires.IsZero() && !s.clock().Before(t.Expires) {
		return nil, &challenge{http.StatusUnauthorized, "invalid_token", "the token has expired"}
	}
	return t, nil
}

// issue makes a token for a client. It is kept nowhere: it says what it is, with
// a code that only this server makes.
func (s *Server) issue(c *Client, rights Rights) string {
	fields := c.ID + "\x00" + string(rights) + "\x00" + strconv.FormatInt(s.clock().Add(c.Lifetime).Unix(), 10)
	return base64.RawURLEncoding.EncodeToString(append([]byte(fields), code(s.cursorKey, issuer, []byte(fields))...))
}

// issuer keeps codes of tokens and of cursors apart: no token begins with NUL.
const issuer = "\x00token"

// issued reads what issue has made.
func (s *Server) issued(token string) *Token {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < cursorMAC || len(s.gate.clients) == 0 {
		return nil
	}
	fields, mac := b[:len(b)-cursorMAC], b[len(b)-cursorMAC:]
	parts := strings.Split(string(fields), "\x00")
	if len(parts) != 3 || !equal(mac, code(s.cursorKey, issuer, fields)) {
		return nil
	}
	c := s.gate.clients[parts[0]]
	expires, err := strconv.ParseInt(parts[2], 10, 64)
	if c == nil || err != nil {
		return nil
	}
	return &Token{Tenant: c.Tenant, Rights: Rights(parts[1]), Expires: time.Unix(expires, 0), User: c.User}
}
