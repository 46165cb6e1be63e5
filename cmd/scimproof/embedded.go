// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites/check"
)

// scimPath is the address of the neutral wire of the reference server.
const scimPath = "/scim/v2"

// grace is how long a server that stops waits for requests under way.
const grace = 5 * time.Second

// listening is a server that accepts requests.
type listening struct {
	origin string // http://host:port
	server *http.Server
	logins check.LoginProbe // nil: nobody can be logged in
	done   chan error
}

// listen starts the reference server on addr and returns when it answers.
func listen(ctx context.Context, addr string, o refserver.Options) (*listening, error) {
	handler, err := refserver.New(o)
	if err != nil {
		return nil, err
	}
	s, err := accept(ctx, addr, handler.HTTPServer(addr))
	if err != nil {
		return nil, err
	}
	s.logins = handler
	return s, nil
}

// accept lets a server answer on addr.
func accept(ctx context.Context, addr string, server *http.Server) (*listening, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &listening{origin: origin(l.Addr()), server: server, done: make(chan error, 1)}
	go func() {
		if server.TLSConfig != nil {
			s.done <- s.server.ServeTLS(l, "", "")
			return
		}
		s.done <- s.server.Serve(l)
	}()
	return s, nil
}

// origin is where a client on this machine finds a server that listens on a.
func origin(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + a.String()
}

// close waits for requests under way, but not for ever. It is called when the
// context of the command may have ended, so it has time of its own.
func (s *listening) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	if e := <-s.done; err == nil && !errors.Is(e, http.ErrServerClosed) {
		err = e
	}
	return err
}
