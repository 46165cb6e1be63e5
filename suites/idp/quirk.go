// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// shows is where a quirk shows in a request.
type shows = func(q *request, s *seen) []string

// onValues finds the values that look accepts.
func onValues(look func(q *request, v value) bool) shows {
	return func(q *request, _ *seen) (where []string) {
		for _, v := range q.found {
			if look(q, v) {
				where = append(where, v.where)
			}
		}
		return where
	}
}

// onOperations finds the parts of operations that look names: "" none, "." the
// operation itself, ".path" its path.
func onOperations(look func(q *request, o operation) string) shows {
	return func(q *request, _ *seen) (where []string) {
		for _, o := range q.ops {
			if part := look(q, o); part != "" {
				where = append(where, o.where+strings.TrimSuffix(part, "."))
			}
		}
		return where
	}
}

// on says where a quirk shows if it shows at all.
func on(where string, look func(q *request, s *seen) bool) shows {
	return func(q *request, s *seen) []string {
		if look(q, s) {
			return []string{where}
		}
		return nil
	}
}

var guid = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// commonQuirks are those that both vendors have, each on its own evidence.
func commonQuirks(vendor string, dialects []string, from check.Source) []Quirk {
	return []Quirk{
		{ID: vendor + ".person-in-url", Does: "looks for people by a name that is an address, in the URL", For: dialects,
			Live: "keep query strings out of access logs, or treat these logs as personal data", Source: from,
			Excuses: []string{"filter.personal-by-post", "filter.not-personal"}, shows: on(inFilter, func(q *request, _ *seen) bool {
				for _, c := range q.comparisons() {
					a, _ := c.named()
					if q.method == http.MethodGet && c.value != nil && (personal.MatchString(c.value.Text) || strings.EqualFold(a.name, "emails")) {
						return true
					}
				}
				return false
			})},
		{ID: vendor + ".values-as-typed", Does: "sends telephone numbers and countries as the directory has them", For: dialects,
			Live: "take any text; do not demand tel: URIs or two letters", Source: from,
			Excuses: []string{"value.phone", "value.country", "value.language", "value.locale"}, shows: onValues(func(_ *request, v value) bool {
				t := text(v.node)
				return v.name == "phoneNumbers.value" && t != "" && !telephone.MatchString(t) || v.name == "addresses.country" && t != "" && !country.MatchString(t) ||
					(v.name == "preferredLanguage" || v.name == "locale") && strings.Contains(t, "_")
			})},
	}
}

