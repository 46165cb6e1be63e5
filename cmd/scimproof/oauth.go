// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// oauthFlags are the client credentials grant of RFC 6749 §4.4, for providers
// that give no token to keep.
type oauthFlags struct{ url, id, secret, scope string }

func (o *oauthFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.url, "oauth-token-url", "", "get the token for the target at `URL`, by OAuth 2.0 client credentials")
	f.StringVar(&o.id, "oauth-client-id", "", "the `ID` of that client")
	f.StringVar(&o.secret, "oauth-secret-env", "", "read the secret of that client from variable `NAME`")
	f.StringVar(&o.scope, "oauth-scope", "", "ask for `SCOPE`, words with a space between them")
	for _, other := range []string{"token-env", "token-file"} {
		c.MarkFlagsMutuallyExclusive("oauth-token-url", other)
	}
}

// given says whether any of the flags is.
func (o *oauthFlags) given() bool { return *o != oauthFlags{} }

func (o *oauthFlags) validate(target string) error {
	if !o.given() {
		return nil
	}
	if target == "" {
		return errors.New("--oauth-token-url and the flags beside it belong to --target, which is not given")
	}
	if o.url == "" || o.id == "" || o.secret == "" {
		return errors.New("--oauth-token-url, --oauth-client-id and --oauth-secret-env go together: each is needed to get a token")
	}
	u, err := url.Parse(o.url)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("--oauth-token-url %q: want the address where tokens are given, for instance https://host/oauth/token", o.url)
	case u.User != nil || u.Fragment != "":
		return fmt.Errorf("--oauth-token-url %q: it holds credentials or a fragment; want the address alone", u.Redacted())
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("--oauth-token-url %s: the secret would go over the network in the clear; want https", o.url)
	}
	return nil
}

// shortLife is how long a token should be good for: a run of the whole catalogue
// at ten requests a second takes some seven minutes.
const shortLife = 10 * time.Minute

// clientToken gets a token. It is asked for once, before the run; that it may
// end during the run is told. No error shows what the server answered beyond the
// words that RFC 6749 §5.2 has for it.
func (p *program) clientToken(ctx context.Context, t *targetFlags) (flow.Secret, error) {
	o := t.oauth
	secret, err := p.secret("--oauth-secret-env", o.secret)
	if err != nil {
		return "", err
	}
	config, err := t.tls()
	if err != nil {
		return "", err
	}
	transport, err := check.NewTransport(check.TransportOptions{BaseURLs: []string{o.url}, TLS: config, Proxy: t.useProxy})
	if err != nil {
		return "", err
	}
	grant := clientcredentials.Config{ClientID: o.id, ClientSecret: secret.Reveal(), TokenURL: o.url}
	if o.scope != "" {
		grant.Scopes = []string{o.scope}
	}
	timed, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	token, err := grant.Token(context.WithValue(timed, oauth2.HTTPClient, &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	var refused *oauth2.RetrieveError
	switch {
	case ctx.Err() != nil:
		return "", conclude(exitInterrupted)
	case errors.As(err, &refused) && refused.Response != nil:
		code := refused.ErrorCode
		if code == "" {
			code = "no error code"
		}
		return "", unreachablef("--oauth-token-url %s gives no token to client %s: status %d, %s", o.url, o.id, refused.Response.StatusCode, printable(code[:min(len(code), 64)]))
	case err != nil && timed.Err() == nil:
		return "", unreachablef("--oauth-token-url %s gives no token to client %s: %w", o.url, o.id, err)
	case err != nil:
		return "", unreachablef("--oauth-token-url %s did not answer within --timeout %v", o.url, t.timeout)
	}
	if left := time.Until(token.Expiry); !token.Expiry.IsZero() && left < shortLife {
		fmt.Fprintf(p.stderr, "scimproof: the token ends in %v and is not renewed; a run that takes longer is refused from then on\n", left.Round(time.Second))
	}
	return usable("--oauth-token-url "+o.url, token.AccessToken)
}
