// SPDX-License-Identifier: Apache-2.0

// Package okta is the provisioning client of Okta: from changes in a directory
// it makes the requests that Okta would send, in its order, and with the bodies
// of its two kinds of application. What is known of that client comes from Okta's
// documentation and test files and from published traffic; nothing here was
// measured at a live tenant.
//
// An [Application] acts on each change at once. A person is looked up by user
// name, always, then created or linked; a profile is pushed as GET, merge, PUT;
// groups are pushed by PATCH or by PUT, as the features say. What the provider
// refuses becomes a task with the message that an administrator would read, and
// is sent again only on command.
//
// # Rules
//
// The columns: the rule; how well it is known (doc: Okta's documentation or test
// files, rec: recorded traffic, rep: reported by implementers, infer: concluded,
// unsure: no source settles it); what is done here.
//
//	verbs go by the application, never by discovery  doc rec      Features; okta-oin and okta-aiw are presets
//	headers and their values                         doc rec      always; their order is net/http's, Connection is not set
//	compact bodies                                   rec          always
//	/ and non-ASCII not escaped                      unsure       always
//	filter, startIndex, count; %20 %22 %40           doc rec      always; Switches.PlusForBlank for the + of 2018
//	no DELETE of users                               doc          always
//	no discovery but for these two                   doc          Features.Entitlements, Features.ImportUserSchema
//	resource types, schemas, each endpoint named     doc          in that order, at once; 404 for schemas nobody needs is no task
//	user schema: core and extensions of User         doc          that they are served; the mappings stay
//	entitlements in the writes of users              unsure       never written; Okta's forms of roles are RoleForm
//	probe of users, and of groups if imported        doc rec      Start, and the change probe
//	look up, then create or link                     doc rec      always, 200 with nothing and 404 alike
//	member order of a create; groups []; password    doc rec      always
//	externalId is Okta's id, mapped or not           doc rec      always
//	what is empty or not mapped is absent            rec          on create
//	what was emptied later                           unsure       left as it was; Switches.Cleared
//	extra core attributes before displayName         infer        always
//	place of extensions in a create                  unsure       last
//	first of several hits                            unsure       always
//	201 without a body is an error                   doc          always
//	merge: server's order, additions at the end      rec          always
//	merge: unknown members byte for byte             rec          always, without blanks
//	merge: without a primary entry                   infer        that of the mapped type, else a new one
//	second GET and PUT in a link                     rec          okta-aiw; Switches.LinkOnce
//	PATCH active before a link                       unsure       Switches.PatchBeforeLink, off
//	profile updates by GET and PUT                   doc rec      Features.ProfileUpdates
//	a password that the provider shows comes back    rec          always
//	deactivation, reactivation by kind of app        doc rec      Features.UserPatch, Features.DeactivateUsers
//	suspension sends nothing                         doc          no change of a directory suspends
//	echo of a reactivation                           rep          Switches.EchoPut, off
//	a deactivation that was off is not caught up     rec          always; Compare says so
//	password by PATCH or PUT, its body               infer        Features.ChangePassword; Switches.PasswordNever
//	import by pages of 100                           doc          Features.ImportUsers; people are read, not linked
//	counters are numbers                             doc rep      totalResults that is none is a task
//	lower-case resources, totalresults               doc          taken, as in 2018
//	itemsPerPage is not looked at                    rec          always
//	the filter is by userName, whatever is unique    doc          always
//	who was assigned before is provisioned           rec          at once: as if "Provision User" followed
//	a token pasted with Bearer goes out twice        rec          the token is sent as it is given
//	only eq; no .search, no Bulk, no /Me             doc          always
//	no If-Match, no attributes, no sorting           infer        always
//	an empty page before the end                     unsure       a task
//	PATCH answered by 204 or without members         doc          taken
//	groups by PATCH, else by GET and PUT             doc rec      Features.GroupPatch
//	push: POST without members, read, rename, add    doc rec      okta-oin; Switches.NoReadAfterCreate, Switches.MembersInCreate
//	push: look up, POST with members, GET, PUT       rec          okta-aiw
//	groups known from import instead of a look-up    infer        with Features.ImportGroups
//	rename with the id inside the value              doc rec      okta-oin
//	name unchanged before each membership            doc rec      okta-oin
//	removals one by one, then one add                doc rec      okta-oin
//	chunks of 100 to 1000                            doc          Options.Chunk; that it counts members is unsure
//	push now by replace, [] for nobody               doc rep      okta-oin; beyond a chunk additions follow, unsure
//	redundant add after a push                       rep          Switches.RedundantAdd, off
//	link of a group; rename on request               doc          always
//	a name that exists must be linked                doc          a task
//	unlink: delete or leave                          doc          always
//	who leaves is taken out of pushed groups         infer        always
//	display null, PUT of a group without id          rec doc      Switches.NullDisplay, Switches.GroupPutWithoutID, off
//	description by urn:okta:custom:group:1.0         unsure       Switches.GroupDescription, off
//	a mapping of groups, password, active, id        doc          refused
//	path-less forms of member changes                unsure       never sent
//	roles: strings, primary==true, slots, nested     rep          RoleForm
//	a slot whose role was taken away                 unsure       its entry goes; the list may be []
//	429: integer Retry-After, else 5 min, doubling   doc          Policy
//	other 4xx, 501: one attempt, then a task         doc rep      always
//	5xx and silence                                  unsure       a task; Switches.RetryServerErrors
//	404 for a known id                               unsure       a task
//	redirects                                        unsure       not followed, a task
//	60 s of silence end a request                    doc          Timeout
//	parallel bursts about different people           rep          Switches.Burst; one by one
//	overlapping PATCHes of one group                 rep          not played: one follows the other
//	wording of tasks                                 rec rep      of look-up, create, profile and push; others concluded
//
// Not played: people who are linked by an import, OAuth and its refresh, the
// On-Premises Provisioning agent, SCIM 1.1, stale values after a race (forum
// 14380), look-ups by an old user name (forum 27262), one group for assignment and
// push whose members come too early (help on group push), checks of the base URL.
package okta
