package publishertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/events"
	"vitrine/dam/review"
	"vitrine/dam/secrets"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/ledger"
	"vitrine/publishers/planning"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// Preset is the preset a World's assets have renditions of.
const Preset = "web"

// Clock is a clock that tests move.
type Clock struct {
	mu   sync.Mutex
	now  time.Time
	real bool // follows the wall
}

// Now is the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return time.Now()
	}
	return c.now
}

// Follow makes it the wall's clock from now on.
func (c *Clock) Follow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.real = true
}

// Advance moves the clock, back when d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// World is a catalogue with a store, and hands to change them as people do.
type World struct {
	t testing.TB
	// Dir holds the store (in store/) and the secret key, for other processes.
	Dir     string
	Catalog *catalog.Catalog
	Store   storage.Store
	Secrets *secrets.Box
	Clock   *Clock
	review  review.Service
	assets  assets.Service
	films   *films // nil while the assets are pictures
	// channels counts those that Channel has added.
	channels int
}

// NewWorld prepares an empty catalogue: one preset, two formats.
func NewWorld(t testing.TB, c *catalog.Catalog) *World {
	t.Helper()
	dir := t.TempDir()
	store, err := disk.Open(filepath.Join(dir, "store"))
	check(t, err)
	t.Cleanup(func() { check(t, store.Close()) })
	box, err := secrets.Open(dir, "")
	check(t, err)
	w := &World{t: t, Dir: dir, Catalog: c, Store: store, Secrets: box, Clock: &Clock{now: time.Now()},
		review: review.Service{Catalog: c}, assets: assets.Service{Catalog: c}}
	check(t, c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Presets().SetPreset(catalogtest.Context(t), dam.DefaultLibrary, 0,
			dam.Preset{Name: Preset, Width: 640, Fit: dam.FitContain,
				Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}, {Format: dam.WebP, Quality: 80}}})
	}))
	return w
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WordMatcher is a Matcher: every word of the query has to be in the default title or a tag.
type WordMatcher struct{}

// Matches implements planning.Matcher.
func (WordMatcher) Matches(_ context.Context, _ string, rule dam.Rule, a dam.Asset) (bool, error) {
	for word := range strings.FieldsSeq(rule.Query) {
		if !strings.Contains(strings.Join(append(a.Tags, a.Title.Get("en", "en")), " "), word) {
			return false, nil
		}
	}
	return true, nil
}

// Service is publishing as one node has it.
type Service struct {
	Accounts *accounts.Service
	Planning *planning.Service
	Ledger   *ledger.Service
}

// Options is what a node's services are made of.
type Options struct {
	Catalog *catalog.Catalog
	Kinds   []publishers.Kind
	Secrets *secrets.Box
	Store   storage.Store
	Node    string
	Lease   time.Duration    // publishers.DefaultLease when 0
	Clock   func() time.Time // the database's when nil
	Log     *slog.Logger     // nil discards
}

// NewService returns publishing as one node has it.
func NewService(o Options) *Service {
	const public = "https://media.example.com"
	a := accounts.New(accounts.Options{Catalog: o.Catalog, Kinds: o.Kinds, Secrets: o.Secrets, Match: WordMatcher{},
		PublicURL: public, Clock: o.Clock, Lease: o.Lease, Log: o.Log})
	p := planning.New(planning.Options{Catalog: o.Catalog, Kinds: o.Kinds, Match: WordMatcher{}, Store: o.Store,
		PublicURL: public, Clock: o.Clock, Log: o.Log})
	l := ledger.New(ledger.Options{Catalog: o.Catalog, Accounts: a, Planning: p, Kinds: o.Kinds, Node: o.Node,
		Clock: o.Clock, Lease: o.Lease, Log: o.Log})
	return &Service{a, p, l}
}

// Service returns publishing on the world, as one node has it.
func (w *World) Service(node string, kinds ...publishers.Kind) *Service {
	log := slog.New(slog.NewTextHandler(logs{w.t}, nil))
	return NewService(Options{Catalog: w.Catalog, Kinds: kinds, Secrets: w.Secrets, Store: w.Store, Node: node,
		Clock: w.Clock.Now, Log: log})
}

// logs writes a service's log into the test's.
type logs struct{ t testing.TB }

func (l logs) Write(p []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimRight(p, "\n"))
	return len(p), nil
}

// Draft adds an asset whose renditions are made, not approved yet.
func (w *World) Draft(title string) dam.Asset {
	w.t.Helper()
	ctx := catalogtest.Context(w.t)
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
		Title: dam.Text{"en": title}, Alt: dam.Text{"en": "a picture of " + title}, Tags: []string{},
		SKUs: []string{"SKU-1"}}
	v := w.version(a.ID, title)
	if v.N = 1; w.films != nil {
		a.Kind = dam.KindVideo
	}
	a.Latest = v
	check(w.t, w.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
			return err
		}
		tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID, Number: a.Number})
		return nil
	}))
	w.render(v)
	return w.Get(a.ID)
}

