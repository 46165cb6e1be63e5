// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/internal/scim"
)

// Error is a SCIM error as it goes on the wire, RFC 7644 §3.12. Detail names
// the attribute and the rule, never a value that somebody else stored.
type Error struct {
	Status int
	Type   string // scimType, empty where RFC 7644 table 9 has no word for it
	Detail string
}

// Errors to test for with errors.Is, which looks at Type alone.
var (
	ErrInvalidFilter error = &Error{Status: 400, Type: scim.InvalidFilter}
	ErrInvalidSyntax error = &Error{Status: 400, Type: scim.InvalidSyntax}
	ErrInvalidPath   error = &Error{Status: 400, Type: scim.InvalidPath}
	ErrInvalidValue  error = &Error{Status: 400, Type: scim.InvalidValue}
	ErrNoTarget      error = &Error{Status: 400, Type: scim.NoTarget}
	ErrMutability    error = &Error{Status: 400, Type: scim.Mutability}
	ErrSensitive     error = &Error{Status: 403, Type: scim.Sensitive}
	ErrTooMany       error = &Error{Status: 400, Type: scim.TooMany}
)

func (e *Error) Error() string {
	if e.Type == "" {
		return e.Detail
	}
	return e.Type + ": " + e.Detail
}

// Is says whether target is an Error of the same Type.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Type == e.Type && t.Type != ""
}

func invalid(scimType, format string, args ...any) *Error {
	return &Error{Status: 400, Type: scimType, Detail: fmt.Sprintf(format, args...)}
}

func invalidFilter(format string, args ...any) *Error {
	return invalid(scim.InvalidFilter, format, args...)
}

func invalidSyntax(format string, args ...any) *Error {
	return invalid(scim.InvalidSyntax, format, args...)
}

func invalidPath(format string, args ...any) *Error {
	return invalid(scim.InvalidPath, format, args...)
}

func invalidValue(format string, args ...any) *Error {
	return invalid(scim.InvalidValue, format, args...)
}

func noTarget(format string, args ...any) *Error {
	return invalid(scim.NoTarget, format, args...)
}

func mutability(format string, args ...any) *Error {
	return invalid(scim.Mutability, format, args...)
}

// detailOf gives the detail of an error of this package, to be told of another
// place.
func detailOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Detail
	}
	return err.Error()
}
