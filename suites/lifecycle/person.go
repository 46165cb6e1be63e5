// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
)

// personChecks look at who a provisioned person is in the product.
func personChecks() []check.Check {
	person := func(id, title, section, page string, evidence check.Evidence, breaks, fix string, run func(t *check.T, userName string, r *check.Resource)) check.Check {
		return check.Check{
			ID: "lifecycle.product.person." + id, Title: title, Level: check.Product,
			Source: datadog(section, page, evidence), Needs: check.Needs(check.CapProduct),
			Profiles: check.Profiles(check.ProductBehaviour), Breaks: breaks, Fix: fix,
			Run: func(t *check.T) {
				userName := t.Name("ada") + "-Lovelace@" + people.Domain
				r := t.Create(scim.UsersEndpoint, fmt.Sprintf(
					`{"schemas":[%q],"userName":%q,"name":{"formatted":"Ada Lovelace","givenName":"Ada","familyName":"Lovelace"},"emails":[{"primary":true,"type":"work","value":%q}],"active":true}`,
					scim.UserURN, userName, userName))
				run(t, userName, r)
			},
		}
	}
	return []check.Check{
		person("name", "the name of a person shows in the product", "Configure SCIM with Microsoft Entra ID, attribute mappings (name.formatted)", datadogSCIM+"azure/", check.Documented,
			"Everybody is an address without a name.", "Keep name.formatted as the user's name.",
			func(t *check.T, userName string, _ *check.Resource) {
				t.Shows("product user "+userName, "name", t.Within().Users, "Ada Lovelace", func() any { return t.ProductUser(userName).Name })
			}),
		person("email", "an address with capitals is kept as the profile promises", "Users API, addresses as recorded", "https://github.com/DataDog/datadog-api-client-go", check.Recorded,
			"Single sign-on with another letter case makes a second account.", "Keep addresses in lower case, or compare them without regard to letter case.",
			func(t *check.T, userName string, _ *check.Resource) {
				t.Shows("product user "+userName, "email", t.Within().Users, stored(t, userName), func() any { return t.ProductUser(userName).Email })
			}),
		person("id", "a person has the same id over SCIM and in the product", "SCIM API and users API: both give the user's UUID", "https://docs.datadoghq.com/api/latest/scim/", check.Assumed,
			"What the audit trail says of a user cannot be found in the IdP's log.", "Use one id for a user.",
			func(t *check.T, userName string, r *check.Resource) {
				t.Shows("product user "+userName, "id", t.Within().Users, r.ID, func() any { return t.ProductUser(userName).ID })
			}),
	}
}
