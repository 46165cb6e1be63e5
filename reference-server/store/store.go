// SPDX-License-Identifier: Apache-2.0

// Package store is where the reference server keeps what it is told: records
// with index keys, and links between them. The package says what a store
// promises and holds the memory store; storetest holds the same promises as a
// test suite that every store passes.
//
// A store knows nothing of SCIM. Resources, teams, roles and audit events are
// all records whose body it does not read; membership is kept as links and not
// inside a record, so that adding one member to a group of 100,000 costs the
// same as adding one to a group of ten.
package store

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Errors that every store returns, wrapped with detail. Test with errors.Is.
var (
	// ErrNotFound: no record of that kind has that id.
	ErrNotFound = errors.New("not found")
	// ErrUniqueness: another record of the kind holds a unique key. The error
	// is a *UniquenessError.
	ErrUniqueness = errors.New("unique key taken")
	// ErrConflict: the record has changed since it was read.
	ErrConflict = errors.New("version conflict")
	// ErrReadOnly: a View tried to write.
	ErrReadOnly = errors.New("write in a read-only transaction")
)

// UniquenessError names the unique key that is taken and who holds it.
type UniquenessError struct {
	Kind  Kind
	Index string
	Value string
	Owner string // id of the record that holds the key
}

func (e *UniquenessError) Error() string {
	return string(e.Kind) + " " + e.Index + ": " + ErrUniqueness.Error()
}

// Is makes errors.Is(err, ErrUniqueness) hold.
func (e *UniquenessError) Is(target error) bool { return target == ErrUniqueness }

// Kind names a family of records, for instance "User" or "team".
type Kind string

// Key is one index entry of a record. Values are compared byte by byte: who
// wants case-insensitive look-up folds before storing and before finding.
type Key struct {
	Index  string // name of the index, for instance "userName"; "": kept with the record, and not to be found by
	Value  string
	Unique bool // at most one record of the kind may hold this value
}

// Record is one stored thing. The store owns Seq and Version; all other fields
// are the caller's. A record handed out must not be changed: copy it first.
type Record struct {
	Kind     Kind
	ID       string
	Seq      int64 // order of creation within the store, given by Insert; the order of Scan
	Version  int64 // 1 after Insert, one more with each Update
	Created  time.Time
	Modified time.Time
	Body     []byte // never read by the store
	Keys     []Key
}

// Link is one directed, ordered pair of a relation, for instance
// {Relation: "member", From: groupID, To: userID}.
type Link struct {
	Relation string
	From     string
	To       string
	Data     string // what the caller wants kept with the link, for instance the type of the member
}

// Tx reads and changes a store at one moment. What a Tx reads it reads as of
// its own start plus its own writes. A Tx is used by one goroutine and not
// after its function has returned.
type Tx interface {
	// Get returns the record, or ErrNotFound. O(1).
	Get(kind Kind, id string) (*Record, error)
	// Insert stores a new record and sets its Seq and Version. It returns a
	// *UniquenessError when a unique key, or the id, is taken; that of an id
	// may come from Update of the Store, when the change has returned. O(keys).
	Insert(r *Record) error
	// Update replaces the record whose Version is r.Version and raises it.
	// It returns ErrNotFound, ErrConflict or a *UniquenessError. O(keys).
	Update(r *Record) error
	// Delete removes a record and every link from or to it. It returns
	// ErrNotFound. O(keys + links).
	Delete(kind Kind, id string) error

	// Find yields the records of kind that hold (index, value), in order of
	// Seq. O(hits).
	Find(kind Kind, index, value string) iter.Seq[*Record]
	// Scan yields the records of kind in order of Seq, leaving out the first
	// offset of them. Reaching the offset costs O(log n) in the memory store, and
	// as much again for each deleted record that a View may still see.
	Scan(kind Kind, offset int) iter.Seq[*Record]
	// Count says how many records of kind there are. O(1).
	Count(kind Kind) int

	// Link adds l unless (Relation, From, To) is there, and says whether it
	// was added. O(1).
	Link(l Link) (added bool, err error)
	// Unlink removes a link and says whether it was there. O(1) amortised.
	Unlink(relation, from, to string) (removed bool, err error)
	// Linked says whether the link is there. O(1).
	Linked(relation, from, to string) bool
	// Links yields the links from a record in the order they were added.
	Links(relation, from string) iter.Seq[Link]
	// Backlinks yields the links to a record in the order they were added.
	Backlinks(relation, to string) iter.Seq[Link]
	// CountLinks says how many links lead from a record. O(1).
	CountLinks(relation, from string) int
}

// Store keeps records. Every method may be called from many goroutines.
type Store interface {
	// View runs read with a Tx that must not write. It does not wait for an
	// Update that is running.
	View(ctx context.Context, read func(Tx) error) error
	// Update runs change with a Tx and keeps all of its writes or, if change
	// returns an error, none. A store may run change more than once, so change
	// must have no effect outside the Tx until Update has returned nil.
	Update(ctx context.Context, change func(Tx) error) error
	// Close releases what the store holds.
	Close() error
}
