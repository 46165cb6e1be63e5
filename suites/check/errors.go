// SPDX-License-Identifier: Apache-2.0

package check

import "fmt"

// TargetError says that a target is not well described.
type TargetError struct {
	Field string // BaseURL
	Value string
	Text  string // what is wrong with it and what to write instead
}

func (e *TargetError) Error() string {
	return fmt.Sprintf("target %s %q: %s", e.Field, e.Value, e.Text)
}

// UnreachableError says that nothing answers at a target, or that what does is
// out of order.
type UnreachableError struct {
	URL string // what was tried
	Got string // an answer that is none of a SCIM provider; "": none at all
	Err error  // why there was no answer
}

func (e *UnreachableError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("tried GET %s: no answer: %v; check that the provider runs, and its host, port and TLS certificate", e.URL, e.Err)
	}
	return fmt.Sprintf("tried GET %s: got %s; the server is up but not ready: look at its log, or try again", e.URL, e.Got)
}

// Unwrap gives the error of the transport.
func (e *UnreachableError) Unwrap() error { return e.Err }

// CredentialsError says that a provider refuses the token.
type CredentialsError struct {
	URL     string
	Status  int // 401 or 403
	Got     string
	NoToken bool // none was sent
}

func (e *CredentialsError) Error() string {
	todo := "check that the token is for this provider, is not expired and may read and write users and groups"
	if e.NoToken {
		todo = "no token was sent: give the provider's bearer token"
	}
	return fmt.Sprintf("tried GET %s: got %s; %s", e.URL, e.Got, todo)
}

// NotSCIMError says that what answers is not a SCIM provider.
type NotSCIMError struct {
	URL    string
	Status int
	Got    string
	Advice string
}

func (e *NotSCIMError) Error() string {
	return fmt.Sprintf("tried GET %s: got %s, which is not SCIM; %s", e.URL, e.Got, e.Advice)
}
