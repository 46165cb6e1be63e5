// SPDX-License-Identifier: Apache-2.0

package main

import "strconv"

const userHead = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"`

// userTail brings a user to one kilobyte.
const userTail = `"name":{"givenName":"Alice","familyName":"Liddell","formatted":"Alice Pleasance Liddell","middleName":"Pleasance"},` +
	`"nickName":"Ali","title":"Staff Engineer","userType":"Employee","preferredLanguage":"en-GB",` +
	`"locale":"en-GB","timezone":"Europe/London","active":true,` +
	`"phoneNumbers":[{"value":"tel:+1-555-0100","type":"work"},{"value":"tel:+1-555-0101","type":"mobile"}],` +
	`"addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA",` +
	`"postalCode":"91608","country":"US","primary":true}],` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130",` +
	`"organization":"Universal Studios","division":"Theme Park","department":"Tour Operations"}}`

// appendUserName appends the userName of the nth user of a family.
func appendUserName(dst []byte, family string, n int) []byte {
	dst = append(dst, family...)
	text := strconv.Itoa(n)
	for i := len(text); i < 7; i++ {
		dst = append(dst, '0')
	}
	return append(append(dst, text...), "@bench.example"...)
}

// appendUser appends the body of a POST of the nth user of a family.
func appendUser(dst []byte, family string, n int) []byte {
	dst = appendUserName(append(dst, userHead...), family, n)
	dst = appendUserName(append(dst, `","userName":"`...), family, n)
	dst = appendUserName(append(dst, `","emails":[{"type":"work","primary":true,"value":"`...), family, n)
	dst = append(append(append(dst, `"}],"displayName":"Alice `...), strconv.Itoa(n)...), `",`...)
	return append(dst, userTail...)
}

// appendMembers appends a JSON array of members.
func appendMembers(dst []byte, ids []string) []byte {
	dst = append(dst, '[')
	for i, id := range ids {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, `{"value":"`...), id...), `"}`...)
	}
	return append(dst, ']')
}

// groupBody returns the body of a POST or PUT of a group.
func groupBody(name string, ids []string) []byte {
	dst := append([]byte(nil), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`...)
	dst = append(append(dst, name...), `","members":`...)
	return append(appendMembers(dst, ids), '}')
}
