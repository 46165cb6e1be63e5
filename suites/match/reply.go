// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/internal/scim"
)

// HaveStatus matches a reply whose status code is one of codes.
func HaveStatus(codes ...int) *Matcher {
	want := alternatives(codes)
	return newMatcher("status "+want, func(s *subject) *Finding { return s.checkStatus(codes, want) })
}

func (s *subject) checkStatus(codes []int, want string) *Finding {
	if slices.Contains(codes, s.status) {
		return nil
	}
	f := &Finding{Where: "status", Got: s.answer(), Want: want}
	if len(s.body) > 0 {
		f.Text = "body " + s.shownBody()
	}
	return f
}

// BeSCIMError matches an error as RFC 7644 §3.12 has it: that status code, the
// Error schema, a status member that is the code as a string, and, if any
// scimTypes are given, one of these as scimType.
func BeSCIMError(status int, scimTypes ...string) *Matcher {
	return BeSCIMErrorWith([]int{status}, scimTypes...)
}

// BeSCIMErrorWith is BeSCIMError for statements that allow several statuses.
func BeSCIMErrorWith(statuses []int, scimTypes ...string) *Matcher {
	want := alternatives(statuses)
	wants := "a SCIM error " + want
	if len(scimTypes) > 0 {
		wants += " " + alternatives(scimTypes)
	}
	return newMatcher(wants, func(s *subject) *Finding {
		if f := s.checkStatus(statuses, want); f != nil {
			return f
		}
		tree, f := s.json()
		if f != nil {
			return f
		}
		schemas, _ := tree.Root.Member("schemas")
		if !holdsText(schemas.Value, scim.ErrorURN) {
			return &Finding{Where: "body.schemas", Got: show(schemas.Value), Want: "an array with " + quote(scim.ErrorURN)}
		}
		code, _ := tree.Root.Member("status")
		if code.Value == nil || code.Value.Kind != KindString || code.Value.Text != strconv.Itoa(s.status) {
			return &Finding{Where: "body.status", Got: show(code.Value), Want: quote(strconv.Itoa(s.status)) + " (string)"}
		}
		if len(scimTypes) == 0 {
			return nil
		}
		scimType, _ := tree.Root.Member("scimType")
		if scimType.Value == nil || scimType.Value.Kind != KindString || !slices.Contains(scimTypes, scimType.Value.Text) {
			return &Finding{Where: "body.scimType", Got: show(scimType.Value), Want: alternatives(quoted(scimTypes))}
		}
		return nil
	})
}

// holdsText says whether n is an array with that string, in any letter case:
// schema URNs are case-insensitive (RFC 8141 §3.1 for "urn" and the namespace;
// providers differ on the rest).
func holdsText(n *Node, text string) bool {
	return n != nil && slices.ContainsFunc(n.Elements, func(e *Node) bool {
		return e.Kind == KindString && strings.EqualFold(e.Text, text)
	})
}

// HaveHeader matches a reply with that header. want may be nothing (any
// non-empty value will do), the value, or a Gomega matcher for it.
func HaveHeader(name string, want ...any) *Matcher {
	name = http.CanonicalHeaderKey(name)
	return newMatcher("header "+name, func(s *subject) *Finding {
		got := s.header.Get(name)
		where := "header " + name
		if len(want) == 0 {
			if got == "" {
				return &Finding{Where: where, Got: "nothing", Want: "a value"}
			}
			return nil
		}
		ok, wanted := agrees(got, want[0])
		if ok {
			return nil
		}
		shown := "nothing"
		if len(s.header.Values(name)) > 0 {
			shown = cut(quote(got))
		}
		return &Finding{Where: where, Got: shown, Want: wanted}
	})
}

// agrees compares a header with a wanted value or matcher and says what was
// wanted.
func agrees(got string, want any) (ok bool, wanted string) {
	if m, isMatcher := want.(types.GomegaMatcher); isMatcher {
		ok, err := m.Match(got)
		if err != nil {
			return false, err.Error()
		}
		return ok, describe(m, got)
	}
	text := fmt.Sprint(want)
	return got == text, quote(text)
}

// HaveMediaType matches a reply whose Content-Type is one of mediaTypes; a
// charset, if there is one, must be UTF-8 (RFC 7644 §3.1, RFC 8259 §8.1).
func HaveMediaType(mediaTypes ...string) *Matcher {
	want := alternatives(mediaTypes)
	return newMatcher("media type "+want, func(s *subject) *Finding {
		field := s.header.Get("Content-Type")
		got, parameters, err := mime.ParseMediaType(field)
		if field == "" {
			return &Finding{Where: "header Content-Type", Got: "nothing", Want: want, Text: s.noAnswer()}
		}
		if err != nil || !slices.ContainsFunc(mediaTypes, func(t string) bool { return strings.EqualFold(t, got) }) {
			return &Finding{Where: "header Content-Type", Got: cut(quote(field)), Want: want}
		}
		if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
			return &Finding{Where: "header Content-Type", Got: cut(quote(field)), Want: "charset utf-8 or none"}
		}
		return nil
	})
}

func (s *subject) noAnswer() string {
	if s.reply && s.status == 0 {
		return s.answer()
	}
	return ""
}

// HaveBody matches a reply with a body.
func HaveBody() *Matcher {
	return newMatcher("a body", func(s *subject) *Finding {
		if len(s.body) > 0 {
			return nil
		}
		return &Finding{Where: "body", Got: "nothing", Want: "a body", Text: s.noAnswer()}
	})
}

// BeEmptyBody matches a reply without a body, as a 204 has to be (RFC 9110
// §15.3.5).
func BeEmptyBody() *Matcher {
	return newMatcher("an empty body", func(s *subject) *Finding {
		if s.reply && s.status == 0 {
			return &Finding{Where: "status", Got: s.answer(), Want: "an answer"}
		}
		if len(s.body) == 0 {
			return nil
		}
		return &Finding{Where: "body", Got: s.shownBody(), Want: "no body"}
	})
}

// BeJSON matches a reply whose body is one JSON text, without a byte order
// mark (RFC 8259 §8.1).
func BeJSON() *Matcher {
	return newMatcher("JSON", func(s *subject) *Finding {
		tree, f := s.json()
		if f == nil && tree.BOM {
			return &Finding{Where: "body", Got: "a byte order mark", Want: "JSON from the first byte"}
		}
		return f
	})
}

// HaveUniqueNames matches JSON in which no object names an attribute twice,
// letter case ignored (RFC 7643 §2.1, RFC 8259 §4).
func HaveUniqueNames() *Matcher {
	return newMatcher("unique names", func(s *subject) *Finding {
		tree, f := s.json()
		if f != nil {
			return f
		}
		for _, d := range tree.Duplicates() {
			return &Finding{Where: d.Where, Got: strings.Join(quoted(d.Names), ", "), Want: "each attribute once"}
		}
		return nil
	})
}

// alternatives lists values as "200 or 204".
func alternatives[T any](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}

func quoted(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = quote(t)
	}
	return out
}
