// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// peculiar is what a run has to know of a provider to judge it fairly, and the
// tokens besides the run's own.
type peculiar struct {
	consistency               time.Duration
	attributes                string
	readOnly, expired, tenant string // names of variables
}

func (q *peculiar) register(c *cobra.Command) {
	f := c.Flags()
	f.DurationVar(&q.consistency, "consistency", 0, "`TIME` for which reads may tell of the past after a write: a check reads again until it is over")
	f.StringVar(&q.attributes, "attributes", "", "a `JSON` object of what the provider wants of every user beyond the RFC; it is added to each user that is sent")
	f.StringVar(&q.readOnly, "read-only-token-env", "", "read a token that may only read from variable `NAME`; without it checks of one are skipped")
	f.StringVar(&q.expired, "expired-token-env", "", "read a token that was good once from variable `NAME`; without it checks of one are skipped")
	f.StringVar(&q.tenant, "tenant-token-env", "", "read a token of another tenant from variable `NAME`; without it checks between tenants are skipped")
}

// given says whether any of the flags is.
func (q *peculiar) given() bool { return *q != peculiar{} }

func (q *peculiar) validate(target string) error {
	switch {
	case q.consistency < 0:
		return fmt.Errorf("--consistency %v: want a time such as 5s, or 0 where reads tell of each write at once", q.consistency)
	case target == "" && q.given():
		return errors.New("--consistency, --attributes and the names of further tokens belong to --target; the embedded reference server needs none")
	}
	return nil
}

// apply describes the target's peculiarities.
func (q *peculiar) apply(p *program, target *check.Target) error {
	target.Consistency, target.Attributes = q.consistency, []byte(q.attributes)
	for _, token := range []struct {
		flag, variable string
		into           *flow.Secret
	}{
		{"--read-only-token-env", q.readOnly, &target.Tokens.ReadOnly},
		{"--expired-token-env", q.expired, &target.Tokens.Expired},
		{"--tenant-token-env", q.tenant, &target.Tokens.Tenant},
	} {
		if token.variable == "" {
			continue
		}
		secret, err := p.secret(token.flag, token.variable)
		if err != nil {
			return err
		}
		*token.into = secret
	}
	return nil
}
