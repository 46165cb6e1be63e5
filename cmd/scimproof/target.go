// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/suites/check"
)

// targetFlags say which provider is meant and how to reach it.
type targetFlags struct {
	url           string
	token         tokenFlags
	oauth         oauthFlags
	profile       string
	productURL    string
	productKey    string
	productAPIKey string
	timeout       time.Duration
	rps           float64
	header        headers
	caFile        string
	clientCert    string
	allowWrites   bool
	confirm       []string
	useProxy      bool
	journal       string
	maxCreates    int
	maxRequests   int
	peculiar      peculiar
}

func (t *targetFlags) register(c *cobra.Command) {
	t.header = headers{}
	f := c.Flags()
	f.StringVar(&t.url, "target", "", "base `URL` of the SCIM API, for instance https://host/scim/v2 (default the embedded reference server)")
	t.token.register(c, "for the target")
	t.oauth.register(c)
	f.StringVar(&t.profile, "profile", "", "what the product promises: datadog, rfc, exact-roles, reject-unknown-roles or a `FILE` (default datadog for the embedded server, else rfc)")
	f.StringVar(&t.productURL, "product-url", "", "base `URL` of the product's own API; without it checks of the product are skipped")
	f.StringVar(&t.productKey, "product-key-env", "", "read the (application) key for the product's API from variable `NAME`")
	f.StringVar(&t.productAPIKey, "product-api-key-env", "", "read the API key from variable `NAME`, where the product wants two keys (Datadog does)")
	f.DurationVar(&t.timeout, "timeout", 30*time.Second, "`TIME` for each check")
	f.Float64Var(&t.rps, "rps", unset, "send at most `N` requests a second; 0: no limit (default 10 to a target that is not on this machine, else no limit)")
	f.Lookup("rps").DefValue = "0" // is told in words
	f.BoolVar(&t.useProxy, "use-proxy", false, "go through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name")
	f.Var(t.header, "header", "send a header with every request; can be given several times")
	f.StringVar(&t.caFile, "ca-file", "", "trust the certificates in `FILE` (PEM) besides the system's")
	f.StringVar(&t.clientCert, "client-cert", "", "present the certificate and key in `FILE` (PEM, both in it)")
	f.BoolVar(&t.allowWrites, "allow-writes", false, "write to a target that is not on this machine")
	f.StringSliceVar(&t.confirm, "confirm", nil, "the `HOST` of that target, written out")
	f.String(configFlag, defaultConfig, "read flags not given here from `FILE`; its keys are the names of the flags")
}

// unset is the rate where no flag gives one.
const unset = -1

// validate finds what is wrong with the flags before anything is sent.
func (t *targetFlags) validate() error {
	switch {
	case t.timeout <= 0:
		return fmt.Errorf("--timeout %v: want a time above 0, for instance 30s", t.timeout)
	case t.rps < 0 && t.rps != unset:
		return fmt.Errorf("--rps %v: want 0 for no limit, or a rate above 0", t.rps)
	case t.maxCreates < 0 || t.maxRequests < 0:
		return fmt.Errorf("--max-creates %d --max-requests %d: want 0 for no limit, or more", t.maxCreates, t.maxRequests)
	case t.peculiar.validate(t.url) != nil:
		return t.peculiar.validate(t.url)
	case t.oauth.validate(t.url) != nil:
		return t.oauth.validate(t.url)
	case t.url == "" && (t.productURL != "" || t.productKey != "" || t.productAPIKey != ""):
		return errors.New("--product-url and the names of its keys belong to --target; the embedded reference server brings its own")
	case t.url == "" && (t.caFile != "" || t.clientCert != "" || t.allowWrites || t.confirm != nil):
		return errors.New("--ca-file, --client-cert, --allow-writes and --confirm belong to --target, which is not given")
	case (t.productURL == "") != (t.productKey == ""):
		return errors.New("--product-url and --product-key-env go together: the product's API needs a key")
	case t.url == "":
		return nil
	}
	for _, address := range []struct{ flag, url string }{{"--target", t.url}, {"--product-url", t.productURL}} {
		if address.url == "" {
			continue
		}
		host, err := hostOf(address.url)
		if err != nil {
			return fmt.Errorf("%s %w", address.flag, err)
		}
		if err := t.permit(address.flag, host); err != nil {
			return err
		}
	}
	return nil
}

// hostOf returns the host that raw names, without the port, or says why raw is
// no base URL.
func hostOf(raw string) (string, error) {
	u, err := url.Parse(raw)
	const want = "want the base URL of the SCIM API, for instance https://host/scim/v2"
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is not a URL (%w); %s", raw, errors.Unwrap(err), want)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%q has the scheme %q; allowed: http, https; %s", raw, u.Scheme, want)
	case u.Hostname() == "":
		return "", fmt.Errorf("%q names no host; %s", raw, want)
	case u.User != nil:
		return "", fmt.Errorf("%q holds credentials; give the token with --token-env or --token-file", u.Redacted())
	case u.Fragment != "":
		return "", fmt.Errorf("%q has a fragment; %s", raw, want)
	}
	return u.Hostname(), nil
}

