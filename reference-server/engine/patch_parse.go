// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"

	"github.com/scimproof/scimproof/internal/scim"
)

// Operation is one operation of a PATCH request, RFC 7644 §3.5.2.
type Operation struct {
	Op    string // "add", "remove" or "replace"
	Path  *Path  // nil for the resource itself
	Value any
	Given bool // there was a value, though it may be null
}

// MaxOperations is how many operations ParsePatch accepts.
const MaxOperations = 1000

// ParsePatch reads the body of a PATCH request. Letter case of op does not
// count, as Entra sends Add, Replace and Remove; members may stand in any order.
// Without the PatchOp schema, without operations (RFC 7644 §3.5.2: "one or more
// PATCH operations") or with an unknown op, it is 400 invalidSyntax.
func ParsePatch(o *Object) ([]Operation, error) {
	if !isMessage(o, scim.PatchOpURN) {
		return nil, invalidSyntax("schemas does not name %s", scim.PatchOpURN)
	}
	list := o.Array("Operations")
	switch {
	case len(list) == 0:
		return nil, invalidSyntax("Operations: an array of one or more operations is expected")
	case len(list) > MaxOperations:
		return nil, &Error{Status: 413, Detail: "Operations holds more than " + itoa(MaxOperations) + " operations"}
	}
	ops := make([]Operation, len(list))
	for i, v := range list {
		in, ok := v.(*Object)
		if !ok {
			return nil, invalidSyntax("Operations[%d]: an object is expected", i)
		}
		op, err := parseOperation(in)
		if err != nil {
			return nil, inOperation(i, err)
		}
		ops[i] = op
	}
	return ops, nil
}

func parseOperation(in *Object) (Operation, error) {
	op := Operation{Op: nameKey(in.Text("op"))}
	switch op.Op {
	case "add", "remove", "replace":
	default:
		return op, invalidSyntax("op is one of add, remove and replace")
	}
	op.Value, op.Given = in.Get("value")
	// A null path is no path, by RFC 7643 §2.5.
	if path, _ := in.Get("path"); path != nil {
		s, ok := path.(string)
		if !ok {
			return op, invalidPath("path: a string is expected")
		}
		p, err := ParsePath(s)
		if err != nil {
			return op, err
		}
		op.Path = p
	}
	switch {
	case op.Op == "remove" && op.Path == nil:
		return op, noTarget("remove needs a path")
	case op.Op != "remove" && !op.Given:
		return op, invalidValue("%s needs a value", op.Op)
	}
	return op, nil
}

// inOperation says in which operation an error arose.
func inOperation(i int, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	c := *e
	c.Detail = "Operations[" + itoa(i) + "]: " + c.Detail
	return &c
}
