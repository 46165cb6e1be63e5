// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"net/http"

	"github.com/scimproof/scimproof/internal/scim"
)

// syncManager writes the manager of a user, in a PATCH of its own: the bare id
// as text, where the provider has to answer with an object. A manager who is
// not at the provider is left out, until a restart; one who was written and is
// no more is removed.
func (c *Connector) syncManager(ctx context.Context, id string) error {
	who, known := c.dir.Person(id), c.person(id)
	if who == nil || known == nil || !known.inScope {
		return nil
	}
	boss := ""
	if v, err := c.manager.source.Evaluate(c.personAttribute(who, who.Disabled)); err != nil {
		return &failure{message: err.Error()}
	} else if !empty(v) {
		if boss = c.identify(text(v)); boss == "" {
			return nil
		}
	}
	if boss == "" && known.manager == "" {
		return nil
	}
	held, err := c.fetch(ctx, scim.UsersEndpoint, id, known.id)
	if err != nil {
		return err
	}
	target := c.manager.target
	object, _ := target.find(held)
	has, _ := object.(map[string]any)
	current := text(member(has, "value"))
	if current == boss {
		known.manager = boss
		return nil
	}
	if c.wire.knobs.References && boss != "" {
		filter := "id eq " + c.wire.knobs.quote(known.id) + " and manager eq " + c.wire.knobs.quote(boss)
		sent, err := c.wire.do(ctx, http.MethodGet, scim.UsersEndpoint+"?attributes=id&filter="+c.wire.escape(filter), nil)
		if err != nil {
			return err
		}
		found, f := readList(sent)
		if f != nil {
			return f
		}
		if len(found) > 0 {
			known.manager = boss
			return nil
		}
	}
	if err := c.modify(ctx, scim.UsersEndpoint, known.id, c.managerPatch(current, boss)); err != nil {
		return err
	}
	known.manager = boss
	return nil
}

// managerPatch gives the body that sets, changes or removes a manager.
func (c *Connector) managerPatch(current, boss string) []byte {
	one := change{add, c.manager.target, boss}
	k := c.wire.knobs
	k.SingleAddPathless, k.SingleReplacePath = false, true
	if k.ManagerObject {
		o := &object{}
		o.set("value", boss)
		one.value = o
	}
	switch {
	case boss == "" && k.Flag && !k.ManagerEmptied:
		one.kind, one.value = remove, nil
		one.target.text += "[value eq " + k.quote(current) + "]"
	case current != "":
		one.kind = replaceValue // with "", which removes, where there is no flag
	}
	return patch([]change{one}, k)
}
