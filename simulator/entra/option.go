// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// option is a setting by the name that a scenario has for it: one of its
// places is not nil.
type option struct {
	name string
	flag *bool
	text *string
	size *int

	words []string // that text may be; nil: any
}

// options lists what [Options.Set] sets.
func (o *Options) options() []option {
	k := &o.Knobs
	return []option{
		{name: "accept", text: &k.Accept},
		{name: "ad_scim_version", text: &k.Version},
		{name: "adscim_schema", flag: &k.ADSCIMSchema},
		{name: "concurrency", size: &o.Concurrency},
		{name: "empty_object", flag: &k.EmptyObject},
		{name: "empty_roles", flag: &k.EmptyRoles},
		{name: "flag_in_url", flag: &k.FlagInURL},
		{name: "honour_retry_after", flag: &k.HonourRetryAfter},
		{name: "keep_missing", flag: &k.KeepMissing},
		{name: "lower_hex", flag: &k.LowerHex},
		{name: "manager_emptied", flag: &k.ManagerEmptied},
		{name: "manager_object", flag: &k.ManagerObject},
		{name: "no_delete", flag: &k.NoDelete},
		{name: "no_disable", flag: &k.NoDisable},
		{name: "no_groups", flag: &k.NoGroups},
		{name: "no_repeat", flag: &k.NoRepeat},
		{name: "null_reference", flag: &k.NullReference},
		{name: "operations_first", flag: &k.OperationsFirst},
		{name: "patch_after_conflict", flag: &k.PatchAfterConflict},
		{name: "primary_text", text: &k.PrimaryText, words: []string{"", "True", "true"}},
		{name: "raw_filter", flag: &k.RawFilter},
		{name: "redundant_members", flag: &k.RedundantMembers},
		{name: "references", flag: &k.References},
		{name: "replace_members", flag: &k.ReplaceMembers},
		{name: "single_add_pathless", flag: &k.SingleAddPathless},
		{name: "single_replace_path", flag: &k.SingleReplacePath},
		{name: "single_role_path", flag: &k.SingleRolePath},
		{name: "skip_out_of_scope", flag: &k.SkipOutOfScope},
	}
}

// Set sets a knob, or how many objects are worked on at a time, by name: the
// name of the field in lower case with underscores. The error says what is
// allowed.
func (o *Options) Set(name, value string) error {
	var names []string
	for _, p := range o.options() {
		if names = append(names, p.name); p.name != name {
			continue
		}
		var err error
		allowed := "true or false"
		switch {
		case p.flag != nil:
			*p.flag, err = strconv.ParseBool(value)
		case p.size != nil:
			allowed = "a whole number from 1"
			if *p.size, err = strconv.Atoi(value); err == nil && *p.size < 1 {
				err = strconv.ErrRange
			}
		case p.words != nil && !slices.Contains(p.words, value):
			allowed = strings.Join(p.words[1:], " or ") + ", or nothing"
			err = strconv.ErrSyntax
		default:
			*p.text = value
		}
		if err != nil {
			return fmt.Errorf("set option %s: found %q, it must be %s", name, value, allowed)
		}
		return nil
	}
	return fmt.Errorf("set option %s: it must be one of %s", name, strings.Join(names, ", "))
}
