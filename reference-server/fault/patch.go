// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
)

// patchFaults break PATCH on users, RFC 7644 §3.5.2, and what Okta and Entra
// send beyond it.
func patchFaults() []Fault {
	patch := one("Users", http.MethodPatch)
	refuseOps := func(detail string, bad func(object) bool) wrapper {
		return refusing(patch, scim.InvalidSyntax, detail, func(o object) bool { return slices.ContainsFunc(operations(o), bad) })
	}
	dropOps := func(bad func(object) bool) wrapper {
		return operated(patch, func(ops []object) []object { return keep(ops, bad) })
	}
	succeed := func(scimTypes ...string) wrapper { return forgiving(patch, scimTypes...) }
	return []Fault{
		{Name: "patch-501", Breaks: "PATCH is not supported although it is advertised.", Wrap: instead(one("", http.MethodPatch), func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusNotImplemented, "", "PATCH is not supported")
		})},
		{Name: "patch-ignored", Breaks: "PATCH answers 200 and changes nothing.", Wrap: acknowledging(patch)},
		{Name: "patch-stale-reply", Breaks: "The reply to PATCH shows the resource as it was.", Wrap: staleReply(patch)},
		{Name: "patch-no-body-200", Breaks: "PATCH answers 200 with an empty body.", Wrap: replying(patch, func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code == http.StatusOK {
				rec.Body.Reset()
			}
		})},
		{Name: "patch-first-only", Breaks: "Only the first operation is done.", Wrap: operated(patch, func(ops []object) []object { return ops[:min(1, len(ops))] })},
		{Name: "patch-reversed", Breaks: "Operations are done in reverse order.", Wrap: operated(patch, func(ops []object) []object { slices.Reverse(ops); return ops })},
		{Name: "patch-not-atomic", Breaks: "Operations before a bad one are kept.", Wrap: oneByOne(patch)},
		{Name: "patch-case-sensitive-op", Breaks: "op must be written in lower case; Entra writes Replace.", Source: "scimmyjs/scimmy#51, SCIM-SDK#664",
			Wrap: refuseOps("unknown op", func(op object) bool { s, _ := op["op"].(string); return s != strings.ToLower(s) })},
		{Name: "patch-case-sensitive-path", Breaks: "Attribute names in paths must be written as in the schema.",
			Wrap: refuseOps("unknown path", func(op object) bool {
				s, _ := op["path"].(string)
				return regexp.MustCompile(`^(USERNAME|username|DISPLAYNAME|displayname|DisplayName|TITLE|Title|NICKNAME|nickname)`).MatchString(s)
			})},
		{Name: "patch-no-pathless", Breaks: "Operations without a path are refused.", Wrap: refuseOps("path is required", func(op object) bool { return op["path"] == nil && word(op, "op") != "remove" })},
		{Name: "patch-pathless-replaces-all", Breaks: "replace without a path clears what its value leaves out.", Source: "langwatch#7131", Wrap: pathlessAsPut()},
		{Name: "patch-dotted-ignored", Breaks: "Dotted names in a value without a path are ignored.", Source: "Entra with aadOptscim062020: SCIM-SDK#267, pond/scimitar#123",
			Wrap: operated(patch, editValues(func(v object) {
				maps.DeleteFunc(v, func(k string, _ any) bool { return strings.Contains(k, ".") && !strings.HasPrefix(k, "urn:") })
			}))},
		{Name: "patch-urn-key-ignored", Breaks: "Full URN names in a value without a path are ignored.", Source: "SCIM-SDK#193",
			Wrap: operated(patch, editValues(func(v object) {
				maps.DeleteFunc(v, func(k string, _ any) bool { return strings.HasPrefix(k, "urn:") && !strings.HasSuffix(k, ":User") })
			}))},
		{Name: "patch-urn-path-refused", Breaks: "Paths with an extension URN are refused.", Wrap: refuseOps("unknown path", func(op object) bool { return strings.HasPrefix(word(op, "path"), "urn:") })},
		{Name: "patch-sub-path-refused", Breaks: "Paths to a sub-attribute are refused.", Wrap: refuseOps("unknown path", func(op object) bool { return strings.HasPrefix(word(op, "path"), "name.") })},
		{Name: "patch-value-path-refused", Breaks: "Paths with a value filter are refused.", Wrap: refuseOps("unknown path", func(op object) bool { return strings.Contains(word(op, "path"), "[") })},
		{Name: "patch-value-path-all", Breaks: "A value filter in a path is ignored: every value is changed.",
			Wrap: operated(patch, func(ops []object) []object { return eachPath(ops, `\[[^\]]*\]`, ``) })},
		{Name: "patch-value-path-no-create", Breaks: "add with a value filter that matches nothing is refused; Entra means it to make the value.", Source: "SimpleIdServer#376, #808; erratum 8097",
			Wrap: refuseOps("no value matches", func(op object) bool { return word(op, "op") == "add" && strings.Contains(word(op, "path"), "[") })},
		{Name: "patch-value-path-siblings", Breaks: "Several adds with one value filter make several values.", Wrap: siblings(patch)},
		{Name: "patch-add-replaces", Breaks: "add to a multi-valued attribute replaces its values.", Source: "agent-bom#3533",
			Wrap: operated(patch, func(ops []object) []object { return renameOp(ops, "add", "replace") })},
		{Name: "patch-replace-adds", Breaks: "replace of a multi-valued attribute adds to it.",
			Wrap: operated(patch, func(ops []object) []object {
				for _, op := range ops {
					if _, list := op["value"].([]any); list && word(op, "op") == "replace" {
						op["op"] = "add"
					}
				}
				return ops
			})},
		{Name: "patch-replace-missing-refused", Breaks: "replace of an attribute that has no value is refused.", Wrap: refusingMissing()},
		{Name: "patch-add-duplicates", Breaks: "add of a value that is there stores it twice.", Wrap: duplicating("Users", "emails")},
		{Name: "patch-add-touches", Breaks: "Every PATCH moves lastModified, also one that changes nothing.", Wrap: touching(patch)},
		{Name: "patch-primary-kept", Breaks: "A new primary value leaves the old one primary.", Wrap: editingResources(on("Users"), func(o object) {
			if list, _ := o["emails"].([]any); len(list) > 1 {
				for _, v := range list {
					if v, ok := v.(object); ok {
						v["primary"] = true
					}
				}
			}
		})},
		{Name: "patch-complex-replaced", Breaks: "replace of a complex attribute drops the sub-attributes it does not name.", Wrap: operated(patch, func(ops []object) []object {
			var out []object
			for _, op := range ops {
				if _, is := op["value"].(object); is && word(op, "path") == "name" {
					out = append(out, object{"op": "remove", "path": "name"})
				}
				out = append(out, op)
			}
			return out
		})},
		{Name: "patch-remove-ignored", Breaks: "remove is accepted and ignored.", Wrap: dropOps(func(op object) bool { return word(op, "op") == "remove" && op["path"] != nil })},
		{Name: "patch-remove-one-removes-all", Breaks: "remove with a value filter removes every value.",
			Wrap: operated(patch, func(ops []object) []object {
				for _, op := range ops {
					if p, _ := op["path"].(string); word(op, "op") == "remove" && p != "" {
						op["path"], _, _ = strings.Cut(p, "[")
					}
				}
				return ops
			})},
		{Name: "patch-remove-no-path", Breaks: "remove without a path is answered with 204.", Source: "an IdP that mis-sends it clears the user", Wrap: succeed(scim.NoTarget)},
		{Name: "patch-no-target-accepted", Breaks: "replace with a value filter that matches nothing is answered as done.", Wrap: succeed(scim.NoTarget, scim.InvalidPath)},
		{Name: "patch-invalid-path-accepted", Breaks: "A path that cannot be parsed is answered as done.", Wrap: succeed(scim.InvalidPath, scim.InvalidFilter)},
		{Name: "patch-bad-message-accepted", Breaks: "An unknown op, or a message without schemas or Operations, is answered as done.", Wrap: succeed(scim.InvalidSyntax, scim.InvalidValue)},
		{Name: "patch-read-only-accepted", Breaks: "Writing a readOnly attribute is answered as done.", Wrap: succeed(scim.Mutability)},
		{Name: "patch-required-removed", Breaks: "Removing userName is answered as done.", Wrap: succeed(scim.Mutability, scim.InvalidValue)},
		{Name: "patch-bad-value-accepted", Breaks: "A value of the wrong type is answered as done.", Wrap: succeed(scim.InvalidValue)},
		{Name: "patch-unknown-200", Breaks: "PATCH of an unknown id is answered with 200.", Wrap: replying(one("", http.MethodPatch), unknownFound)},
		{Name: "patch-duplicate-accepted", Breaks: "PATCH may take another user's userName.", Wrap: replying(patch, acceptDuplicatePut)},
		{Name: "patch-error-422", Breaks: "A bad PATCH is answered with 422.", Wrap: answering(one("", http.MethodPatch), http.StatusBadRequest, http.StatusUnprocessableEntity)},
		{Name: "patch-error-500", Breaks: "A bad PATCH is answered with 500.", Wrap: answering(one("", http.MethodPatch), http.StatusBadRequest, http.StatusInternalServerError)},
		{Name: "patch-text-boolean-refused", Breaks: `"False" as text is refused where a boolean belongs; Entra sends it.`, Source: "bytebase/bytebase#19073, elimity-com/scim#79",
			Wrap: refusing(on("Users", http.MethodPatch, http.MethodPost, http.MethodPut), scim.InvalidValue, "not a boolean", hasTextBoolean)},
		{Name: "patch-text-boolean-stored", Breaks: `"False" as text is stored and returned as text.`, Source: "Entra cannot read the user any more",
			Wrap: textBooleans()},
		{Name: "patch-operations-first-refused", Breaks: "Operations before schemas is refused.",
			Wrap: instead(both(patch, func(r *http.Request) bool {
				b := string(body(r))
				return strings.Index(b, `"Operations"`) < strings.Index(b, `"schemas"`)
			}), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusBadRequest, scim.InvalidSyntax, "schemas must come first")
			})},
		{Name: "patch-extension-lost", Breaks: "PATCH drops the enterprise extension.", Wrap: operated(patch, func(ops []object) []object {
			return append(ops, object{"op": "remove", "path": scim.EnterpriseUserURN + ":department"}, object{"op": "remove", "path": scim.EnterpriseUserURN + ":employeeNumber"})
		})},
		{Name: "patch-emails-lost", Breaks: "PATCH of another attribute drops the e-mail addresses.", Wrap: operated(patch, func(ops []object) []object {
			if strings.Contains(string(encode(ops)), "emails") {
				return ops
			}
			return append(ops, object{"op": "remove", "path": "emails"})
		})},
		{Name: "manager-text-refused", Breaks: "A manager given as text is refused; Entra sends the bare id.", Source: "SCIM-SDK#541, #686", Wrap: refuseOps("manager must be complex", func(op object) bool {
			_, text := op["value"].(string)
			return text && strings.HasSuffix(word(op, "path"), ":manager")
		})},
		{Name: "manager-text-returned", Breaks: "manager is returned as text.", Source: "Budibase/budibase#15369", Wrap: editingEnterprise(func(e object) {
			if m, ok := e["manager"].(object); ok {
				e["manager"] = m["value"]
			}
		})},
		{Name: "manager-lost", Breaks: "manager is accepted and not kept: Entra sends it again every cycle.", Source: "azure-docs#11784", Wrap: editingEnterprise(func(e object) { delete(e, "manager") })},
		{Name: "manager-kept", Breaks: "manager cannot be cleared.", Wrap: dropOps(func(op object) bool {
			return strings.Contains(word(op, "path"), "manager") && (word(op, "op") == "remove" || string(encode(op["value"])) == `""` || string(encode(op["value"])) == `{"value":""}`)
		})},
	}
}

