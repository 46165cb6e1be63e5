// SPDX-License-Identifier: Apache-2.0

package entra

import "time"

// Knobs choose between what is known of Entra ID in several ways. The zero
// value is what the firmest source says; what only single reports tell, or
// what nobody could verify, is off.
type Knobs struct {
	Flag      bool // the bodies of aadOptscim062020; set by the dialect
	Validator bool // the requests of Microsoft's SCIM Validator; set by the dialect

	Version    string // of the header ADSCIMVersion; "": 6.0 (Q29)
	Accept     string // "": the header is not sent (Q30)
	FlagInURL  bool   // the flag goes to the provider too, instead of being taken off
	LowerHex   bool   // %2b for %2B in queries, as .NET does it
	RawFilter  bool   // quotation marks and backslashes are not escaped in filters, which breaks them (known issues)
	NoGroups   bool   // groups are not provisioned, nor probed for (Q32)
	References bool   // ask "id eq … and manager eq …" before a manager is written

	OperationsFirst    bool   // Operations before schemas (Q45)
	EmptyRoles         bool   // roles: [] in the creation of a user without roles (Q25)
	ADSCIMSchema       bool   // a second schema in the creation of a group (Q27)
	NullReference      bool   // "$ref": null in members (Q13)
	SingleAddPathless  bool   // flag: one added attribute has no path either
	SingleReplacePath  bool   // flag: one replaced attribute keeps its path
	SingleRolePath     bool   // flag: SingleAppRoleAssignment writes a text to the path of the mapping
	EmptyObject        bool   // "value": {} for several values that did not change (Q38)
	PrimaryText        string // "True" or "true": primary is a text (Q21); "": a boolean
	ManagerObject      bool   // a manager is written as {"value":…} (Q57)
	ManagerEmptied     bool   // flag: a manager is replaced with nothing to be removed, not by a path with a filter
	ReplaceMembers     bool   // "replace" of members with one, which means add (Q42)
	RedundantMembers   bool   // when one member goes, those who stay are added again; who is not there is removed (Q41)
	NoDisable          bool   // who is softly deleted is not disabled (Q53)
	SkipOutOfScope     bool   // SkipOutOfScopeDeletions: who is unassigned stays as they are
	NoDelete           bool   // the target action "delete" is off
	HonourRetryAfter   bool   // a 429 with Retry-After is waited for; else it is a failure like others
	NoRepeat           bool   // a POST without an answer is not sent again (Q44)
	PatchAfterConflict bool   // a POST that met 409 is followed by a match and a PATCH, as in 2018
	KeepMissing        bool   // a 404 for a known id fails at every retry; else the retry matches anew
}

// Times are those of the provisioning service. Zero values are the documented
// ones.
type Times struct {
	Interval time.Duration // between the starts of incremental cycles; 0: 40 minutes
	Purge    time.Duration // from the soft deletion of a person to the hard one; 0: 30 days
}

// Limits are those that put an application into quarantine. Zero values are the
// documented ones.
type Limits struct {
	Proportion      float64 // of the objects of a cycle that failed, together with Least; 0: 0.4
	Least           int     // 0: 5,000
	Failures        int     // references left out; 0: 40,000
	FailuresOverall int     // references too; 0: 60,000
}

// Timeout is how long Entra ID waits for a reply, as Microsoft's employees say;
// it is meant for the Idle of a [cycle.Sender].
const Timeout = 60 * time.Second

func (t Times) orDefault() Times {
	if t.Interval == 0 {
		t.Interval = 40 * time.Minute
	}
	if t.Purge == 0 {
		t.Purge = 30 * 24 * time.Hour
	}
	return t
}

func (l Limits) orDefault() Limits {
	if l.Proportion == 0 {
		l.Proportion = 0.4
	}
	if l.Least == 0 {
		l.Least = 5000
	}
	if l.Failures == 0 {
		l.Failures = 40_000
	}
	if l.FailuresOverall == 0 {
		l.FailuresOverall = 60_000
	}
	return l
}
