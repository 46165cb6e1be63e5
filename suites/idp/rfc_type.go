// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// typed makes a rule about each assigned value of a type.
func typed(t scim.Type, look func(v value, say say)) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		for _, v := range q.found {
			if v.attr.Type == t && v.one && v.node.Kind != match.KindNull && v.attr.Name != "schemas" {
				look(v, say)
			}
		}
	}
}

// typeRules are about the JSON types and forms of values, RFC 7643 §2.3.
func typeRules() []Rule {
	return []Rule{
		{ID: "type.string", Holds: "strings are JSON strings", Level: check.Must, Source: rfc("7643", "2.3.1"),
			Covers: []string{"rfc7643-2.3.1-string-type", "rfc7643-4.3-employeenumber", "rfc7643-4.3-costcenter", "rfc7643-4.3-organization",
				"rfc7643-4.3-division", "rfc7643-4.3-department", "rfc7644-3.5.2-mutability-compatible"}, look: typed(scim.String, func(v value, say say) {
				if v.node.Kind != match.KindString {
					say(v.where, v.node.JSON(), "a string")
				}
			})},
		{ID: "type.boolean", Holds: "booleans are true and false", Level: check.Must, Source: rfc("7643", "2.3.2"),
			Covers: []string{"rfc7643-2.3.2-boolean-type", "rfc7644-3.5.2-mutability-compatible"}, look: typed(scim.Boolean, func(v value, say say) {
				if v.node.Kind != match.KindBoolean {
					say(v.where, v.node.JSON(), "true or false")
				}
			})},
		{ID: "type.complex", Holds: "a complex attribute is an object of sub-attributes", Level: check.Must, Source: rfc("7643", "2.3.8"),
			Covers: []string{"rfc7644-3.5.2.1-complex-set", "rfc7644-3.5.2.3-complex-set", "rfc7643-4.3-manager", "rfc7643-4.3-manager-value", "rfc7643-4.2-members-value"},
			look: typed(scim.Complex, func(v value, say say) {
				if v.node.Kind != match.KindObject {
					say(v.where, v.node.JSON(), "an object")
				}
			})},
		{ID: "type.list", Holds: "a multi-valued attribute is a list", Level: check.Must, Source: rfc("7643", "2.4"),
			Covers: []string{"rfc7644-3.5.2-mutability-compatible"}, look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					single := q.method == http.MethodPatch && v.node.Kind == match.KindObject // an add of one value
					if v.attr.MultiValued && !v.one && v.node.Kind != match.KindArray && v.node.Kind != match.KindNull && !single {
						say(v.where, v.node.JSON(), "a list")
					}
				}
			}},
		{ID: "type.date", Holds: "a dateTime is a string of a date and a time", Level: check.Must, Source: rfc("7643", "2.3.5"),
			Covers: []string{"rfc7643-2.3.5-datetime-valid", "rfc7643-2.3.5-datetime-both", "rfc7643-2.3.5-datetime-json"}, look: typed(scim.DateTime, func(v value, say say) {
				if _, err := time.Parse(time.RFC3339Nano, text(v.node)); err != nil && !localTime.MatchString(text(v.node)) {
					say(v.where, v.node.JSON(), "2026-01-31T12:00:00Z")
				}
			})},
		{ID: "type.binary", Holds: "binary values are base64", Level: check.Must, Source: rfc("7643", "2.3.6"),
			Covers: []string{"rfc7643-2.3.6-binary-base64"}, look: typed(scim.Binary, func(v value, say say) {
				if _, err := decodeBase64(text(v.node)); err != nil || v.node.Kind != match.KindString {
					say(v.where, short(v.node.JSON()), "base64")
				}
			})},
		{ID: "type.certificate", Holds: "a certificate is one DER certificate", Level: check.Must, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-x509-base64", "rfc7643-4.1.2-x509-single"}, look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					if v.name != "x509Certificates.value" {
						continue
					}
					der, err := decodeBase64(text(v.node))
					if err != nil || len(der) == 0 {
						continue // type.binary says so
					}
					if _, err := x509.ParseCertificate(der); err != nil {
						say(v.where, "bytes that are not one certificate", "one DER certificate")
					}
				}
			}},
		{ID: "type.reference", Holds: "a reference is the URI of what it names, by HTTP or relative", Level: check.Must, Source: rfc("7643", "2.3.7"),
			Covers: []string{"rfc7643-2.3.7-reference-uri", "rfc7643-2.3.7-relative-base", "rfc7643-2.3.7-http-addressable", "rfc7643-4.1.1-profileurl", "rfc7643-4.1.2-photos-file"},
			look: typed(scim.Reference, func(v value, say say) {
				u, err := url.Parse(text(v.node))
				if err != nil || text(v.node) == "" || strings.ContainsAny(text(v.node), " \"<>") || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
					say(v.where, v.node.JSON(), "an http or https URI, or a relative one")
				}
			})},
	}
}

// localTime is an xsd:dateTime without a zone.
var localTime = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$`)

// decodeBase64 takes the alphabets of RFC 4648 §4 and §5, padded or not.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	return base64.RawStdEncoding.DecodeString(s)
}

// short cuts what is too long to be read.
func short(s string) string {
	const most = 400 // bytes, so that long values cost nothing
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