// keep leaves out the operations for which bad is true. A message that would be
// left without operations gets one that changes nothing.
func keep(ops []object, bad func(object) bool) []object {
	kept := slices.DeleteFunc(slices.Clone(ops), bad)
	if len(kept) == 0 {
		return []object{{"op": "replace", "value": object{}}}
	}
	return kept
}

func renameOp(ops []object, from, to string) []object {
	for _, op := range ops {
		if word(op, "op") == from {
			op["op"] = to
		}
	}
	return ops
}

func eachPath(ops []object, pattern, by string) []object {
	p := regexp.MustCompile(pattern)
	for _, op := range ops {
		if s, ok := op["path"].(string); ok {
			op["path"] = p.ReplaceAllString(s, by)
		}
	}
	return ops
}

// editValues changes the value objects of operations without a path.
func editValues(edit func(object)) func([]object) []object {
	return func(ops []object) []object {
		for _, op := range ops {
			if v, ok := op["value"].(object); ok && op["path"] == nil {
				edit(v)
			}
		}
		return ops
	}
}

// forgiving answers a refused write with the resource unchanged and 200 if the
// error has one of the types.
func forgiving(w when, scimTypes ...string) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := record(next, r)
			var e object
			if w(r) && rec.Code == http.StatusBadRequest && decode(rec.Body.Bytes(), &e) == nil {
				if t, _ := e["scimType"].(string); slices.Contains(scimTypes, t) {
					writeJSON(rw, http.StatusOK, current(next, r))
					return
				}
			}
			send(rw, rec)
		})
	}
}

