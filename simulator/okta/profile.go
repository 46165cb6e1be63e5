// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// create gives the body of POST /Users: the members in the order that is
// documented and recorded, with groups always empty, and a password always
// there, password sync or not. Attributes that are empty or not mapped are
// absent (recorded). Extensions stand last: their place is not known.
func (a *Application) create(p *directory.Person) jsontext.Value {
	o := &object{}
	o.set("schemas", array([]jsontext.Value{quote(scim.UserURN)}))
	a.writeCore(o, p)
	o.set("groups", jsontext.Value("[]"))
	o.setText("password", a.firstPassword(p))
	o.set("active", jsontext.Value("true"))
	a.writeExtensions(o, p)
	return o.bytes()
}

// merge writes Okta's values over what the provider returned, in place; what it
// adds stands at the end in the order of the create body (recorded). Members
// that Okta does not know, read-only ones too, go back as they came.
func (a *Application) merge(o *object, p *directory.Person) {
	a.writeCore(o, p)
	if o.get("groups") == nil {
		o.set("groups", jsontext.Value("[]"))
	}
	a.writeExtensions(o, p)
}

// writeCore writes the mapped attributes of the core schema, roles and the
// external id, which goes out mapped or not and replaces a foreign one.
func (a *Application) writeCore(o *object, p *directory.Person) {
	rolesWritten := false
	for _, m := range a.o.Mappings {
		if urn, _ := m.extension(); urn != "" || m.Target == emailType {
			continue
		}
		if m.Target == directory.DisplayName && a.o.Roles != RolesNested {
			a.o.Roles.write(o, p)
			rolesWritten = true
		}
		a.writeOne(o, m.Target, m.value(p))
	}
	if !rolesWritten && a.o.Roles != RolesNested {
		a.o.Roles.write(o, p)
	}
	o.setText("externalId", a.externalID(p))
}

// writeOne writes one mapped attribute.
func (a *Application) writeOne(o *object, target, value string) {
	parent, sub, nested := strings.Cut(target, ".")
	switch {
	case !nested:
		a.writeText(o, target, value)
	case sub == "value" && parent != "name":
		a.writePrimary(o, parent, value)
	default:
		o.setWithin(parent, func(o *object) { a.writeText(o, sub, value) })
	}
}

// writeText writes a text; an empty one only over what is there, as the switch
// says.
func (a *Application) writeText(o *object, name, value string) {
	switch {
	case value != "":
		o.setText(name, value)
	case o.get(name) == nil || a.o.Switches.Cleared == ClearedKept:
	case a.o.Switches.Cleared == ClearedNull:
		o.set(name, jsontext.Value("null"))
	default:
		o.set(name, quote(""))
	}
}

// writePrimary writes the value of the primary entry of a list and adds the
// sub-attributes that it lacks (recorded). Without a primary entry, one of the
// mapped type is taken (concluded).
func (a *Application) writePrimary(o *object, name, value string) {
	entries := elements(o.get(name))
	if value == "" && len(entries) == 0 {
		return
	}
	kind := a.typeOf(name)
	objects := make([]*object, len(entries))
	at := -1
	for i, e := range entries {
		objects[i], _ = parseObject(e) // nil: not an object, and so not the primary entry
		if objects[i] != nil && at < 0 && truth(objects[i].get("primary")) {
			at = i
		}
	}
	if at < 0 {
		at = slices.IndexFunc(objects, func(o *object) bool { return o != nil && kind != "" && o.text("type") == kind })
	}
	entry := &object{}
	if at >= 0 {
		entry = objects[at]
	}
	if entry.get("primary") == nil && value != "" {
		entry.set("primary", jsontext.Value("true"))
	}
	a.writeText(entry, "value", value)
	if kind != "" && entry.get("type") == nil {
		entry.setText("type", kind)
	}
	if at >= 0 {
		entries[at] = entry.bytes()
	} else if value != "" {
		entries = append(entries, entry.bytes())
	}
	o.set(name, array(entries))
}

// typeOf gives the mapped type of the entries of a list, "" if none is mapped.
func (a *Application) typeOf(name string) string {
	for _, m := range a.o.Mappings {
		if m.Target == name+".type" {
			return m.Source
		}
	}
	return ""
}

// writeExtensions writes the attributes of extensions, each in the object of
// its URN, which is then among the schemas (recorded for the enterprise
// extension). Without a value neither appears.
func (a *Application) writeExtensions(o *object, p *directory.Person) {
	if a.o.Roles == RolesNested {
		a.o.Roles.write(o, p)
	}
	for _, m := range a.o.Mappings {
		urn, name := m.extension()
		value := m.value(p)
		if urn == "" || value == "" && o.get(urn) == nil {
			continue
		}
		o.setWithin(urn, func(o *object) { a.writeText(o, name, value) })
		schemas := elements(o.get("schemas"))
		if value != "" && !slices.ContainsFunc(schemas, func(v jsontext.Value) bool { return unquote(v) == urn }) {
			o.set("schemas", array(append(schemas, quote(urn))))
		}
	}
}

// externalID gives Okta's id of a person: 20 characters, 00u first.
func (a *Application) externalID(p *directory.Person) string {
	const rest = 17
	if p.ExternalID != "" {
		return p.ExternalID
	}
	return "00u" + a.letters("id "+p.ID, rest)
}

// firstPassword gives the random password of 8 characters that goes with every
// create (documented, recorded).
func (a *Application) firstPassword(p *directory.Person) string {
	const length = 8
	if p.Password != "" {
		return p.Password
	}
	return a.letters("password "+p.ID, length)
}

// letters draws letters and digits, the same for the same seed and key.
func (a *Application) letters(key string, n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := sha256.Sum256([]byte(key))
	random := rand.New(rand.NewPCG(a.o.Seed, binary.BigEndian.Uint64(sum[:]))) //nolint:gosec // invented on purpose, and reproducible
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(b)
}
