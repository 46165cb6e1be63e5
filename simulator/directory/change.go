// SPDX-License-Identifier: Apache-2.0

package directory

// Kind says what an administrator does.
type Kind string

// The kinds of change. Those of the first block alter the directory; the others
// are commands to the provisioning application and leave it alone.
const (
	Join        Kind = "join"      // a new person
	Found       Kind = "group"     // a new group
	Set         Kind = "set"       // attributes of a person
	Roles       Kind = "roles"     // all roles of a person
	Assign      Kind = "assign"    // people and groups to the application
	Unassign    Kind = "unassign"  // people and groups from the application
	Add         Kind = "add"       // members to a group
	Remove      Kind = "remove"    // members from a group
	Swap        Kind = "members"   // of a group: some leave, some come
	Rename      Kind = "rename"    // a group
	Disable     Kind = "disable"   // accounts
	Enable      Kind = "enable"    // accounts
	Delete      Kind = "delete"    // a person or a group, softly
	Restore     Kind = "restore"   // a person or a group that was deleted
	Purge       Kind = "purge"     // for good what was deleted softly
	SetPassword Kind = "password"  // of a person
	Push        Kind = "push"      // okta: a group, from now on
	PushNow     Kind = "push_now"  // okta: a pushed group, whole
	Link        Kind = "link"      // okta: a group to one that the provider has
	Pause       Kind = "pause"     // okta: the push of a group
	Resume      Kind = "resume"    // okta: the push of a group
	Unlink      Kind = "unlink"    // okta: a pushed group
	Import      Kind = "import"    // okta: users, groups
	Retry       Kind = "retry"     // the tasks that failed
	Probe       Kind = "probe"     // test the connection
	Cycle       Kind = "cycle"     // entra: an incremental cycle now
	Initial     Kind = "initial"   // entra: restart with an initial cycle
	OnDemand    Kind = "on_demand" // entra: one person now
	Wait        Kind = "wait"      // let time pass
	Features    Kind = "features"  // okta: switch features of the application
)

// Kinds lists the kinds of change.
func Kinds() []Kind {
	return []Kind{
		Join, Found, Set, Roles, Assign, Unassign, Add, Remove, Swap, Rename, Disable, Enable, Delete, Restore, Purge, SetPassword,
		Push, PushNow, Link, Pause, Resume, Unlink, Import, Retry, Probe, Cycle, Initial, OnDemand, Wait, Features,
	}
}

// Change is one thing that an administrator does. Which fields count depends
// on Kind.
type Change struct {
	Kind     Kind
	IDs      []string          // assign, unassign, disable, enable, delete, restore, purge, push, push_now, link, pause, resume, unlink, on_demand: of people or groups; set, roles, password: of one person; add, remove, members, rename: of one group
	Members  []string          // add, remove; members: those who come
	Leavers  []string          // members: those who leave
	Name     string            // rename: the new one
	Values   map[string]string // set: attribute to value, "" empties; features and the options of unlink and link: name to value; import: "of" to users or groups
	Roles    []Role            // roles
	Password string            // password
	Person   *Person           // join
	Group    *Group            // group
	Wait     string            // wait: a time, "40m"
	Line     int               // in the scenario file, for messages
}

// ID gives the one id that the change is about.
func (c Change) ID() string {
	if len(c.IDs) == 0 {
		return ""
	}
	return c.IDs[0]
}

// Effect is what a change to the directory did to the application's view of
// it. People and groups are given by id, in the order of the change.
type Effect struct {
	Assigned   []string     // in scope of the application now, not before
	Unassigned []string     // not in scope now, in scope before
	Changed    []string     // people whose attributes or roles changed, assigned or not
	Renamed    []string     // groups
	Members    []Membership // of groups, also through groups within them
	Gone       []string     // people and groups that were deleted
	Back       []string     // people and groups that were restored
}

// Membership is a change of who is in a group. In a transitive directory these
// are people, also through groups within the group; in any other the members
// themselves.
type Membership struct {
	Group   string
	Added   []string
	Removed []string
}
