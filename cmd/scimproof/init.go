// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed starters
var starters embed.FS

// pipeline is a CI system that init knows, and where it looks for its file.
type pipeline struct{ name, starter, file string }

func pipelines() []pipeline {
	return []pipeline{
		{"github", "github.yml", ".github/workflows/scim.yml"},
		{"gitlab", "gitlab-ci.yml", ".gitlab-ci.yml"},
		{"jenkins", "Jenkinsfile", "Jenkinsfile"},
	}
}

func pipelineNames() []string {
	known := pipelines()
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.name
	}
	return names
}

func (p *program) init() *cobra.Command {
	var target, ci string
	var force bool
	names := pipelineNames()
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a commented scimproof.yaml, and with --ci a pipeline that uses it",
		Long: `Write scimproof.yaml into this folder, with a comment on each key, and with --ci the
pipeline of a CI system that runs scimproof check. Nothing is overwritten without
--force, and nothing is sent.`,
		Example: `  scimproof init --target http://127.0.0.1:8080/scim/v2
  scimproof init --ci github`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			config, err := starter(defaultConfig)
			if err != nil {
				return err
			}
			if target != "" {
				if _, err := hostOf(target); err != nil {
					return fmt.Errorf("--target %w", err)
				}
				config = strings.Replace(config, "#target: https://staging.example.test/scim/v2", fmt.Sprintf("target: %q", target), 1)
			}
			files := [][2]string{{defaultConfig, config}}
			if ci != "" {
				at := slices.Index(names, ci)
				if at < 0 {
					return fmt.Errorf("--ci: found %q%s; allowed: %s", ci, didYouMean("", ci, names), strings.Join(names, ", "))
				}
				text, err := starter(pipelines()[at].starter)
				if err != nil {
					return err
				}
				files = append(files, [2]string{pipelines()[at].file, text})
			}
			return p.write(files, force)
		},
	}
	c.Flags().StringVar(&target, "target", "", "base `URL` of the SCIM API, to stand in scimproof.yaml")
	c.Flags().StringVar(&ci, "ci", "", "write the pipeline of `"+strings.Join(names, "|")+"` as well")
	c.Flags().BoolVar(&force, "force", false, "overwrite files that are there")
	return c
}

func starter(name string) (string, error) {
	text, err := starters.ReadFile("starters/" + name)
	return string(text), err
}

// write writes all files, or none if one of them is there and may not be
// overwritten.
func (p *program) write(files [][2]string, force bool) error {
	for _, f := range files {
		if _, err := os.Lstat(f[0]); err == nil && !force {
			return fmt.Errorf("%s is there already; nothing was written; --force overwrites it", f[0])
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f[0]), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(f[0], []byte(f[1]), 0o600); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.stdout, "wrote %s\n", f[0]); err != nil {
			return err
		}
	}
	return nil
}
