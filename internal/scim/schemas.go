// SPDX-License-Identifier: Apache-2.0

package scim

// UserSchema returns the core User schema, RFC 7643 §4.1 and §8.7.1. It differs
// from the printed one where the text or a verified erratum says otherwise:
// identifiers and URIs are caseExact (RFC 7643 §2.3.7 and §3.1),
// x509Certificates.value is binary (erratum 5606), and ims.type lists "other".
func UserSchema() Schema {
	return Schema{
		ID: UserURN, Name: "User", Description: "User Account",
		Attributes: []Attribute{
			{Name: "userName", Type: String, Required: true, Uniqueness: "server", Description: "Unique identifier for the User, typically used by the user to directly authenticate to the service provider."},
			{Name: "name", Type: Complex, Description: "The components of the user's real name.", Sub: []Attribute{
				text("formatted", "The full name, including all middle names, titles, and suffixes as appropriate, formatted for display."),
				text("familyName", "The family name of the User."),
				text("givenName", "The given name of the User."),
				text("middleName", "The middle name(s) of the User."),
				text("honorificPrefix", "The honorific prefix(es) of the User, or title in most Western languages."),
				text("honorificSuffix", "The honorific suffix(es) of the User, or suffix in most Western languages."),
			}},
			text("displayName", "The name of the User, suitable for display to end-users."),
			text("nickName", "The casual way to address the user in real life."),
			{Name: "profileUrl", Type: Reference, CaseExact: true, ReferenceTypes: []string{"external"}, Description: "A URI that points to the User's online profile."},
			text("title", "The user's title, such as \"Vice President\"."),
			text("userType", "The relationship between the organization and the user."),
			text("preferredLanguage", "The User's preferred written or spoken language."),
			text("locale", "The User's default location for purposes of localizing currency, date time format, or numerical representations."),
			text("timezone", "The User's time zone in the 'Olson' time zone database format."),
			{Name: "active", Type: Boolean, Description: "The User's administrative status."},
			{Name: "password", Type: String, CaseExact: true, Mutability: "writeOnly", Returned: "never", Description: "The User's cleartext password, used to set or change it."},
			plural("emails", "Email addresses for the user.", text("value", "The email address."), "work", "home", "other"),
			plural("phoneNumbers", "Phone numbers for the User.", text("value", "The phone number."), "work", "home", "mobile", "fax", "pager", "other"),
			plural("ims", "Instant messaging addresses for the User.", text("value", "The instant messaging address."), "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"),
			plural("photos", "URLs of photos of the User.", Attribute{Name: "value", Type: Reference, CaseExact: true, ReferenceTypes: []string{"external"}, Description: "The URL of a photo."}, "photo", "thumbnail"),
			addresses(),
			groups(),
			plural("entitlements", "A list of entitlements for the User.", text("value", "The value of an entitlement.")),
			plural("roles", "A list of roles for the User that collectively represent who the User is.", text("value", "The value of a role.")),
			plural("x509Certificates", "A list of certificates issued to the User.", Attribute{Name: "value", Type: Binary, CaseExact: true, Description: "The value of an X.509 certificate."}),
		},
	}
}

// GroupSchema returns the core Group schema, RFC 7643 §4.2 and §8.7.1, with
// displayName required as the text says, and members.display, which the
// examples of RFC 7643 and RFC 7644 use.
func GroupSchema() Schema {
	return Schema{
		ID: GroupURN, Name: "Group", Description: "Group",
		Attributes: []Attribute{
			{Name: "displayName", Type: String, Required: true, Description: "A human-readable name for the Group."},
			{Name: "members", Type: Complex, MultiValued: true, Description: "A list of members of the Group.", Sub: []Attribute{
				{Name: "value", Type: String, CaseExact: true, Mutability: "immutable", Description: "Identifier of the member of this Group."},
				{Name: "$ref", Type: Reference, CaseExact: true, Mutability: "immutable", ReferenceTypes: []string{"User", "Group"}, Description: "The URI of the member."},
				{Name: "type", Type: String, Mutability: "immutable", CanonicalValues: []string{"User", "Group"}, Description: "The type of the member."},
				{Name: "display", Type: String, Mutability: "immutable", Description: "A human-readable name of the member."},
			}},
		},
	}
}