func (w *World) version(asset, title string) dam.Version {
	id := dam.NewID(dam.VersionPrefix)
	sum := sha256.Sum256([]byte(title + id))
	v := dam.Version{ID: id, Asset: asset, SHA256: hex.EncodeToString(sum[:]), Size: 1, FileName: title + ".jpg",
		MediaType: "image/jpeg", Width: 1280, Height: 960, Status: dam.Draft, Renditions: dam.RenditionsReady}
	if w.films != nil {
		v.FileName, v.MediaType, v.Codec, v.Duration = title+".mp4", "video/mp4", "h264", w.films.seconds
	}
	return v
}

// picture is a picture of one pixel that real services accept, for either format.
func picture(t testing.TB, f dam.Format) []byte {
	if f == dam.WebP {
		return []byte("RIFF\x24\x00\x00\x00WEBPVP8 " +
			"\x18\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x01\x00\x01\x00\x02\x00\x34\x25\xa4\x00\x03\x70\x00\xfe\xfb\xfd" +
			"\x50\x00")
	}
	var b bytes.Buffer
	check(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)), nil))
	return b.Bytes()
}

// render stores the renditions of a version; what follows the picture in their bytes names it.
func (w *World) render(v dam.Version) {
	w.t.Helper()
	ctx := catalogtest.Context(w.t)
	formats := []dam.Format{dam.JPEG, dam.WebP}
	if w.films != nil {
		formats = []dam.Format{dam.MP4}
	}
	for _, f := range formats {
		note := fmt.Sprintf("%s of version %s of asset %s", f, v.ID, v.Asset)
		r := dam.Rendition{Version: v.ID, Preset: Preset, Format: f, Width: 640, Height: 480, MediaType: f.MediaType()}
		var b []byte
		if f.IsVideo() {
			b = clip(w.films.seconds, note, w.films.size)
			r.Width, r.Height, r.Duration = 1080, 1920, w.films.seconds
		} else {
			b = append(picture(w.t, f), note...)
		}
		sum := sha256.Sum256(b)
		r.Hash, r.SHA256, r.Size = hex.EncodeToString(sum[:8]), hex.EncodeToString(sum[:]), int64(len(b))
		key := dam.RenditionKey(v.SHA256, r.Hash, f)
		check(w.t, w.Store.Put(ctx, key, bytes.NewReader(b), storage.PutOptions{Size: r.Size}))
		check(w.t, w.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			return tx.Renditions().PutRendition(ctx, r, key)
		}))
	}
}

// Asset adds an approved asset.
func (w *World) Asset(title string) dam.Asset {
	w.t.Helper()
	a := w.Draft(title)
	w.Decide(a.ID, dam.Approve)
	return w.Get(a.ID)
}

// NewVersion adds a version, with its renditions, not approved yet.
func (w *World) NewVersion(asset, title string) dam.Version {
	w.t.Helper()
	ctx := catalogtest.Context(w.t)
	v := w.version(asset, title)
	check(w.t, w.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, "", asset)
		if err != nil {
			return err
		}
		if err := tx.Versions().AddVersion(ctx, &a, v, dam.Metadata{}); err != nil {
			return err
		}
		tx.Emit(dam.Event{Type: dam.AssetVersionAdded, Subject: asset, Asset: asset, Number: a.Number})
		return nil
	}))
	w.render(v)
	return v
}

// Get reads an asset.
func (w *World) Get(id string) dam.Asset {
	w.t.Helper()
	a, err := w.Catalog.Assets().Asset(catalogtest.Context(w.t), "", id)
	check(w.t, err)
	return a
}

// Decide takes a step of the review.
func (w *World) Decide(asset string, action dam.Action) {
	w.t.Helper()
	_, err := w.review.Decide(catalogtest.Context(w.t), dam.DefaultLibrary, asset,
		review.Step{Action: action, Comment: "said the test"})
	check(w.t, err)
}

// Patch edits an asset by a merge patch.
func (w *World) Patch(asset, patch string) {
	w.t.Helper()
	p, err := assets.ParsePatch([]byte(patch))
	check(w.t, err)
	_, err = w.assets.Patch(catalogtest.Context(w.t), dam.DefaultLibrary, asset, 0, p)
	check(w.t, err)
}

// Delete puts an asset into the bin.
func (w *World) Delete(asset string) {
	w.t.Helper()
	_, err := w.assets.Delete(catalogtest.Context(w.t), dam.DefaultLibrary, asset, 0)
	check(w.t, err)
}

