// SPDX-License-Identifier: Apache-2.0

package engine

// The two readers behind Parse, for the test that holds them against each other.
var (
	Scan = scan
	Read = read
)
