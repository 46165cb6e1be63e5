// SPDX-License-Identifier: Apache-2.0

package refserver

import "github.com/scimproof/scimproof/reference-server/store"

// TenantStore is the part of a store that a tenant has.
func TenantStore(whole store.Store, tenant string) store.Store {
	return &tenantStore{whole, tenant + "/"}
}
