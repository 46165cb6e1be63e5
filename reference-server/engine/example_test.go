// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func ExampleResourceType_Patch() {
	users := engine.NewResourceType(engine.Definition{Name: "User", Schema: scim.UserSchema()})
	alice := engine.NewObject("schemas", []any{scim.UserURN}, "userName", "alice", "active", true)

	path, _ := engine.ParsePath("active")
	next, changed, err := users.Patch(alice, []engine.Operation{{Op: "replace", Path: path, Value: "False", Given: true}})
	fmt.Println(next, changed, err)

	path, _ = engine.ParsePath("userName")
	_, _, err = users.Patch(alice, []engine.Operation{{Op: "remove", Path: path}})
	fmt.Println(err, errors.Is(err, engine.ErrMutability))
	// Output:
	// {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"alice","active":false} true <nil>
	// mutability: Operations[0]: userName is required true
}

func ExampleResourceType_Bind() {
	users := engine.NewResourceType(engine.Definition{Name: "User", Schema: scim.UserSchema()})
	filter, _ := engine.ParseFilter(`USERNAME eq "Alice" AND emails[type eq "work"]`)
	matcher, _ := users.Bind(filter)
	fmt.Println(filter)
	fmt.Println(matcher.Equalities(), matcher.Attributes())
	fmt.Println(matcher.Match(engine.NewObject("userName", "alice")))
	// Output:
	// USERNAME eq "Alice" and emails[type eq "work"]
	// [{userName alice} {emails.type work}] [userName emails]
	// false
}
