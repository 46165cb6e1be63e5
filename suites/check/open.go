// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
)

// entraFlag is the query that an administrator appends to a Tenant URL to make
// Entra ID send RFC 7644 PATCH bodies (Microsoft Learn, "Known issues with SCIM
// 2.0 protocol compliance"). It is a sign to Entra ID, not to the provider.
const entraFlag = "aadOptscim062020"

// defaultTimeout is how long a check may take where its target does not say.
const defaultTimeout = 30 * time.Second

// runIDs is what a run id may be: it stands in user names and team handles.
var runIDs = regexp.MustCompile(`^[a-z0-9]{1,32}$`)

// Open gets to know a target. It reads only: a page of two users, the
// provider's configuration and its resource types. The error is a
// *TargetError, *UnreachableError, *CredentialsError or *NotSCIMError, or that
// of ctx.
func Open(ctx context.Context, target Target) (*Provider, error) {
	p, err := prepare(target)
	if err != nil {
		return nil, err
	}
	if err := p.greet(ctx); err != nil {
		return nil, err
	}
	if err := p.discover(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// prepare fills in the defaults of target and checks what can be checked
// without a request.
func prepare(target Target) (*Provider, error) {
	base, flag, err := baseURL(target.BaseURL)
	if err != nil {
		return nil, err
	}
	target.BaseURL = base
	if target.Profile == nil {
		target.Profile = profiles.RFC()
	}
	if target.Timeout <= 0 {
		target.Timeout = defaultTimeout
	}
	if target.RunID == "" {
		target.RunID = strings.ToLower(rand.Text()[:10])
	}
	if !runIDs.MatchString(target.RunID) {
		return nil, &TargetError{"RunID", target.RunID, "want 1 to 32 lower-case letters and digits"}
	}
	var attributes []member
	if len(target.Attributes) > 0 {
		if attributes, err = members(target.Attributes); err != nil {
			return nil, &TargetError{"Attributes", string(target.Attributes), fmt.Sprintf("it is not a JSON object (%v); want one such as {\"employeeNumber\":\"1\"}", err)}
		}
	}
	if target.Consistency < 0 {
		return nil, &TargetError{"Consistency", target.Consistency.String(), "it is below zero; want a time such as 5s, or 0"}
	}
	transport, err := roundTripper(target)
	if err != nil {
		return nil, err
	}
	return &Provider{
		attributes: attributes,
		target:     target, flag: flag, base: transport,
		redact: flow.NewRedactor(append(target.Tokens.secrets(), target.Token)...), now: time.Now, begun: time.Now(),
		judged: map[string]int{}, caps: map[string]bool{}, reasons: map[string]string{},
	}, nil
}

// baseURL checks raw and gives it without a trailing slash and without the
// query of Entra ID, which is given apart.
func baseURL(raw string) (base, flag string, err error) {
	wrong := func(text string) (string, string, error) {
		shown := raw
		if u, err := url.Parse(raw); err == nil {
			shown = u.Redacted()
		}
		return "", "", &TargetError{"BaseURL", shown, text}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case raw == "":
		return wrong("it is empty; want the address of the SCIM API, such as https://host/scim/v2")
	case err != nil:
		return wrong("it is not a URL; want one such as https://host/scim/v2")
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("its scheme is not http or https; want one such as https://host/scim/v2")
	case u.Hostname() == "":
		return wrong("it names no host; want one such as https://host/scim/v2")
	case u.User != nil:
		return wrong("it holds credentials; give the token apart")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return wrong("it has a fragment, which is never sent; leave out what follows #")
	}
	name, _, _ := strings.Cut(u.RawQuery, "=")
	if u.RawQuery != "" && (name != entraFlag || strings.Contains(u.RawQuery, "&")) {
		return wrong("it has a query, after which no path can follow; leave out what follows ?")
	}
	flag = u.RawQuery
	u.RawQuery, u.ForceQuery = "", false
	return strings.TrimRight(u.String(), "/"), flag, nil
}

// roundTripper gives what sends the requests of target: its client's
// transport, or one that goes to its origin alone.
func roundTripper(target Target) (http.RoundTripper, error) {
	if target.Client != nil && target.Client.Transport != nil {
		return target.Client.Transport, nil
	}
	return NewTransport(TransportOptions{BaseURLs: []string{target.BaseURL}})
}

// get sends one of the opening requests.
func (p *Provider) get(ctx context.Context, path string) (*flow.Exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, p.target.Timeout)
	defer cancel()
	x, err := p.do(ctx, flow.Request{Method: http.MethodGet, Path: path})
	if err != nil {
		return nil, err
	}
	p.opening = append(p.opening, *x)
	return x, nil
}

// greet asks for a page of users as Okta does when its connector is tested
// (GET /Users?startIndex=1&count=2), and tells apart what can be wrong.
func (p *Provider) greet(ctx context.Context) error {
	x, err := p.get(ctx, "/Users?startIndex=1&count=2")
	if err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if date, err := http.ParseTime(x.Response.Header.Get("Date")); err == nil {
		p.begun = date
	}
	object := isObject(x.Response.Body)
	switch {
	case x.Status == 0:
		return &UnreachableError{URL: x.URL, Err: errors.New(x.Error)}
	case x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden:
		return &CredentialsError{URL: x.URL, Status: x.Status, Got: answer(x), NoToken: p.target.Token == ""}
	case x.Status/100 == 3:
		return &NotSCIMError{x.URL, x.Status, answer(x), "it redirects to " + x.Response.Header.Get("Location") +
			", and redirects are not followed; give the address of the SCIM API itself"}
	case x.Status == http.StatusNotFound:
		return &NotSCIMError{x.URL, x.Status, answer(x), "check the path of the base URL: /Users must be right below it, as in https://host/scim/v2"}
	case x.Status == http.StatusTooManyRequests || x.Status >= 500 && !object:
		return &UnreachableError{URL: x.URL, Got: answer(x)}
	case !object:
		return &NotSCIMError{x.URL, x.Status, answer(x), "check the base URL: a login page or a proxy may answer in place of the SCIM API"}
	}
	return nil
}

// isObject says whether body is a JSON object, whatever is in it: a provider
// that is wrong about its lists is still there to be checked.
func isObject(body []byte) bool {
	var members map[string]any
	return json.Unmarshal(body, &members, lax()) == nil && members != nil
}
