package publishers_test

import (
	"testing"
	"time"

	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func TestLedger(t *testing.T) {
	for name, set := range map[string]func(n *publishertest.Network){
		"none": func(n *publishertest.Network) { n.Mode, n.Settle = publishers.NoIdempotency, time.Minute },
		"blind": func(n *publishertest.Network) {
			n.Mode, n.CanLookup, n.CanRecall = publishers.NoIdempotency, false, false
		},
		"durable": func(n *publishertest.Network) { n.Mode, n.CanUpdate = publishers.Durable, true },
		"handle":  func(n *publishertest.Network) { n.Mode, n.Settle = publishers.ByHandle, time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			suite := publishertest.RunEmbedded
			if name == "none" || name == "durable" {
				suite = publishertest.Run
			}
			suite(t, func(t *testing.T) publishertest.Harness {
				n := publishertest.NewNetwork(publishers.NoIdempotency)
				set(n)
				return n.Harness()
			})
		})
	}
}
