// SPDX-License-Identifier: Apache-2.0

// Package refserver is a SCIM 2.0 provider for tests: the SCIM API of RFC 7643
// and RFC 7644 over a store, with an organisation behind it that acts a
// profile. It keeps nothing and says in every reply that it is a test server.
//
// # Addresses
//
// The neutral wire stands at /scim/v2: Error resources, application/scim+json,
// /ServiceProviderConfig, a userName that may change. The profile's own wire
// stands at the path that the profile names, with its errors, its media type
// and its rules; its product API at /api/v2/. One organisation is behind all.
//
// # Choices
//
// Where RFC 7644 leaves something open, this provider does as follows.
//
//   - A page has 100 resources unless count says otherwise, and at most 200.
//   - An ETag is weak and equals meta.version. That of a user changes with the
//     groups it is in, because groups is part of what is shown; that of a group
//     does not change when a member is renamed.
//   - A group is shown with its members, in lists too. A reply holds at most
//     100,000 of them; a group whose members do not fit is shown without
//     members, never with some. A PATCH of a group with more than 1,000 members
//     is answered 204 unless the request names attributes, so that adding one
//     member does not cost reading them all.
//   - A PUT or PATCH that changes nothing keeps meta.version and
//     meta.lastModified.
//   - Passwords are accepted and thrown away.
package refserver
