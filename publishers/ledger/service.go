// Package ledger carries publications out: it leases what is due, sends it, looks
// up what became of it and takes it back, so that nothing is lost or sent twice
// whatever node dies at whatever moment.
package ledger

import (
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	events.Log
	Channels() catalog.Channels
	Epochs() catalog.Epochs
	Libraries() catalog.Libraries
	Now() time.Time
}

// Options is what the service is made of.
type Options struct {
	Catalog  Catalog
	Accounts *accounts.Service
	Planning *planning.Service
	Kinds    []publishers.Kind
	Log      *slog.Logger // nil discards
	// Node names this process in the ledger; a start adds what makes it unique.
	Node string
	// Workers is how many publications this node works on at once, 16 when 0.
	Workers int
	// Clock tells the time of due times and leases, which all nodes must agree on: the database's when nil.
	Clock func() time.Time
	// Lease is how long a silent node keeps its work, publishers.DefaultLease when 0.
	Lease time.Duration
}

// Service sends publications and takes them back.
type Service struct {
	Options
	kinds map[string]publishers.Kind
	batch batcher
}

// New returns a service; Run makes it work.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = o.Catalog.Now
	}
	if o.Workers == 0 {
		o.Workers = 16
	}
	if o.Lease == 0 {
		o.Lease = publishers.DefaultLease
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Node == "" {
		o.Node = "node"
	}
	// A process that starts again is not the one whose leases are still running.
	o.Node += "/" + dam.NewID("n")
	return &Service{Options: o, kinds: publishers.ByName(o.Kinds)}
}

// now is the clock in the precision that the catalogue keeps.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }
