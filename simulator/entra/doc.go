// SPDX-License-Identifier: Apache-2.0

// Package entra is the provisioning client of Microsoft Entra ID: from changes
// in a directory it makes the requests that Microsoft's service would send, in
// its order and its two forms of PATCH. What is known of that service comes from
// Microsoft's pages, its employees' answers and published traffic; nothing here
// was measured at a live tenant.
//
// A [Connector] works in cycles. Each begins with a probe for names that cannot
// be there, and only a 200 with a ListResponse lets it go on. Then come users,
// their managers, groups, and members one by one. A user is found by the id that
// the provider gave, else by the matching attributes in turn; what the reply
// holds decides what is written: what it lacks is added, what differs is
// replaced, and what is empty in the directory is left as it is. What fails goes
// to escrow and is tried again in a later cycle.
//
// # Rules
//
// The columns: the rule; how well it is known (doc: a page of Microsoft's,
// staff: said by an employee, rec: recorded traffic, rep: reported by
// implementers, infer: concluded, unsure: sources conflict or there is none,
// outdated: newer recordings say otherwise); what is done here.
//
//	Q01 capitalised op                            doc rec    entra-legacy, entra-pod
//	Q02 op in lower case                          doc rec    entra-flag
//	Q03 active as text in PATCH, boolean in POST  doc rec    entra-legacy; the text is the mapping's
//	Q04 one operation an attribute, with path     doc rec    entra-legacy
//	Q05 dotted keys in an operation without path  doc rec    entra-flag
//	Q06 URN keys in an operation without path     doc rec    entra-flag
//	Q07 filter paths stay and come first          doc rec    entra-flag
//	Q08 an add without path, several keys         rec        entra-flag; one key keeps its path, Knobs.SingleAddPathless
//	Q09 Add with a filter path onto nothing       rec        always
//	Q10 Add or Replace by what the reply has      rec staff  always
//	Q11 Remove members with a value array         doc rec    entra-legacy
//	Q12 remove members[value eq "…"]              doc        entra-flag
//	Q13 "$ref": null in members                   outdated   Knobs.NullReference, off
//	Q14 manager is text written, an object read   rec staff  always; a text in a reply fails the user
//	Q15 manager in a PATCH of its own             staff      always
//	Q16 manager sent again if the reply lacks it  rec        whenever the user is looked at
//	Q17 JSON inside a text as role in PATCH       doc rec    entra-legacy
//	Q18 roles accumulate                          doc        AppRoleAssignmentsComplex; Compare says so
//	Q19 type of a role is always the same         rec        always
//	Q20 roles[primary eq "True"]                  doc rec    as target of a mapping
//	Q21 "primary":"True" in bodies                rec        entra-validator; Knobs.PrimaryText
//	Q22 emails[…].primary as text "true"          rec        with a mapping of that target, as the mapping has it
//	Q23 URN of a custom extension not in schemas  doc rec    always
//	Q24 enterprise URN without its data           rec        always
//	Q25 meta.resourceType; roles: []              doc rec    meta always, roles with Knobs.EmptyRoles
//	Q26 members: [] in the POST of a group        rec        always
//	Q27 ADSCIM schema in the POST of a group      unsure     Knobs.ADSCIMSchema, off
//	Q28 no User-Agent                             rep rec    always
//	Q29 header ADSCIMVersion                      staff rec  6.0, Knobs.Version
//	Q30 no Content-Type without body; no Accept   rec        always; Knobs.Accept
//	Q31 random GUIDs as probe at each activity    rec staff  always
//	Q32 users and groups are probed               rep        Knobs.NoGroups ends it
//	Q33 404 for an empty filter result            doc        quarantine
//	Q34 + for a blank in queries                  rec        always
//	Q35 ids are percent-encoded once more         rec        always
//	Q36 nulls are never sent, nothing is cleared  doc        always; Compare says so
//	Q37 several values are only added             rec        always; Compare says so
//	Q38 "value": {} for several values unchanged  rec        Knobs.EmptyObject, off
//	Q39 a value array at a path with a filter     rec        sources of several values
//	Q40 members one a request, also concurrent    staff rec  one; Options.Concurrency
//	Q41 redundant adds and removes of members     rep        Knobs.RedundantMembers, off
//	Q42 replace of members that means add         unsure     Knobs.ReplaceMembers, off
//	Q43 members are never read                    doc rep    always; Compare says so
//	Q44 a POST is repeated after 60 s             staff      Policy; Knobs.NoRepeat
//	Q45 Operations before schemas                 rec        Knobs.OperationsFirst
//	Q46 on demand, bodies are legacy              doc        entra-pod, and on_demand in the others
//	Q47 core schema first, enterprise second      doc rec    always
//	Q48 blanks at the ends of values are kept     rec        always
//	Q49 who is unassigned is never deleted        doc        always
//	Q50 odd member PATCHes after a rename         unsure     never sent: no body is known
//	Q51 probe and match by externalId             rec        with that matching precedence
//	Q52 Conflict as the message for a 409         rec        always
//	Q53 a disabling PATCH that never comes        rep        Knobs.NoDisable, off
//	Q54 a false failure of emails[primary eq …]   rec        a judgement of the Validator, no request of it
//	Q55 a random timezone, returned ignored       doc rec    a judgement of the Validator, no request of it
//	Q56 members are added by replace              rec        entra-validator, all members at once
//	Q57 manager as an object, then as text        rec        text; Knobs.ManagerObject
//
// Of transport and cycles, numbered as the notes on requests are:
//
//	T1  TLS 1.2, certificates of known CAs         doc        the transport's; whoever sends chooses it
//	T2  addresses of AzureActiveDirectory          doc        not played: requests come from this machine
//	T3  Authorization: Bearer and the token        doc        always
//	T4  a JWT of Entra ID's where there is none    doc        not played
//	T5  OAuth client credentials                   doc        not played
//	T6  token request with form and Basic          rep        not played
//	T7  workload identity federation               doc        not played
//	T8  header ADSCIMVersion                       staff rec  as Q29
//	T9  no User-Agent                              rep rec    as Q28
//	T10 Content-Type with charset=utf-8            staff rec  always
//	T11 GET and DELETE without Content-Type        rec        as Q30
//	T12 Accept                                     unsure     none; Knobs.Accept, entra-validator has one
//	T13 no other headers                           rec        always, but for Content-Length and Host
//	T14 no If-Match                                infer      always
//	T15 replies may be short, in any letter case   doc        always
//	T16 60 s                                       staff      Timeout; as Q44
//	cycles every 40 minutes, watermark             doc        Times.Interval
//	a restart evaluates all, ends escrow           doc        the change initial
//	what fails is tried again later, ever later    doc        escrow: 40 minutes, doubling to about two days
//	quarantine at 40 % with 5,000, 40,000, 60,000  doc        Limits
//	tries after 6, 12, 24 hours, daily, 28 days    doc        always
//	429 and Retry-After                            unsure     a failure; Knobs.HonourRetryAfter
//	hard deletion 30 days after the soft one       doc        Times.Purge; Knobs.NoDelete
//	SkipOutOfScopeDeletions                        doc        Knobs.SkipOutOfScope
//	five members of a group on demand, no roles    doc        entra-pod
//	no client rate limit, several at a time        staff      Options.Concurrency
//	pages by startIndex and count                  doc        never sent: provisioning never pages
//	no PUT, no Bulk, no sort, no other operators   doc        always
//
// # What nobody could verify
//
// Requests carry no Accept; the flag of the tenant URL does not reach the
// provider (Knobs.FlagInURL); hex digits are capitals (Knobs.LowerHex). Quotation
// marks in a filter are escaped (Knobs.RawFilter): known issues say only that
// special characters can break one. No
// check "id eq … and manager eq …" is sent (Knobs.References). A 429 is a failure
// (Knobs.HonourRetryAfter), so is a 409 to a POST, whose next try matches
// (Knobs.PatchAfterConflict), and so is a 404 for a known id, whose next try
// matches and creates (Knobs.KeepMissing). With the flag, role functions send in
// PATCH what they send in POST (Knobs.SingleRolePath). Without the flag a manager
// is removed by replacing it with an empty text, as Microsoft's gallery tests do;
// with it, by the recorded filter path (Knobs.ManagerEmptied). A single attribute
// that is replaced has no path with the flag (Knobs.SingleReplacePath). A group that
// is unassigned is deleted.
//
// entra-validator plays changes of a directory with the requests of Microsoft's
// SCIM Validator, which is another client: it looks at what it wrote. Its list of
// tests and its generated values are not played.
//
// Of the functions of expressions, those of dates, of random values and of
// uniqueness are not there, nor BitAnd, PCase and Redact.
// AppRoleAssignments without "Complex" is no function here. OAuth client
// credentials, schema discovery and account discovery are not played.
package entra
