// SPDX-License-Identifier: Apache-2.0

// Package acceptance holds the tests of the whole reference server on each of
// its stores: the catalogue of checks, what is kept of a password, and how
// fast users are created.
package acceptance
