// Package planning decides what goes where and when: by a person's hand, by a
// channel's rule, by a series. What is decided stands in the ledger as a plan,
// which package ledger carries out.
package planning

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/publishers"
	"vitrine/storage"
)

// Matcher evaluates a search query on one asset, without the index.
type Matcher interface {
	Matches(ctx context.Context, library string, rule dam.Rule, a dam.Asset) (bool, error)
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
	People() catalog.People
	Publications() catalog.Publications
	Schedule() catalog.Schedule
	Now() time.Time
}

// Options is what the service is made of.
type Options struct {
	Catalog Catalog
	Kinds   []publishers.Kind
	Match   Matcher
	// Store holds the renditions.
	Store storage.Store
	// Renditions makes the renditions of presets that are made on demand; nil when nobody does.
	Renditions Renditions
	Log        *slog.Logger // nil discards
	// PublicURL is where /r/… is served, "" when unknown.
	PublicURL string
	// Clock tells the time of due times, which all nodes must agree on: the database's when nil.
	Clock func() time.Time
}

// Service plans publications, changes the plans and takes back what is out.
type Service struct {
	Options
	kinds map[string]publishers.Kind
}

// New returns a service; Follow keeps its plans up to date.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = o.Catalog.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Options: o, kinds: publishers.ByName(o.Kinds)}
}

// now is the clock in the precision that the catalogue keeps.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }
