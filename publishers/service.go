package publishers

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/storage"
)

// Matcher evaluates a search query on one asset, without the index.
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

// Renditions asks for renditions of a version in presets that are made on demand.
type Renditions interface {
	Want(ctx context.Context, tx *catalog.Tx, version string, presets ...string) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	events.Log
	Assets() catalog.Assets
	Channels() catalog.Channels
	Epochs() catalog.Epochs
	Libraries() catalog.Libraries
	Presets() catalog.Presets
	Publications() catalog.Publications
	Schedule() catalog.Schedule
	Now() time.Time
}

// Options is what the service is made of.
type Options struct {
	Catalog Catalog
	Kinds   []Kind
	Secrets Sealer
	Match   Matcher
	// Store holds the renditions.
	Store storage.Store
	// Renditions makes the renditions of presets that are made on demand; nil when nobody does.
	Renditions Renditions
	// Notify is told once per incident; nil tells nobody.
	Notify Notifier
	Log    *slog.Logger
	// Node names this process in the ledger; unique per start.
	Node string
	// PublicURL is where /r/… is served, "" when unknown.
	PublicURL string
	// Workers is how many publications this node works on at once, 16 when 0.
	Workers int
	// Clock tells the time of due times and leases, which all nodes must agree on: the database's when nil.
	Clock func() time.Time
	// Lease is how long a silent node keeps its work, 4 s when 0.
	Lease time.Duration
}

// Service plans, sends and takes back publications.
type Service struct {
	Options
	kinds map[string]Kind
	group group
}

// New returns a service; Run makes it work.
func New(o Options) *Service {
	s := &Service{Options: o, kinds: make(map[string]Kind, len(o.Kinds))}
	if s.Clock == nil {
		s.Clock = s.Catalog.Now
	}
	if s.Workers == 0 {
		s.Workers = 16
	}
	if s.Lease == 0 {
		s.Lease = 4 * time.Second
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Node == "" {
		s.Node = "node"
	}
	// A process that starts again is not the one whose leases are still running.
	s.Node += "/" + dam.NewID("n")
	for _, k := range o.Kinds {
		s.kinds[k.Name] = k
	}
	return s
}

// now is the ledger's clock, in the precision the catalogue keeps.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }
