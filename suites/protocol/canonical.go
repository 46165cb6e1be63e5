// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"regexp"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// canonicalForms checks values whose form RFC 7643 §4.1 gives: a provider takes the
// form and gives it back, and its own forms stay within the RFC's. An attribute
// that a provider does not keep is skipped.
func canonicalForms() []check.Check {
	const local = "o'hara+scim"
	mail := func(t *check.T, local string) string { return local + "." + t.Name("m") + "@mail.example" }
	return []check.Check{
		form{
			"create.email.forms", "an address with a plus and an apostrophe is an e-mail address", check.Should, "4.1.2",
			[]string{"rfc7643-4.1.2-emails-format"},
			"People named O'Hara, and those who sort their mail by plus signs, cannot be provisioned.",
			"Take what RFC 5321 §4.1.2 does for a mailbox; do not match addresses with an expression of your own.",
			"emails.value", func(t *check.T) (string, types.GomegaMatcher) {
				address := mail(t, local)
				return `"emails":[{"value":` + quote(address) + `,"type":"work"}]`, wanted{quote(address), func(got any) bool { s, _ := got.(string); return strings.EqualFold(s, address) }}
			},
		}.check(),
		form{
			"create.email.canonical", "an e-mail address comes back as sent, or with small letters", check.Should, "4.1.2",
			[]string{"rfc7643-4.1.2-emails-canonical"},
			"A client that compares addresses sends the person's address again in every cycle.",
			"Turn the domain into lower case, if anything, when you canonicalise.",
			"emails.value", func(t *check.T) (string, types.GomegaMatcher) {
				address := mail(t, "Alice")
				sent := strings.Replace(address, "mail.example", "Mail.EXAMPLE", 1)
				return `"emails":[{"value":` + quote(sent) + `,"type":"work"}]`, gomega.BeElementOf(sent, address, strings.ToLower(address))
			},
		}.check(),
		kept("create.phone.uri", "a telephone number in the form of RFC 3966 is taken", check.Should, "rfc7643-4.1.2-phones-format",
			"Numbers that a client writes as the RFC asks are refused, or lose their country.",
			"Take tel:+1-201-555-0123; give it back as sent, or with the same digits.",
			"phoneNumbers.value", `"phoneNumbers":[{"value":"tel:+1-201-555-0123","type":"work"}]`,
			"the digits of tel:+1-201-555-0123", `2\D*0\D*1\D*5\D*5\D*5\D*0\D*1\D*2\D*3$`),
		kept("create.im.other", "an address for instant messages may be of type other", check.Should, "rfc7643-4.1.2-ims-type",
			"People who use a messenger that the RFC does not list cannot be provisioned.",
			"Take the types of RFC 7643 §4.1.2, other among them, which the schema printed in §8.7.1 forgets.",
			"ims.type", `"ims":[{"value":"alice.liddell","type":"other"}]`,
			"other", `^(?i)other$`),
		kept("create.address.country", "a country comes back as a code of two letters", check.Must, "rfc7643-4.1.2-addresses-country",
			"A client that reads NO and finds Norway cannot map it, and sends NO again in every cycle.",
			"Keep the ISO 3166-1 code in country; show the name elsewhere.",
			"addresses.country", `"addresses":[{"country":"NO","type":"work"}]`,
			"NO", `^(?i)no$`),
		kept("create.address.alone", "an address may be a country alone", check.Should, "rfc7643-4.1.2-addresses-optional",
			"Entra ID maps city and country one by one; people of whom it knows one cannot be provisioned.",
			"Require no sub-attribute of addresses.",
			"addresses.country", `"addresses":[{"country":"SE"}]`,
			"SE", `^(?i)se$`),
		kept("create.address.lines", "an address keeps its line breaks", check.Should, "rfc7643-4.1.2-addresses-newlines",
			"Letters are printed with the street and the house on one line.",
			"Keep line breaks in formatted and streetAddress.",
			"addresses.streetAddress", `"addresses":[{"streetAddress":"Gate 3\nThe Old Mill","type":"work"}]`,
			"two lines", `^Gate 3\r?\nThe Old Mill$`),
		kept("create.photo.address", "a photo comes back as the address of a file", check.Must, "rfc7643-4.1.2-photos-file",
			"A client that shows the person's picture shows nothing.",
			"Keep the URL that was sent, or give the whole URL of your own copy.",
			"photos.value", `"photos":[{"value":"https://photos.example/alice.jpg","type":"photo"}]`,
			"the URL of a file", `^(https?://[^/\s]+/\S+|data:image/\S+)$`),
		kept("create.profile-url.kept", "profileUrl comes back as it was sent", check.Should, "rfc7643-4.1.1-profileurl",
			"The link on the person's page leads nowhere.",
			"Keep profileUrl to the letter: paths tell capitals from small letters.",
			"profileUrl", `"profileUrl":"https://people.example/Alice?Tab=1"`,
			"the URL as sent", `^https://people\.example/Alice\?Tab=1$`),
		kept("create.language.ranges", "preferredLanguage may name several languages in order", check.Should, "rfc7643-4.1.1-preferredlanguage",
			"People who read two languages cannot be provisioned, or get the wrong one.",
			"Read preferredLanguage as an Accept-Language header and keep it as it was sent.",
			"preferredLanguage", `"preferredLanguage":"en-US, de;q=0.5"`,
			"en-US first", `^en-US`),
		kept("create.locale.tag", "locale comes back as a language tag", check.Should, "rfc7643-4.1.1-locale",
			"A client that sent de-AT finds German and sends de-AT again in every cycle.",
			"Keep the tag of BCP 47, such as de-AT; an underscore in place of the hyphen is known and bad.",
			"locale", `"locale":"de-AT"`, "de-AT", `^(?i)de[-_]at$`),
		kept("create.timezone.name", "timezone comes back as the name of a zone", check.Should, "rfc7643-4.1.1-timezone",
			"Summer time goes wrong for whoever reads an offset in place of the zone.",
			"Keep the IANA name, such as Europe/Oslo.",
			"timezone", `"timezone":"Europe/Oslo"`,
			"the name of a zone", `^[A-Za-z_]+/[A-Za-z_/+-]+$`),
		nickNameOwn, nameAgrees, passwordRefused, passwordChange,
	}
}

