// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// member is one of a JSON object, its value as it was written.
type member struct {
	name  string
	value jsontext.Value
}

// members reads the members of a JSON object in their order. A text that is no
// object, or names a member twice, gives an error.
func members(object []byte) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if dec.PeekKind() != '{' {
		return nil, fmt.Errorf("want a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var all []member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		all = append(all, member{text, value.Clone()})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	return all, nil
}

// supply adds to a user that is sent what the provider wants of every user and
// the check did not give (Target.Attributes). What is sent malformed on purpose
// stays as it is.
func (p *Provider) supply(r flow.Request) flow.Request {
	path := pathOf(r)
	users := path == scim.UsersEndpoint && r.Method == http.MethodPost ||
		strings.HasPrefix(path, scim.UsersEndpoint+"/") && r.Method == http.MethodPut
	if len(p.attributes) == 0 || !users {
		return r
	}
	if body, ok := supplied(r.Body, p.attributes); ok {
		r.Body = body
	}
	return r
}

// supplied gives an object with the members that it lacks, and whether it
// lacked any. Objects in both are joined. A member that is named by a schema's
// URN puts that URN into schemas.
func supplied(object []byte, extra []member) ([]byte, bool) {
	have, err := members(object)
	if err != nil || len(have) == 0 {
		return nil, false
	}
	added := false
	for _, e := range extra {
		at := indexOf(have, e.name)
		if at < 0 {
			have, added = append(have, e), true
			have = inSchemas(have, e.name)
			continue
		}
		if inner, err := members(e.value); err == nil {
			if joined, ok := supplied(have[at].value, inner); ok {
				have[at].value, added = joined, true
			}
		}
	}
	return written(have), added
}

func indexOf(all []member, name string) int {
	for i, m := range all {
		if strings.EqualFold(m.name, name) {
			return i
		}
	}
	return -1
}

// inSchemas adds a URN to the array schemas, if there is one.
func inSchemas(all []member, urn string) []member {
	at := indexOf(all, "schemas")
	if at < 0 || !strings.HasPrefix(strings.ToLower(urn), "urn:") || bytes.Contains(all[at].value, []byte(quote(urn))) {
		return all
	}
	if list, ok := bytes.CutSuffix(bytes.TrimSpace(all[at].value), []byte("]")); ok && len(list) > 1 {
		all[at].value = append(append(append(list, ','), quote(urn)...), ']')
	}
	return all
}

func written(all []member) []byte {
	var b bytes.Buffer
	for i, m := range all {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(quote(m.name))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}
