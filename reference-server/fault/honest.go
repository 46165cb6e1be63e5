// SPDX-License-Identifier: Apache-2.0

package fault

// honestFaults advertise less than works, or more.
func honestFaults() []Fault {
	return []Fault{
		{Name: "config-denies-everything", Breaks: "ServiceProviderConfig says that nothing is supported, and ResourceTypes hides groups, although all of it works.",
			Wrap: chain(editing(on("ServiceProviderConfig"), func(o object) {
				for _, v := range o {
					if feature, ok := v.(object); ok && feature["supported"] != nil {
						feature["supported"] = false
					}
				}
			}), editing(all("ResourceTypes"), func(o object) { dropListed(o, "Group") }))},
		{Name: "schema-lists-unkept", Breaks: "nickName and userType are in the User schema and are not stored.",
			Wrap: editingResources(on("Users"), func(o object) {
				for _, name := range []string{"nickName", "userType"} {
					delete(o, name)
				}
			})},
	}
}
