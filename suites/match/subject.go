// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// subject is what a matcher looks at, whatever it was handed.
type subject struct {
	name   string // "GET /Users/1"; empty for plain JSON text
	reply  bool   // there is a status and a header to look at
	status int    // 0: no answer
	header http.Header
	body   []byte
	err    string // why there is no answer

	tree    *Tree
	treeErr error
}

// exchanger is anything that stands for an exchange.
type exchanger interface{ Exchange() *flow.Exchange }

// snapshotter is anything that remembers the exchange that told of it.
type snapshotter interface{ Snapshot() *flow.Exchange }

func newSubject(actual any) (*subject, error) {
	switch a := actual.(type) {
	case *flow.Exchange:
		return exchangeSubject(a)
	case flow.Exchange:
		return exchangeSubject(&a)
	case exchanger:
		return exchangeSubject(a.Exchange())
	case snapshotter:
		return exchangeSubject(a.Snapshot())
	case *http.Response:
		return responseSubject(a)
	case []byte:
		return &subject{body: a}, nil
	case string:
		return &subject{body: []byte(a)}, nil
	}
	return nil, fmt.Errorf("look at %T: want *flow.Exchange, *http.Response, []byte, string or a value with Exchange()", actual)
}

func exchangeSubject(x *flow.Exchange) (*subject, error) {
	if x == nil {
		return nil, fmt.Errorf("look at a nil exchange: nothing was sent")
	}
	return &subject{
		name: x.Name(), reply: true,
		status: x.Status, header: x.Response.Header, body: x.Response.Body, err: x.Error,
	}, nil
}

// responseSubject reads the body and puts it back, so that several matchers
// can look at one response.
func responseSubject(r *http.Response) (*subject, error) {
	if r == nil {
		return nil, fmt.Errorf("look at a nil response")
	}
	s := &subject{reply: true, status: r.StatusCode, header: r.Header}
	if r.Request != nil && r.Request.URL != nil {
		s.name = r.Request.Method + " " + r.Request.URL.RequestURI()
	}
	if r.Body == nil {
		return s, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read response body: %w", err)
	}
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.body = body
	return s, nil
}

// json gives the body as a tree, or a finding when it is not JSON.
func (s *subject) json() (*Tree, *Finding) {
	if s.reply && s.status == 0 {
		return nil, &Finding{Where: "status", Got: s.answer(), Want: "an answer"}
	}
	if s.tree == nil && s.treeErr == nil {
		s.tree, s.treeErr = Parse(s.body)
	}
	if s.treeErr != nil {
		return nil, &Finding{Where: "body", Got: s.shownBody(), Want: "JSON", Text: s.aside(s.treeErr.Error())}
	}
	return s.tree, nil
}

// answer says which status was got.
func (s *subject) answer() string {
	if s.status == 0 {
		return strings.TrimSuffix("no answer: "+s.err, ": ")
	}
	return fmt.Sprintf("%d", s.status)
}

// aside adds to text what an error reply said, without which a finding about
// an attribute would be a riddle.
func (s *subject) aside(text string) string {
	if !s.reply || s.status < 300 {
		return text
	}
	answer := "the answer was " + s.answer()
	if s.treeErr == nil && len(s.body) > 0 {
		answer += " " + s.shownBody()
	}
	return join(text, answer)
}

func (s *subject) shownBody() string {
	if len(s.body) == 0 {
		return "no body"
	}
	return cut(strings.ToValidUTF8(string(s.body), "\uFFFD"))
}