// oktaQuirks are those of Okta.
func oktaQuirks() []Quirk {
	return []Quirk{
		{ID: "okta.password-always", Does: "sends a random password with every new user, also with password sync off", For: okta(), Source: oktaReference(),
			Live:  "accept password, never return it, and do not refuse one that breaks your policy",
			shows: on("body.password", func(q *request, _ *seen) bool { return q.creates(users) && member(q.root(), "password") != nil })},
		{ID: "okta.groups-empty", Does: "sends groups: [] with users", For: okta(), Source: oktaReference(),
			Live: "ignore groups in users: it is readOnly", shows: onValues(func(q *request, v value) bool {
				return q.endpoint == users && v.name == "groups" && !v.one && v.node.Unassigned()
			})},
		{ID: "okta.echo", Does: "sends back in a PUT all that the GET gave, readOnly attributes included", For: okta(), Source: oktaTunnel(),
			Live:    "ignore id, meta, groups and what you do not know in a PUT, instead of answering 400",
			Excuses: []string{"user.groups-by-group", "resource.extension-listed", "value.email", "value.phone", "type.string", "type.reference", "type.date", "type.binary", "type.certificate"},
			shows: on("body", func(q *request, _ *seen) bool {
				return q.method == http.MethodPut && (member(q.root(), "meta") != nil || member(q.root(), "id") != nil)
			})},
		{ID: "okta.pathless-active", Does: "switches active by a replace without a path", For: oin(), Source: oktaCaptures(),
			Live: "apply a value without a path as RFC 7644 §3.5.2.3 says; answer 200 or 204", shows: onOperations(func(q *request, o operation) string {
				if q.endpoint == users && o.text == "" && member(o.value, "active") != nil {
					return "."
				}
				return ""
			})},
		{ID: "okta.rename-with-id", Does: "sends the id of a group beside its name", For: oin(), Source: oktaReference(),
			Live: "ignore the id in the value; do not answer 400 mutability", Excuses: []string{"patch.read-only"}, shows: onOperations(func(q *request, o operation) string {
				if q.endpoint == groups && o.text == "" && member(o.value, "id") != nil {
					return ".value.id"
				}
				return ""
			})},
		{ID: "okta.rename-again", Does: "sends the name of a group as it is before each change of members", For: oin(), Source: oktaReference(),
			Live: "answer 200 or 204 when nothing changes, at little cost and without an event", shows: on("body.Operations[0]", func(q *request, _ *seen) bool {
				return q.method == http.MethodPatch && isRename(q)
			})},
		{ID: "okta.remove-by-filter", Does: "removes members by a value filter, one in an operation", For: oin(), Source: oktaCaptures(),
			Live: "read filters in paths: a provider that ignores them answers 200 and leaves the access", shows: onOperations(func(_ *request, o operation) string {
				if o.onMembers() && o.is("remove") {
					return ".path"
				}
				return ""
			})},
		{ID: "okta.push-empty", Does: "empties a group by replacing its members by []", For: oin(),
			Source: byOkta(check.Reported, "SCIM-SDK issue 757; case C9316 of the OIN test plan", "2026-08-21"),
			Live:   "take [] as a value", shows: onOperations(func(_ *request, o operation) string {
				if o.onMembers() && o.is("replace") && o.value != nil && o.value.Unassigned() {
					return ".value"
				}
				return ""
			})},
		{ID: "okta.member-display", Does: "sends members with value and display, without type and $ref", For: okta(), Source: oktaReference(),
			Live: "find out by the value whether a member is a user or a group", shows: onValues(func(q *request, v value) bool {
				return q.endpoint == groups && v.name == "members" && v.one && member(v.node, "display") != nil
			})},
		{ID: "okta.display-null", Does: "sends display null for a member", For: aiw(), Source: byOkta(check.Recorded, "jelhub/scimgateway issue 95, sender inferred", "2026-11-23"),
			Live: "take null as absent", Excuses: []string{"okta.group.member-form"}, shows: onValues(func(q *request, v value) bool {
				return q.endpoint == groups && v.name == "members.display" && v.node.Kind == match.KindNull
			})},
		{ID: "okta.plus", Does: "writes + for a blank in queries, as in 2018", For: okta(), Source: oktaGuide2018(),
			Live: "decode + as a blank in queries", Excuses: []string{"okta.query.encoding"}, shows: on(inFilter, func(q *request, _ *seen) bool {
				p, ok := q.param("filter")
				return ok && strings.Contains(p.raw, "+") && !strings.ContainsAny(p.raw, `"@`)
			})},
		{ID: "okta.roles-texts", Does: "sends roles as a list of strings", For: okta(),
			Source: byOkta(check.Reported, "support articles on multivalued roles", "2026-11-23"),
			Live:   "take a string as the value of a role, or answer 400 with a detail that says so", Excuses: []string{"type.complex"}, shows: onValues(func(_ *request, v value) bool {
				return v.name == "roles" && v.one && v.node.Kind == match.KindString
			})},
		{ID: "okta.core-urn", Does: "puts mapped attributes into an object named by the core URN", For: okta(),
			Source: byOkta(check.Reported, "support article on multivalued roles, with the body", "2026-11-23"),
			Live:   "read attributes in an object named by the URN of the core schema as if they stood at the top", Excuses: []string{"resource.extension-object", "resource.extension-listed"},
			shows: on("body."+scim.UserURN, func(q *request, _ *seen) bool { return q.endpoint == users && member(q.root(), scim.UserURN) != nil })},
		{ID: "okta.group-description", Does: "sends the description of a group in an extension of its own", For: okta(),
			Source: byOkta(check.Documented, "SCIM 1.1 protocol reference", "2024-08-12"),
			Live:   "ignore urn:okta:custom:group:1.0", Excuses: []string{"resource.extension-listed"},
			shows: on("body.urn:okta:custom:group:1.0", func(q *request, _ *seen) bool { return member(q.root(), "urn:okta:custom:group:1.0") != nil })},
		{ID: "okta.pathless-members", Does: "replaces members without a path", For: oin(),
			Source: byOkta(check.Reported, "Metatavu/keycloak-scim-server issue 100, not confirmed", "2026-11-23"),
			Live:   "apply members in a value without a path", Excuses: []string{"okta.group.name-form", "patch.read-only"}, shows: onOperations(func(q *request, o operation) string {
				if q.endpoint == groups && o.text == "" && member(o.value, "members") != nil {
					return "."
				}
				return ""
			})},
		{ID: "okta.entitlements", Does: "reads ResourceTypes, Schemas and what they name, with Identity Governance", For: okta(),
			Source: byOkta(check.Documented, "Build a SCIM 2.0 server with entitlements, docs/guides/scim-with-entitlements", "2025-10-19"),
			Live:   "serve /ResourceTypes with the types of your roles and entitlements", shows: on("path", func(q *request, _ *seen) bool {
				return q.method == http.MethodGet && (q.endpoint == "/ResourceTypes" || q.endpoint == "/Schemas")
			})},
		{ID: "okta.echo-again", Does: "writes a group back right after it was created", For: aiw(), Source: oktaLab(),
			Live: "answer 200 when nothing changes", shows: on("body", func(q *request, s *seen) bool {
				n := len(s.requests)
				return q.method == http.MethodPut && q.endpoint == groups && n > 1 && s.requests[n-2].creates(groups)
			})},
	}
}

