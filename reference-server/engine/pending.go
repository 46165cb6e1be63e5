// SPDX-License-Identifier: Apache-2.0

// Package engine is the part of the reference server that knows what RFC 7643
// and RFC 7644 say about one resource.
package engine

import "errors"

var errPending = errors.New("pending")

// Number is a JSON number kept as its text.
type Number string

// Limits bound what Parse reads; zero fields stand for the defaults.
type Limits struct {
	MaxBytes int // 1 MiB
	MaxDepth int // 64
}

// Object is an ordered JSON object.
type Object struct{ members []member }
type member struct {
	name  string
	value any // nil, bool, string, Number, []any, *Object
}

func Parse(b []byte, lim Limits) (*Object, error)         { return nil, errPending }
func Pick(b []byte, names ...string) (*Object, error)     { return nil, errPending } // top-level attributes of a stored body
func NewObject(pairs ...any) *Object                      { return nil }             // name, value, name, value …
func (o *Object) Get(name string) (any, bool)             { return nil, false }
func (o *Object) Text(name string) string                 { return "" } // "" when absent or no string
func (o *Object) Set(name string, v any)                  {}
func (o *Object) Delete(name string) bool                 { return false }
func (o *Object) Len() int                                { return 0 }
func (o *Object) All() func(yield func(string, any) bool) { return nil }
func (o *Object) Clone() *Object                          { return nil } // deep
func (o *Object) With(name string, v any) *Object         { return nil } // shallow copy with one more
func (o *Object) Append(dst []byte) []byte                { return dst }
func (o *Object) MarshalJSON() ([]byte, error)            { return nil, errPending }
func Equal(a, b any) bool                                 { return false }
func Fold(s string) string                                { return s }

type ResourceType struct{ Definition }

func NewResourceType(d Definition) *ResourceType { return &ResourceType{d} }

type Mode int

const (
	Create Mode = iota
	Replace
)

func (rt *ResourceType) Normalize(o *Object, mode Mode) (*Object, error) { return nil, errPending }
func (rt *ResourceType) CheckImmutable(current, next *Object) error      { return errPending } // on PUT

type Filter struct{}
type FilterOptions struct {
	Unquoted                     bool // userName eq alice
	MaxBytes, MaxDepth, MaxTerms int  // 16 KiB, 32, 256
}

func ParseFilter(s string) (*Filter, error)                       { return nil, errPending }
func (c FilterOptions) Parse(s string) (*Filter, error)           { return nil, errPending }
func (f *Filter) String() string                                  { return "" }
func (f *Filter) Equality() (attr, value string, ok bool)         { return }
func (rt *ResourceType) Bind(f *Filter) (*Matcher, error)         { return nil, errPending } // once per query
func (rt *ResourceType) Match(f *Filter, o *Object) (bool, error) { return false, errPending }

// Matcher is a filter bound to a resource type.
type Matcher struct{}

func (m *Matcher) Match(o *Object) bool                    { return false }
func (m *Matcher) MatchMembers(o *Object, ms Members) bool { return false } // group whose members are links
func (m *Matcher) Attributes() []string                    { return nil }   // canonical top-level names it reads, for Pick; "groups", "members"
func (m *Matcher) Equalities() []Equality                  { return nil }   // top-level conjunction

// Equality is one term that must hold for the filter to hold.
type Equality struct {
	Path string // canonical: "userName", "emails.value", "urn:…:User:employeeNumber"
	Key  string // the value, folded with Fold unless the attribute is caseExact: as keys are stored
}

// KeyOf gives the index keys of an attribute of o, as Equality.Key has them.
func (rt *ResourceType) Keys(o *Object, path string) []string { return nil }

type Path struct{}

func ParsePath(s string) (*Path, error) { return nil, errPending }
func (p *Path) String() string          { return "" }

type Operation struct {
	Op    string // add, remove, replace
	Path  *Path  // nil: the resource itself
	Value any
	Given bool // value was there, null or not
}

func ParsePatch(o *Object) ([]Operation, error) { return nil, errPending }
func (rt *ResourceType) Patch(o *Object, ops []Operation) (next *Object, changed bool, err error) {
	return nil, false, errPending
}

// Member is one value of a group's members.
type Member struct{ Value, Type, Display string }

// Members are the members of one group as they are before the request.
type Members interface {
	Has(id string) bool
	Each(yield func(Member) bool) // in order
}

// MemberChange is one change to links: Clear first if asked, then Remove, then Add, as listed.
type MemberChange struct {
	Op     MemberOp
	Member Member // Value alone for RemoveMember; zero for ClearMembers
}
type MemberOp int

const (
	AddMember MemberOp = iota + 1
	RemoveMember
	ClearMembers
)

// PatchGroup is Patch for a group whose members are not in o.
func (rt *ResourceType) PatchGroup(o *Object, ms Members, ops []Operation) (next *Object, links []MemberChange, changed bool, err error) {
	return nil, nil, false, errPending
}

// TakeMembers removes members from a normalised group and returns them.
func TakeMembers(o *Object) []Member { return nil }

// DiffMembers says what makes ms into want (PUT).
func DiffMembers(ms Members, want []Member) []MemberChange { return nil }

// Projection says which attributes are returned.
type Projection struct{}

func (rt *ResourceType) Projection(attributes, excluded []string) (*Projection, error) {
	return nil, errPending
}
func (p *Projection) Apply(o *Object) *Object { return nil }
func (p *Projection) Whole() bool             { return false } // a stored body may be sent as it is
func (p *Projection) Wants(attr string) bool  { return false } // "members", "groups": need they be filled?
func (rt *ResourceType) Project(o *Object, attributes, excluded []string) (*Object, error) {
	return nil, errPending
}

// Sorter orders resources, RFC 7644 §3.4.2.3.
type Sorter struct{}
type SortKey struct{}

func (rt *ResourceType) Sorter(sortBy, sortOrder string) (*Sorter, error) { return nil, errPending }
func (s *Sorter) Key(o *Object) SortKey                                   { return SortKey{} }
func (s *Sorter) Compare(a, b SortKey) int                                { return 0 }
