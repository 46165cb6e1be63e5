// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"

	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	someLinks = "SELECT n, relation, source, target, data FROM links WHERE n > $1 ORDER BY n LIMIT 1000"
	sealLink  = "UPDATE links SET sum = $2 WHERE n = $1"
)

// SealLinks gives each link its checksum. O(links · log n).
func SealLinks(s Session) error {
	last := int64(0)
	for {
		var list []Statement
		if err := s.Query(someLinks, func(v []driver.Value) error {
			relation, _ := v[1].(string)
			source, _ := v[2].([]byte)
			target, _ := v[3].([]byte)
			data, _ := v[4].([]byte)
			if !number(v[0], &last) {
				return ErrDamaged
			}
			list = append(list, statement(sealLink, last, linkSum(store.Link{Relation: relation, From: string(source), To: string(target), Data: string(data)})))
			return nil
		}, last); err != nil || len(list) == 0 {
			return err
		}
		if err := s.Send(list); err != nil {
			return err
		}
	}
}
