// SPDX-License-Identifier: Apache-2.0

package simulator

import "github.com/scimproof/scimproof/simulator/cycle"

// Visits gives how often the directory was looked at.
func (s *Simulator) Visits() int64 { return s.dir.Visits() }

// Tasks gives what failed so far.
func (s *Simulator) Tasks() []cycle.Task { return s.dialect.Tasks() }
