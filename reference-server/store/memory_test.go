// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewMemory() })
}
