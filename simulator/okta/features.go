// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"fmt"
	"strconv"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Features are the check boxes of an application. Okta never asks the provider
// which verbs it knows: these alone decide (FAQ).
type Features struct {
	UserPatch        bool // active and password by PATCH; else by GET and PUT
	GroupPatch       bool // groups by PATCH; else by GET and PUT
	ChangePassword   bool // "Sync Password"
	DeactivateUsers  bool // else who leaves stays as they are, and is not caught up with later (recorded)
	ProfileUpdates   bool // "Push Profile Updates"
	ImportUsers      bool
	ImportGroups     bool
	ImportUserSchema bool // resource types and schemas are read
	Entitlements     bool // Okta Identity Governance: roles and entitlements are read too
}

// Preset gives the features of a dialect. Catalogue applications use PATCH,
// those of the App Integration Wizard PUT; import of groups is off as recorded
// for the latter, and password sync is off in both.
func Preset(dialect string) Features {
	patch := dialect == flow.OktaOIN
	return Features{UserPatch: patch, GroupPatch: patch, DeactivateUsers: true, ProfileUpdates: true, ImportUsers: true}
}

// FeatureNames lists the names that [Features.Set] takes.
func FeatureNames() []string {
	return []string{
		"user_patch", "group_patch", "change_password", "deactivate_users", "profile_updates", "import_users", "import_groups",
		"import_user_schema", "entitlements",
	}
}

// Set switches a feature by its name; false says that there is none.
func (f *Features) Set(name string, on bool) bool {
	place := map[string]*bool{
		"user_patch": &f.UserPatch, "group_patch": &f.GroupPatch, "change_password": &f.ChangePassword,
		"deactivate_users": &f.DeactivateUsers, "profile_updates": &f.ProfileUpdates,
		"import_users": &f.ImportUsers, "import_groups": &f.ImportGroups,
		"import_user_schema": &f.ImportUserSchema, "entitlements": &f.Entitlements,
	}[name]
	if place == nil {
		return false
	}
	*place = on
	return true
}

// switchFeatures ticks check boxes and saves: what a feature reads of the
// provider is read when it is switched on.
func (a *Application) switchFeatures(ctx context.Context, values map[string]string) error {
	was := a.features
	for name, on := range values {
		if !a.features.Set(name, on == strconv.FormatBool(true)) {
			return fmt.Errorf("features: %q is unknown; allowed: %v", name, FeatureNames())
		}
	}
	if a.features.Entitlements && !was.Entitlements || a.features.ImportUserSchema && !was.ImportUserSchema {
		return a.discover(ctx)
	}
	return nil
}
