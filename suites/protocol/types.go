// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// valueTypes checks values by their data type, RFC 7643 §2.3 and §2.4.
func valueTypes() []check.Check {
	return []check.Check{typeString, typeInteger, certificateKept, certificateText, certificateEach, pairsOnce, primaryAbsent}
}

// Two certificates of 2026 with Ed25519 keys that nobody has: DER in base64.
const (
	certificateOne = "MIIBQjCB9aADAgECAhQjmRatXr7+xcCYx8iAeWEYSuQrhDAFBgMrZXAwFjEUMBIGA1UEAwwLb25lLmV4YW1wbGUwIBcNMjYxMTIzMTUxMTUyWhgPMjEyNjEwMzAxNTExNTJaMBYxFDASBgNVBAMMC29uZS5leGFtcGxlMCowBQYDK2VwAyEAfywCoqw6eylA6IL9zPxS3lIMT/bVJxVw3B9DXGqJzyKjUzBRMB0GA1UdDgQWBBRVEP0mqQ7jhbV6Vm3u10cn0fzBnTAfBgNVHSMEGDAWgBRVEP0mqQ7jhbV6Vm3u10cn0fzBnTAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAFzZEmszYanxQVvaq9hc/dpkQxRWW9MCLediE0QtWxUjUWnPILZy7+9kcRuQ+9FLzNTATKxA8KgPla9e5FVVngI="
	certificateTwo = "MIIBQjCB9aADAgECAhRnKlw9vNa7sI0T3DFXU2g02ofk0zAFBgMrZXAwFjEUMBIGA1UEAwwLdHdvLmV4YW1wbGUwIBcNMjYxMTIzMTUxMTUyWhgPMjEyNjEwMzAxNTExNTJaMBYxFDASBgNVBAMMC3R3by5leGFtcGxlMCowBQYDK2VwAyEAtD794xyCXJQNGRBxG0fbui22SvoRaLTjaDRU+sYj/zKjUzBRMB0GA1UdDgQWBBQ7GRX8eSrkRBtjZuu++K96KPEH6jAfBgNVHSMEGDAWgBQ7GRX8eSrkRBtjZuu++K96KPEH6jAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAEzAjYaiybd/pz6dBh6s8mg1r0cWGsw0AMmrXWTXKpEaIIOwQOB2iIf/UkSyMMT0RnYcoAa+aE1aZkSABG2g7g8="
)

var typeString = check.Check{
	ID:       "create.value.string",
	Title:    "a number where text belongs is refused, or comes back as text",
	Level:    check.Should,
	Source:   check.RFC7643("2.3.1"),
	Covers:   []string{"rfc7643-2.3.1-string-type", "rfc7643-2-receiver-validates"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A typed client stops reading the list of users at the first one that has a number for a name.",
	Fix:      "Refuse with 400 invalidValue what is not of the attribute's type, or turn it into text.",
	Run: func(t *check.T) {
		x := post(t, `"nickName":5`)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			y := t.Get(t.Resource(x))
			t.Require(y).To(HaveAttribute("userName"))
			t.Expect(y).To(HaveAttribute("nickName", wanted{"text, or nothing", func(got any) bool { _, number := got.(float64); return !number }}))
		}
	},
}

var typeInteger = check.Check{
	ID:       "list.counters.integer",
	Title:    "totalResults, startIndex and itemsPerPage are written as integers",
	Level:    check.Must,
	Source:   check.RFC7643("2.3.4"),
	Covers:   []string{"rfc7643-2.3.4-integer-type"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A typed client cannot read 1.0 into an integer, and the list fails.",
	Fix:      "Write counters without fraction and exponent: 1, not 1.0 or 1e0.",
	Run: func(t *check.T) {
		x := find(t, scim.UsersEndpoint, is(create(t, "alice")))
		t.Require(x).To(BeListResponse(1))
		for _, name := range []string{"totalResults", "startIndex", "itemsPerPage"} {
			written := Text(x, name)
			t.Expect(x).To(HaveAttribute(name, wanted{"digits alone, or nothing", func(any) bool { return strings.Trim(written, "0123456789") == "" }}))
		}
	},
}

var certificateKept = check.Check{
	ID:       "create.certificate.kept",
	Title:    "a certificate comes back as it was sent",
	Level:    check.Must,
	Source:   check.RFC7643("2.3.6"),
	Covers:   []string{"rfc7643-2.3.6-binary-base64", "rfc7643-4.1.2-x509-base64"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever verifies a signature of the person reads a broken certificate.",
	Fix:      "Keep the base64 text, or write the bytes as base64 of RFC 4648 §4 without line breaks.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice", `"x509Certificates":[{"value":"`+certificateOne+`"}]`))
		t.Require(x).To(HaveAttribute("userName"))
		if len(Texts(x, "x509Certificates.value")) == 0 {
			t.Skip("x509Certificates is not kept")
		}
		t.Expect(x).To(HaveAttribute("x509Certificates.value", certificateOne))
	},
}

