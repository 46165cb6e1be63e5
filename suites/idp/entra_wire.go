// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// Where Entra ID's rules come from. Pages are of learn.microsoft.com,
// entra/identity/app-provisioning. A date is that of the page, or the day on
// which a thread was read.
func entraTutorial() check.Source {
	return byEntra(check.Documented, "use-scim-to-provision-users-and-groups", "2025-03-04")
}

func entraCompat() check.Source {
	return byEntra(check.Documented, "application-provisioning-config-problem-scim-compatibility", "2025-04-15")
}

func entraHow() check.Source {
	return byEntra(check.Documented, "how-provisioning-works", "2026-11-23")
}

func entraMappings() check.Source {
	return byEntra(check.Documented, "customize-application-attributes", "2026-11-23")
}

func entraDump() check.Source {
	return byEntra(check.Recorded, "dump by the provisioning team in getsentry/self-hosted issue 2280", "2026-11-23")
}

func entraProbe() check.Source {
	return byEntra(check.Recorded, "MicrosoftDocs/azure-docs issue 94189", "2026-11-23")
}

func entraAgent() check.Source {
	return byEntra(check.Reported, "kortix-ai/suna issue 7297; 164 requests of the validator without one in pranems/SCIMServer", "2026-11-23")
}

func entraStaff() check.Source {
	return byEntra(check.Reported, "a Microsoft employee in answers/questions/1195656", "2026-11-23")
}

func entraUserShape() check.Source {
	return byEntra(check.Recorded, "simpleidserver/SimpleIdServer issue 376; answers/questions/1684621", "2026-11-23")
}

func entraGroupPost() check.Source {
	return byEntra(check.Recorded, "jelhub/scimgateway issue 116; answers/questions/637791", "2026-11-23")
}

// entraWireRules are about heads and queries.
func entraWireRules() []Rule {
	return []Rule{
		{ID: "entra.header.user-agent", Holds: "there is no User-Agent", Level: check.Vendor, Source: entraAgent(), For: microsoft(),
			look: header("User-Agent", always(""))},
		{ID: "entra.header.version", Holds: "the header ADSCIMVersion is sent", Level: check.Vendor, Source: entraDump(), For: entra(),
			look: func(q *request, _ *seen, say say) {
				if len(q.header) > 0 && q.header.Get("ADSCIMVersion") == "" {
					say("header ADSCIMVersion", "none", "6.0 or another value")
				}
			}},
		{ID: "entra.header.content-type", Holds: "a body is application/scim+json in UTF-8, a request without one names no type", Level: check.Vendor, Source: entraDump(), For: microsoft(),
			look: func(q *request, s *seen, say say) {
				if len(q.body) > 0 && strings.EqualFold(strings.ReplaceAll(q.header.Get("Content-Type"), " ", ""), strings.ReplaceAll(contentType, " ", "")) {
					return
				}
				header("Content-Type", withBody(contentType))(q, s, say)
			}},
		{ID: "entra.header.unconditional", Holds: "no request is conditional", Level: check.Vendor, Source: entraTutorial(), For: microsoft(), look: unconditional},
		{ID: "entra.query.encoding", Holds: "a filter has +, %22 and %40 for a blank, a quote and @", Level: check.Vendor, Source: entraProbe(), For: microsoft(),
			look: func(q *request, _ *seen, say say) {
				if p, ok := q.param("filter"); ok && (strings.Contains(p.raw, "%20") || strings.ContainsAny(p.raw, `"@`)) {
					say(inFilter, p.raw, strings.NewReplacer("%20", "+", `"`, "%22", "@", "%40").Replace(p.raw))
				}
			}},
		{ID: "entra.query.parameters", Holds: "a query has attributes, excludedAttributes, filter, startIndex and count, in this order", Level: check.Vendor,
			Source: byEntra(check.Reported, "AzureAD/SCIMReferenceCode, the composers of its library", "2023-08-30"), For: microsoft(),
			look: func(q *request, _ *seen, say say) {
				rest := slices.DeleteFunc(slices.Clone(q.query), func(p parameter) bool { return strings.HasPrefix(strings.ToLower(p.name), "aadopt") })
				inOrder(&request{query: rest}, []string{"attributes", "excludedAttributes", "filter", "startIndex", "count"}, say)
			}},
		{ID: "entra.query.operators", Holds: "filters have eq and and, nothing else", Level: check.Vendor, Source: entraTutorial(), For: microsoft(),
			look: func(q *request, _ *seen, say say) {
				for _, c := range q.comparisons() {
					if c.operator != "eq" {
						say(inFilter, c.attribute.String()+" "+c.operator, "eq")
					}
				}
				if f, _ := q.filters(); orWord.MatchString(f) {
					say(inFilter, f, "and")
				}
			}},
		{ID: "entra.endpoints", Holds: "PUT, Bulk, Me and .search are not used", Level: check.Vendor, Source: entraTutorial(), For: microsoft(),
			look: func(q *request, _ *seen, say say) {
				if q.method == http.MethodPut || q.searches() || q.endpoint == bulk || q.endpoint == "/Me" {
					say("path", q.line(), "GET, POST, PATCH and DELETE of /Users and /Groups")
				}
			}},
		{ID: "entra.group.members-unread", Holds: "groups are read without their members", Level: check.Vendor, Source: entraTutorial(), For: entra(),
			look: func(q *request, _ *seen, say say) {
				if p, _ := q.param("excludedAttributes"); q.method == http.MethodGet && q.endpoint == groups && p.value != "members" {
					say(inQuery, orNone(p.value), "excludedAttributes=members")
				}
			}},
		{ID: "entra.create.match-first", Holds: "before a resource is created it is looked for by a matching attribute", Level: check.Vendor, Source: entraHow(), For: entra(),
			look: func(q *request, s *seen, say say) {
				if (q.creates(users) || q.creates(groups)) && q.root() != nil && !matched(q, s) {
					say("path", "POST without a match", "GET "+q.endpoint+"?filter=… with a value of the body")
				}
			}},
		{ID: "entra.write.read-first", Holds: "a resource is read before it is changed, a group once for hundreds of members", Level: check.Vendor, Source: entraStaff(), For: entra(),
			look: func(q *request, s *seen, say say) {
				if q.writes() && !s.about(q).known && len(q.membership()) == 0 {
					say("path", q.line()+" of an id that was never read", "GET of the resource first")
				}
			}},
	}
}

var orWord = regexp.MustCompile(`(?i)\sor\s`)

// matched says whether a value of the body was looked for.
func matched(q *request, s *seen) bool {
	for _, v := range q.found {
		if t := text(v.node); t != "" && s.lookedFor(q.endpoint, t) {
			return true
		}
	}
	return false
}
