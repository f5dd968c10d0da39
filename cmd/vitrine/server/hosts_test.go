package server_test

import (
	"strings"
	"testing"

	"vitrine/cmd/vitrine/server/servertest"
)

// A host whose library doesn't exist would answer 404 for ever: the server warns of it and starts.
func TestHostOfNoLibrary(t *testing.T) {
	a := servertest.Start(t, "--engine", "imaging", "--delivery-hosts", "x.example=nosuch,shop.example=main")
	var warned []string
	for line := range strings.Lines(a.Log.String()) {
		if strings.Contains(line, "delivery_hosts") {
			warned = append(warned, line)
		}
	}
	if len(warned) != 1 {
		t.Fatalf("%q", warned)
	}
	for _, want := range []string{"level=WARN", "host=x.example", "library=nosuch", "remedy=",
		"the libraries are main"} {
		if !strings.Contains(warned[0], want) {
			t.Errorf("%s: no %s in it", warned[0], want)
		}
	}
}
