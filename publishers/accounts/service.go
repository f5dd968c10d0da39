// Package accounts manages channels: their settings, their credentials, the accounts they are connected to, and their
// health.
package accounts

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/publishers"
)

// Matcher evaluates a search query on one asset. It returns an error for an invalid query, so that no rule has one.
type Matcher interface {
	Matches(ctx context.Context, library string, rule dam.Rule, a dam.Asset) (bool, error)
}

// Sealer encrypts credentials at rest; a sealed value can be opened for its purpose only.
type Sealer interface {
	Seal(plain []byte, purpose string) string
	Open(sealed, purpose string) (plain []byte, stale bool, err error)
}

// Notifier notifies people that a channel is no longer healthy, in the transaction that records it.
type Notifier interface {
	Incident(ctx context.Context, tx *catalog.Tx, ch dam.Channel) error
}

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	catalog.Writer
	Channels() catalog.Channels
	Epochs() catalog.Epochs
	People() catalog.People
	Presets() catalog.Presets
	Publications() catalog.Publications
	Now() time.Time
}

// Options configures a Service.
type Options struct {
	Catalog Catalog
	Kinds   []publishers.Kind
	Secrets Sealer
	Match   Matcher
	// Notify is called once per incident; nil notifies nobody.
	Notify Notifier
	Log    *slog.Logger // nil discards
	// PublicURL is the URL to which a remote redirects the browser; "" if unknown.
	PublicURL string
	// Clock returns the time, on which all nodes must agree; if nil, it is the database's.
	Clock func() time.Time
	// Lease is how long an unresponsive node keeps its claim on a refresh; 0 means publishers.DefaultLease.
	Lease time.Duration
}

// Service adds, connects, changes and removes channels, and keeps their credentials fresh.
type Service struct {
	Options
	kinds map[string]publishers.Kind
}

// New returns a service.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = o.Catalog.Now
	}
	if o.Lease == 0 {
		o.Lease = publishers.DefaultLease
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Options: o, kinds: publishers.ByName(o.Kinds)}
}

// now returns the time in the precision of the catalogue.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }
