// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/check/datadog"
	"github.com/scimproof/scimproof/suites/check/statsd"
)

// provider returns the target that the flags mean, and a function that ends
// what was started for it.
func (p *program) provider(ctx context.Context, t *targetFlags, faults []string) (check.Target, func(), error) {
	if t.url != "" {
		target, err := p.remote(ctx, t)
		return target, func() {}, err
	}
	return p.embedded(ctx, t, faults)
}

// embedded starts the reference server in this process, with a listener for
// the metrics it sends.
func (p *program) embedded(ctx context.Context, t *targetFlags, names []string) (check.Target, func(), error) {
	profile, err := profiles.Open(cmp.Or(t.profile, "datadog"))
	if err != nil {
		return check.Target{}, nil, fmt.Errorf("--profile: %w", err)
	}
	faults, err := faultsByName(names)
	if err != nil {
		return check.Target{}, nil, err
	}
	client, err := t.client()
	if err != nil {
		return check.Target{}, nil, err
	}
	metrics, err := statsd.Listen("127.0.0.1:0")
	if err != nil {
		return check.Target{}, nil, err
	}
	token, key := randomToken(), randomToken()
	others := check.Tokens{ReadOnly: randomToken(), Expired: randomToken(), Tenant: randomToken()}
	profile.Wire.Pagination = true // what it does is told, so that it is checked
	server, err := listen(ctx, "127.0.0.1:0", refserver.Options{
		Token: token, AdminKey: key, Profile: profile, StatsD: metrics.Address(), Faults: faults,
		Tokens: []refserver.Token{
			{Secret: others.ReadOnly, Rights: refserver.ReadOnly},
			{Secret: others.Expired, Expires: time.Unix(1, 0)},
			{Secret: others.Tenant, Tenant: "neighbour"},
		},
	})
	if err != nil {
		return check.Target{}, nil, errors.Join(err, metrics.Close())
	}
	done := func() {
		if err := errors.Join(server.close(), metrics.Close()); err != nil {
			fmt.Fprintf(p.stderr, "scimproof: stop the reference server: %v\n", err)
		}
	}
	target := check.Target{
		BaseURL: server.origin + scimPath, Token: token, Tokens: others, Profile: profile, Client: client,
		Timeout: t.timeout, Metrics: metrics, Login: server.logins, Header: http.Header(t.header),
	}
	// In this process a change shows at once. The profile's own limits, minutes
	// for some products, would only make a planted fault slow to find.
	profile.Within = profiles.Within{Users: "1s", Roles: "1s", Teams: "1s", Audit: "1s"}
	// The reference server has this product API whatever it acts.
	if profile.Probe == probeDatadog || profile.Roles.Source != "none" {
		target.Product = datadog.New(server.origin, key, key, client)
	}
	return target, done, nil
}

// probeDatadog is the word by which a profile says that the product speaks the
// API of Datadog.
const probeDatadog = "datadog"

// probe returns the probe of the product at --product-url.
func (p *program) probe(t *targetFlags, profile *profiles.Profile, client *http.Client) (check.ProductProbe, error) {
	if profile.Probe != probeDatadog {
		return nil, fmt.Errorf("--product-url: the profile %s names no product API; choose another with --profile, for instance datadog", profile.Name)
	}
	key, err := p.secret("--product-key-env", t.productKey)
	if err != nil {
		return nil, err
	}
	apiKey := key
	if t.productAPIKey != "" {
		if apiKey, err = p.secret("--product-api-key-env", t.productAPIKey); err != nil {
			return nil, err
		}
	}
	return datadog.New(t.productURL, apiKey, key, client), nil
}

// explainTarget says how the flags of this command mend what check.Open found,
// and gives errors of the way to the provider their exit code.
func (p *program) explainTarget(err error) error {
	var credentials *check.CredentialsError
	var away *check.UnreachableError
	var other *check.NotSCIMError
	switch {
	case errors.As(err, &credentials):
		return unreachablef("%w (--token-env NAME or --token-file FILE; no flag means the variable %s)", err, defaultToken)
	case errors.As(err, &away), errors.As(err, &other):
		return &unreachable{err}
	case errors.Is(err, context.Canceled):
		return conclude(exitInterrupted)
	}
	return err
}
