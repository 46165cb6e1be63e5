// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/reports"
)

// Exit codes besides those that a finished run leads to (reports.ExitCode).
const (
	exitUsage       = 2   // usage or configuration
	exitUnreachable = 3   // no SCIM provider answers at the target, or it refuses the credentials
	exitInterrupted = 130 // by a signal, after the report was written and the clean-up done
)

// unreachable is an error about the way to the provider, not about our usage.
type unreachable struct{ err error }

func (e *unreachable) Error() string { return e.err.Error() }
func (e *unreachable) Unwrap() error { return e.err }

func unreachablef(format string, args ...any) error {
	return &unreachable{fmt.Errorf(format, args...)}
}

// verdictError carries an exit code out of a verb that has already said why.
type verdictError struct{ code int }

func (e *verdictError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// conclude returns nil for code 0.
func conclude(code int) error {
	if code == reports.ExitConformant {
		return nil
	}
	return &verdictError{code}
}

// exitCode gives the exit code that err leads to.
func exitCode(err error) int {
	var verdict *verdictError
	var away *unreachable
	switch {
	case err == nil:
		return reports.ExitConformant
	case errors.As(err, &verdict):
		return verdict.code
	case errors.As(err, &away):
		return exitUnreachable
	}
	return exitUsage
}
