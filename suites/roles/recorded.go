// SPDX-License-Identifier: Apache-2.0

package roles

import (
	"strings"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// recorded checks what the audit trail and the metrics say of role provisioning.
func recorded() []check.Check {
	return []check.Check{
		audited("unmatched", "each value that names no role is in the audit trail", documented("", behaviour),
			"Nobody can find out why a user has no rights.", "Write an audit event that holds each value that named no role.",
			func(t *check.T) []string {
				values1, values2 := uniqueRole(t), uniqueRole(t)
				joiner(t, values(values1, t.Roles()[0], values2))
				return []string{values1, values2}
			}),

		audited("unmatched-patch", "a value that names no role is in the audit trail when it comes by PATCH", documented("", behaviour),
			"Nobody can find out why a change in the IdP had no effect.", "Write the audit event on every write, not only on create.",
			func(t *check.T) []string {
				value := uniqueRole(t)
				joiner(t, values(t.Roles()[0])).patch(`[{"op":"add","path":"roles","value":` + values(value) + `}]`)
				return []string{value}
			}),

		audited("assigned", "granting a role is in the audit trail, with the user", documented("", behaviour),
			"Nobody can say who got a right, and when.", "Write an audit event for each role granted through SCIM, naming user and role.",
			func(t *check.T) []string {
				role := t.Roles()[0]
				s := joiner(t, "")
				s.patch(`[{"op":"replace","path":"roles","value":` + values(role) + `}]`)
				return []string{s.r.ID + " " + role}
			}),

		audited("removed", "taking a role away is in the audit trail, with the user", documented("", behaviour),
			"Nobody can say who lost a right, and when.", "Write an audit event for each role taken away through SCIM, naming user and role.",
			func(t *check.T) []string {
				known := t.Roles()
				s := joiner(t, values(known[0]))
				s.has(known[0])
				s.patch(`[{"op":"replace","path":"roles","value":` + values(known[1]) + `}]`)
				return []string{s.r.ID + " " + known[0] + " remove"}
			}),

		counted("assigned", "granting a role is counted as a metric", func(t *check.T) []string {
			role := t.Roles()[0]
			return joiner(t, values(role)).words(role)
		}),
		counted("removed", "taking a role away is counted as a metric", func(t *check.T) []string {
			known := t.Roles()
			s := joiner(t, values(known[0]))
			s.patch(`[{"op":"replace","path":"roles","value":` + values(known[1]) + `}]`)
			return s.words(known[0])
		}),
		counted("unmatched", "a value that names no role is counted as a metric", func(t *check.T) []string {
			value := t.Name("role")
			return joiner(t, values(value, t.Roles()[0])).words(value)
		}),
		counted("fallback", "falling back to the default role is counted as a metric", func(t *check.T) []string {
			return joiner(t, values(unknown(1))).words(unnamed(t)...)
		}),
	}
}

// audited makes a check of the audit trail. act returns what must be there:
// words that stand together in one event.
func audited(id, title string, source check.Source, breaks, fix string, act func(*check.T) []string) check.Check {
	c := because(roleCheck("audit."+id, title, source, func(t *check.T) {
		for _, words := range act(t) {
			first, rest, _ := strings.Cut(words, " ")
			t.Eventually(func() any { return texts(t.Audit(first)) }, t.Within().Audit).Should(&holdEvent{words: strings.Fields(first + " " + rest)})
		}
	}), breaks, fix)
	c.Needs = append(c.Needs, check.CapAudit)
	return c
}

func texts(events []check.AuditEvent) []string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = e.JSON
	}
	return all
}

// uniqueRole gives a value that names no role and that no other check sends.
func uniqueRole(t *check.T) string {
	t.SkipUnless(t.Profile().Audit.Unmatched, "does not record roles that it does not know")
	return t.Name("role")
}

// counted makes a check of one counter. act returns the words by which a
// datagram of this check is known: its user, or the role that it is about. No
// metric of Datadog's is published, so one that names neither is taken for ours,
// too; nobody else is provisioned meanwhile, and the check is Alone for that.
func counted(counter, title string, act func(*check.T) []string) check.Check {
	c := because(roleCheck("metrics."+counter, title, assumed("role events as StatsD metrics are documented, their names are not"), func(t *check.T) {
		words := act(t)
		name := t.Profile().Metrics.Prefix + "." + counter
		// A datagram goes its own way, and the machine may be busy.
		within := max(t.Within().Roles, 3*time.Second)
		t.Eventually(func() any { return t.Heard() }, within).Should(&holdCount{name: name, words: words})
	}), "Role provisioning cannot be watched or alarmed on.", "Send a StatsD counter for each role event.")
	c.Needs = append(c.Needs, check.CapMetrics)
	c.Alone = true
	return c
}
