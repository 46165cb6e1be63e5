// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Access says who may use a server beside the holder of Options.Token, and in
// which tenants.
type Access struct {
	Tenants []Tenant
	Tokens  []Token
	Clients []Client
}

// Secrets returns every secret of it.
func (a *Access) Secrets() []flow.Secret {
	var list []flow.Secret
	for _, t := range a.Tenants {
		if t.AdminKey != "" {
			list = append(list, t.AdminKey)
		}
	}
	for _, t := range a.Tokens {
		list = append(list, t.Secret)
	}
	for _, c := range a.Clients {
		list = append(list, c.Secret)
	}
	return list
}

// ReadAccess reads an access file: YAML with the lists tenants, tokens and
// clients, in which each secret is named by the variable or the file that holds
// it. The path of such a file is relative to the access file. Unknown keys are
// errors, and every error names the line. A time to live counts from now.
func ReadAccess(file string, env func(string) (string, bool), now time.Time) (*Access, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read access file: %w", err)
	}
	var written accessFile
	if err := yaml.Load(text, &written); err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: construct errors: "))
	}
	r := &accessReader{dir: filepath.Dir(file), env: env, now: now, seen: map[flow.Secret]int{}, tenants: map[string]bool{}}
	for _, e := range written.Tenants {
		err = r.tenant(e)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, e.line, err)
		}
	}
	for _, e := range written.Tokens {
		if err := r.token(e); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, e.line, err)
		}
	}
	for _, e := range written.Clients {
		if err := r.client(e); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, e.line, err)
		}
	}
	return &r.Access, nil
}

// accessReader checks entries and finds their secrets.
type accessReader struct {
	Access
	dir     string
	env     func(string) (string, bool)
	now     time.Time
	seen    map[flow.Secret]int // bearer tokens and keys, by line
	tenants map[string]bool     // that are listed
}

func (r *accessReader) tenant(e tenantEntry) error {
	switch {
	case !tenantName.MatchString(e.Name):
		return fmt.Errorf("name: %q; allowed: %s", e.Name, tenantForm)
	case r.tenants[e.Name]:
		return fmt.Errorf("name: tenant %s is listed twice", e.Name)
	}
	r.tenants[e.Name] = true
	t := Tenant{Name: e.Name}
	if e.AdminKey.line > 0 {
		var err error
		if t.AdminKey, err = r.own("adminKey", e.AdminKey); err != nil {
			return err
		}
	}
	r.Tenants = append(r.Tenants, t)
	return nil
}

func (r *accessReader) token(e tokenEntry) error {
	if !e.Expires.IsZero() && e.ExpiresIn > 0 {
		return fmt.Errorf("expires, expiresIn: write one of them")
	}
	if e.ExpiresIn > 0 {
		e.Expires = r.now.Add(time.Duration(e.ExpiresIn))
	}
	secret, err := r.own("secret", e.Secret)
	if err != nil {
		return err
	}
	if err := r.granted(secret, e.Tenant, &e.Rights); err != nil {
		return err
	}
	r.Tokens = append(r.Tokens, Token{Secret: secret, Tenant: e.Tenant, Rights: e.Rights, Expires: e.Expires, User: e.User})
	return nil
}

func (r *accessReader) client(e clientEntry) error {
	if slices.ContainsFunc(r.Clients, func(c Client) bool { return c.ID == e.ID }) {
		return fmt.Errorf("id: client %q is listed twice", e.ID)
	}
	if e.ID == "" || strings.ContainsRune(e.ID, 0) {
		return fmt.Errorf("id: %q; allowed: any text without NUL", e.ID)
	}
	secret, err := r.secret("secret", e.Secret)
	if err != nil {
		return err
	}
	if err := r.granted(secret, e.Tenant, &e.Rights); err != nil {
		return err
	}
	r.Clients = append(r.Clients, Client{
		ID: e.ID, Secret: secret, Tenant: e.Tenant, Rights: e.Rights, Lifetime: time.Duration(e.Lifetime), User: e.User,
	})
	return nil
}

// granted is checkGrant, and wants a tenant to be one of those listed, if any
// are: a slip of the pen would make one more.
func (r *accessReader) granted(secret flow.Secret, tenant string, rights *Rights) error {
	if err := checkGrant(secret, tenant, rights); err != nil {
		return err
	}
	if tenant != "" && len(r.tenants) > 0 && !r.tenants[tenant] {
		var names []string
		for _, t := range r.Tenants {
			names = append(names, t.Name)
		}
		return fmt.Errorf("tenant: %q is not listed in tenants; allowed: %s", tenant, strings.Join(names, ", "))
	}
	return nil
}

// own finds a secret that no other entry may have: it alone says who asks.
func (r *accessReader) own(key string, from secretSource) (flow.Secret, error) {
	secret, err := r.secret(key, from)
	if err != nil {
		return "", err
	}
	if line := r.seen[secret]; line > 0 {
		return "", fmt.Errorf("%s: it is the secret of line %d as well", key, line)
	}
	r.seen[secret] = from.line
	return secret, nil
}

// secret finds a secret. No error shows what was found.
func (r *accessReader) secret(key string, from secretSource) (flow.Secret, error) {
	var text, where string
	switch {
	case from.Env != "" && from.File != "", from.Env == "" && from.File == "":
		return "", fmt.Errorf("%s: name where it is: {env: VARIABLE} or {file: PATH}", key)
	case from.Env != "":
		v, ok := r.env(from.Env)
		if !ok {
			return "", fmt.Errorf("%s: the variable %s is not set", key, from.Env)
		}
		text, where = v, "the variable "+from.Env
	default:
		path := from.File
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.dir, path)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		text, where = string(bytes.TrimSpace(b)), from.File
	}
	switch {
	case len(text) < minToken:
		return "", fmt.Errorf("%s: %s holds %d bytes; a secret has at least %d", key, where, len(text), minToken)
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "", fmt.Errorf("%s: %s holds a space, a line break or a character outside ASCII, which no HTTP header can carry", key, where)
	}
	return flow.Secret(text), nil
}
