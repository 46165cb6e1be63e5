// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

var errNotObject = errors.New("not a JSON object")

// overwrite gives a JSON object with the value of one member replaced where it
// stands, or the member added at the end, and every other byte of every other
// value as it was. That is how Okta merges: it keeps what it does not know and
// the server's order (Okta, SCIM protocol, 2018; recorded 2026).
func overwrite(object []byte, member, value string) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return nil, errNotObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	found := false
	add := func(name, value []byte) {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s:%s", name, value)
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		name = bytes.Clone(name)
		kept, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if string(name) == `"`+member+`"` {
			kept, found = jsontext.Value(value), true
		}
		add(name, kept)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if !found {
		add([]byte(`"`+member+`"`), []byte(value))
	}
	return []byte("{" + out.String() + "}"), nil
}
