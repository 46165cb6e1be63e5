// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
)

// codes of what the portal shows have this prefix.
const code = "SystemForCrossDomainIdentityManagement"

// failure is what the provider did so that a piece of work failed.
type failure struct {
	message string
	sent    cycle.Sent // no exchange if it was none of the wire
}

// Error gives the message of the provisioning log.
func (f *failure) Error() string { return f.message }

// refused makes the failure for an answer that is not a success.
func refused(s cycle.Sent) *failure {
	switch {
	case s.Status == 0:
		return &failure{code + "ServiceIncompatible: no answer: " + s.Error, s}
	case s.Status == http.StatusUnauthorized || s.Status == http.StatusForbidden:
		return &failure{fmt.Sprintf("%sCredentialValidationFailure: StatusCode: %d", code, s.Status), s}
	case s.Status == http.StatusConflict:
		return &failure{code + "ServiceIncompatibleFiltering: StatusCode: Conflict", s}
	case s.Status == http.StatusBadRequest:
		return &failure{code + "BadRequest: StatusCode: BadRequest", s}
	}
	return &failure{fmt.Sprintf("%sBadResponse: StatusCode: %d", code, s.Status), s}
}

// unreadable makes the failure for a body that Entra ID's model does not fit.
func unreadable(s cycle.Sent, why string) *failure {
	return &failure{code + "BadResponse: not able to deserialize the resource received from your SCIM endpoint: " + why, s}
}

// readObject reads the body of an answer as JSON. How it is written is for the
// checks to judge.
func readObject(s cycle.Sent) (map[string]any, *failure) {
	var v any
	if err := json.Unmarshal(s.Response.Body, &v, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, unreadable(s, "the body is not JSON")
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, unreadable(s, "the body is not a JSON object")
	}
	return o, nil
}

// readResource reads an answer with one resource.
func readResource(s cycle.Sent) (map[string]any, *failure) {
	o, f := readObject(s)
	if f != nil {
		return nil, f
	}
	if why := unfit(o); why != "" {
		return nil, unreadable(s, why)
	}
	return o, nil
}

// readList reads a ListResponse. Anything else, a 404 included, is a service
// that does not filter.
func readList(s cycle.Sent) ([]map[string]any, *failure) {
	if s.Status != http.StatusOK {
		return nil, refused(s)
	}
	o, f := readObject(s)
	if f != nil {
		return nil, f
	}
	schemas, _ := member(o, "schemas").([]any)
	if !slices.ContainsFunc(schemas, func(v any) bool { return strings.EqualFold(text(v), scim.ListResponseURN) }) {
		return nil, &failure{code + "ServiceIncompatibleFiltering: the answer to a filter is no ListResponse", s}
	}
	elements, _ := member(o, "Resources").([]any)
	var out []map[string]any
	for _, e := range elements {
		r, ok := e.(map[string]any)
		if !ok {
			return nil, unreadable(s, "a resource is not an object")
		}
		if why := unfit(r); why != "" {
			return nil, unreadable(s, why)
		}
		out = append(out, r)
	}
	return out, nil
}

// stringID gives the id of a resource, "" if it is not a text.
func stringID(resource map[string]any) string {
	s, _ := member(resource, "id").(string)
	return s
}

// unfit says why Entra ID's model cannot take a resource: a text where it has
// a boolean or an object. "" if it can.
func unfit(resource map[string]any) string {
	for _, name := range [...]string{"active", "name", "manager"} {
		in := resource
		if name == "manager" {
			in, _ = member(resource, scim.EnterpriseUserURN).(map[string]any)
		}
		switch v := member(in, name).(type) {
		case nil:
		case bool:
			if name != "active" {
				return name + " is a boolean, not an object"
			}
		case map[string]any:
			if name == "active" {
				return "active is an object, not a boolean"
			}
		case string:
			if v == "" && name == "manager" {
				continue
			}
			return fmt.Sprintf("%s is the text %q", name, v)
		default:
			return fmt.Sprintf("%s is %v", name, v)
		}
	}
	return unfitElements(resource)
}

func unfitElements(resource map[string]any) string {
	for _, name := range [...]string{"emails", "phoneNumbers", "addresses", "roles"} {
		v := member(resource, name)
		elements, ok := v.([]any)
		if v != nil && !ok {
			return name + " is not an array"
		}
		for _, e := range elements {
			o, ok := e.(map[string]any)
			if !ok {
				return "an element of " + name + " is not an object"
			}
			primary := member(o, "primary")
			if _, ok := primary.(bool); primary != nil && !ok {
				return fmt.Sprintf("%s.primary is %q, not a boolean", name, text(primary))
			}
		}
	}
	return ""
}
