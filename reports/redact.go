// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"bytes"
	"cmp"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

const redacted = "REDACTED"

// secretHeaders carry credentials. Secrets are removed when traffic is
// captured; this is the second fence, for runs made by other programs.
var secretHeaders = [...]string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// redact removes credentials from r: the values of the headers that carry
// them, and the same text wherever else it stands in the transcript.
func (r *Run) redact() {
	r.Target.BaseURL = withoutUser(r.Target.BaseURL)
	var secrets []string
	for i := range r.Results {
		for j := range r.Results[i].Exchanges {
			x := &r.Results[i].Exchanges[j]
			x.URL = withoutUser(x.URL)
			secrets = append(secrets, redactHeader(x.Request.Header)...)
			secrets = append(secrets, redactHeader(x.Response.Header)...)
		}
	}
	if len(secrets) == 0 {
		return
	}
	// Longest first, so that no secret survives as the tail of another; each once,
	// or the work would grow with the square of the exchanges.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	s := scrubber(slices.Compact(secrets))
	for i := range r.Results {
		s.result(&r.Results[i])
	}
}

// redactHeader replaces the values of headers that carry credentials and
// returns what was there.
func redactHeader(header map[string][]string) (secrets []string) {
	for name, values := range header {
		if !slices.Contains(secretHeaders[:], textproto.CanonicalMIMEHeaderKey(name)) {
			continue
		}
		for i, v := range values {
			scheme, credentials, two := strings.Cut(v, " ")
			if !two || !strings.HasSuffix(textproto.CanonicalMIMEHeaderKey(name), "Authorization") {
				scheme, credentials = "", v
			}
			if credentials == redacted {
				continue
			}
			// Short values would turn up in ordinary text.
			if len(credentials) >= 6 {
				secrets = append(secrets, credentials)
			}
			values[i] = strings.TrimSpace(scheme + " " + redacted)
		}
	}
	return secrets
}

// withoutUser drops the credentials that a URL may carry.
func withoutUser(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.User == nil {
		return s
	}
	u.User = nil
	return u.String()
}

type scrubber []string

func (s scrubber) text(t *string) {
	for _, secret := range s {
		*t = strings.ReplaceAll(*t, secret, redacted)
	}
}

func (s scrubber) result(r *Result) {
	s.text(&r.Reason)
	for i := range r.Findings {
		f := &r.Findings[i]
		for _, t := range []*string{&f.LookedAt, &f.Where, &f.Got, &f.Want, &f.Text} {
			s.text(t)
		}
	}
	for i := range r.Leftovers {
		s.text(&r.Leftovers[i])
	}
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		s.text(&x.URL)
		s.text(&x.Path)
		s.text(&x.Error)
		s.message(&x.Request)
		s.message(&x.Response)
	}
}

func (s scrubber) message(m *Message) {
	s.text(&m.Body)
	for _, secret := range s {
		m.Base64 = bytes.ReplaceAll(m.Base64, []byte(secret), []byte(redacted))
	}
	for _, values := range m.Header {
		for i := range values {
			s.text(&values[i])
		}
	}
}
