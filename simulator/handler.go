// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"io"
	"net/http"
)

// InProcess gives a transport that sends requests to a handler without a
// network.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

// inProcess sends requests to a handler without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler and gives its answer.
func (p inProcess) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	if q.Body == nil {
		q.Body = http.NoBody
	}
	q.RequestURI = q.URL.RequestURI()
	a := &answer{header: http.Header{}}
	p.handler.ServeHTTP(a, q)
	a.WriteHeader(http.StatusOK) // unless it was called
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: q,
	}, nil
}

// answer is what a handler writes.
type answer struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

// Header gives the header that WriteHeader sends.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sends the header, the first time.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write appends to the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
