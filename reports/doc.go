// SPDX-License-Identifier: Apache-2.0

// Package reports keeps a run of the suites and writes it down for people and
// programs. [Run] is the saved run, version 1; run.schema.json describes it.
// Every writer is a function of a Run alone: the same run gives the same
// bytes, whenever and wherever it is written.
//
// [Run.Verdicts] is where policy lives: it turns outcomes into an answer for
// each verdict asked for, and [Run.ExitCode] into the exit code of a program.
//
// What a provider sent is hostile until shown otherwise. Each writer keeps it
// text in its own format, and makes control characters visible.
package reports
