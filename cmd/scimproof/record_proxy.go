// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/flow/har"
	"github.com/scimproof/scimproof/fixtures/flow/record"
)

// maxNotes is how many requests that are not recorded are named: whoever
// reaches the proxy could fill a terminal with them.
const maxNotes = 100

// recordProxy passes on and records until the context ends.
func (p *program) recordProxy(ctx context.Context, s *recordFlags) error {
	target, err := url.Parse(s.target.url)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	client, err := s.target.client()
	if err != nil {
		return err
	}
	server, scheme, err := s.server()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.journal(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	journal, err := har.NewJournal(file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	w := s.output.stderr(p)
	recording := &record.Recording{Pseudonymise: s.pseudonymise, Journal: func(x flow.Exchange) error {
		if s.output.verbose {
			fmt.Fprintf(p.stdout, "%s → %d\n", printable(x.Name()), x.Status)
		}
		return journal.Append(x)
	}}
	server.Handler = record.NewProxy(record.ProxyOptions{
		Target: target, PreserveHost: s.preserveHost, Transport: client.Transport, Recording: recording, Note: limited(w),
	})
	doors, err := accept(ctx, s.listen, server)
	if err != nil {
		return errors.Join(err, file.Close(), os.Remove(s.journal()))
	}
	fmt.Fprintf(p.stdout, "scimproof: recording %s%s for %s into %s; interrupt to write the flow\n",
		strings.Replace(doors.origin, "http:", scheme+":", 1), strings.TrimSuffix(target.EscapedPath(), "/"), s.target.url, s.out)
	select {
	case <-ctx.Done():
	case err := <-doors.done:
		doors.done <- err
	}
	err = errors.Join(doors.close(), file.Close())
	if e := p.writeFlow(s, recording); e != nil {
		if len(recording.Exchanges()) == 0 {
			e = errors.Join(e, os.Remove(s.journal()))
		}
		return errors.Join(err, e)
	}
	return errors.Join(err, os.Remove(s.journal()))
}

// server answers as the flags say. A sender has as long as an IdP takes at most.
func (s *recordFlags) server() (*http.Server, string, error) {
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // port scans, which a tunnel brings
	}
	if s.cert == "" {
		return server, "http", nil
	}
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return nil, "", fmt.Errorf("--cert %s --key %s: %w; want a certificate and its key, both PEM", s.cert, s.key, err)
	}
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	return server, "https", nil
}

// limited tells notes on w, and stops telling after some.
func limited(w io.Writer) func(string) {
	var mu sync.Mutex
	n := 0
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		switch n++; {
		case n <= maxNotes:
			fmt.Fprintln(w, printable(text))
		case n == maxNotes+1:
			fmt.Fprintln(w, "… and more such requests, which are not named")
		}
	}
}

// convertHAR makes a flow of an archive.
func (p *program) convertHAR(s *recordFlags) error {
	file, err := os.Open(s.har)
	if err != nil {
		return fmt.Errorf("--har: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read only
	exchanges, base, skipped, err := har.Read(file, s.target.url)
	if err != nil {
		return fmt.Errorf("--har %s: %w; export it as HAR 1.2 with content", s.har, err)
	}
	w := s.output.stderr(p)
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(w, "%s: %s skipped: %s\n", s.har, entries(skipped[why]), why)
	}
	if base != "" {
		fmt.Fprintf(w, "%s: %s to %s\n", s.har, count(len(exchanges), "request"), printable(base))
	}
	recording := &record.Recording{Pseudonymise: s.pseudonymise}
	for i, x := range exchanges {
		if _, err := recording.Add(int64(i), x); err != nil {
			return fmt.Errorf("--har %s: request %d: %w", s.har, i+1, err)
		}
	}
	return p.writeFlow(s, recording)
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
