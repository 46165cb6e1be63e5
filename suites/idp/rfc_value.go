// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

var (
	languageTag = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
	acceptRange = regexp.MustCompile(`^\s*(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)\s*(;\s*q=[01](\.\d{0,3})?)?\s*$`)
	zone        = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)
	telephone   = regexp.MustCompile(`(?i)^tel:[+0-9().*#A-F-]+(;[^;\s]+)*$`)
	country     = regexp.MustCompile(`^[A-Za-z]{2}$`)
)

// form makes a rule about the non-empty texts of one attribute.
func form(name string, ok func(string) bool, want string) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		for _, v := range q.found {
			if v.name == name && v.node.Kind == match.KindString && v.node.Text != "" && !ok(v.node.Text) {
				say(v.where, v.node.JSON(), want)
			}
		}
	}
}

// valueRules are about what values say, RFC 7643 §4.
func valueRules() []Rule {
	ims := []string{"aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"}
	return []Rule{
		{ID: "value.no-quotes", Holds: "no value is in quotation marks of its own", Level: check.Must, Source: rfc("7643", "1.1"),
			Covers: []string{"rfc7643-1.1-quotes"}, look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					if s := text(v.node); len(s) > 1 && strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`) {
						say(v.where, v.node.JSON(), s[1:len(s)-1])
					}
				}
			}},
		{ID: "value.one-primary", Holds: "primary true stands once in an attribute", Level: check.Must, Source: rfc("7643", "2.4"),
			Covers: []string{"rfc7643-2.4-primary-once"}, look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					n := 0
					for _, e := range v.node.Elements {
						if p := member(e, "primary"); p != nil && strings.EqualFold(p.Text, "true") {
							n++
						}
					}
					if n > 1 {
						say(v.where, "more than one primary", "one")
					}
				}
			}},
		{ID: "value.email", Holds: "an e-mail address is one", Level: check.Should, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-emails-format"}, look: form("emails.value", func(s string) bool {
				a, err := mail.ParseAddress("<" + s + ">")
				return err == nil && a.Address == s
			}, "name@host")},
		{ID: "value.phone", Holds: "a telephone number is a tel: URI", Level: check.Should, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-phones-format"}, look: form("phoneNumbers.value", telephone.MatchString, "tel:+1-201-555-0123")},
		{ID: "value.ims-type", Holds: "the type of an instant messaging address is a listed one", Level: check.Should, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-ims-type"}, look: form("ims.type", func(s string) bool { return slices.Contains(ims, strings.ToLower(s)) }, strings.Join(ims, ", "))},
		{ID: "value.photo-type", Holds: "the type of a photo is photo or thumbnail", Level: check.Should, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-photos-types"}, look: form("photos.type", func(s string) bool { return s == "photo" || s == "thumbnail" }, "photo, thumbnail")},
		{ID: "value.country", Holds: "a country is two letters of ISO 3166-1", Level: check.Must, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-addresses-country"}, look: form("addresses.country", country.MatchString, "a code such as DE")},
		{ID: "value.locale", Holds: "a locale is a language tag", Level: check.Must, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-locale"}, look: form("locale", languageTag.MatchString, "a tag such as en-US")},
		{ID: "value.language", Holds: "preferredLanguage has the form of Accept-Language", Level: check.Must, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-preferredlanguage"}, look: form("preferredLanguage", func(s string) bool {
				return !slices.ContainsFunc(strings.Split(s, ","), func(s string) bool { return !acceptRange.MatchString(s) })
			}, "en-US, de;q=0.5")},
		{ID: "value.timezone", Holds: "a time zone is one of the IANA names", Level: check.Must, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-timezone"}, look: form("timezone", zone.MatchString, "Europe/Berlin")},
		{ID: "value.nickname", Holds: "nickName is not the userName", Level: check.Should, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-nickname-not-username"}, look: func(q *request, _ *seen, say say) {
				nick, user := text(member(q.root(), "nickName")), text(member(q.root(), "userName"))
				if q.holdsResource() && nick != "" && nick == user {
					say("body.nickName", nick, "a name that is not the userName")
				}
			}},
	}
}
