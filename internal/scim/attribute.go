// SPDX-License-Identifier: Apache-2.0

package scim

// Type is the data type of an attribute, RFC 7643 §2.3.
type Type string

// The data types of RFC 7643 §2.3; binary is legal by verified erratum 5606.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Binary    Type = "binary"
	Reference Type = "reference"
	Complex   Type = "complex"
)

// Attribute is one row of the attribute table, with the characteristics of
// RFC 7643 §2.2 and §7. Empty strings stand for the defaults named beside the
// fields.
type Attribute struct {
	Name            string
	Type            Type
	Description     string
	MultiValued     bool
	Required        bool
	CaseExact       bool
	Mutability      string   // readWrite (default), readOnly, immutable, writeOnly
	Returned        string   // default (default), always, never, request
	Uniqueness      string   // none (default), server, global
	CanonicalValues []string // suggested values; not exclusive unless a profile says so
	ReferenceTypes  []string // for Type Reference: resource type names, "external" or "uri"
	Sub             []Attribute
}

// Schema is one resource schema as data, RFC 7643 §7.
type Schema struct {
	ID          string // URN
	Name        string
	Description string
	Attributes  []Attribute
}
