// SPDX-License-Identifier: Apache-2.0

package main

import "strconv"

// kinds lists what is measured. Each server gets a different resource with
// every request, so that nothing is fast because it was asked for just now.
func kinds(o options) []kind {
	both := []string{"rfc", "datadog"}
	filtered := []string{"rfc, 1,000", "rfc", "datadog"}
	if o.million {
		filtered = append(filtered, "rfc, 1,000,000")
	}
	return []kind{
		{name: "GET a user by id", target: 0.75, to: both, make: readUser},
		{name: "filter userName eq", target: 0.65, to: filtered, make: findUser},
		{name: "POST a user", target: 0.60, to: both, make: createUser},
		{name: "PATCH active", target: 0.60, to: both, make: patchActive},
		{name: "PATCH add a member, group of 10", target: 0.60, brief: true, to: both, make: addToSmall},
		{name: "PATCH add a member, large group", target: 0.60, brief: true, to: both, make: addToLarge},
		{name: "GET a page of 100 users", to: both, make: listUsers},
	}
}

// spread turns a count into places all over a list.
func spread(n, size int) int { return int(uint64(n) * 0x9E3779B97F4A7C15 >> 20 % uint64(size)) }

func readUser(s *server) request {
	return func(dst []byte, n int) []byte {
		return appendRequest(dst, "GET", s.Base+"/Users/"+s.Users[spread(n, len(s.Users))], nil)
	}
}

func findUser(s *server) request {
	return func(dst []byte, n int) []byte {
		path := appendUserName([]byte(s.Base+"/Users?filter=userName%20eq%20%22"), "user", spread(n, len(s.Users)))
		return appendRequest(dst, "GET", string(append(path, "%22"...)), nil)
	}
}

func createUser(s *server) request {
	return func(dst []byte, n int) []byte {
		return appendRequest(dst, "POST", s.Base+"/Users", appendUser(nil, "new", n))
	}
}

const patchHead = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":`

// patchActive turns users off in one pass over the directory and on in the
// next, so that every request changes something.
func patchActive(s *server) request {
	values := []string{"false", "true"}
	return func(dst []byte, n int) []byte {
		body := patchHead + `"replace","path":"active","value":` + values[n/len(s.Users)%2] + `}]}`
		return appendRequest(dst, "PATCH", s.Base+"/Users/"+s.Users[n%len(s.Users)], []byte(body))
	}
}

func addMember(dst []byte, s *server, group, user string) []byte {
	body := patchHead + `"add","path":"members","value":[{"value":"` + user + `"}]}]}`
	return appendRequest(dst, "PATCH", s.Base+"/Groups/"+group, []byte(body))
}

// addToSmall goes round the groups of ten: each grows by one in a round.
func addToSmall(s *server) request {
	return func(dst []byte, n int) []byte {
		group := n % len(s.Small)
		user := (group*smallGroup + smallGroup + n/len(s.Small)*7919) % len(s.Users)
		return addMember(dst, s, s.Small[group], s.Users[user])
	}
}

// addToLarge adds users to the group that has all others.
func addToLarge(s *server) request {
	return func(dst []byte, n int) []byte { return addMember(dst, s, s.Large, s.Outside[n%len(s.Outside)]) }
}

func listUsers(s *server) request {
	return func(dst []byte, n int) []byte {
		return appendRequest(dst, "GET", s.Base+"/Users?count=100&startIndex="+strconv.Itoa(1+spread(n, len(s.Users)-100)), nil)
	}
}