// entraQuirks are those of Entra ID and its SCIM Validator.
func entraQuirks() []Quirk {
	return []Quirk{
		{ID: "entra.probe", Does: "looks for a random GUID, to test the connection", For: microsoft(), Source: entraProbe(),
			Live: "answer 200 with an empty list; a 404 leads to quarantine", shows: on(inFilter, func(q *request, _ *seen) bool {
				all := q.comparisons()
				return len(all) == 1 && all[0].value != nil && guid.MatchString(all[0].value.Text) && all[0].attribute.name != "externalId" && all[0].attribute.name != "id"
			})},
		{ID: "entra.plus", Does: "writes + for a blank in queries", For: microsoft(), Source: entraProbe(),
			Live: "decode + as a blank in queries", shows: on(inFilter, func(q *request, _ *seen) bool {
				p, ok := q.param("filter")
				return ok && strings.Contains(p.raw, "+")
			})},
		{ID: "entra.legacy.capitals", Does: "writes Add, Replace and Remove", For: legacy(), Source: entraCompat(),
			Live: "read op in any letter case", Excuses: []string{"patch.op"}, shows: onOperations(func(_ *request, o operation) string {
				if o.op == "Add" || o.op == "Replace" || o.op == "Remove" {
					return ".op"
				}
				return ""
			})},
		{ID: "entra.legacy.boolean-text", Does: `writes booleans in a PATCH as "True" and "False"`, For: legacy(), Source: entraCompat(),
			Live: "read these texts in any letter case as booleans, store and return booleans", Excuses: []string{"type.boolean"}, shows: onValues(func(q *request, v value) bool {
				return q.method == http.MethodPatch && v.attr.Type == scim.Boolean && booleanText(v.node)
			})},
		{ID: "entra.primary-text", Does: `writes primary as "True"`, For: microsoft(), Source: byEntra(check.Recorded, "answers/questions/5618325; result files of the SCIM Validator", "2026-02-11"),
			Live: "read the text as a boolean; Entra ID cannot read a user back whose primary is a text", Excuses: []string{"type.boolean"}, shows: onValues(func(_ *request, v value) bool {
				return strings.HasSuffix(v.name, ".primary") && booleanText(v.node)
			})},
		{ID: "entra.primary-filter", Does: `compares primary with "True" in a path`, For: microsoft(), Source: entraMappings(),
			Live: `let roles[primary eq "True"] find the primary role`, Excuses: []string{"patch.path-literal"}, shows: onOperations(func(_ *request, o operation) string {
				if strings.Contains(strings.ToLower(o.text), `[primary eq "true"]`) {
					return ".path"
				}
				return ""
			})},
		{ID: "entra.legacy.remove-list", Does: "names the members to remove in value", For: legacy(), Source: entraCompat(),
			Live: "remove those in value only: a provider that goes by the path alone empties the group", Excuses: []string{"patch.remove-value"}, shows: onOperations(func(_ *request, o operation) string {
				if o.onMembers() && o.is("remove") && o.value != nil {
					return ".value"
				}
				return ""
			})},
		{ID: "entra.flag.dotted", Does: "writes paths such as name.givenName, and URNs with an attribute, as names in a value without a path", For: []string{flow.EntraFlag, flow.EntraValidator}, Source: entraCompat(),
			Live: "read the names in a value without a path as paths", Excuses: []string{"patch.pathless-names"}, shows: pathNames},
		{ID: "entra.create-by-filter", Does: "adds to an element of a list by a filter, which may have to be created", For: microsoft(),
			Source: byEntra(check.Recorded, "simpleidserver/SimpleIdServer issue 808", "2026-11-23"),
			Live:   "create the element with what the filter says, instead of answering 400 noTarget", shows: onOperations(func(_ *request, o operation) string {
				if (o.is("add") || o.is("replace")) && o.path != nil && o.path.filter != nil {
					return ".path"
				}
				return ""
			})},
		{ID: "entra.manager-text", Does: "writes the manager as the id alone", For: microsoft(), Source: byEntra(check.Recorded, "SCIM-SDK issues 541 and 686", "2026-11-23"),
			Live: `take a text as {"value": …}, "" as no manager, and return the object`, Excuses: []string{"type.complex"}, shows: onValues(func(_ *request, v value) bool {
				return v.name == "manager" && v.node.Kind == match.KindString
			})},
		{ID: "entra.role-json-text", Does: "writes a role as JSON in a string", For: legacy(), Source: entraMappings(),
			Live: "read the JSON in the text, or store the text; do not answer 400", shows: onValues(func(_ *request, v value) bool {
				return v.name == "roles.value" && strings.HasPrefix(text(v.node), "{")
			})},
		{ID: "entra.role-display-name", Does: "names a role by displayName", For: entra(), Source: entraMappings(),
			Live: "ignore displayName in a role, or read it as display", shows: onValues(func(_ *request, v value) bool {
				return v.name == "roles" && v.one && member(v.node, "displayName") != nil
			})},
		{ID: "entra.roles-accumulate", Does: "adds roles and never removes them with AppRoleAssignmentsComplex", For: entra(), Source: entraMappings(),
			Live: "ask administrators for AssertiveAppRoleAssignmentsComplex where roles have to go", shows: onOperations(func(_ *request, o operation) string {
				if o.about("roles") && o.is("add") {
					return "."
				}
				return ""
			})},
		{ID: "entra.enterprise-listed", Does: "names the enterprise schema without an attribute of it", For: entra(), Source: entraUserShape(),
			Live: "accept a URN in schemas without its object", shows: on("body.schemas", func(q *request, _ *seen) bool {
				return q.creates(users) && holds(schemaURNs(q.root()), enterpriseURN) && member(q.root(), enterpriseURN) == nil
			})},
		{ID: "entra.extension-unlisted", Does: "sends a custom extension whose URN is not in schemas", For: microsoft(), Source: entraMappings(),
			Live: "store the extension all the same", Excuses: []string{"resource.extension-listed"}, shows: unlisted},
		{ID: "entra.meta", Does: "sends meta.resourceType with a new resource", For: entra(), Source: entraUserShape(),
			Live: "ignore meta: it is readOnly", shows: on("body.meta", func(q *request, _ *seen) bool {
				return q.method == http.MethodPost && member(q.root(), "meta") != nil
			})},
		{ID: "entra.adscim", Does: "names a second schema of its own in a new group", For: entra(), Source: entraTutorial(),
			Live: "ignore http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group", Excuses: []string{"resource.schemas-known"}, shows: on("body.schemas", func(q *request, _ *seen) bool {
				return q.creates(groups) && holds(schemaURNs(q.root()), "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group")
			})},
		{ID: "entra.reference-check", Does: "asks whether somebody has a manager by id eq … and manager eq …", For: microsoft(), Source: entraTutorial(),
			Live: "read a bare manager as that of the enterprise extension, and answer 200 also when nobody is found", Excuses: []string{"extension.qualified"}, shows: on(inFilter, func(q *request, _ *seen) bool {
				all := q.comparisons()
				return len(all) == 2 && all[0].attribute.String() == "id" && all[1].attribute.String() == "manager"
			})},
		{ID: "entra.ref-null", Does: "sends $ref null for a member", For: entra(), Source: entraTutorial(),
			Live: "take null as absent", shows: onValues(func(_ *request, v value) bool { return v.name == "members.$ref" && v.node.Kind == match.KindNull })},
		{ID: "entra.replace-one", Does: "replaces members by one, to add it, in reports of 2026; its validator does too", For: microsoft(),
			Source: byEntra(check.Recorded, "grokability/snipe-it issue 19096, cause not known", "2026-05-28"),
			Live:   "no safe answer is known: RFC 7644 says that all others leave; ask the administrator to set the flag", shows: onOperations(func(_ *request, o operation) string {
				if o.onMembers() && o.is("replace") && o.value != nil && len(o.value.Elements) == 1 {
					return "."
				}
				return ""
			})},
		{ID: "entra.empty-object", Does: "sends {} for several values that did not change", For: entra(),
			Source: byEntra(check.Recorded, "stackoverflow.com/questions/77655790", "2026-11-23"),
			Live:   "change nothing, or answer a clear 400", Excuses: []string{"type.string", "type.list"}, shows: onOperations(func(_ *request, o operation) string {
				if o.value != nil && o.value.Kind == match.KindObject && len(o.value.Members) == 0 {
					return ".value"
				}
				return ""
			})},
		{ID: "entra.several-values", Does: "sends a list of {value} to a path that is one value", For: entra(),
			Source: byEntra(check.Recorded, "jelhub/scimgateway issue 117", "2026-11-23"),
			Live:   "add each value as an element of the list", Excuses: []string{"type.string"}, shows: onOperations(func(_ *request, o operation) string {
				if o.path != nil && o.path.after != "" && o.value != nil && o.value.Kind == match.KindArray {
					return ".value"
				}
				return ""
			})},
		{ID: "entra.pages", Does: "reads page by page, in account discovery and the gallery's tests", For: microsoft(),
			Source: byEntra(check.Documented, "how-to-account-discovery", "2026-11-23"),
			Live:   "give a startIndex that is the request's", shows: on(inQuery, func(q *request, _ *seen) bool {
				_, ok := q.param("startIndex")
				return ok
			})},
		{ID: "entra.validator.accept", Does: "sends Accept: application/scim+json with every request", For: []string{flow.EntraValidator},
			Source: byEntra(check.Recorded, "164 requests in pranems/SCIMServer", "2026-02-13"),
			Live:   "nothing: it is what RFC 7644 §3.1 asks for; the provisioning service sends no Accept", shows: on("header Accept", func(q *request, _ *seen) bool {
				return q.header.Get("Accept") != ""
			})},
	}
}

func booleanText(n *match.Node) bool {
	return n.Kind == match.KindString && (strings.EqualFold(n.Text, "true") || strings.EqualFold(n.Text, "false"))
}

// pathNames finds the names in values without a path that are paths.
func pathNames(q *request, _ *seen) (where []string) {
	for _, o := range q.ops {
		for _, name := range names(o.value) {
			if o.text == "" && strings.ContainsAny(name, ".:") {
				where = append(where, o.where+".value."+name)
			}
		}
	}
	return where
}

// unlisted finds extensions that are not in schemas, but for the enterprise one.
func unlisted(q *request, _ *seen) (where []string) {
	if !q.holdsResource() || q.root() == nil {
		return nil
	}
	for _, name := range names(q.root()) {
		if extensionName(name) && !strings.EqualFold(name, enterpriseURN) && !holds(schemaURNs(q.root()), name) {
			where = append(where, "body."+name)
		}
	}
	return where
}
