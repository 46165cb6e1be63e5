// SPDX-License-Identifier: Apache-2.0

// Package directory is what an identity provider knows by itself: people,
// groups within groups, who is assigned to the application, and which roles
// they have in it. It knows nothing of SCIM. Each change to it costs what it
// touches, not what the directory holds, and says what came of it.
package directory

// Person is somebody in the directory. The zero value of an attribute means
// that it is empty.
type Person struct {
	ID          string // of the directory; never shown to a provider but as an external id
	UserName    string
	GivenName   string
	FamilyName  string
	DisplayName string // "": given and family name
	Email       string // "": UserName
	Title       string
	Department  string
	Locale      string
	Phone       string
	Manager     string            // ID of a person
	Attributes  map[string]string // custom ones, by name
	Roles       []Role            // in the application
	ExternalID  string            // Okta's id of the person; "": made of ID and a seed
	Password    string            // the one that Okta sends with a creation; "": made of ID and a seed
	Disabled    bool              // the account is switched off
	Deleted     bool              // soft: the person can be restored
}

// Role is one role of a person in the application.
type Role struct {
	Value   string
	Display string
	Type    string
	Primary bool
}

// Name gives the name to show.
func (p *Person) Name() string {
	switch {
	case p.DisplayName != "":
		return p.DisplayName
	case p.GivenName == "":
		return p.FamilyName
	case p.FamilyName == "":
		return p.GivenName
	}
	return p.GivenName + " " + p.FamilyName
}

// Address gives the e-mail address.
func (p *Person) Address() string {
	if p.Email != "" {
		return p.Email
	}
	return p.UserName
}

// Active says whether the account is there and switched on.
func (p *Person) Active() bool { return !p.Disabled && !p.Deleted }

// Names of the attributes of a person that every directory has. Custom
// attributes have any other name.
const (
	UserName    = "userName"
	GivenName   = "givenName"
	FamilyName  = "familyName"
	DisplayName = "displayName"
	Email       = "email"
	Title       = "title"
	Department  = "department"
	Locale      = "locale"
	Phone       = "phone"
	Manager     = "manager"
)

// BuiltIn lists the attributes that every person has.
func BuiltIn() []string {
	return []string{UserName, GivenName, FamilyName, DisplayName, Email, Title, Department, Locale, Phone, Manager}
}

// field gives the place of a built-in attribute, nil for any other.
func (p *Person) field(name string) *string {
	switch name {
	case UserName:
		return &p.UserName
	case GivenName:
		return &p.GivenName
	case FamilyName:
		return &p.FamilyName
	case DisplayName:
		return &p.DisplayName
	case Email:
		return &p.Email
	case Title:
		return &p.Title
	case Department:
		return &p.Department
	case Locale:
		return &p.Locale
	case Phone:
		return &p.Phone
	case Manager:
		return &p.Manager
	}
	return nil
}

// Attribute gives the value of a built-in or custom attribute, "" if empty.
func (p *Person) Attribute(name string) string {
	if f := p.field(name); f != nil {
		return *f
	}
	return p.Attributes[name]
}

// SetAttribute sets a built-in or custom attribute; "" empties it.
func (p *Person) SetAttribute(name, value string) {
	if f := p.field(name); f != nil {
		*f = value
		return
	}
	if value == "" {
		delete(p.Attributes, name)
		return
	}
	if p.Attributes == nil {
		p.Attributes = map[string]string{}
	}
	p.Attributes[name] = value
}

// Group is a group. Members are ids of people or of groups, in the order they
// came; the last one takes the place of one that left.
type Group struct {
	ID          string
	DisplayName string
	Description string
	Members     []string
	Deleted     bool
}
