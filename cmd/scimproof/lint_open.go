// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/flow/har"
	"github.com/scimproof/scimproof/fixtures/flow/record"
	"github.com/scimproof/scimproof/suites/idp"
)

const (
	defaultAdminToken = "SCIMPROOF_ADMIN_TOKEN"
	maxFlowFile       = 64 << 20 // bytes
	maxHistory        = 64 << 20 // bytes; the server keeps half of it at most
)

// judgeAll judges the files named, or the history of a server.
func (p *program) judgeAll(ctx context.Context, s *lintFlags, names []string) ([]idp.Report, error) {
	if s.history != "" {
		exchanges, err := p.readHistory(ctx, s)
		if err != nil {
			return nil, err
		}
		return []idp.Report{idp.JudgeExchanges("history", s.named(), exchanges)}, nil
	}
	embedded, err := fixtures.AllFlows()
	if err != nil {
		return nil, err
	}
	var judged []idp.Report
	for _, name := range names {
		if i := slices.IndexFunc(embedded, func(f flow.Flow) bool { return f.Name == name }); i >= 0 {
			judged = append(judged, s.judgeFlow(embedded[i]))
			continue
		}
		r, err := p.judgeFile(s, name)
		if errors.Is(err, os.ErrNotExist) {
			var known []string
			for _, f := range embedded {
				known = append(known, f.Name)
			}
			return nil, fmt.Errorf("lint: there is neither a file nor an embedded flow %q%s; `scimproof list --flows` shows those", name, didYouMean("", name, known))
		}
		if err != nil {
			return nil, fmt.Errorf("lint: %w", err)
		}
		judged = append(judged, r)
	}
	return judged, nil
}

// named gives the dialect of the flag, or "" where it is to be guessed.
func (s *lintFlags) named() string {
	if s.dialect == guessDialect {
		return ""
	}
	return s.dialect
}

func (s *lintFlags) judgeFlow(f flow.Flow) idp.Report {
	switch s.dialect {
	case "":
		return idp.Judge(f)
	case guessDialect:
		dialect, why := idp.Guess(f)
		return idp.JudgeAs(f, dialect, why)
	}
	return idp.JudgeAs(f, s.dialect, "given")
}

// judgeFile judges a file: a HAR begins with a brace, a flow does not.
func (p *program) judgeFile(s *lintFlags, name string) (idp.Report, error) {
	file, err := os.Open(name)
	if err != nil {
		return idp.Report{}, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	text := make([]byte, 512)
	n, err := io.ReadFull(file, text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return idp.Report{}, fmt.Errorf("read %s: %w", name, err)
	}
	whole := io.MultiReader(bytes.NewReader(text[:n]), file)
	if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text[:n], []byte("\uFEFF"))), []byte("{")) {
		return p.judgeHAR(s, name, whole)
	}
	all, err := io.ReadAll(io.LimitReader(whole, maxFlowFile+1))
	switch {
	case err != nil:
		return idp.Report{}, fmt.Errorf("read %s: %w", name, err)
	case len(all) > maxFlowFile:
		return idp.Report{}, fmt.Errorf("%s: the file is longer than %d MiB, the longest that is read; cut the recording", name, maxFlowFile>>20)
	}
	f, err := flow.Parse(name, all)
	if err != nil {
		return idp.Report{}, err
	}
	return s.judgeFlow(f), nil
}

// judgeHAR judges an archive. Secrets are taken out first, as for a recording.
func (p *program) judgeHAR(s *lintFlags, name string, r io.Reader) (idp.Report, error) {
	seen, base, skipped, err := har.Read(r, s.base)
	if err != nil {
		return idp.Report{}, fmt.Errorf("read %s: %w", name, err)
	}
	if len(seen) == 0 {
		return idp.Report{}, fmt.Errorf("%s holds no request to a SCIM API%s; --base URL says where the API is", name, below(base))
	}
	clean := new(record.Recording)
	for i, x := range seen {
		if seen[i], err = clean.Add(int64(i), x); err != nil {
			return idp.Report{}, fmt.Errorf("read %s: request %d: %w", name, i+1, err)
		}
	}
	for _, reason := range sortedNames(skipped) {
		fmt.Fprintf(s.output.stderr(p), "%s: %s passed over: %s\n", name, count(skipped[reason], "request"), reason)
	}
	return idp.JudgeExchanges(filepath.Base(name), s.named(), seen), nil
}

