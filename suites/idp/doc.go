// SPDX-License-Identifier: Apache-2.0

// Package idp judges what an identity provider sends. Each request of a flow
// is held against the rules that RFC 7643, 7644, 9865, 6750 and 9110 have for
// clients, and against what is known of the IdP's dialect. A [Report] says of
// each request whether it is clean, a known quirk of the dialect, advised
// against, or a deviation that neither an RFC nor the dialect explains.
//
// A [Rule] is one statement about an IdP that a request can break. A [Quirk]
// is something odd that a dialect is known to do, with what a provider has to
// do to live with it; it may excuse broken rules, in the places where it
// shows and nowhere else. Both are values in tables, a file a subject, and
// name what they rest on: nothing here was measured against a live tenant.
//
// What a flow does not hold is not judged: requests without any headers have
// no header that could be wrong, and rules about replies are silent where the
// replies were not recorded.
package idp
