// Package accounts keeps the channels: their settings, their credentials, the
// accounts they are connected to, and how those fare.
package accounts

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/publishers"
)

// Matcher evaluates a search query on one asset; a rule that it can't read is refused.
type Matcher interface {
	Matches(ctx context.Context, library, query string, a dam.Asset) (bool, error)
}

// Sealer encrypts credentials at rest; a sealed value opens only for its purpose.
type Sealer interface {
	Seal(plain []byte, purpose string) string
	Open(sealed, purpose string) (plain []byte, stale bool, err error)
}

// Notifier tells people of a channel that is no longer healthy, in the transaction
// that makes it so.
type Notifier interface {
	Incident(ctx context.Context, tx *catalog.Tx, ch dam.Channel) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Channels() catalog.Channels
	Epochs() catalog.Epochs
	Presets() catalog.Presets
	Publications() catalog.Publications
	Now() time.Time
}

// Options is what the service is made of.
type Options struct {
	Catalog Catalog
	Kinds   []publishers.Kind
	Secrets Sealer
	Match   Matcher
	// Notify is told once per incident; nil tells nobody.
	Notify Notifier
	Log    *slog.Logger // nil discards
	// PublicURL is where a remote sends the browser back to, "" when unknown.
	PublicURL string
	// Clock tells the time, which all nodes must agree on: the database's when nil.
	Clock func() time.Time
	// Lease is how long a silent node keeps a claim on renewing credentials, publishers.DefaultLease when 0.
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

// now is the clock in the precision that the catalogue keeps.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }
