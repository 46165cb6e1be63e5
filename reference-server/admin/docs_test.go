// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/admin"
)

// The examples of docs/admin-api.md work as they stand there, in their order.
func TestExamplesOfTheDocumentation(t *testing.T) {
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the examples need %s: %v", program, err)
		}
	}
	text, err := os.ReadFile("../../docs/admin-api.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllSubmatch(text, -1)
	if len(examples) < 8 {
		t.Fatalf("found %d examples", len(examples))
	}
	b := open(t, admin.Options{})
	var said strings.Builder
	for _, example := range examples {
		c := exec.CommandContext(t.Context(), "sh", "-e", "-c", string(example[1]))
		c.Env = append(os.Environ(),
			"ADMIN="+b.admin.URL+admin.Path, "ADMIN_TOKEN="+adminToken, "SCIM="+b.scim.URL+"/scim/v2", "TOKEN="+scimToken)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%v:\n%s\n%s", err, example[1], out)
		}
		said.Write(out)
	}
	for _, want := range []string{`"people": 2`, `"people": 200`, "503", `"ahead": "5m0s"`, "flow: recorded/my-client"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("no example says %s", want)
		}
	}
	// Every address has an example.
	for _, address := range []string{"/seed", "/reset", "/replies", "/faults", "/chaos", "/clock", "/login", "/history", "/t/acme/seed"} {
		if !strings.Contains(string(text), "$ADMIN"+address) {
			t.Errorf("no example of %s", address)
		}
	}
}
