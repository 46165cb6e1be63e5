// SPDX-License-Identifier: Apache-2.0

package simulator

// Visits gives how often the directory was looked at.
func (s *Simulator) Visits() int64 { return s.dir.Visits() }