// EnterpriseUserSchema returns the enterprise extension of User, RFC 7643 §4.3
// and §8.7.1.
func EnterpriseUserSchema() Schema {
	return Schema{
		ID: EnterpriseUserURN, Name: "EnterpriseUser", Description: "Enterprise User",
		Attributes: []Attribute{
			text("employeeNumber", "Numeric or alphanumeric identifier assigned to a person."),
			text("costCenter", "Identifies the name of a cost center."),
			text("organization", "Identifies the name of an organization."),
			text("division", "Identifies the name of a division."),
			text("department", "Identifies the name of a department."),
			{Name: "manager", Type: Complex, Description: "The User's manager.", Sub: []Attribute{
				{Name: "value", Type: String, CaseExact: true, Description: "The id of the SCIM resource representing the User's manager."},
				{Name: "$ref", Type: Reference, CaseExact: true, ReferenceTypes: []string{"User"}, Description: "The URI of the User's manager."},
				{Name: "displayName", Type: String, Mutability: "readOnly", Description: "The displayName of the User's manager."},
			}},
		},
	}
}

// CommonAttributes returns the attributes that every resource has and no schema
// lists, RFC 7643 §3.1 and §3.
func CommonAttributes() []Attribute {
	fixed := func(name string, t Type) Attribute {
		return Attribute{Name: name, Type: t, CaseExact: t != DateTime, Mutability: "readOnly"}
	}
	return []Attribute{
		{Name: "schemas", Type: Reference, MultiValued: true, Required: true, CaseExact: true, Returned: "always", ReferenceTypes: []string{"uri"}},
		{Name: "id", Type: String, CaseExact: true, Mutability: "readOnly", Returned: "always", Uniqueness: "server"},
		{Name: "externalId", Type: String, CaseExact: true},
		{Name: "meta", Type: Complex, Mutability: "readOnly", Sub: []Attribute{
			fixed("resourceType", String), fixed("created", DateTime), fixed("lastModified", DateTime),
			fixed("location", Reference), fixed("version", String),
		}},
	}
}

func text(name, description string) Attribute {
	return Attribute{Name: name, Type: String, Description: description}
}

// plural is a multi-valued attribute with the sub-attributes of RFC 7643 §2.4.
func plural(name, description string, value Attribute, types ...string) Attribute {
	return Attribute{Name: name, Type: Complex, MultiValued: true, Description: description, Sub: []Attribute{
		value,
		text("display", "A human-readable name, primarily used for display purposes."),
		{Name: "type", Type: String, CanonicalValues: types, Description: "A label indicating the attribute's function."},
		{Name: "primary", Type: Boolean, Description: "Indicates the preferred value; true appears no more than once."},
	}}
}

func addresses() Attribute {
	return Attribute{Name: "addresses", Type: Complex, MultiValued: true, Description: "A physical mailing address for this User.", Sub: []Attribute{
		text("formatted", "The full mailing address, formatted for display or use with a mailing label."),
		text("streetAddress", "The full street address component."),
		text("locality", "The city or locality component."),
		text("region", "The state or region component."),
		text("postalCode", "The zip code or postal code component."),
		text("country", "The country name component."),
		{Name: "type", Type: String, CanonicalValues: []string{"work", "home", "other"}, Description: "A label indicating the attribute's function."},
		{Name: "primary", Type: Boolean, Description: "Indicates the preferred address; true appears no more than once."},
	}}
}

func groups() Attribute {
	return Attribute{Name: "groups", Type: Complex, MultiValued: true, Mutability: "readOnly", Description: "A list of groups to which the user belongs, either through direct membership, through nested groups, or dynamically calculated.", Sub: []Attribute{
		{Name: "value", Type: String, CaseExact: true, Mutability: "readOnly", Description: "The identifier of the User's group."},
		{Name: "$ref", Type: Reference, CaseExact: true, Mutability: "readOnly", ReferenceTypes: []string{"Group"}, Description: "The URI of the corresponding Group."},
		{Name: "display", Type: String, Mutability: "readOnly", Description: "A human-readable name of the group."},
		{Name: "type", Type: String, Mutability: "readOnly", CanonicalValues: []string{"direct", "indirect"}, Description: "How the membership came about."},
	}}
}
