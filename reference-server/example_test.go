// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	refserver "github.com/scimproof/scimproof/reference-server"
)

func ExampleNew() {
	provider, err := refserver.New(refserver.Options{Token: "a-token-of-16-bytes-or-more"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer provider.Close()
	srv := httptest.NewServer(provider)
	defer srv.Close()

	// Point the SCIM client under test at srv.URL + "/scim/v2".
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, srv.URL+"/scim/v2/ServiceProviderConfig", nil)
	r.Header.Set("Authorization", "Bearer a-token-of-16-bytes-or-more")
	res, err := srv.Client().Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.Status, res.Header.Get("Content-Type"))
	fmt.Println(res.Header.Get("X-Scimproof"))
	// Output:
	// 200 OK application/scim+json
	// reference server, for tests only
}
