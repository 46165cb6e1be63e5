// SPDX-License-Identifier: Apache-2.0

package reports

import "io"

// HTML writes the report that people read: one file that needs nothing else.
func HTML(w io.Writer, r *Run) error { return nil }

// JUnit writes the run for CI systems.
func JUnit(w io.Writer, r *Run) error { return nil }

// Markdown writes a job summary.
func Markdown(w io.Writer, r *Run) error { return nil }

// SARIF writes what did not pass as SARIF 2.1.0.
func SARIF(w io.Writer, r *Run) error { return nil }

// Console writes the summary for a terminal; files are those written, named at the end.
func Console(w io.Writer, r *Run, color bool, files ...string) error { return nil }