// Channel adds a channel by hand, without a rule.
func (w *World) Channel(s *Service, kind string, config json.RawMessage) dam.Channel {
	w.t.Helper()
	name := kind
	if w.channels++; w.channels > 1 { // a library has one channel of a name
		name = fmt.Sprint(kind, " ", w.channels)
	}
	c, err := s.Accounts.CreateChannel(catalogtest.Context(w.t), dam.DefaultLibrary,
		accounts.ChannelInput{Name: name, Kind: kind, Config: config, Rule: dam.Rule{Presets: []string{Preset}}})
	check(w.t, err)
	return c
}

// Rule switches the channel's rule on.
func (w *World) Rule(s *Service, channel, query string) {
	w.t.Helper()
	_, err := s.Accounts.UpdateChannel(catalogtest.Context(w.t), dam.DefaultLibrary, channel, 0,
		accounts.ChannelPatch{Rule: &dam.Rule{Query: query, Presets: []string{Preset}, Enabled: true}})
	check(w.t, err)
}

// Publish plans a publication for now.
func (w *World) Publish(s *Service, asset, channel string) dam.Publication {
	w.t.Helper()
	p, err := s.Planning.Publish(catalogtest.Context(w.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: asset, Channel: channel, Caption: "hello " + asset})
	check(w.t, err)
	return p
}

// Read reads a publication with its ledger.
func (w *World) Read(id string) dam.Publication {
	w.t.Helper()
	p, err := w.Catalog.Publications().Publication(catalogtest.Context(w.t), "", id)
	check(w.t, err)
	p.Steps, err = w.Catalog.Publications().PublicationSteps(catalogtest.Context(w.t), id)
	check(w.t, err)
	return p.Publication
}

// Of returns the asset's publications on a channel, oldest first.
func (w *World) Of(asset, channel string) []dam.Publication {
	w.t.Helper()
	rows, err := w.Catalog.Publications().List(catalogtest.Context(w.t), dam.DefaultLibrary,
		dam.PublicationFilter{Asset: asset, Channel: channel, Limit: 100})
	check(w.t, err)
	out := make([]dam.Publication, len(rows))
	for i, r := range rows {
		out[len(rows)-1-i] = r.Publication
	}
	return out
}

// Turn does what is due now.
func (w *World) Turn(s *Service) int {
	w.t.Helper()
	n, err := s.Ledger.Turn(catalogtest.Context(w.t))
	check(w.t, err)
	return n
}

// Until turns, moving the clock to the next due time, until the publication is at
// rest or in one of the states. It fails the test when that takes too long.
func (w *World) Until(s *Service, id string, states ...dam.PublicationState) dam.Publication {
	w.t.Helper()
	for range 200 {
		w.Turn(s)
		p := w.Read(id)
		for _, st := range states {
			if p.State == st {
				return p
			}
		}
		if p.NextAt == nil || p.State == dam.PubDelivered {
			if len(states) > 0 {
				w.t.Fatalf("publication is at rest as %s, want %v\n%s", p.State, states, Ledger(p))
			}
			return p
		}
		if d := p.NextAt.Sub(w.Clock.Now()); d > 0 {
			w.Clock.Advance(d)
		} else {
			w.Clock.Advance(time.Second) // a held channel
		}
	}
	w.t.Fatalf("publication does not come to rest\n%s", Ledger(w.Read(id)))
	return dam.Publication{}
}

// Wait polls until a publication is in one of the states, for services that Run.
func (w *World) Wait(id string, states ...dam.PublicationState) dam.Publication {
	w.t.Helper()
	var p dam.Publication
	Eventually(w.t, func() bool {
		p = w.Read(id)
		for _, st := range states {
			if p.State == st {
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("publication is not %v\n%s", states, Ledger(p)) })
	return p
}

// Eventually polls a condition until it holds, or fails the test with why after 30 s.
func Eventually(t testing.TB, holds func() bool, why func() string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal(why())
		}
		select {
		case <-catalogtest.Context(t).Done():
			t.Fatal("cancelled: " + why())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Start runs a service until the returned function is called or the test ends.
func (w *World) Start(s *Service) (stop func()) {
	ctx, cancel := context.WithCancel(catalogtest.Context(w.t))
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Ledger.Run(ctx) }() // it ends with ctx
	go events.Listen(ctx, w.Catalog, slog.New(slog.DiscardHandler))
	stop = sync.OnceFunc(func() { cancel(); <-done })
	w.t.Cleanup(stop)
	return stop
}

// Ledger prints a publication's steps.
func Ledger(p dam.Publication) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s state %s revision %d sent %d attempts %d withdrawn %v problem %+v", p.ID, p.State, p.Revision,
		p.Sent, p.Attempts, p.Withdrawn, p.Problem)
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "\n  %s r%d %s", s.State, s.Revision, s.Note)
	}
	return b.String()
}
