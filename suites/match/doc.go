// SPDX-License-Identifier: Apache-2.0

// Package match is the oracle: it reads what a provider answered and says what
// is wrong with it.
//
// It stands on the bytes. [Parse] keeps member order, duplicate names, letter
// case, number text and null versus absent, which a decoded struct hides; a
// [Path] is a SCIM attribute path evaluated on that tree. The matchers are
// ordinary Gomega matchers whose failure is one line about a SCIM path:
//
//	GET /Users/1 · body.emails[0].primary: got "true" (string), want true (boolean)
//
// They also give the same as a [Finding], for runners that keep findings as
// data. Nothing here is shared with a SCIM server: a parser, comparer or case
// folding in common would make both wrong alike.
package match