// form is a check that a value is taken and comes back as wanted.
type form struct {
	id, title   string
	level       check.Level
	section     string
	covers      []string
	breaks, fix string
	path        string
	sent        func(*check.T) (members string, want types.GomegaMatcher)
}

func (f form) check() check.Check {
	root, _, _ := strings.Cut(f.path, ".")
	return check.Check{
		ID: f.id, Title: f.title, Level: f.level, Source: check.RFC7643(f.section), Covers: f.covers,
		Profiles: check.Profiles("rfc"), Breaks: f.breaks, Fix: f.fix,
		Run: func(t *check.T) {
			members, want := f.sent(t)
			x := post(t, members)
			t.Require(x).To(HaveStatus(201))
			y := t.Get(t.Resource(x))
			t.Require(y).To(HaveAttribute("userName"))
			if len(Texts(y, root+".value"))+len(Texts(y, f.path))+len(Texts(y, root)) == 0 {
				t.Skip(root + " is not kept")
			}
			t.Expect(y).To(HaveAttribute(f.path, want))
		},
	}
}

// kept makes the check of a form that needs no name of this run. What comes back
// is to match a pattern, which what says in words.
func kept(id, title string, level check.Level, covers, breaks, fix, path, members, what, pattern string) check.Check {
	section, _, _ := strings.Cut(strings.TrimPrefix(covers, "rfc7643-"), "-")
	right := regexp.MustCompile(pattern)
	return form{id, title, level, section, []string{covers}, breaks, fix, path, func(*check.T) (string, types.GomegaMatcher) {
		return members, wanted{what, func(got any) bool { s, _ := got.(string); return right.MatchString(s) }}
	}}.check()
}

var nickNameOwn = check.Check{
	ID:       "create.user.nick-name",
	Title:    "the provider makes no nickName of the userName",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-nickname-not-username"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "People are greeted by their login.",
	Fix:      "Leave nickName unassigned until a client sends one.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Get(alice)
		t.Require(x).To(HaveAttribute("userName", userName(alice)))
		t.Expect(x).To(HaveAttribute("nickName", wanted{"a name that is not the userName, or nothing", func(got any) bool { return got != userName(alice) }}))
	},
}

var nameAgrees = check.Check{
	ID:       "replace.user.formatted",
	Title:    "a formatted name that the provider makes agrees with the names it is made of",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-name-agree"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Somebody who married goes on under the old name wherever the formatted name is shown.",
	Fix:      "Make name.formatted of the other parts when it is read, or leave it out.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		formatted := func(family string) wanted {
			return wanted{"a name with " + family + " in it, or nothing", func(got any) bool {
				s, given := got.(string)
				return !given || strings.Contains(s, family)
			}}
		}
		made := t.Get(alice)
		t.Require(made).To(HaveAttribute("name.familyName", "Liddell"))
		t.Expect(made).To(HaveAttribute("name.formatted", formatted("Liddell")))
		t.Precondition(t.Put(alice, edited(alice, "Liddell", "Hargreaves"))).To(HaveStatus(200))
		changed := t.Get(alice)
		t.Precondition(changed).To(HaveAttribute("name.familyName", "Hargreaves"))
		t.Expect(changed).To(HaveAttribute("name.formatted", formatted("Hargreaves")))
	},
}

var passwordRefused = check.Check{
	ID:       "create.password.weak",
	Title:    "a password that the policy does not allow is refused with 400 invalidValue, or ignored",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-password-process"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "A 500 looks like an outage: Okta, which sends passwords, reports one, and nobody reads that the password is too short.",
	Fix:      "Hold the password against your policy and answer 400 invalidValue with a detail that says what is wrong, not which password.",
	Run: func(t *check.T) {
		x := post(t, `"password":"a"`)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 400 {
			t.Expect(x).To(BeSCIMError(400, scim.InvalidValue))
			return
		}
		t.Expect(x).To(HaveAttribute("userName"))
		t.Expect(x).To(NotHaveAttribute("password"))
	},
}

var passwordChange = check.Check{
	ID:       "patch.user.password",
	Title:    "a password is changed where changePassword is supported, and else refused or ignored",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-password-change"},
	Needs:    check.Needs(check.CapDiscovery, check.CapPatch),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta's password sync is switched on because the provider offers it, and every change of a password fails.",
	Fix:      "Take a PATCH of password, or state changePassword.supported false.",
	Run: func(t *check.T) {
		config := t.List(scim.ServiceProviderConfigEndpoint)
		t.Precondition(config).To(HaveAttribute("changePassword.supported"))
		x := t.Patch(create(t, "alice"), `[{"op":"replace","path":"password","value":"T7-wX!dusk-copper-93"}]`)
		if Text(config, "changePassword.supported") == "true" {
			t.Expect(x).To(HaveStatus(200, 204))
		} else {
			t.Expect(x).To(HaveStatus(200, 204, 400, 403, 501)) // ignored or refused
		}
		t.Expect(string(x.Response.Body)).NotTo(gomega.ContainSubstring("dusk-copper"))
	},
}
