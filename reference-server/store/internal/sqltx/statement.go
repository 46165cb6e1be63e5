// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"database/sql/driver"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Statement is a statement without an answer.
type Statement struct {
	Text string
	Args []driver.Value
}

func statement(text string, args ...driver.Value) Statement { return Statement{text, args} }

const (
	recordColumns = "records (seq, kind, id, version, created, modified, body, keys, sum)"
	keyColumns    = "keys (kind, seq, name, value)"
	linkColumns   = "links (n, relation, source, target, data, sum)"
)

// maxRows is how many rows one statement inserts.
const maxRows = 16

// insert returns statements that insert rows of width columns each, laid out
// one after the other. Their numbers of rows are powers of two, so that there
// are few texts to prepare.
func insert(how, into, overriding string, width int, rows []driver.Value) (list []Statement) {
	for len(rows) > 0 {
		n := maxRows
		for n*width > len(rows) {
			n /= 2
		}
		list = append(list, statement(how+" "+into+" "+overriding+"VALUES "+tuples(n, width, 1), rows[:n*width]...))
		rows = rows[n*width:]
	}
	return list
}

// tuples returns "($1,$2),($3,$4)" for two rows of two columns from 1.
func tuples(rows, width, from int) string {
	var b strings.Builder
	for i := range rows * width {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%width == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteString("$" + strconv.Itoa(from+i))
	}
	b.WriteByte(')')
	return b.String()
}

// statements write what waits.
func (b *Batch) statements(p *pending) (list []Statement) {
	var records, keys, links []driver.Value
	for _, where := range p.order {
		r := p.records[where]
		old := b.held[where]
		encoded := encodeKeys(r.Keys)
		created, modified, sum := nanoseconds(r.Created), nanoseconds(r.Modified), checksum(r, encoded)
		var before []store.Key
		if old == nil {
			records = append(records, r.Seq, string(r.Kind), []byte(r.ID), r.Version, created, modified, r.Body, encoded, sum)
		} else {
			before = old.Keys
			list = append(list, statement(updateRecord, r.Seq, r.Version, created, modified, r.Body, encoded, sum))
			for _, e := range entries(old.Keys, r.Keys) {
				list = append(list, statement(deleteKey, string(r.Kind), e.name, []byte(e.value), r.Seq))
			}
		}
		for _, e := range entries(r.Keys, before) {
			keys = append(keys, string(r.Kind), r.Seq, e.name, []byte(e.value))
		}
	}
	for _, l := range p.linked {
		links = append(links, l.n, l.Relation, []byte(l.From), []byte(l.To), []byte(l.Data), linkSum(l.Link))
	}
	list = append(list, insert(b.dialect.Insert, recordColumns, b.dialect.Overriding, 9, records)...)
	list = append(list, insert(b.dialect.Insert, keyColumns, "", 4, keys)...)
	list = append(list, insert(b.dialect.Insert, linkColumns, b.dialect.Overriding, 6, links)...)
	if len(records) > 0 && b.dialect.SetSeq != "" {
		list = append(list, statement(b.dialect.SetSeq, b.seq))
	}
	if len(links) > 0 && b.dialect.SetPlace != "" {
		list = append(list, statement(b.dialect.SetPlace, b.place))
	}
	return list
}
