// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
)

// Target says where a provider is and how to reach it: plain data that a file
// or a flag may set, followed by what only code can give.
type Target struct {
	BaseURL string            // of the SCIM API, without a query: https://host/scim/v2
	Token   flow.Secret       // bearer token; empty: no Authorization header
	Tokens  Tokens            // further ones, for checks of what each may do
	Header  http.Header       // sent with every request
	Profile *profiles.Profile // what the product behind the provider promises; nil: profiles.RFC()
	RunID   string            // marks everything the run makes; empty: random
	Timeout time.Duration     // for each check; zero: 30 s
	// What a run may do at most; zero: no limit. A check that needs more is blocked.
	MaxCreates, MaxRequests int
	// Consistency is how long reads may tell of the past after a write; zero: not
	// at all. A check reads again until the time is over.
	Consistency time.Duration
	// Attributes is a JSON object of what the provider wants of every user beyond
	// the RFC: it is added to each user that is sent. Empty: nothing.
	Attributes []byte

	Roles []string // role values the provider knows; empty: asked from Product, or made up where any will do

	Client  *http.Client // nil: one that follows no redirects and keeps no cookies
	Product ProductProbe // nil: checks that look at the product are skipped
	Metrics MetricsProbe // nil: checks that look at StatsD are skipped
	Login   LoginProbe   // nil: checks that log people in are skipped
}

// Capabilities that a check may name in Needs. Those of the first group are
// read from ServiceProviderConfig and ResourceTypes; a provider that serves
// neither is taken to have CapPatch, CapFilter and CapGroup, since Okta and
// Entra use those without asking (Okta: SCIM concepts FAQ, 2026-03-10).
const (
	CapPatch      = "patch"
	CapFilter     = "filter"
	CapSort       = "sort"
	CapETag       = "etag"
	CapBulk       = "bulk"
	CapCursor     = "cursor" // pagination.cursor, RFC 9865 §4
	CapGroup      = "group"
	CapEnterprise = "enterprise"
	CapDiscovery  = "discovery" // ServiceProviderConfig is served

	CapReadOnly = "read-only-token" // Tokens.ReadOnly
	CapExpired  = "expired-token"   // Tokens.Expired
	CapTenant   = "tenant-token"    // Tokens.Tenant

	CapProduct = "product" // a product probe
	CapTeams   = "teams"   // a product probe, and a profile that makes teams of groups
	CapRoles   = "roles"   // a product probe, and a profile that reads roles
	CapAudit   = "audit"   // a product probe, and a profile that logs provisioning
	CapMetrics = "metrics" // a metrics probe
	CapKeys    = "keys"    // a product probe that makes application keys (KeyProbe)
	CapLogin   = "login"   // a product in which logins can be simulated (LoginProbe)

	CapOrganisation = "organisation" // such a product whose settings can be changed (OrganisationProbe)
)

// ProductProbe looks at the product behind a provider, never through SCIM.
// Errors are ours or the environment's; what is not there is nil or empty.
type ProductProbe interface {
	// User returns the user with exactly that e-mail address, or nil.
	User(ctx context.Context, email string) (*ProductUser, error)
	// Roles returns every role of the organisation.
	Roles(ctx context.Context) ([]ProductRole, error)
	// DefaultRole returns the id of the organisation's default role, or "".
	DefaultRole(ctx context.Context) (string, error)
	// Team returns the team with exactly that handle, or nil.
	Team(ctx context.Context, handle string) (*ProductTeam, error)
	// CreateTeam makes a team by the product's own API, as an administrator
	// would, and returns it.
	CreateTeam(ctx context.Context, name, handle string) (*ProductTeam, error)
	// AddTeamMember tries to add a user by the product's own API and returns
	// the HTTP status that the product answered.
	AddTeamMember(ctx context.Context, teamID, userID string) (status int, err error)
	// DeleteTeam removes a team by the product's own API.
	DeleteTeam(ctx context.Context, teamID string) error
	// Audit returns the audit events since a moment that mention text.
	Audit(ctx context.Context, since time.Time, text string) ([]AuditEvent, error)
}

// ProductUser is a user as the product shows it.
type ProductUser struct {
	ID     string
	Email  string
	Name   string
	Title  string
	Status string   // Active, Pending, Disabled
	Roles  []string // ids
}

// ProductRole is a role of the organisation.
type ProductRole struct {
	ID   string
	Name string
}

// ProductTeam is a team as the product shows it.
type ProductTeam struct {
	ID      string
	Name    string
	Handle  string
	Managed bool     // owned by the IdP
	Members []string // ids of users
}

// AuditEvent is one event of the product's audit trail.
type AuditEvent struct {
	Time  time.Time
	Name  string // evt.name
	Actor string
	Asset string // "user:<id>"
	JSON  string // the whole event
}

// MetricsProbe hears the StatsD datagrams that a product sends.
type MetricsProbe interface {
	// Since returns the datagram lines heard since a moment.
	Since(moment time.Time) []string
}
