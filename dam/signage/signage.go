// Package signage keeps what digital screens show. A channel of kind signage is a
// group of screens; each publication on it is an entry of the group's playlist. The
// screens read the playlist as a signed feed with a manifest of its files, and report
// what they show. docs/signage.md describes the feed.
package signage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Kind is the name of the kind of channel that is a group of screens.
const Kind = "signage"

// Schema names the feed's format.
const Schema = "vitrine.signage/1"

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	events.Log
	Channels() catalog.Channels
	Libraries() catalog.Libraries
	Publications() catalog.Publications
	Screens() catalog.Screens
}

// Options is what the service is made of.
type Options struct {
	Catalog Catalog
	Store   storage.Store
	// Keys derives the i-th 32-byte key for a purpose, 0 being the newest.
	Keys func(i int, purpose string) ([]byte, bool)
	// PublicURL is where screens reach this server.
	PublicURL string
	Log       *slog.Logger
	// Clock tells the time; time.Now when nil.
	Clock func() time.Time
}

// Service keeps playlists and screens.
type Service struct {
	Options
	mu    sync.Mutex
	feeds map[string]*Answer // by channel
	news  chan struct{}      // closed when a feed may have changed
	over  chan struct{}      // closed when nobody is to wait any more
	stop  func()
}

// New returns a service; Run wakes those who wait for a feed.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Options: o, feeds: map[string]*Answer{}, news: make(chan struct{}), over: make(chan struct{})}
	s.stop = sync.OnceFunc(func() { close(s.over) })
	return s
}

// Stop ends every wait for a feed.
func (s *Service) Stop() { s.stop() }

// Group is a screen group's settings: the config of its channel.
type Group struct {
	Zone         string `json:"zone"`
	Seconds      int    `json:"seconds"`
	Orientation  string `json:"orientation"`
	Fit          string `json:"fit"`
	OfflineHours int    `json:"offline_hours"`
}

// Read understands a channel's config and fills in what was left out.
func Read(config json.RawMessage) (g Group, zone *time.Location, err error) {
	if err = json.Unmarshal(config, &g); err != nil {
		return g, nil, dam.InvalidInput("config", reasons.SettingsUnreadable())
	}
	g.Orientation, g.Fit = cmp.Or(g.Orientation, "landscape"), cmp.Or(g.Fit, "contain")
	g.Seconds, g.OfflineHours = cmp.Or(g.Seconds, 10), cmp.Or(g.OfflineHours, 7*24)
	if zone, err = dam.Zone(g.Zone); err != nil || g.Zone == "" {
		return g, nil, dam.InvalidInput("config.zone", reasons.NoTimeZone(g.Zone))
	}
	if g.Seconds < 1 || g.Seconds > 86400 {
		return g, nil, dam.InvalidInput("config.seconds", reasons.PictureSecondsExample())
	}
	if g.OfflineHours < 1 || g.OfflineHours > 90*24 {
		return g, nil, dam.InvalidInput("config.offline_hours", reasons.OfflineHoursRange())
	}
	return g, zone, nil
}

// Check reads a channel's settings.
func (s *Service) Check(config json.RawMessage) error {
	_, _, err := Read(config)
	return err
}

// Put stores an entry, unless a newer revision of it is there, and returns what is
// there then. What is being taken back is refused: a call that was held up puts
// nothing back onto the screens.
func (s *Service) Put(ctx context.Context, channel string, e dam.SignageEntry) (dam.SignageEntry, error) {
	return catalog.Do(catalog.WithoutIdempotencyKey(ctx), s.Catalog, func(tx *catalog.Tx) (dam.SignageEntry, error) {
		p, err := tx.Publications().LockPublication(ctx, "", e.Publication)
		if err != nil {
			return e, err
		}
		if p.State.Closed() || p.State == dam.PubRecalling || p.State == dam.PubManual {
			return e, &dam.Error{Code: dam.Conflict, Reason: reasons.PublicationTakenBack()}
		}
		if err := tx.Screens().PutSignageEntry(ctx, channel, e); err != nil {
			return e, err
		}
		kept, _, err := tx.Screens().SignageEntry(ctx, channel, e.Publication)
		return kept, err
	})
}

// Entry returns a publication's entry; false when it is not on the screens.
func (s *Service) Entry(ctx context.Context, channel, publication string) (dam.SignageEntry, bool, error) {
	return s.Catalog.Screens().SignageEntry(ctx, channel, publication)
}

// Remove takes an entry off the screens and reports whether it was there.
func (s *Service) Remove(ctx context.Context, channel, publication string) (bool, error) {
	return catalog.Do(catalog.WithoutIdempotencyKey(ctx), s.Catalog, func(tx *catalog.Tx) (bool, error) {
		return tx.Screens().DeleteSignageEntry(ctx, channel, publication)
	})
}

// Answer is a group's feed as it is sent.
type Answer struct {
	Feed dam.SignageFeed
	// Body is what is signed, ETag its quoted hash.
	Body []byte
	ETag string
	// files are where the bytes of the manifest are kept, by SHA-256.
	files map[string]dam.SignageEntry
	head  int64
}

