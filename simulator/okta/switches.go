// SPDX-License-Identifier: Apache-2.0

package okta

import "strconv"

// Cleared says what becomes of a mapped value that was emptied in Okta. No
// source shows it.
type Cleared string

// The ways to write an emptied value.
const (
	ClearedKept  Cleared = ""      // left as the provider has it: Okta's value is absent, as on create (recorded)
	ClearedEmpty Cleared = "empty" // "" (a support article says that a push covers empty attributes too)
	ClearedNull  Cleared = "null"
)

// Switches choose between what no source settles. The zero value is what the
// firmest source says.
type Switches struct {
	Cleared           Cleared
	PlusForBlank      bool // + for a blank in queries, as in 2018
	PasswordNever     bool // PATCH and PUT of a password are not sent, since their bodies are concluded by analogy
	NoReadAfterCreate bool // okta-oin: a new group is not read before its members are written (documented both ways)
	MembersInCreate   bool // okta-oin: the POST of a group has its members already
	PatchBeforeLink   bool // okta-oin: PATCH active true before the GET and PUT of a link
	LinkOnce          bool // okta-aiw: one GET and PUT in a link, not two as recorded
	EchoPut           bool // okta-aiw: a reactivation is followed by a GET and PUT that change nothing (reported)
	RedundantAdd      bool // okta-oin: a push is followed by an add of members who are there (reported)
	NullDisplay       bool // okta-aiw: display is null in the PUT of a group
	GroupPutWithoutID bool // okta-aiw: the PUT of a group has no id, as documented
	GroupDescription  bool // urn:okta:custom:group:1.0 in the POST of a group (documented for SCIM 1.1)
	Burst             int  // people who are assigned together are provisioned so many at a time (reported without a number); 0: 1
	RetryServerErrors bool // 5xx and silence are sent again like a 429 without Retry-After (unsure)
}

// SwitchNames lists the names that [Switches.Set] takes.
func SwitchNames() []string {
	return []string{
		"cleared", "plus_for_blank", "password_never", "no_read_after_create", "members_in_create", "patch_before_link", "link_once",
		"echo_put", "redundant_add", "null_display", "group_put_without_id", "group_description", "burst", "retry_server_errors",
	}
}

// Set sets a switch from the text of a scenario: true, false, or for cleared
// one of kept, empty, null, for burst a number from 1 to 64. It returns what is allowed if value is not, and
// false if there is no such switch.
func (s *Switches) Set(name, value string) (allowed []string, known bool) {
	if name == "cleared" {
		way, ok := map[string]Cleared{"kept": ClearedKept, "empty": ClearedEmpty, "null": ClearedNull}[value]
		if !ok {
			return []string{"kept", "empty", "null"}, true
		}
		s.Cleared = way
		return nil, true
	}
	if name == "burst" {
		const most = 64
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > most {
			return []string{"a number from 1 to 64"}, true
		}
		s.Burst = n
		return nil, true
	}
	place := map[string]*bool{
		"plus_for_blank": &s.PlusForBlank, "password_never": &s.PasswordNever,
		"no_read_after_create": &s.NoReadAfterCreate, "members_in_create": &s.MembersInCreate,
		"patch_before_link": &s.PatchBeforeLink, "link_once": &s.LinkOnce, "echo_put": &s.EchoPut,
		"redundant_add": &s.RedundantAdd, "null_display": &s.NullDisplay, "group_put_without_id": &s.GroupPutWithoutID,
		"group_description": &s.GroupDescription, "retry_server_errors": &s.RetryServerErrors,
	}[name]
	switch {
	case place == nil:
		return nil, false
	case value != "true" && value != "false":
		return []string{"true", "false"}, true
	}
	*place = value == "true"
	return nil, true
}
