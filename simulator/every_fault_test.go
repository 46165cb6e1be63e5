// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/simulator"
)

// TestEveryFault holds that an organisation at a provider with any fault comes
// to its end in time, and that each task and difference says who, where and
// what. Those that
// change what the IdP's own work leaves are named.
func TestEveryFault(t *testing.T) {
	named := map[string]bool{}
	for _, f := range fault.All() {
		half := len(f.Name) % 2 // of the dialects; all four with each would take a minute
		okta, entra := []string{"okta-oin", "okta-aiw"}[half], []string{"entra-flag", "entra-legacy"}[half]
		for _, dialect := range []string{okta, entra} {
			t.Run(f.Name+"/"+dialect, func(t *testing.T) {
				r := ends(t, dialect, f.Name)
				if r == nil {
					named[f.Name] = true
					return
				}
				for _, task := range r.Tasks {
					if task.Subject == "" || strings.TrimSpace(task.Message) == "" {
						t.Errorf("a task without subject or message: %+v", task)
					}
				}
				for _, d := range r.Differences {
					if d.Subject == "" || d.Where == "" || d.Got == "" || d.Want == "" || d.Got == d.Want {
						t.Errorf("a difference that does not say what differs: %+v", d)
					}
				}
				if !r.Converged() {
					named[f.Name] = true
				}
			})
		}
	}
	for _, name := range []string{
		"deactivate-ignored", "deactivate-deletes", "reactivate-ignored", "inactive-404", "not-stored", "get-as-list", "create-empty", "create-no-id",
		"externalid-dropped", "values-lower-cased", "unknown-attribute-refused", "list-hides-new", "list-bare", "page-filter-breaks", "filter-ignored",
		"patch-501", "patch-ignored", "put-501", "put-ignored", "put-appends", "groups-missing", "group-add-replaces",
		"group-rename-ignored", "group-put-keeps-members", "group-remove-list-ignored", "group-get-no-members",
		"group-empty-members-refused", "roles-ignored", "roles-by-name", "roles-put-ignored", "roles-replace-adds", "roles-not-shown",
		"product-leaver-active", "product-returner-disabled", "product-user-missing", "teams-none", "teams-no-members", "teams-rename-ignored",
		"media-type-scim-refused", "user-agent-required",
	} {
		if !named[name] {
			t.Errorf("%s is not named", name)
		}
	}
}

// ends plays the organisation at a provider with a fault, for ten seconds at
// most. There is no report where the provider lets nobody in and an error says
// so.
func ends(t *testing.T, dialect, name string) *simulator.Report {
	t.Helper()
	const deadline = 10 * time.Second
	o := products(t, name)
	done := make(chan *simulator.Report, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		s, err := simulator.New(scenario(t, dialect, organisation, o))
		if err != nil {
			t.Error(err)
			done <- nil
			return
		}
		r, err := s.Run(ctx)
		var target *simulator.TargetError
		if err != nil && !errors.As(err, &target) {
			t.Error(err)
		}
		done <- r
	}()
	select {
	case r := <-done:
		return r
	case <-time.After(2 * deadline):
		t.Fatalf("the simulation does not end %v after its deadline", deadline)
		return nil
	}
}