// Feed returns a group's feed as it is now.
func (s *Service) Feed(ctx context.Context, channel string) (*Answer, error) {
	head, err := s.Catalog.Log().Head(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock().UTC()
	hour := now.Truncate(time.Hour)
	s.mu.Lock()
	old := s.feeds[channel]
	s.mu.Unlock()
	if old != nil && old.head == head && old.Feed.Issued.Equal(hour) {
		return old, nil
	}
	ch, entries, err := s.playlist(ctx, "", channel)
	if err != nil {
		return nil, err
	}
	a, err := s.build(ctx, ch, entries, now)
	if err != nil {
		return nil, err
	}
	a.head = head
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds[channel] = a
	return a, nil
}

// playlist reads a group and its entries in the order of play.
func (s *Service) playlist(ctx context.Context, library, channel string) (catalog.ChannelRow, []dam.SignageEntry,
	error) {
	ch, err := s.Catalog.Channels().Channel(ctx, library, channel)
	if err == nil && (ch.Kind != Kind || ch.Deleted) {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NoScreenGroup(channel)}
	}
	if err != nil {
		return ch, nil, err
	}
	entries, err := s.Catalog.Screens().SignageEntries(ctx, channel)
	slices.SortStableFunc(entries, func(a, b dam.SignageEntry) int { return cmp.Compare(a.Place(), b.Place()) })
	return ch, entries, err
}

func (s *Service) build(ctx context.Context, ch catalog.ChannelRow, entries []dam.SignageEntry, now time.Time) (*Answer,
	error) {
	group, zone, err := Read(ch.Config)
	if err != nil {
		return nil, err
	}
	library, err := s.Catalog.Libraries().Library(ctx, ch.Library)
	if err != nil {
		return nil, err
	}
	rights, err := dam.Zone(library.Zone)
	if err != nil {
		return nil, err
	}
	f := dam.SignageFeed{Schema: Schema, Group: ch.ID, Name: ch.Name, Zone: group.Zone, Orientation: group.Orientation,
		Fit: group.Fit, Entries: []dam.SignageShow{}, Files: []dam.SignageFile{}}
	a := &Answer{files: map[string]dam.SignageEntry{}}
	today := dam.Date(now.In(zone).Format(time.DateOnly))
	for _, e := range entries {
		show := dam.SignageShow{ID: e.Publication, Asset: e.Asset, Title: e.Title, Alt: e.Alt, File: e.File.SHA256,
			Seconds: cmp.Or(e.Showing.Seconds, group.Seconds), Order: e.Place(), From: e.Showing.From,
			Until: e.Showing.Until}
		if show.DayParts, err = dam.ParseDayParts(e.Showing.DayParts); err != nil {
			return nil, err
		}
		start, end := e.Rights.Window(rights)
		if !end.IsZero() && !now.Before(end) || show.Until != "" && show.Until < today {
			continue // over for good: screens need not keep it
		}
		show.NotBefore, show.NotAfter = instant(start), instant(end)
		f.Entries = append(f.Entries, show)
		if _, known := a.files[e.File.SHA256]; !known {
			f.Files = append(f.Files, dam.SignageFile{SHA256: e.File.SHA256, URL: "files/" + e.File.SHA256,
				Size: e.File.Size, MediaType: e.File.MediaType, Width: e.File.Width, Height: e.File.Height})
		}
		a.files[e.File.SHA256] = e
	}
	version, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	f.Version = sum(version)[:16]
	f.Issued = now.Truncate(time.Hour)
	f.NotAfter = f.Issued.Add(time.Hour + time.Duration(group.OfflineHours)*time.Hour)
	a.Feed = f
	if a.Body, err = json.Marshal(f); err != nil {
		return nil, err
	}
	a.ETag = `"` + sum(a.Body)[:32] + `"`
	return a, nil
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Await returns the feed once it differs from the one with this ETag, or ctx is done;
// Unauthorized once the screen is taken out of the group.
func (s *Service) Await(ctx context.Context, channel, etag string, who Viewer) (*Answer, error) {
	for {
		if who.Screen != "" {
			if _, err := s.Catalog.Screens().Screen(context.WithoutCancel(ctx), channel, who.Screen); err != nil {
				return nil, stranger(err)
			}
		}
		s.mu.Lock()
		news := s.news
		s.mu.Unlock()
		a, err := s.Feed(context.WithoutCancel(ctx), channel)
		if err != nil || a.ETag != etag {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, nil
		case <-s.over:
			return a, nil
		case <-news:
		}
	}
}

// Run wakes those who wait for a feed when the log tells of publications or channels,
// until ctx is done. Every node runs it.
func (s *Service) Run(ctx context.Context) error {
	at, err := s.Catalog.Log().Head(ctx)
	for err == nil {
		if err = s.Catalog.Wait(ctx, at); err != nil {
			return err
		}
		var list []dam.Event
		if list, err = s.Catalog.Log().Events(ctx, "", at, 500); err != nil {
			return err
		}
		told := false
		for _, e := range list {
			at = e.Seq
			told = told || strings.HasPrefix(string(e.Type), "publication.") ||
				strings.HasPrefix(string(e.Type), "channel.")
		}
		if len(list) == 0 { // trimmed meanwhile
			if at, err = s.Catalog.Log().Head(ctx); err != nil {
				return err
			}
			told = true
		}
		if told {
			s.mu.Lock()
			close(s.news)
			s.news = make(chan struct{})
			s.mu.Unlock()
		}
	}
	return err
}

// File opens one file of a group's manifest.
func (s *Service) File(ctx context.Context, channel, sha256 string) (dam.SignageMedia, io.ReadCloser, error) {
	a, err := s.Feed(ctx, channel)
	if err != nil {
		return dam.SignageMedia{}, nil, err
	}
	e, ok := a.files[sha256]
	if !ok {
		return dam.SignageMedia{}, nil, &dam.Error{Code: dam.NotFound, Reason: reasons.FileNotInPlaylist()}
	}
	r, err := s.Store.Open(ctx, dam.RenditionKey(e.Original, e.File.Hash, e.File.Format))
	return e.File, r, err
}