// staleReply answers with the resource as it was before the request.
func staleReply(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			b := body(r)
			before := current(next, r)
			setBody(r, b)
			rec := record(next, r)
			if rec.Code == http.StatusOK && before != nil {
				rec.Body.Reset()
				rec.Body.Write(encode(before))
			}
			send(rw, rec)
		})
	}
}

// acknowledging answers with the stored resource and 200, and passes nothing on.
func acknowledging(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w(r) {
				if o := current(next, r); o != nil {
					writeJSON(rw, http.StatusOK, o)
					return
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// oneByOne sends each operation of a PATCH as a request of its own.
func oneByOne(w when) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if !w(r) || decode(body(r), &o) != nil || len(operations(o)) < 2 {
				next.ServeHTTP(rw, r)
				return
			}
			var rec *httptest.ResponseRecorder
			for _, op := range operations(o) {
				single := r.Clone(r.Context())
				setBody(single, encode(object{"schemas": o["schemas"], "Operations": []object{op}}))
				if rec = record(next, single); rec.Code >= 300 {
					break
				}
			}
			send(rw, rec)
		})
	}
}

// pathlessAsPut makes a replace without a path a PUT of its value.
func pathlessAsPut() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if one("Users", http.MethodPatch)(r) && decode(body(r), &o) == nil {
				ops := operations(o)
				if v, ok := firstValue(ops); ok && len(ops) == 1 && word(ops[0], "op") == "replace" && ops[0]["path"] == nil {
					before := current(next, r)
					for _, name := range []string{"userName", "schemas", "active"} {
						if _, said := v[name]; !said && before != nil {
							v[name] = before[name]
						}
					}
					r = r.Clone(r.Context())
					r.Method = http.MethodPut
					setBody(r, encode(v))
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

func firstValue(ops []object) (object, bool) {
	if len(ops) == 0 {
		return nil, false
	}
	v, ok := ops[0]["value"].(object)
	return v, ok
}

// siblings makes each add with a value filter an add of a value of its own.
func siblings(w when) wrapper {
	p := regexp.MustCompile(`^(\w+)\[type eq "([^"]*)"\]\.(\w+)$`)
	return operated(w, func(ops []object) []object {
		for _, op := range ops {
			path, _ := op["path"].(string)
			if m := p.FindStringSubmatch(path); m != nil && word(op, "op") == "add" {
				op["path"], op["value"] = m[1], []any{object{"type": m[2], m[3]: op["value"]}}
			}
		}
		return ops
	})
}

// refusingMissing refuses a replace whose path names something the resource
// does not have.
func refusingMissing() wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var o object
			if one("Users", http.MethodPatch)(r) {
				b := body(r)
				_ = decode(b, &o)
				stored := current(next, r)
				setBody(r, b)
				for _, op := range operations(o) {
					path, _ := op["path"].(string)
					if word(op, "op") == "replace" && path != "" && !strings.ContainsAny(path, ".[:") && stored[path] == nil {
						refuse(rw, http.StatusBadRequest, scim.NoTarget, path+" has no value")
						return
					}
				}
			}
			next.ServeHTTP(rw, r)
		})
	}
}