func below(base string) string {
	if base == "" {
		return ""
	}
	return " below " + base
}

func sortedNames(m map[string]int) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readHistory reads what the reference server was sent, redacted as it is there.
func (p *program) readHistory(ctx context.Context, s *lintFlags) ([]flow.Exchange, error) {
	u, err := url.Parse(s.history)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--history %q: want the address that `scimproof serve` prints behind admin=, such as http://127.0.0.1:8081/admin", s.history)
	}
	if host, err := hostOf(s.history); err != nil || !loopback(host) {
		return nil, fmt.Errorf("--history %s is not on this machine; the admin API is for loopback only: run lint where the server runs", u.Redacted())
	}
	token, err := p.secret("--admin-token-env", s.token)
	if err != nil {
		return nil, fmt.Errorf("%w; `scimproof serve` prints it behind admin-token=", err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.history, "/")+"/history?since=0", nil)
	if err != nil {
		return nil, fmt.Errorf("--history: %w", err)
	}
	q.Header.Set("Authorization", "Bearer "+token.Reveal())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	reply, err := client.Do(q)
	if err != nil {
		return nil, unreachablef("--history: no server answers: %w", err)
	}
	defer reply.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(reply.Body, maxHistory+1))
	switch {
	case err != nil:
		return nil, unreachablef("--history: read %s: %w", s.history, err)
	case len(body) > maxHistory:
		return nil, fmt.Errorf("--history: the history is longer than %d MiB; empty it with DELETE %s/history, then try again", maxHistory>>20, s.history)
	case reply.StatusCode == http.StatusUnauthorized:
		return nil, unreachablef("--history: the server refuses the token in %s; `scimproof serve` prints it behind admin-token=", s.token)
	case reply.StatusCode != http.StatusOK:
		return nil, unreachablef("--history: %s answers %d; want the address that `scimproof serve` prints behind admin=", q.URL, reply.StatusCode)
	}
	all, gone, err := parseHistory(body)
	if gone > 0 {
		fmt.Fprintf(s.output.stderr(p), "the server forgot %s before these; what is said of look-ups and reads may be owed to that\n", count(gone, "exchange"))
	}
	return all, err
}

// parseHistory reads the history as docs/admin-api.md describes it, but for
// absolute URLs: behind a tunnel the server sees other ones than the IdP. Gone
// is how many exchanges had to make room.
func parseHistory(body []byte) (all []flow.Exchange, gone int, err error) {
	type message struct {
		Headers    http.Header `json:"headers"`
		Body       string      `json:"body"`
		BodyBase64 []byte      `json:"bodyBase64"`
	}
	var list struct {
		Exchanges []struct {
			Method, Path, Error string
			Status              int
			Start               time.Time
			Request, Response   message
		} `json:"exchanges"`
		Gone int `json:"gone"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, 0, fmt.Errorf("--history: the answer is no history: %w; want the address that `scimproof serve` prints behind admin=", err)
	}
	if len(list.Exchanges) == 0 {
		return nil, 0, errors.New("--history: the server was sent nothing yet; let the IdP send something first")
	}
	read := func(m message) flow.Message {
		if m.BodyBase64 != nil {
			return flow.Message{Header: m.Headers, Body: m.BodyBase64}
		}
		return flow.Message{Header: m.Headers, Body: []byte(m.Body)}
	}
	all = make([]flow.Exchange, len(list.Exchanges))
	for i, x := range list.Exchanges {
		all[i] = flow.Exchange{
			Method: x.Method, Path: x.Path, Status: x.Status, Error: x.Error, Start: x.Start,
			Request: read(x.Request), Response: read(x.Response),
		}
	}
	return all, list.Gone, nil
}
