package webhooks_test

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"vitrine/dam/webhooks"
)

// A receiver checks what it gets with the secret of the webhook before it believes a word of it.
func ExampleVerify() {
	secret, now := webhooks.NewSecret(), time.Now()
	body := []byte(`{"type":"asset.approved"}`)
	h := http.Header{}
	if err := webhooks.Sign(h, "msg_1", now, body, secret); err != nil {
		log.Fatal(err)
	}

	fmt.Println("as sent:", webhooks.Verify(h, now, body, secret))
	fmt.Println("altered:", webhooks.Verify(h, now, []byte(`{"type":"asset.deleted"}`), secret) != nil)
	fmt.Println("an hour later:", webhooks.Verify(h, now.Add(time.Hour), body, secret) != nil)
	// Output:
	// as sent: <nil>
	// altered: true
	// an hour later: true
}
