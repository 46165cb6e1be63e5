// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
)

// valueFaults break values by their type and form, RFC 7643 §2.3, §2.4 and
// §4.1.
func valueFaults() []Fault {
	users := on("Users")
	refuse := func(detail string, bad func(object) bool) wrapper {
		return refusing(writes("Users"), scim.InvalidValue, detail, bad)
	}
	shown := func(list, member string, edit func(any) any) wrapper {
		return editingResources(users, func(o object) {
			eachIn(o, list, func(e object) {
				if e[member] != nil {
					e[member] = edit(e[member])
				}
			})
		})
	}
	text := func(f func(string) string) func(any) any {
		return func(v any) any {
			if s, ok := v.(string); ok {
				return f(s)
			}
			return v
		}
	}
	as := func(to string) func(any) any { return func(any) any { return to } }
	simple := func(name string, edit func(any) any) wrapper {
		return editingResources(users, func(o object) {
			if o[name] != nil {
				o[name] = edit(o[name])
			}
		})
	}
	return []Fault{
		{Name: "number-kept", Breaks: "A number that is sent as nickName is kept as a number.", Wrap: keepingNumbers()},
		{Name: "counters-with-fraction", Breaks: "Lists write their counters with a fraction.", Wrap: editing(users, func(o object) {
			if _, list := o["totalResults"]; list {
				for _, name := range []string{"totalResults", "startIndex", "itemsPerPage"} {
					if n, ok := o[name].(float64); ok {
						o[name] = jsontext.Value(strconv.FormatFloat(n, 'f', 1, 64))
					}
				}
			}
		})},
		{Name: "certificate-wrapped", Breaks: "A certificate comes back with line breaks in it.", Wrap: shown("x509Certificates", "value", text(func(s string) string {
			return s[:min(64, len(s))] + "\r\n" + s[min(64, len(s)):]
		}))},
		{Name: "certificate-unchecked", Breaks: "Any text is kept as a certificate.", Wrap: unchecked()},
		{Name: "certificates-joined", Breaks: "All certificates of a person come back in one value.", Wrap: editingResources(users, func(o object) {
			var all string
			eachIn(o, "x509Certificates", func(e object) { s, _ := e["value"].(string); all += s })
			if all != "" {
				o["x509Certificates"] = []any{object{"value": all}}
			}
		})},
		{Name: "emails-doubled", Breaks: "The first e-mail address comes back twice.", Wrap: editingResources(users, func(o object) {
			if list, ok := o["emails"].([]any); ok && len(list) > 0 {
				o["emails"] = append(list, list[0])
			}
		})},
		{Name: "primary-assumed", Breaks: "A filter takes a value without primary for the primary one.",
			Wrap: asked(both(users, filtering("emails[primary eq true]")), func(r *http.Request) {
				q := r.URL.Query()
				q.Set("filter", strings.Replace(q.Get("filter"), "emails[primary eq true]", "emails[value pr]", 1))
				r.URL.RawQuery = q.Encode()
			})},
		{Name: "email-plus-refused", Breaks: "An e-mail address with a plus is refused.", Wrap: refuse("no e-mail address", func(o object) bool {
			list, _ := o["emails"].([]any)
			return slices.ContainsFunc(list, func(e any) bool { m, _ := e.(object); return strings.Contains(word(m, "value"), "+") })
		})},
		{Name: "emails-in-capitals", Breaks: "E-mail addresses come back in capitals.", Wrap: shown("emails", "value", text(strings.ToUpper))},
		{Name: "phone-uri-refused", Breaks: "A telephone number in the form of RFC 3966 is refused.", Wrap: refuse("no telephone number", func(o object) bool {
			return strings.Contains(string(encode(o["phoneNumbers"])), "tel:")
		})},
		{Name: "im-other-refused", Breaks: "An address for instant messages of type other is refused.", Wrap: refuse("unknown type", func(o object) bool {
			return strings.Contains(string(encode(o["ims"])), `"other"`)
		})},
		{Name: "country-spelt-out", Breaks: "A country comes back by its name.", Wrap: shown("addresses", "country", as("Norway"))},
		{Name: "address-locality-required", Breaks: "An address without locality is refused.", Wrap: refuse("locality is required", func(o object) bool {
			list, _ := o["addresses"].([]any)
			return slices.ContainsFunc(list, func(e any) bool { m, _ := e.(object); return m["locality"] == nil })
		})},
		{Name: "address-one-line", Breaks: "Line breaks in an address become blanks.", Wrap: shown("addresses", "streetAddress", text(func(s string) string { return strings.ReplaceAll(s, "\n", " ") }))},
		{Name: "photo-path", Breaks: "A photo comes back as a path of the product.", Wrap: shown("photos", "value", as("/avatars/1"))},
		{Name: "profile-url-lower-cased", Breaks: "profileUrl is written in lower case.", Wrap: simple("profileUrl", text(strings.ToLower))},
		{Name: "language-list-refused", Breaks: "A preferredLanguage with several languages is refused.", Wrap: refuse("no language", func(o object) bool { return strings.Contains(word(o, "preferredLanguage"), ",") })},
		{Name: "locale-spelt-out", Breaks: "locale comes back as the name of a language.", Wrap: simple("locale", as("German"))},
		{Name: "timezone-offset", Breaks: "timezone comes back as an offset.", Wrap: simple("timezone", as("+01:00"))},
		{Name: "nick-name-made-up", Breaks: "A user without nickName gets the userName as one.", Wrap: editingResources(users, func(o object) {
			if o["nickName"] == nil {
				o["nickName"] = o["userName"]
			}
		})},
		{Name: "formatted-name-stale", Breaks: "name.formatted stays what it was when the user was created.", Wrap: editingResources(users, func(o object) {
			if n, ok := o["name"].(object); ok && n["formatted"] == nil {
				n["formatted"] = "Alice Liddell"
			}
		})},
		{Name: "password-policy-500", Breaks: "A password that the policy does not allow is answered with 500.", Wrap: replyingTo(all("Users", http.MethodPost),
			func(o object) bool { s, _ := o["password"].(string); return s != "" && len(s) < 8 },
			func(rw http.ResponseWriter) { refuse500(rw) })},
	}
}

// replyingTo answers writes whose body satisfies bad.
func replyingTo(w when, bad func(object) bool, answer func(http.ResponseWriter)) wrapper {
	return instead(both(w, func(r *http.Request) bool {
		var o object
		return decode(body(r), &o) == nil && bad(o)
	}), func(rw http.ResponseWriter, _ *http.Request) { answer(rw) })
}

func refuse500(rw http.ResponseWriter) {
	refuse(rw, http.StatusInternalServerError, "", "internal error")
}

// keepingNumbers takes a nickName that is a number, and remembers it.
func keepingNumbers() wrapper {
	return remembering("nickName", func(v any) bool { _, number := v.(float64); return number })
}

// unchecked takes certificates that are no base64.
func unchecked() wrapper {
	return remembering("x509Certificates", func(v any) bool { return strings.Contains(string(encode(v)), "***") })
}

// remembering keeps a member of new users, where it is as said, from the
// wrapped handler, and shows it in every reply about the user.
func remembering(name string, said func(any) bool) wrapper {
	return rememberingBody(func(sent object) any {
		v := sent[name]
		if v == nil || !said(v) {
			return nil
		}
		delete(sent, name)
		return v
	}, func(u object, v any) { u[name] = v })
}

// rememberingBody lets take see and change the body that creates a user, and
// show put what it took into every reply about that user.
func rememberingBody(take func(sent object) any, show func(u object, taken any)) wrapper {
	return func(next http.Handler) http.Handler {
		users := newKept()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var taken any
			if all("Users", http.MethodPost)(r) {
				editRequest(r, func(o object) { taken = take(o) })
			}
			rec := record(next, r)
			if rec.Code < 300 && on("Users")(r) {
				editBody(rec, func(o object) {
					eachResource(o, func(u object) {
						id, _ := u["id"].(string)
						if taken != nil {
							users.put(id, taken)
						}
						if v := users.get(id); v != nil {
							show(u, v)
						}
					})
				})
			}
			send(rw, rec)
		})
	}
}
