// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"cmp"
	"context"
	"net/http"

	"github.com/scimproof/scimproof/internal/scim"
)

// nonexistent begins each value that the SCIM Validator asks for and that must
// not be there (recorded in pranems/SCIMServer and in tests of supabase/auth).
const nonexistent = "nonexistente997dccbd8b7_"

// validator gives the knobs of the SCIM Validator, another client of
// Microsoft's than the provisioning service. Recorded of its runs in February
// and April 2026 (pranems/SCIMServer, miiitch/EzSCIM): the bodies of the flag, an
// Accept, members written by replace, primary as a text, a manager replaced with
// nothing; in April the manager was a bare id, in February an object
// (Knobs.ManagerObject).
func validator(k Knobs) Knobs {
	k.Flag, k.Validator, k.ManagerEmptied = true, true, true
	k.Accept = cmp.Or(k.Accept, scim.MediaType)
	k.PrimaryText = cmp.Or(k.PrimaryText, "True")
	return k
}

// nobody gives a name that cannot be there.
func (c *Connector) nobody() string {
	if c.wire.knobs.Validator {
		return nonexistent + c.guid()
	}
	return c.guid()
}

// createValidatorGroup gives the body that the Validator creates a group with.
func createValidatorGroup(values []wanted) []byte {
	body := &object{}
	for _, name := range []string{"displayName", "externalId"} {
		for _, w := range values {
			if w.value != nil && w.target.schema == "" && w.target.attribute == name {
				put(body, w)
			}
		}
	}
	body.set("schemas", list{scim.GroupURN})
	return body.appendTo(nil)
}

// replaceMembers gives the body that writes all members of a group at once, and
// who they are.
func (c *Connector) replaceMembers(id string) (body []byte, members []string) {
	var all list
	for _, m := range c.dir.Group(id).Members {
		at := c.identify(m)
		if at == "" || !c.belongs(m) {
			continue
		}
		one := &object{}
		one.set("value", at)
		all, members = append(all, one), append(members, m)
	}
	return patch([]change{{replaceValue, Target{text: "members", attribute: "members"}, all}}, c.wire.knobs), members
}

// seesCreated asks for what was created by the attribute that joins it, as the
// Validator does after each POST.
func (c *Connector) seesCreated(ctx context.Context, endpoint, at string, values []wanted) error {
	if !c.wire.knobs.Validator {
		return nil
	}
	rules := c.users
	if endpoint == scim.GroupsEndpoint {
		rules = c.groups
	}
	held, err := c.match(ctx, endpoint, rules, values)
	if err == nil && stringID(held) != at {
		err = &failure{message: endpoint + "/" + at + " was created, but is not found by what it was created with"}
	}
	return err
}

// sees reads a resource after it was written, as the Validator does: 200, or
// 404 after a DELETE.
func (c *Connector) sees(ctx context.Context, endpoint, at string, status int) error {
	if !c.wire.knobs.Validator {
		return nil
	}
	sent, err := c.wire.read(ctx, endpoint, at)
	if err != nil {
		return err
	}
	if sent.Status == status || status == http.StatusOK && sent.OK() {
		return nil
	}
	if sent.OK() {
		return &failure{endpoint + "/" + at + " was deleted and is still there", sent}
	}
	return refused(sent)
}
