// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Schemas of the resource types that Okta Identity Governance imports (guide
// "SCIM with entitlements", 2025-10-19).
const (
	roleURN        = "urn:okta:scim:schemas:core:1.0:Role"
	entitlementURN = "urn:okta:scim:schemas:core:1.0:Entitlement"
)

// resourceType is one of /ResourceTypes, as far as Okta reads it.
type resourceType struct {
	name, endpoint, schema string
	extensions             []string
}

// discover reads what the provider declares: the resource types, the schemas,
// and with entitlements every role and entitlement (documented). Okta does so
// after the application was saved, within minutes; here it is done at once.
func (a *Application) discover(ctx context.Context) error {
	if !a.features.Entitlements && !a.features.ImportUserSchema {
		return nil
	}
	return a.do(ctx, job{"discovery", "the provider", func(ctx context.Context) error {
		types, err := a.readTypes(ctx)
		if err != nil {
			return err
		}
		if err := a.readSchemas(ctx, types); err != nil || !a.features.Entitlements {
			return err
		}
		for _, t := range types {
			if t.schema != roleURN && t.schema != entitlementURN {
				continue
			}
			if err := a.importEntitlements(ctx, t); err != nil {
				return err
			}
		}
		return nil
	}})
}

func (a *Application) readTypes(ctx context.Context) ([]resourceType, error) {
	const doing = "Error while reading the resource types"
	s, err := a.send(ctx, http.MethodGet, scim.ResourceTypesEndpoint, nil)
	if err != nil {
		return nil, err
	}
	l, f := readList(doing, s)
	if f != nil {
		return nil, f
	}
	var types []resourceType
	for _, v := range l.resources {
		o := objectOf(v)
		if o == nil {
			return nil, &failure{doing + ": a resource type is not a JSON object", s}
		}
		t := resourceType{name: o.text("name"), endpoint: o.text("endpoint"), schema: o.text("schema")}
		for _, e := range elements(o.get("schemaExtensions")) {
			if e := objectOf(e); e != nil {
				t.extensions = append(t.extensions, e.text("schema"))
			}
		}
		types = append(types, t)
	}
	return types, nil
}

// readSchemas reads the schemas. They are needed for the extensions that the
// resource types name, and for the core attributes if the user schema is
// imported; the enterprise extension is known without them (documented).
func (a *Application) readSchemas(ctx context.Context, types []resourceType) error {
	const doing = "Error while reading the schemas"
	var needed []string
	if a.features.ImportUserSchema {
		needed = append(needed, scim.UserURN)
	}
	for _, t := range types {
		if a.features.Entitlements || t.schema == scim.UserURN {
			needed = append(needed, t.extensions...)
		}
	}
	needed = slices.DeleteFunc(needed, func(urn string) bool { return urn == scim.EnterpriseUserURN })
	s, err := a.send(ctx, http.MethodGet, scim.SchemasEndpoint, nil)
	if err != nil || len(needed) == 0 {
		return err
	}
	l, f := readList(doing, s)
	if f != nil {
		return f
	}
	var served []string
	for _, v := range l.resources {
		if o := objectOf(v); o != nil {
			served = append(served, o.text("id"))
		}
	}
	for _, urn := range needed {
		if !slices.Contains(served, urn) {
			return &failure{doing + ": there is no schema " + urn, s}
		}
	}
	return nil
}

// importEntitlements reads all values of a type, page by page.
func (a *Application) importEntitlements(ctx context.Context, t resourceType) error {
	doing := "Error while importing entitlements of " + t.name
	endpoint, ok := below(t.endpoint)
	if !ok {
		return &failure{message: fmt.Sprintf("%s: the endpoint is %q, it must be a path below the base URL", doing, t.endpoint)}
	}
	var wrong *failure
	n := 0
	err := a.pages(ctx, endpoint, doing, func(o *object, s cycle.Sent) {
		n++
		if lack := t.lacks(o); lack != "" && wrong == nil {
			wrong = &failure{fmt.Sprintf("%s: value %d %s", doing, n, lack), s}
		}
	})
	if err != nil || wrong == nil {
		return err
	}
	return wrong
}

// lacks says what a role or an entitlement lacks, "" if nothing (documented;
// that Okta tells the administrator is concluded).
func (t resourceType) lacks(o *object) string {
	const most = 1000
	switch {
	case o.text("id") == "":
		return "has no id"
	case o.text(directory.DisplayName) == "":
		return "has no displayName"
	case utf8.RuneCountInString(o.text("description")) > most:
		return fmt.Sprintf("has a description of more than %d characters", most)
	case t.schema == entitlementURN && o.text("type") != t.name:
		return fmt.Sprintf("has the type %q, it must be %q", o.text("type"), t.name)
	}
	return ""
}

// below gives an endpoint as a path below the base URL. What leads elsewhere is
// refused: the token is for the provider alone.
func below(endpoint string) (string, bool) {
	path := "/" + strings.TrimLeft(endpoint, "/")
	u, err := url.Parse(path)
	ok := err == nil && path != "/" && u.Path == path && u.RawQuery == "" && !slices.Contains(strings.Split(path, "/"), "..") &&
		!strings.Contains(endpoint, "://")
	return path, ok
}
