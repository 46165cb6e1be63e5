// SPDX-License-Identifier: Apache-2.0

// Package engine is what RFC 7643 and RFC 7644 say about one resource: schemas,
// attribute paths, filters, PATCH, projection and sorting.
//
// It works on an Object, an ordered JSON tree. Parse reads one strictly from
// the wire; ResourceType.Normalize makes it a resource with canonical names and
// checked types; ResourceType.Patch changes a copy of it. A Filter is parsed
// once and bound to a resource type once, and the Matcher that comes out is
// then asked for each object.
//
// Nothing here knows HTTP or the store. Members of a group may live outside the
// object: PatchGroup then reads them through Members and answers with the
// changes to make, so that one member more costs the same in every group.
//
// Where clients send more than RFC 7644 allows, as Okta and Entra ID do, the
// engine is kind unless Rules.StrictTypes is set; each kindness is named where
// it is made.
package engine
