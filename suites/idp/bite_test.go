// SPDX-License-Identifier: Apache-2.0

package idp_test

import (
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/suites/idp"
)

const provider = "https://provider.example/scim/v2"

// good reads testdata/good/NAME.txt: requests, and their replies behind <, as
// they are on the wire, with === between two exchanges.
func good(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/good/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exchanges reads the text of exchanges: METHOD URL, headers, a blank line, the
// body; then the same behind < for the reply, with the status for a URL.
func exchanges(text string) []flow.Exchange {
	var all []flow.Exchange
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for part := range strings.SplitSeq(text, "\n===\n") {
		request, reply, _ := strings.Cut(strings.TrimRight(part, "\n"), "\n<\n")
		line, m := message(request)
		x := flow.Exchange{Request: m, Start: start, Status: 200}
		x.Method, x.URL, _ = strings.Cut(line, " ")
		x.Path = strings.TrimPrefix(x.URL, provider)
		if _, after, ok := strings.Cut(x.Path, "/scim/v2"); ok { // another base
			x.Path = after
		}
		if reply != "" {
			line, x.Response = message(reply)
			x.Status = map[string]int{"200": 200, "201": 201, "204": 204, "307": 307, "308": 308, "404": 404, "429": 429}[line]
		}
		all = append(all, x)
		start = start.Add(time.Second)
	}
	return all
}

func message(text string) (line string, m flow.Message) {
	head, body, _ := strings.Cut(text, "\n\n")
	line, fields, _ := strings.Cut(head, "\n")
	m.Header = http.Header{}
	for field := range strings.Lines(fields) {
		name, value, _ := strings.Cut(strings.TrimRight(field, "\n"), ": ")
		m.Header.Add(name, value)
	}
	if body != "" {
		m.Body = []byte(body)
	}
	return line, m
}

// bite is a change to good requests that breaks one rule.
type bite struct{ rule, good, from, to string }

// bitesOfRFCs are judged as those of an IdP of which nothing is known.
var bitesOfRFCs = []bite{
	{"url.percent-encoded", "query", `%22x%22`, `"x"`},
	{"url.base-without-query", "query", `/Users?`, `?tenant=7/Users&`},
	{"url.version", "query", `/Users?`, `/Users/v2?`},
	{"url.no-userinfo", "query", `https://`, `https://me:secret@`},
	{"url.https", "query", `https://`, `http://`},
	{"url.create-at-endpoint", "user", "/Users\n", "/Users/1\n"},
	{"url.change-of-resource", "patch", "/Users/1\n", "/Users\n"},
	{"url.put-existing", "put", "<\n200", "<\n404"},
	{"header.content-type", "user", "Content-Type: application/scim+json\n", ""},
	{"header.media-type", "user", "application/scim+json", "application/json"},
	{"header.no-line-break", "query", "User-Agent: an-idp/1", "User-Agent: an-idp/1\rX: y"},
	{"body.utf-8", "user", "Curie", "Cu\xffrie"},
	{"body.json", "user", `"active":true}`, `"active":true`},
	{"body.names-once", "user", `"active":true`, `"active":true,"Active":true`},
	{"token.not-in-url", "query", `filter=`, `access_token=x&filter=`},
	{"token.once", "query", "User-Agent", "Authorization: Bearer x\nAuthorization: Bearer y\nUser-Agent"},
	{"filter.not-empty", "query", `title%20eq%20%22x%22`, `%20`},
	{"filter.grammar", "query", `title%20eq%20%22x%22`, `title%20eq`},
	{"filter.grammar", "query", `title%20eq%20%22x%22`, `title%20is%20%22x%22`},
	{"filter.grammar", "query", `title%20eq%20%22x%22`, `(title%20pr`},
	{"filter.grammar", "query", `title%20eq%20%22x%22`, `title%20eq%20'x'`},
	{"filter.grammar", "query", `title%20eq%20%22x%22`, `ims%5Btype%20eq%20%22x%22`},
	{"filter.complex-qualified", "query", `title%20eq`, `ims%20eq`},
	{"filter.bracket", "query", `title%20eq%20%22x%22`, `ims%5Bcolour%20eq%20%22x%22%5D`},
	{"filter.literal", "query", `title%20eq%20%22x%22`, `active%20eq%20%22true%22`},
	{"filter.not-personal", "query", `title%20eq`, `name.familyName%20eq`},
	{"filter.personal-by-post", "query", `title%20eq%20%22x%22`, `userName%20eq%20%22ada%40example.test%22`},
	{"extension.qualified", "query", `title%20eq`, `department%20eq`},
	{"query.names", "query", `attributes=userName`, `attributes=user%20name`},
	{"query.one-projection", "query", `&count`, `&excludedAttributes=title&count`},
	{"query.sort-by", "query", `sortBy=userName`, `sortBy=name`},
	{"query.integers", "query", `count=10`, `count=ten`},
	{"query.once", "query", `count=10`, `count=10&count=20`},
	{"cursor.unreserved", "cursor", `cursor=&`, `cursor=a%2Fb&`},
	{"cursor.first-empty", "cursor", `cursor=c2`, `cursor=c9`},
	{"cursor.same-query", "cursor", `cursor=c2&count=2`, `cursor=c2&count=3`},
	{"cursor.or-index", "query", `startIndex=1`, `startIndex=1&cursor=`},
	{"redirect.permanent", "redirect", "GET https://new.example/scim/v2/Users/1\nUser-Agent: an-idp/1\n\n===\n", "GET https://new.example/scim/v2/Users/1\nUser-Agent: an-idp/1\n\n===\nGET https://provider.example/scim/v2/Users/1\nUser-Agent: an-idp/1\n\n===\n"},
	{"redirect.temporary", "redirect", "PATCH https://provider.example/scim/v2/Users/3\n", "PATCH https://other.example/scim/v2/Users/2\n"},
	{"redirect.same-request", "redirect", "PATCH https://other.example", "DELETE https://other.example"},
	{"search.schemas", "search", `2.0:SearchRequest`, `2.0:PatchOp`},
	{"filter.grammar", "search", `title eq \"x\"`, `title eq`},
	{"query.names", "search", `"userName"`, `"user name"`},
	{"resource.schemas", "user", `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`, ``},
	{"resource.base-schema", "user", `"urn:ietf:params:scim:schemas:core:2.0:User",`, ``},
	{"resource.schemas-known", "user", `2.0:User",`, `2.0:User","urn:ietf:params:scim:schemas:core:2.0:Group",`},
	{"resource.schemas-once", "user", `2.0:User",`, `2.0:User","urn:ietf:params:scim:schemas:core:2.0:User",`},
	{"resource.extension-listed", "user", `2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]`, `2.0:User"]`},
	{"resource.extension-object", "user", `"active":true`, `"active":true,"costCenter":"7"`},
	{"resource.no-id", "user", `"active":true`, `"active":true,"id":"7"`},
	{"resource.required", "user", `"userName":"mc"`, `"userName":""`},
	{"resource.required", "put", `"userName":"mc",`, ``},
	{"resource.required", "group", `"displayName":"Team"`, `"displayName":null`},
	{"user.groups-by-group", "user", `"active":true`, `"active":true,"groups":[{"value":"g1"}]`},
	{"type.string", "user", `"title":"Professor"`, `"title":5`},
	{"type.boolean", "user", `"active":true`, `"active":"True"`},
	{"type.complex", "user", `{"value":"m1"}`, `"m1"`},
	{"type.list", "user", `"emails":[{"value":"mc@example.test","type":"work","primary":true}]`, `"emails":{"value":"mc@example.test"}`},
	{"type.date", "put", `"created":"2026-01-01T00:00:00Z"`, `"created":"2026-01-01"`},
	{"type.binary", "user", `"x509Certificates":[]`, `"x509Certificates":[{"value":"***"}]`},
	{"type.certificate", "user", `"x509Certificates":[]`, `"x509Certificates":[{"value":"AAAA"}]`},
	{"type.reference", "user", `"profileUrl":"https://example.test/mc"`, `"profileUrl":"ftp://example.test/mc"`},
	{"value.no-quotes", "user", `"Professor"`, `"\"Professor\""`},
	{"value.one-primary", "user", `"primary":true}]`, `"primary":true},{"value":"m@example.test","primary":true}]`},
	{"value.email", "user", `"mc@example.test"`, `"mc at example"`},
	{"value.phone", "user", `"tel:+1-201-555-0123"`, `"+1 201 555 0123"`},
	{"value.ims-type", "user", `"type":"xmpp"`, `"type":"pigeon"`},
	{"value.photo-type", "user", `"type":"photo"`, `"type":"portrait"`},
	{"value.country", "user", `"country":"FR"`, `"country":"France"`},
	{"value.locale", "user", `"locale":"fr-FR"`, `"locale":"fr_FR"`},
	{"value.language", "user", `"fr-FR, en;q=0.5"`, `"fr_FR"`},
	{"value.timezone", "user", `"Europe/Paris"`, `"GMT plus one"`},
	{"value.nickname", "user", `"nickName":"Marie"`, `"nickName":"mc"`},
	{"patch.schemas", "patch", `:PatchOp`, `:ListResponse`},
	{"patch.operations", "patch", `"Operations"`, `"Ops"`},
	{"patch.op", "patch", `"op":"add"`, `"op":"Add"`},
	{"patch.remove-path", "patch", `"op":"remove","path":"nickName"`, `"op":"remove"`},
	{"patch.remove-value", "patch", `"op":"remove","path":"nickName"`, `"op":"remove","path":"nickName","value":"x"`},
	{"patch.path-grammar", "patch", `"path":"nickName"`, `"path":"nick[name"`},
	{"patch.path-literal", "patch", `[type eq \"work\"]`, `[primary eq \"True\"]`},
	{"patch.value", "patch", `"path":"title","value":"x"`, `"path":"title"`},
	{"patch.pathless-object", "patch", `"value":{"locale":"fr"}`, `"value":"fr"`},
	{"patch.pathless-names", "patch", `"value":{"locale":"fr"}`, `"value":{"name.givenName":"x"}`},
	{"patch.read-only", "patch", `"value":{"locale":"fr"}`, `"value":{"id":"7"}`},
	{"patch.read-only", "patch", `"path":"nickName"`, `"path":"meta.created"`},
	{"patch.keeps-required", "patch", `"path":"nickName"`, `"path":"userName"`},
	{"extension.qualified", "patch", `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`, `department`},
	{"filter.bracket", "patch", `[type eq \"work\"]`, `[kind eq \"work\"]`},
	{"type.boolean", "patch", `"path":"active","value":false`, `"path":"active","value":"False"`},
	{"type.complex", "patch", `"path":"name","value":{"givenName":"M"}`, `"path":"name","value":"M"`},
	{"user.groups-by-group", "patch", `"path":"title","value":"x"`, `"path":"groups","value":[{"value":"g"}]`},
	{"bulk.schemas", "bulk", `:BulkRequest`, `:BulkResponse`},
	{"bulk.operations", "bulk", `"Operations"`, `"Ops"`},
	{"bulk.method", "bulk", `"method":"DELETE"`, `"method":"GET"`},
	{"bulk.path", "bulk", `"path":"/Users/9"`, `"path":""`},
	{"bulk.path-of-method", "bulk", `"path":"/Users/9"`, `"path":"/Users"`},
	{"bulk.data", "bulk", `"path":"/Groups/2","data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"bulkId:u1"}]}]}`, `"path":"/Groups/2"`},
	{"bulk.patch-data", "bulk", `:PatchOp"],"Operations"`, `:Error"],"Operations"`},
	{"bulk.id", "bulk", `"bulkId":"u2",`, ``},
	{"bulk.id-once", "bulk", `"bulkId":"u2"`, `"bulkId":"u1"`},
	{"bulk.reference", "bulk", `"bulkId:u1"`, `"u1"`},
	{"bulk.reference", "bulk", `"bulkId:u1"`, `"bulkId:u7"`},
}

// bitesOfDialects change flows: what stands in a request of the step, or the
// whole of the flow where the step is *. A - in the place of what is changed
// leaves the step out.
var bitesOfDialects = []struct{ rule, flow, step, from, to string }{
	{"okta.header.user-agent", "okta/oin/leaver", "*", "User-Agent: Okta SCIM Client 1.0.0", "User-Agent: Okta SCIM Client 2.0.0"},
	{"okta.header.accept", "okta/oin/leaver", "*", "Accept: application/scim+json", "Accept: */*"},
	{"okta.header.accept-charset", "okta/oin/leaver", "*", "Accept-Charset: utf-8", "Accept-Charset: utf-16"},
	{"okta.header.accept-encoding", "okta/oin/leaver", "*", "gzip,deflate", "gzip, deflate"},
	{"okta.header.content-type", "okta/oin/leaver", "*", "json; charset=utf-8", "json"},
	{"okta.header.unconditional", "okta/oin/leaver", "*", "Accept-Charset: utf-8", "Accept-Charset: utf-8\nIf-Match: W/1"},
	{"okta.body.compact", "okta/oin/leaver", "*", `"active":true}`, `"active": true}`},
	{"okta.body.unescaped", "okta/oin/user-lifecycle", "*", `"Ada"`, `"\u0041da\/"`},
	{"okta.query.parameters", "okta/oin/user-import", "*", "startIndex=1&count=100", "count=100&startIndex=1"},
	{"okta.query.encoding", "okta/oin/leaver", "*", "%40", "@"},
	{"okta.query.filter", "okta/oin/leaver", "*", "userName%20eq", "userName%20sw"},
	{"okta.query.paging", "okta/oin/user-import", "*", "startIndex=101", "startIndex=51"},
	{"okta.endpoints", "okta/oin/probe", "*", "GET /Groups?startIndex=1&count=100", "GET /ServiceProviderConfig"},
	{"okta.user.lookup-first", "okta/oin/leaver", "*", "filter=userName%20eq%20%22ada", "filter=userName%20eq%20%22eve"},
	{"okta.user.create-order", "okta/oin/leaver", "*", `"externalId":"00uEXAMPLE0000000001","groups":[]`, `"groups":[],"externalId":"00uEXAMPLE0000000001"`},
	{"okta.user.create-members", "okta/oin/leaver", "*", `"password":"r4nd0mPw",`, ``},
	{"okta.user.groups-empty", "okta/oin/leaver", "*", `"groups":[]`, `"groups":null`},
	{"okta.user.create-no-empty", "okta/oin/leaver", "*", `"locale":"en-US"`, `"locale":""`},
	{"okta.put.read-first", "okta/aiw/leaver", "read ada before the write", "-", ""},
	{"okta.aiw.no-patch", "okta/oin/probe", "*", "GET /Groups?startIndex=1&count=100\n", "PATCH /Users/7\n"},
	{"okta.user.patch-form", "okta/oin/leaver", "*", `"op":"replace","value":{"active":false}`, `"op":"replace","path":"active","value":false`},
	{"okta.user.never-deleted", "okta/oin/group-delete", "*", "DELETE /Groups/teamId", "DELETE /Users/adaId"},
	{"okta.group.lookup-first", "okta/oin/group-push", "*", "eq%20%22Team%20A", "eq%20%22Team%20B"},
	{"okta.group.create-order", "okta/oin/group-push", "*", `"displayName":"Team A","members":[]`, `"members":[],"displayName":"Team A"`},
	{"okta.group.name-first", "okta/oin/group-members", "send the name as it is again", "-", ""},
	{"okta.group.name-form", "okta/oin/group-rename", "*", `"value":{"id":"teamId","displayName":"Team B"}`, `"path":"displayName","value":"Team B"`},
	{"okta.group.remove-form", "okta/oin/group-members", "*", `"op":"remove","path":"members[value eq \"adaId\"]"`, `"op":"remove","path":"members"`},
	{"okta.group.remove-then-add", "okta/oin/group-members", "*", `[{"op":"remove","path":"members[value eq \"adaId\"]"},{"op":"add","path":"members","value":[{"value":"bobId","display":"bob.stone@example.test"}]}]`,
		`[{"op":"add","path":"members","value":[{"value":"bobId","display":"bob.stone@example.test"}]},{"op":"remove","path":"members[value eq \"adaId\"]"}]`},
	{"okta.group.member-form", "okta/oin/group-push", "*", `{"value":"adaId","display"`, `{"value":"adaId","type":"User","display"`},
	{"okta.group.chunks", "okta/oin/group-push", "*", `{"value":"adaId","display":"ada.test@example.test"}`, strings.TrimSuffix(strings.Repeat(`{"value":"adaId","display":"ada.test@example.test"},`, 1000), ",")},
	{"okta.aiw.group-put", "okta/aiw/group-push", "*", `"id":"teamId","displayName":"Team A"`, `"displayName":"Team A","id":"teamId"`},
	{"entra.header.user-agent", "entra/legacy/leaver", "*", "Adscimversion: 6.0", "Adscimversion: 6.0\nUser-Agent: x"},
	{"entra.header.version", "entra/legacy/leaver", "*", "Adscimversion: 6.0", "Via: x"},
	{"entra.header.content-type", "entra/legacy/leaver", "*", "json; charset=utf-8", "json"},
	{"entra.header.unconditional", "entra/legacy/leaver", "*", "Adscimversion: 6.0", "Adscimversion: 6.0\nIf-Match: W/1"},
	{"entra.query.encoding", "entra/legacy/leaver", "*", "+eq+", "%20eq%20"},
	{"entra.query.parameters", "entra/legacy/group-push", "*", "excludedAttributes=members&filter=displayName+eq+%22Sales%22", "filter=displayName+eq+%22Sales%22&excludedAttributes=members"},
	{"entra.query.operators", "entra/legacy/test-connection", "*", "+eq+", "+co+"},
	{"entra.endpoints", "entra/legacy/test-connection", "*", "GET /Users?filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22", "GET /Me"},
	{"entra.group.members-unread", "entra/legacy/group-push", "*", "excludedAttributes=members&", ""},
	{"entra.create.match-first", "entra/legacy/leaver", "match ada before the create", "-", ""},
	{"entra.write.read-first", "entra/legacy/user-delete", "*", "DELETE /Users/adaId", "DELETE /Users/maxId"},
	{"entra.user.create-order", "entra/legacy/leaver", "*", `"externalId":"ada","userName":"ada@contoso.example"`, `"userName":"ada@contoso.example","externalId":"ada"`},
	{"entra.user.create-schemas", "entra/legacy/leaver", "*", `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]`, `]`},
	{"entra.user.create-meta", "entra/legacy/leaver", "*", `"meta":{"resourceType":"User"},`, ``},
	{"entra.user.create-no-empty", "entra/legacy/leaver", "*", `"active":true,`, `"active":true,"displayName":"",`},
	{"entra.user.disabled-before-deleted", "entra/legacy/user-delete", "disable", "-", ""},
	{"entra.role.type", "entra/flag/roles-changed", "*", "WindowsAzureActiveDirectoryRole", "Role"},
	{"entra.legacy.op", "entra/legacy/leaver", "*", `"op":"Replace"`, `"op":"replace"`},
	{"entra.legacy.path", "entra/legacy/username-change", "*", `"path":"userName","value":"ada.new@contoso.example"`, `"value":{"userName":"ada.new@contoso.example"}`},
	{"entra.legacy.text", "entra/legacy/leaver", "*", `"value":"False"`, `"value":false`},
	{"entra.flag.merged", "entra/flag/group-rename", "*", `{"op":"replace","value":{"displayName":"Sales West"}}`, `{"op":"replace","value":{"displayName":"Sales West"}},{"op":"replace","value":{"externalId":"x"}}`},
	{"entra.flag.active", "entra/flag/leaver", "*", `"op":"replace","path":"active","value":false`, `"op":"replace","value":{"active":false}`},
	{"entra.patch.member-order", "entra/flag/leaver", "*", `"path":"active","value":false`, `"value":false,"path":"active"`},
	{"entra.patch.no-null", "entra/flag/manager", "*", `:manager","value":"maxId"`, `:department","value":null`},
	{"entra.manager.own-request", "entra/flag/manager", "*", `:manager","value":"maxId"`, `:manager","value":{"value":"maxId"}`},
	{"entra.group.create-order", "entra/legacy/group-push", "*", `"displayName":"Sales","members":[]`, `"members":[],"displayName":"Sales"`},
	{"entra.group.create-empty", "entra/legacy/group-push", "*", `"members":[]`, `"members":[{"value":"x"}]`},
	{"entra.group.one-member", "entra/legacy/group-members", "*", `"value":[{"value":"adaId"}]`, `"value":[{"value":"adaId"},{"value":"maxId"}]`},
	{"entra.group.member-form", "entra/legacy/group-members", "*", `{"value":"adaId"}`, `{"value":"adaId","display":"Ada"}`},
	{"entra.legacy.remove-member", "entra/legacy/group-members", "*", `"op":"Remove","path":"members","value":[{"value":"adaId"}]`, `"op":"Remove","path":"members[value eq \"adaId\"]"`},
	{"entra.flag.remove-member", "entra/flag/group-members", "*", `"path":"members[value eq \"adaId\"]"`, `"path":"members"`},
	{"entra.group.no-replace", "entra/flag/group-members", "*", `"op":"remove","path":"members[value eq \"adaId\"]"`, `"op":"replace","path":"members","value":[]`},
}

// bitesOfReplies change what okta-aiw.txt holds: recorded with replies.
var bitesOfReplies = []bite{
	{"okta.put.keeps-order", "okta-aiw", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName"`, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test","id":"1","old"`},
	{"okta.put.keeps-unknown", "okta-aiw", `"version":"1"},"badge":{"n":1}}`, `"version":"9"},"badge":{"n":1}}`},
	{"okta.put.keeps-unknown", "okta-aiw", `"badge":{"n":1}}`, `"badge":{"n":2}}`},
	{"okta.aiw.deactivate", "okta-aiw", `"active":false,"meta":{"version":"1"}`, `"active":false,"meta":{"version":"1"},"title":"Gone"`},
	{"okta.retry.waits", "okta-aiw", "Retry-After: 1\n", "Retry-After: 60\n"},
}

// TestBites holds that each rule is broken by a request that breaks it and
// nothing else, and that without the change nothing is broken.
func TestBites(t *testing.T) {
	bitten := map[string]bool{}
	judge := func(rule string, before, after []flow.Exchange, dialect string) {
		t.Helper()
		bitten[rule] = true
		complain(t, idp.JudgeExchanges("good", dialect, before))
		broken := map[string]bool{}
		for _, q := range idp.JudgeExchanges("bad", dialect, after).Requests {
			for _, f := range q.Findings {
				broken[f.Rule.ID] = true
			}
		}
		if got := slices.Sorted(maps.Keys(broken)); !slices.Equal(got, []string{rule}) {
			t.Errorf("%s: the change breaks %v", rule, got)
		}
	}
	for _, b := range append(slices.Clone(bitesOfRFCs), bitesOfReplies...) {
		dialect := idp.RFC
		if b.good == "okta-aiw" {
			dialect = flow.OktaAIW
		}
		text := good(t, b.good)
		judge(b.rule, exchanges(text), exchanges(changed(t, b.rule, text, b.from, b.to)), dialect)
	}
	flows, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bitesOfDialects {
		i := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == b.flow })
		if i < 0 {
			t.Errorf("%s: there is no flow %s", b.rule, b.flow)
			continue
		}
		dialect := flows[i].Dialect
		text := wire(flows[i], "")
		after := wire(flows[i], b.step)
		if b.from != "-" {
			after = changed(t, b.rule, text, b.from, b.to)
		}
		if b.rule == "okta.aiw.no-patch" {
			dialect = flow.OktaAIW
		}
		judge(b.rule, exchanges(text), exchanges(after), dialect)
	}
	for _, r := range idp.Rules() {
		if !bitten[r.ID] {
			t.Errorf("nothing shows that %s can be broken", r.ID)
		}
	}
}

func changed(t *testing.T, rule, text, from, to string) string {
	t.Helper()
	out := strings.Replace(text, from, to, 1)
	if out == text {
		t.Errorf("%s: there is no %s", rule, from)
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// wire gives the requests of a flow as text, but for one step.
func wire(f flow.Flow, but string) string {
	var parts []string
	for _, s := range f.Steps {
		if s.Name == but {
			continue
		}
		var b strings.Builder
		b.WriteString(s.Request.Method + " " + s.Request.Path + "\n")
		for _, name := range slices.Sorted(maps.Keys(s.Request.Headers)) {
			b.WriteString(http.CanonicalHeaderKey(name) + ": " + s.Request.Headers[name] + "\n")
		}
		b.WriteString("\n" + s.Request.Body)
		for id := range s.Bind {
			b.WriteString("\n<\n201\n\n{\"id\":\"" + id + "\"}")
		}
		parts = append(parts, placeholder.ReplaceAllString(b.String(), "$1"))
	}
	return strings.Join(parts, "\n===\n")
}

// sightings are requests in which quirks show that neither the flows nor the
// simulators have: reported, or an option of an application.
var sightings = []struct{ quirk, flow, from, to string }{
	{"entra.values-as-typed", "entra/flag/missing-attributes", "+1 555 0100", "+1 555 0101"},
	{"okta.values-as-typed", "okta/oin/leaver", `"locale":"en-US"`, `"locale":"en_US"`},
	{"okta.pathless-members", "okta/oin/group-emptied", `"op":"replace","path":"members","value":[]`, `"op":"replace","value":{"members":[]}`},
	{"okta.push-empty", "okta/oin/group-emptied", `"value":[]`, `"value":[]`},
	{"okta.entitlements", "okta/oin/probe", "GET /Groups?startIndex=1&count=100", "GET /ResourceTypes"},
	{"entra.primary-text", "entra/legacy/roles-assigned", `"primary":true,"type":"Win`, `"primary":"True","type":"Win`},
	{"entra.primary-filter", "entra/legacy/leaver", `"path":"active","value":"False"`, `"path":"roles[primary eq \"True\"].value","value":"x"`},
	{"entra.several-values", "entra/legacy/leaver", `"path":"active","value":"False"`, `"path":"emails[type eq \"other\"].value","value":[{"value":"x@example.test"}]`},
	{"entra.empty-object", "entra/legacy/leaver", `"path":"active","value":"False"`, `"path":"urn:example:2.0:User:roles","value":{}`},
	{"entra.extension-unlisted", "entra/legacy/leaver", `"roles":[]`, `"roles":[],"urn:example:2.0:User":{"a":"b"}`},
	{"entra.pages", "entra/legacy/test-connection", `filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22`, `startIndex=6&count=5`},
	{"entra.validator.accept", "entra/validator/group-match", `json`, `json`},
}

// TestQuirks holds that each quirk shows somewhere: in the flows, in what the
// simulators send, or in one of the sightings.
func TestQuirks(t *testing.T) {
	shown := map[string]bool{}
	note := func(r idp.Report) {
		for _, q := range r.Requests {
			for _, k := range q.Quirks {
				shown[k.Quirk.ID] = true
			}
		}
	}
	flows, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	dialect := map[string]string{}
	for _, f := range flows {
		note(idp.Judge(f))
		text[f.Name], dialect[f.Name] = wire(f, ""), f.Dialect
	}
	for _, run := range []struct{ file, dialect string }{
		{"okta-year", flow.OktaOIN}, {"okta-switches", flow.OktaAIW}, {"okta-switches", flow.OktaOIN}, {"okta-roles", flow.OktaOIN},
		{"entra-knobs", flow.EntraLegacy}, {"entra-knobs", flow.EntraFlag},
	} {
		scenario, err := os.ReadFile("testdata/scenarios/" + run.file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		note(idp.JudgeExchanges(run.file, run.dialect, simulated(t, "dialect: "+run.dialect+"\n"+string(scenario), directory.Population{})))
	}
	for _, s := range sightings {
		if text[s.flow] == "" || !strings.Contains(text[s.flow], s.from) {
			t.Errorf("%s: no %s in %s", s.quirk, s.from, s.flow)
		}
		r := idp.JudgeExchanges(s.flow, dialect[s.flow], exchanges(strings.Replace(text[s.flow], s.from, s.to, 1)))
		note(r)
		if !shown[s.quirk] {
			t.Errorf("%s does not show in %s", s.quirk, s.flow)
		}
		complain(t, r)
	}
	for _, k := range idp.Quirks() {
		if !shown[k.ID] {
			t.Errorf("quirk %s shows nowhere", k.ID)
		}
	}
}
