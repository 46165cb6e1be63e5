// SPDX-License-Identifier: Apache-2.0

// Package hostile is a SCIM provider that means ill: it lies, hangs, floods,
// echoes secrets and answers creates with somebody else's id. [Kinds] is the
// table. The tests of this package put every verb that talks to a target in
// front of it.
package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	refserver "github.com/scimproof/scimproof/reference-server"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
)

// Kind is one way to mean ill: a wrapper of a provider that does not, or what
// is done with a bare connection.
type Kind struct {
	Name string
	Wrap func(p *Provider, next http.Handler) http.Handler
	Conn func(net.Conn)
	TLS  func(*httptest.Server)
	Exit []int // what scimproof check may end with
}

// Provider is a running provider with users of others in it.
type Provider struct {
	URL     string   // base URL of the SCIM API
	Foreign []string // ids of users that no run has made

	next  http.Handler // what means no ill
	token flow.Secret
	stop  func()

	mu      sync.Mutex
	touched []string // writes to what is foreign
}

const path = "/scim/v2"

// Start starts a provider of a kind with n users of others.
func Start(k Kind, token flow.Secret, n int) (*Provider, error) {
	profile := profiles.RFC()
	server, err := refserver.New(refserver.Options{Token: token, AdminKey: "admin-key-of-a-hostile-provider", Profile: profile})
	if err != nil {
		return nil, err
	}
	p := &Provider{next: server, token: token}
	for i := range n {
		body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"customer` + string(rune('a'+i%26)) + time.Duration(i).String() + `@customer.example"}`
		var made struct{ ID string }
		status, reply := p.ask(http.MethodPost, "/Users", body)
		if err := json.Unmarshal(reply, &made); err != nil || status != http.StatusCreated {
			return nil, errors.Join(errors.New("seed: "+string(reply)), err)
		}
		p.Foreign = append(p.Foreign, made.ID)
	}
	if k.Conn != nil {
		err := p.listen(k.Conn)
		return p, err
	}
	handler := p.next
	if k.Wrap != nil {
		handler = k.Wrap(p, handler)
	}
	srv := httptest.NewUnstartedServer(p.watch(handler))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if k.TLS != nil {
		k.TLS(srv)
	} else {
		srv.Start()
	}
	p.URL = srv.URL + path
	p.stop = func() { srv.CloseClientConnections(); srv.Close(); _ = server.Close() }
	return p, nil
}

// listen does the same with every connection.
func (p *Provider) listen(serve func(net.Conn)) error {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.URL = "http://" + l.Addr().String() + path
	p.stop = func() { _ = l.Close() }
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				serve(c)
			}()
		}
	}()
	return nil
}

// Close ends it, also where requests hang.
func (p *Provider) Close() { p.stop() }

// Touched lists the requests that would have written to users of others.
func (p *Provider) Touched() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.touched
}

// Users shows all users of others as they are stored, byte for byte.
func (p *Provider) Users() []byte {
	var all bytes.Buffer
	for _, id := range p.Foreign {
		_, b := p.ask(http.MethodGet, "/Users/"+id, "")
		all.Write(b)
	}
	return all.Bytes()
}

// Left counts the users and groups that carry the mark of any run.
func (p *Provider) Left() int {
	n := 0
	for _, query := range []string{`/Users?filter=userName+co+"scimproof-"`, `/Groups?filter=displayName+co+"scimproof-"`} {
		_, b := p.ask(http.MethodGet, strings.ReplaceAll(query, `"`, "%22"), "")
		var list struct{ TotalResults int }
		if err := json.Unmarshal(b, &list); err != nil {
			return -1
		}
		n += list.TotalResults
	}
	return n
}

// ask asks the provider behind the ill will.
func (p *Provider) ask(method, target, body string) (int, []byte) {
	q := httptest.NewRequestWithContext(context.Background(), method, path+target, strings.NewReader(body))
	q.Header.Set("Authorization", "Bearer "+p.token.Reveal())
	q.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	p.next.ServeHTTP(w, q)
	return w.Code, w.Body.Bytes()
}

// watch writes down who writes to what is foreign.
func (p *Provider) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodGet {
			body, err := io.ReadAll(q.Body)
			if err != nil {
				return
			}
			q.Body = io.NopCloser(bytes.NewReader(body))
			for _, id := range p.Foreign {
				if strings.Contains(q.URL.Path, id) || bulkWrites(q, body, id) {
					p.mu.Lock()
					p.touched = append(p.touched, strings.TrimSpace(q.Method+" "+q.URL.Path+" "+string(body[:min(len(body), 400)])))
					p.mu.Unlock()
				}
			}
		}
		next.ServeHTTP(w, q)
	})
}

// bulkWrites says whether a bulk request would change what has an id.
func bulkWrites(q *http.Request, body []byte, id string) bool {
	var bulk struct {
		Operations []struct{ Method, Path string }
	}
	if !strings.HasSuffix(q.URL.Path, "/Bulk") || json.Unmarshal(body, &bulk) != nil {
		return false
	}
	for _, op := range bulk.Operations {
		if strings.Contains(op.Path, id) && !strings.EqualFold(op.Method, http.MethodGet) {
			return true
		}
	}
	return false
}
