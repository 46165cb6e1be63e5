// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/scimproof/scimproof/internal/scim"
)

// Extension is a schema that adds attributes to a resource type under its own
// URN, RFC 7643 §3.3.
type Extension struct {
	Schema   scim.Schema
	Required bool
}

// Definition says what a resource type is: RFC 7643 §6 plus the rules by which
// a product is stricter or kinder than RFC 7644. Change the characteristics of
// an attribute (an immutable userName, for instance) in Schema.
type Definition struct {
	Name        string // "User"
	Endpoint    string // "/Users"
	Description string
	Schema      scim.Schema
	Extensions  []Extension
	Rules       Rules
}

// Rules are the choices that RFC 7643 and 7644 leave to the provider. The zero
// value is the kind one.
type Rules struct {
	// ObjectsOnly names multi-valued complex attributes whose values must be
	// objects. A plain string is then refused with "'roles' should be object"
	// instead of being read as the value sub-attribute.
	ObjectsOnly []string
	// StrictTypes refuses "True" and "false" for booleans and every other
	// tolerance for what Okta and Entra send beside the RFC.
	StrictTypes bool
	// CreateOnReplace lets a replace whose value filter matches nothing create
	// the value, as an add does, where RFC 7644 §3.5.2.3 asks for noTarget.
	CreateOnReplace bool
	// MaxValue is the longest string value in bytes; 0 stands for 64 KiB.
	MaxValue int
}
