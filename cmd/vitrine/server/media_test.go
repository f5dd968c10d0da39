package server

import (
	"context"
	"net"
	"net/http"
	"slices"
	"testing"

	"vitrine/dam"
)

// Every kind of channel counts as one medium, by a row of the table: none falls under "other" because it was forgotten.
func TestEveryKindHasAMedium(t *testing.T) {
	for _, k := range channelKinds(nil, &http.Client{}, http.DefaultTransport,
		func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }, nil) {
		n := 0
		for _, m := range dam.Media() {
			if slices.Contains(m.Kinds, k.Name) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is in %d rows of dam.Media", k.Name, n)
		}
	}
}