// touching moves lastModified and the version on every PATCH, for good.
func touching(w when) wrapper {
	touched := newSet()
	return chain(editingResources(resources(), func(o object) {
		if m, ok := o["meta"].(object); ok && touched.has(o["id"]) {
			m["lastModified"], m["version"] = "2099-01-01T00:00:00Z", `W/"touched"`
		}
	}), asked(w, func(r *http.Request) {
		_, id := endpoint(r)
		touched.add(id)
	}))
}

// duplicating shows the first value of an attribute twice once it has been
// added to by PATCH.
func duplicating(name, attribute string) wrapper {
	return editingResources(one(name), func(o object) {
		if list, _ := o[attribute].([]any); len(list) > 1 {
			o[attribute] = append(list, list[len(list)-1])
		}
	})
}

// hasTextBoolean finds a boolean written as text where a boolean belongs.
func hasTextBoolean(o object) bool {
	return regexp.MustCompile(`(?i)"(active|primary|value)":"(true|false)"`).Match(encode(o))
}

// textBooleans shows active as text once it was sent as text.
func textBooleans() wrapper {
	var mu sync.Mutex
	text := map[string]bool{} // ids
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !one("Users")(r) {
				next.ServeHTTP(rw, r)
				return
			}
			var sent object
			_, id := endpoint(r)
			mu.Lock()
			if r.Method != http.MethodGet && decode(body(r), &sent) == nil && hasTextBoolean(sent) {
				text[id] = true
			}
			asText := text[id]
			mu.Unlock()
			rec := record(next, r)
			if asText {
				editBody(rec, func(o object) {
					if o["active"] == false {
						o["active"] = "False"
					}
					if o["active"] == true {
						o["active"] = "True"
					}
				})
			}
			send(rw, rec)
		})
	}
}

func editingEnterprise(edit func(object)) wrapper {
	return editingResources(on("Users"), func(o object) {
		if e, ok := o[scim.EnterpriseUserURN].(object); ok {
			edit(e)
		}
	})
}
