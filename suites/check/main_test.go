// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No check leaves a goroutine behind, whatever its provider does.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
