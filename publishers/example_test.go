package publishers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"vitrine/publishers"
)

// A kind of channel makes its requests with Call, which turns answers into the classes of error that the ledger acts
// on.
func ExampleCall() {
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/busy":
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			_, _ = w.Write([]byte(`{"id":"42"}`))
		}
	}))
	defer remote.Close()
	client := &http.Client{Timeout: 10 * time.Second}

	var post struct {
		ID string `json:"id"`
	}
	call := publishers.Call{Method: http.MethodPost, URL: remote.URL + "/posts", Token: "token",
		JSON: map[string]string{"text": "New shoes"}, Out: &post, Commit: true}
	_, err := call.Do(context.Background(), client)
	fmt.Println(post.ID, err)

	call.URL = remote.URL + "/busy"
	_, err = call.Do(context.Background(), client)
	fmt.Println(publishers.ClassOf(err, publishers.ClassUnknown))

	call.Token = "of last year"
	_, err = call.Do(context.Background(), client)
	fmt.Println(publishers.ClassOf(err, publishers.ClassUnknown))
	// Output:
	// 42 <nil>
	// throttled
	// auth_expired
}
