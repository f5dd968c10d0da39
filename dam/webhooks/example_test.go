package webhooks_test

import (
	"fmt"
	"log"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/dam/webhooks"
)

// A receiver verifies a message with the webhook's secret before it uses any of it. The libraries of Standard Webhooks,
// which exist for most languages, do that.
func ExampleSign() {
	secret := webhooks.NewSecret()
	body := []byte(`{"type":"asset.approved"}`)
	fresh, old := http.Header{}, http.Header{}
	for at, h := range map[time.Time]http.Header{time.Now(): fresh, time.Now().Add(-time.Hour): old} {
		if err := webhooks.Sign(h, "msg_1", at, body, secret); err != nil {
			log.Fatal(err)
		}
	}

	receiver, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("as sent:", receiver.Verify(body, fresh))
	fmt.Println("altered:", receiver.Verify([]byte(`{"type":"asset.deleted"}`), fresh) != nil)
	fmt.Println("an hour old:", receiver.Verify(body, old) != nil)
	// Output:
	// as sent: <nil>
	// altered: true
	// an hour old: true
}