// permit refuses hosts beyond this machine until somebody has said twice that
// they are meant: the suites create, change and delete users.
func (t *targetFlags) permit(flag, host string) error {
	named := slices.ContainsFunc(t.confirm, func(h string) bool { return strings.EqualFold(h, host) })
	switch {
	case loopback(host) || t.allowWrites && named:
		return nil
	case t.allowWrites && len(t.confirm) > 0:
		return fmt.Errorf("--confirm %s is not the host of %s, which is %s", strings.Join(t.confirm, ","), flag, host)
	}
	return fmt.Errorf("%s is on %s, which is not this machine: the suites create, change and delete users and groups there; "+
		"if that is meant, add --allow-writes --confirm %[2]s", flag, host)
}

// here says whether the target is on this machine.
func (t *targetFlags) here() bool {
	host, err := hostOf(t.url)
	return t.url == "" || err == nil && loopback(host)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// tls says whom the target's certificate may be of, and which we present.
func (t *targetFlags) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.caFile != "" {
		pem, err := os.ReadFile(t.caFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca-file %s: found no certificate; want PEM blocks of type CERTIFICATE", t.caFile)
		}
		config.RootCAs = pool
	}
	if t.clientCert != "" {
		pair, err := tls.LoadX509KeyPair(t.clientCert, t.clientCert)
		if err != nil {
			return nil, fmt.Errorf("--client-cert %s: %w; want a certificate and its key, both PEM, in one file", t.clientCert, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// client returns an HTTP client that reaches the target as the flags say. It
// follows no redirects: credentials go to the host that was named.
func (t *targetFlags) client() (*http.Client, error) {
	config, err := t.tls()
	if err != nil {
		return nil, err
	}
	o := check.TransportOptions{TLS: config, Proxy: t.useProxy}
	for _, base := range []string{t.url, t.productURL} {
		if t.url != "" && base != "" {
			o.BaseURLs = append(o.BaseURLs, base)
		}
	}
	transport, err := check.NewTransport(o)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if rps := t.rate(); rps > 0 {
		client.Transport = &throttle{base: transport, limit: rate.NewLimiter(rate.Limit(rps), 1), turns: make(chan struct{}, remoteTurns)}
	}
	return client, nil
}

// What a target beyond this machine is sent where no flag says otherwise.
const (
	remoteRate  = 10 // requests a second
	remoteTurns = 4  // at once
)

// rate gives the requests a second that the target may be sent; 0: as many as
// it takes.
func (t *targetFlags) rate() float64 {
	host, err := hostOf(t.url)
	if t.rps < 0 && t.url != "" && err == nil && !loopback(host) {
		return remoteRate
	}
	return max(t.rps, 0)
}

// throttle waits before each request as long as a rate demands, and for its
// turn among those under way.
type throttle struct {
	base  http.RoundTripper
	limit *rate.Limiter
	turns chan struct{}
}

// RoundTrip sends q when it is its turn.
func (t *throttle) RoundTrip(q *http.Request) (*http.Response, error) {
	if err := t.limit.Wait(q.Context()); err != nil {
		return nil, fmt.Errorf("wait for --rps: %w", err)
	}
	select {
	case t.turns <- struct{}{}:
		defer func() { <-t.turns }()
	case <-q.Context().Done():
		return nil, context.Cause(q.Context())
	}
	return t.base.RoundTrip(q)
}

// remote describes the provider at --target.
func (p *program) remote(ctx context.Context, t *targetFlags) (check.Target, error) {
	get := func() (flow.Secret, error) { return p.token(t.token) }
	if t.oauth.given() {
		get = func() (flow.Secret, error) { return p.clientToken(ctx, t) }
	}
	token, err := get()
	if err != nil {
		return check.Target{}, err
	}
	name := t.profile
	if name == "" {
		name = "rfc"
	}
	profile, err := profiles.Open(name)
	if err != nil {
		return check.Target{}, fmt.Errorf("--profile: %w", err)
	}
	client, err := t.client()
	if err != nil {
		return check.Target{}, err
	}
	target := check.Target{
		BaseURL: t.url, Token: token, Header: http.Header(t.header),
		Profile: profile, Timeout: t.timeout, Client: client,
	}
	if err := t.peculiar.apply(p, &target); err != nil {
		return check.Target{}, err
	}
	if t.productURL != "" {
		if target.Product, err = p.probe(t, profile, client); err != nil {
			return check.Target{}, err
		}
	}
	return target, nil
}
