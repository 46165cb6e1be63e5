// SPDX-License-Identifier: Apache-2.0

// Package datadog looks at what SCIM brought about through Datadog's product
// API (API reference, version 2, as seen on 2026-11-23): users, roles, teams
// and the Audit Trail. It never goes through SCIM, so that a provider which
// only echoes what it was sent is found out.
package datadog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

const (
	pageSize = 100      // the most that the API gives at once
	maxPages = 1000     // of one list: a server that repeats itself is not followed for ever
	maxReply = 16 << 20 // bytes of one reply that are read
	maxWaits = 3        // times one request waits for a rate limit
)

// Probe is a check.ProductProbe for Datadog. Its keys need user_access_read,
// teams_read, teams_manage, audit_logs_read and, for a default role other than
// the built-in one, org_management. Use other keys than SCIM does: those are
// revoked when their owner leaves.
type Probe struct {
	base           string
	apiKey, appKey flow.Secret
	client         *http.Client
	redact         *flow.Redactor
	clock          *clock
}

var _ check.ProductProbe = (*Probe)(nil)

// New returns a probe of the organisation at baseURL, for instance
// https://api.datadoghq.com. A nil client stands for one with a timeout of
// 30 s.
func New(baseURL string, apiKey, appKey flow.Secret, client *http.Client) *Probe {
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Probe{
		base: strings.TrimRight(baseURL, "/"), apiKey: apiKey, appKey: appKey,
		client: &own, redact: flow.NewRedactor(apiKey, appKey), clock: &clock{},
	}
}

// StatusError says that the product answered with another status than a call
// documents.
type StatusError struct {
	Method, Path string
	Status       int
	Body         string // the beginning
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: got %d %s", e.Method, e.Path, e.Status, e.Body)
}

// isStatus says whether err is an answer with one of these statuses.
func isStatus(err error, statuses ...int) bool {
	var e *StatusError
	if !errors.As(err, &e) {
		return false
	}
	return slices.Contains(statuses, e.Status)
}

// call sends in, if any, and reads the answer into out, if any. A rate limit
// is waited for: the API tells when in X-RateLimit-Reset.
func (p *Probe) call(ctx context.Context, method, path string, in, out any) error {
	var sent []byte
	if in != nil {
		var err error
		if sent, err = json.Marshal(in); err != nil {
			return fmt.Errorf("write body of %s %s: %w", method, path, err)
		}
	}
	for waits := 0; ; waits++ {
		status, header, body, err := p.send(ctx, method, path, sent)
		if err != nil {
			return err
		}
		switch {
		case status == http.StatusTooManyRequests && waits < maxWaits:
			if err := wait(ctx, header.Get("X-RateLimit-Reset")); err != nil {
				return fmt.Errorf("%s %s: wait for the rate limit: %w", method, path, err)
			}
			continue
		case status/100 != 2:
			return &StatusError{method, path, status, p.redact.Text(beginning(body))}
		case out == nil:
			return nil
		}
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("read answer to %s %s: %w", method, path, err)
		}
		return nil
	}
}

func (p *Probe) send(ctx context.Context, method, path string, sent []byte) (status int, header http.Header, answer []byte, err error) {
	q, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(sent))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("build %s %s: %w", method, path, err)
	}
	q.Header.Set("Accept", "application/json")
	q.Header.Set("Dd-Api-Key", p.apiKey.Reveal())
	q.Header.Set("Dd-Application-Key", p.appKey.Reveal())
	if sent != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	reply, err := p.client.Do(q)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("send %s %s: %w", method, path, err)
	}
	defer func() { _ = reply.Body.Close() }()
	p.clock.heard(reply.Header, time.Now())
	body, err := io.ReadAll(io.LimitReader(reply.Body, maxReply))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read answer to %s %s: %w", method, path, err)
	}
	return reply.StatusCode, reply.Header, body, nil
}

// wait waits for as many seconds as a header says, at least one and at most
// sixty.
func wait(ctx context.Context, seconds string) error {
	n, _ := strconv.Atoi(seconds) // what is no number waits for the least
	timer := time.NewTimer(time.Duration(min(max(n, 1), 60)) * time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func beginning(body []byte) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "\uFFFD")), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// pages reads a numbered list to its end, or until each says that it has seen
// enough.
func pages[V any](ctx context.Context, p *Probe, path string, query url.Values, each func(V) (more bool)) error {
	query.Set("page[size]", strconv.Itoa(pageSize))
	for n := range maxPages {
		query.Set("page[number]", strconv.Itoa(n))
		var page struct {
			Data []V `json:"data"`
		}
		if err := p.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return err
		}
		for _, v := range page.Data {
			if !each(v) {
				return nil
			}
		}
		if len(page.Data) < pageSize {
			return nil
		}
	}
	return fmt.Errorf("list %s: it has not ended after %d pages", path, maxPages)
}
