// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write writes PEM blocks to a file and returns its name.
func writePEM(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// certificate makes one for 127.0.0.1, signed by itself.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return writePEM(t, "cert.pem", "CERTIFICATE", der), writePEM(t, "key.pem", "PRIVATE KEY", private), pool
}

// Recording goes on over TLS on both sides, and ends with the context.
func TestRecordOverTLS(t *testing.T) {
	var host string
	provider := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		host = q.Host
		w.Header().Set("Content-Type", "application/scim+json")
		_, _ = fmt.Fprint(w, `{"totalResults":0}`)
	}))
	defer provider.Close()
	ca := writePEM(t, "ca.pem", "CERTIFICATE", provider.Certificate().Raw)
	cert, key, pool := certificate(t)
	for _, preserve := range []bool{false, true} {
		t.Run(fmt.Sprint("preserve host ", preserve), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "flow.yaml")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			said, tell := io.Pipe()
			var stderr bytes.Buffer
			code := make(chan int, 1)
			go func() {
				args := []string{"record", "--listen", "127.0.0.1:0", "--cert", cert, "--key", key, "--target", provider.URL + "/scim", "--ca-file", ca, "--out", out}
				if preserve {
					args = append(args, "--preserve-host")
				}
				code <- run(ctx, args, func(string) (string, bool) { return "", false }, strings.NewReader(""), tell, &stderr)
				_ = tell.Close()
			}()
			lines := bufio.NewReader(said)
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			_, rest, _ := strings.Cut(line, "recording ")
			base, _, _ := strings.Cut(rest, " ")
			if !strings.HasPrefix(base, "https://127.0.0.1:") || !strings.HasSuffix(base, "/scim") {
				t.Fatalf("got %q, want an https address", line)
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
			q, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/Users?filter=userName+eq+%22a%22", nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Authorization", "Bearer s3cret-of-the-idp")
			res, err := client.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || string(body) != `{"totalResults":0}` {
				t.Errorf("got %s %s, %v", res.Status, body, err)
			}
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
			client.CloseIdleConnections()
			if sent := strings.Contains(base, host); sent != preserve {
				t.Errorf("--preserve-host %v: the provider got the Host %s, the proxy is %s", preserve, host, base)
			}
			stop()
			if _, err := io.Copy(io.Discard, lines); err != nil {
				t.Error(err)
			}
			if got := <-code; got != 0 {
				t.Errorf("exit code %d: %s", got, stderr.String())
			}
			text, err := os.ReadFile(out)
			if err != nil || !bytes.Contains(text, []byte("path: /Users?filter=userName+eq+%22a%22")) || bytes.Contains(text, []byte("s3cret")) {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}
