// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v4"
)

const (
	configFlag    = "config"
	defaultConfig = "scimproof.yaml"
	variables     = "SCIMPROOF_" // prefix of the variables that set flags
)

// commandLineOnly says whether no file may set a flag: help and such, and the
// two by which somebody takes responsibility for one run.
func commandLineOnly(flag string) bool {
	return slices.Contains([]string{"help", tokenFlag, configFlag, "allow-writes", "confirm"}, flag)
}

// settle gives a value to each flag that the command line left alone: from the
// environment, or else from the configuration file.
func (p *program) settle(c *cobra.Command) error {
	if err := p.fromEnvironment(c.Flags()); err != nil {
		return err
	}
	if c.Flags().Lookup(configFlag) == nil {
		return nil
	}
	return p.fromFile(c)
}

func (p *program) fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := variables + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := p.env(name)
		if !ok || f.Changed || err != nil || f.Name == tokenFlag || f.Name == "help" {
			return
		}
		if e := f.Value.Set(value); e != nil {
			err = fmt.Errorf("variable %s: %w", name, e)
		}
		f.Changed = true
	})
	return err
}

// fromFile reads the configuration file. One that was named must be there.
func (p *program) fromFile(c *cobra.Command) error {
	flags := c.Flags()
	file, err := flags.GetString(configFlag)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !flags.Changed(configFlag):
		return nil
	case err != nil:
		return fmt.Errorf("read configuration: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("read configuration %s: %w", file, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: found no keys; write lines such as `target: https://host/scim/v2`", file, top.Line)
	}
	allowed := p.configurable(c.Root())
	seen := map[string]bool{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		if err := apply(flags, allowed, seen, key.Value, value); err != nil {
			return fmt.Errorf("%s:%d: %w", file, key.Line, err)
		}
	}
	return nil
}

// configurable lists the keys of a configuration file: the flags of every verb
// that reads one.
func (p *program) configurable(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.Flags().Lookup(configFlag) == nil {
			continue
		}
		for _, name := range flagNames(c) {
			if !commandLineOnly(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// apply sets the flag that a key of the file names, unless the command line or
// the environment has.
func apply(flags *pflag.FlagSet, allowed []string, seen map[string]bool, key string, value *yaml.Node) error {
	switch {
	case key == tokenFlag:
		return errors.New("token: a configuration file is no place for a secret; name a variable with token-env or a file with token-file")
	case key == "allow-writes" || key == "confirm":
		return fmt.Errorf("%s: only the command line can say so, for each run anew", key)
	case !slices.Contains(allowed, key):
		return fmt.Errorf("unknown key %q%s; allowed: %s", key, didYouMean("", key, allowed), strings.Join(allowed, ", "))
	case seen[key]:
		return fmt.Errorf("key %q is there twice", key)
	}
	seen[key] = true
	f := flags.Lookup(key)
	if f == nil || f.Changed {
		return nil
	}
	values, err := scalars(value)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	for _, v := range values {
		if err := f.Value.Set(v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	f.Changed = true
	return nil
}

// scalars gives the values to set a flag to: a list of words joined by commas,
// a mapping as one NAME=VALUE each.
func scalars(n *yaml.Node) ([]string, error) {
	text := func(n *yaml.Node) (string, error) {
		if n.Kind != yaml.ScalarNode {
			return "", fmt.Errorf("line %d: found a nested value, want a plain one", n.Line)
		}
		return n.Value, nil
	}
	var out []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			v, err := text(item)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return []string{strings.Join(out, ",")}, nil
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := text(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			out = append(out, n.Content[i].Value+"="+v)
		}
		return out, nil
	default:
		v, err := text(n)
		return []string{v}, err
	}
}