var certificateText = check.Check{
	ID:       "create.certificate.text",
	Title:    "a certificate that is not base64 is refused, or not kept",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-2.3.6-binary-base64", "rfc7643-4.1.2-x509-base64"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A typed client that reads bytes stops at the first user whose certificate is none.",
	Fix:      "Answer 400 invalidValue to a value of x509Certificates that is not base64.",
	Run: func(t *check.T) {
		x := post(t, `"x509Certificates":[{"value":"***"}]`)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			y := t.Get(t.Resource(x))
			t.Require(y).To(HaveAttribute("userName"))
			t.Expect(y).To(NotHaveAttribute("x509Certificates.value"))
		}
	},
}

var certificateEach = check.Check{
	ID:       "create.certificate.each",
	Title:    "each certificate is a value of its own",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-4.1.2-x509-single"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A reader takes the first certificate of a chain and loses the others, or cannot read any.",
	Fix:      "Keep as many values as were sent, one certificate in each.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice", `"x509Certificates":[{"value":"`+certificateOne+`"},{"value":"`+certificateTwo+`"}]`))
		t.Require(x).To(HaveAttribute("userName"))
		if len(Texts(x, "x509Certificates.value")) == 0 {
			t.Skip("x509Certificates is not kept")
		}
		t.Expect(x).To(HaveAttribute("x509Certificates.value", certificateOne, certificateTwo))
	},
}

var pairsOnce = check.Check{
	ID:       "create.value.pairs-once",
	Title:    "the same value of the same type does not come back twice",
	Level:    check.Should,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7643-2.4-no-duplicate-pairs"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Each cycle adds the address once more, and no value path says which one is meant.",
	Fix:      "Keep one of two values whose type and value are the same, or answer 400.",
	Run: func(t *check.T) {
		one := `{"value":` + quote(t.Name("mail")+"@work.example") + `,"type":"work"}`
		x := post(t, `"emails":[`+one+`,`+one+`]`)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			t.Expect(t.Get(t.Resource(x))).To(HaveAttributeCount(`emails[type eq "work"]`, 1))
		}
	},
}

var primaryAbsent = check.Check{
	ID:       "filter.primary.absent",
	Title:    "a value without primary is not the primary one",
	Level:    check.Must,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7643-2.4-primary-default"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A query for primary addresses finds people by addresses that they do not use.",
	Fix:      "Take a primary that is not there for false when you filter.",
	Run: func(t *check.T) {
		name := t.Name("mail")
		alice := create(t, "alice", `"emails":[{"value":"`+name+`@work.example","type":"work"},{"value":"`+name+`@home.example","type":"home"}]`)
		shown := exists(t, alice)
		t.Precondition(find(t, scim.UsersEndpoint, is(alice))).To(HaveOnlyResources(alice.ID))
		if len(Texts(shown, "emails[primary eq true].value")) > 0 {
			t.Skip("the provider chooses a primary address of its own")
		}
		x := find(t, scim.UsersEndpoint, is(alice)+" and emails[primary eq true]")
		if x.Status == 400 && strings.EqualFold(Text(x, "scimType"), scim.InvalidFilter) {
			t.Skip("filters by value path are not supported")
		}
		t.Require(x).To(BeListResponse())
		t.Expect(x).To(NotContainResource(alice.ID))
	},
}
