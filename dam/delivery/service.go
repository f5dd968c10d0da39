package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Options of a Service. The zero value is usable.
type Options struct {
	// Memory bounds the bodies kept in memory, in bytes; 256 MiB when zero.
	Memory int64
	// Records bounds the cached records of assets, in bytes; 32 MiB when zero.
	Records int64
	// MaxBody is the largest body kept in memory, in bytes; larger ones are read
	// from storage each time. 8 MiB when zero, never more than an eighth of Memory.
	MaxBody int64
	// Disk is a folder of this node for bodies evicted from memory, which is useful if storage is remote; none when "".
	// It survives a restart.
	Disk string
	// DiskSize bounds the bodies on disk, in bytes; 4 GiB when zero.
	DiskSize int64
	// StaleLimit is how long a node that can't reach the catalogue or the log keeps serving cached records. 15 minutes
	// when zero.
	StaleLimit time.Duration
	// Keys sign ad-hoc URLs; without keys no such URL is valid.
	Keys Keys
	// Demand requests a rendition of a version in a preset that is made on demand; it returns false if there is none to
	// make. If nil, only renditions that have been made are served.
	Demand func(ctx context.Context, version, preset string) (bool, error)
	// Renderer makes the pictures of ad-hoc URLs.
	Renderer Renderer
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	Log *slog.Logger
}

func (o *Options) fill() {
	if o.Memory <= 0 {
		o.Memory = 256 << 20
	}
	if o.Records <= 0 {
		o.Records = 32 << 20
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 8 << 20
	}
	o.MaxBody = min(o.MaxBody, o.Memory/8)
	if o.DiskSize <= 0 {
		o.DiskSize = 4 << 30
	}
	if o.StaleLimit <= 0 {
		o.StaleLimit = 15 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

const (
	// maxSuccessors is how many successors are followed from an asset that is gone.
	maxSuccessors = 5
	// loadLimit bounds one query of the catalogue or one read from storage.
	loadLimit = 10 * time.Second
	// quiet is how long a node may be without contact to the log before cached records are renewed in the background.
	quiet = 5 * time.Second
)

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	events.Log
	Assets() catalog.Assets
	Epochs() catalog.Epochs
	Libraries() catalog.Libraries
	Objects() catalog.Objects
	Presets() catalog.Presets
	Public() catalog.Public
	Renditions() catalog.Renditions
	AwaitLog(ctx context.Context, after int64, d time.Duration) (bool, error)
	// Pin protects objects from the collector for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
}

// Service decides what the public may see now. Every node has its own; each follows the event log, so that a change
// reaches all of them well within a second.
type Service struct {
	cat   Catalog
	store storage.Store
	opt   Options

	records  *cache[*record]  // of assets, by id
	products *cache[*product] // by productName
	bodies   *otter.Cache[bodyKey, []byte]
	reads    singleflight.Group
	disk     *disk // nil when there is none

	rendering chan struct{} // holds one element for each picture being made on demand

	hosts     atomic.Pointer[map[string]string] // libraries by their host names; nil before the first contact
	hostsRead bool                              // whether hosts is up to date; used by the follower only

	epoch  string       // of the log that was followed last; used by the follower only
	seq    atomic.Int64 // newest event that has been applied; -1 before the first contact
	head   atomic.Int64
	synced atomic.Int64 // UnixNano of the last contact at which this node had applied every event; 0 before

	counts counters
	stop   context.CancelFunc
	done   chan struct{}
}

type bodyKey struct{ asset, hash, ext string }

type counters struct {
	recordHits, recordMisses, bodyHits, bodyMisses, diskHits, bodyBytes, purges atomic.Int64
}

// Stats are a node's statistics since it started.
type Stats struct {
	RecordHits, RecordMisses int64 // queries of assets
	BodyHits, BodyMisses     int64 // reads of bodies from memory
	DiskHits                 int64 // of those misses, found on the node's disk
	ReadBytes                int64 // of the memory misses, found on the node's disk
	Purges                   int64 // records dropped by events
	MemoryBytes, Bodies      int64 // bodies in memory now
	DiskBytes                int64 // bodies on the node's disk now
	Seq, Head                int64 // of the event log: newest applied here, newest seen
	// Lag is the time since this node last knew that it had every event.
	Lag time.Duration
}

// New returns a Service; Start makes it follow the log.
func New(cat Catalog, store storage.Store, opt Options) (*Service, error) {
	opt.fill()
	for _, key := range opt.Keys {
		if len(key) < MinKey {
			return nil, dam.InvalidInput("delivery.keys", reasons.SigningKeyTooShort())
		}
	}
	bodies, err := otter.New(&otter.Options[bodyKey, []byte]{
		MaximumWeight: uint64(opt.Memory),
		Weigher:       func(_ bodyKey, b []byte) uint32 { return uint32(len(b) + 256) }, // 256: the entry itself
	})
	if err != nil {
		return nil, err
	}
	s := &Service{cat: cat, store: store, opt: opt, bodies: bodies, rendering: make(chan struct{}, renders)}
	if s.records, err = newCache(s, opt.Records, (*record).weight, s.read); err != nil {
		return nil, err
	}
	if s.products, err = newCache(s, opt.Records/4, (*product).weight, s.readProduct); err != nil {
		return nil, err
	}
	s.seq.Store(-1)
	if opt.Disk != "" {
		if s.disk, err = openDisk(opt.Disk, opt.DiskSize); err != nil {
			return nil, fmt.Errorf("delivery's disk cache: %w", err)
		}
	}
	return s, nil
}

// Stats returns the node's current statistics.
func (s *Service) Stats() Stats {
	st := Stats{
		RecordHits: s.counts.recordHits.Load(), RecordMisses: s.counts.recordMisses.Load(),
		BodyHits: s.counts.bodyHits.Load(), BodyMisses: s.counts.bodyMisses.Load(),
		ReadBytes: s.counts.bodyBytes.Load(), Purges: s.counts.purges.Load(),
		MemoryBytes: int64(s.bodies.WeightedSize()), Bodies: int64(s.bodies.EstimatedSize()),
		Seq: s.seq.Load(), Head: s.head.Load(),
	}
	st.DiskHits = s.counts.diskHits.Load()
	if s.disk != nil {
		st.DiskBytes = s.disk.size()
	}
	if t := s.synced.Load(); t != 0 {
		st.Lag = s.opt.Now().Sub(time.Unix(0, t))
	}
	return st
}

// RateCheck is called once before a request needs more than memory. Its error ends the request.
type RateCheck func() error

// public returns the context for reads on behalf of the public, which has no account. It acts as the system, because
// this package itself decides what the public may see.
func public(ctx context.Context) context.Context {
	return dam.AsSystem(ctx, "the public has no account; delivery decides what it is shown")
}

// Answer is what a live URL shows now.
type Answer struct {
	// Variants are the formats to choose from, preferred first; never empty. They must not be modified.
	Variants []*Variant
	// Until is when the rights end; zero when they don't.
	Until time.Time
	// Asset is the asset shown: Asked, which was requested, or its successor.
	Asset, Asked string
	// Parent is the key of the product that the requested one is a variant of.
	Parent string
}

// Live resolves what an asset's preset shows now. The error is dam.NotFound if the asset was never public, is not
// public yet or has no such preset; dam.Gone if it is no longer public and has no public successor; dam.Unavailable
// while pictures are being made or if the catalogue has been unreachable for longer than the stale limit; or check's
// own.
func (s *Service) Live(ctx context.Context, asset, preset string, check RateCheck) (Answer, error) {
	r, hops, err := s.shown(ctx, asset, s.opt.Now(), check)
	if err != nil {
		return Answer{}, err
	}
	list, err := r.preset(preset)
	if dam.CodeOf(err) == dam.NotFound && s.opt.Demand != nil {
		list, err = s.demanded(ctx, r, preset, err, check)
	}
	if hops > 0 && dam.CodeOf(err) == dam.NotFound {
		err = errGone()
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Variants: list, Until: r.facts.Until, Asset: r.asset, Asked: asset}, nil
}

// shown returns the record of the asset that may be seen now in place of another: itself, or a successor that is hops
// away.
func (s *Service) shown(ctx context.Context, asset string, now time.Time, check RateCheck) (r *record, hops int,
	err error) {
	for ; ; hops++ {
		r, err = s.record(ctx, asset, now, check)
		if hops > 0 && dam.CodeOf(err) == dam.NotFound {
			return nil, hops, errGone()
		}
		if err != nil {
			return nil, hops, err
		}
		switch err = r.refused(now); {
		case err == nil:
			return r, hops, nil
		case dam.CodeOf(err) == dam.Gone && r.successor != "" && hops < maxSuccessors:
			asset = r.successor
		case hops > 0:
			return nil, hops, errGone()
		default:
			return nil, hops, err
		}
	}
}

// EmbedInfo is what a page that embeds an asset needs to know about it.
type EmbedInfo struct {
	Asset         string // the asset shown, which may be a successor
	Title, Author string // in the library's default locale
	Library       string // the library's name
	Renditions    []dam.Rendition
}

// EmbedInfo describes what a live URL shows now. Its errors are those of Live.
func (s *Service) EmbedInfo(ctx context.Context, asset, preset string, check RateCheck) (EmbedInfo, error) {
	shown, err := s.Live(ctx, asset, preset, check)
	if err != nil {
		return EmbedInfo{}, err
	}
	if err := check(); err != nil {
		return EmbedInfo{}, err
	}
	ctx, cancel := context.WithTimeout(public(ctx), loadLimit)
	defer cancel()
	a, err := s.cat.Assets().Asset(ctx, "", shown.Asset)
	if err != nil {
		return EmbedInfo{}, errOut(err)
	}
	library, err := s.cat.Libraries().Library(ctx, a.Library)
	if err != nil {
		return EmbedInfo{}, errOut(err)
	}
	list, err := s.cat.Renditions().List(ctx, shown.Variants[0].Version)
	if err != nil {
		return EmbedInfo{}, errOut(err)
	}
	r, err := s.record(ctx, shown.Asset, s.opt.Now(), check)
	if err != nil {
		return EmbedInfo{}, err
	}
	list = slices.DeleteFunc(list, func(x dam.Rendition) bool { return r.versions[x.Version].hidden.Has(x.Preset) })
	return EmbedInfo{a.ID, a.Title.Get(library.Locale, library.Locale), a.Creator, library.Name, list}, nil
}

func (r *record) preset(name string) ([]*Variant, error) {
	if list := r.presets[name]; len(list) > 0 {
		return list, nil
	}
	if r.state == dam.RenditionsPending && slices.Contains(r.pending, name) {
		return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.BeingMade()}
	}
	return nil, &dam.Error{Code: dam.NotFound, Reason: reasons.NoRenditionOfPreset()}
}

// Exact resolves exactly named bytes. They are found as long as the version they were made from is approved and its
// asset is public. If their recipe has since changed (a moved focal point, another quality), instead is the picture
// that replaced them. The errors are those of Live; a successor never replaces exact bytes.
func (s *Service) Exact(ctx context.Context, ref Ref, check RateCheck) (v, instead *Variant, until time.Time,
	err error) {
	now := s.opt.Now()
	r, err := s.record(ctx, ref.Asset, now, check)
	if err != nil {
		return nil, nil, until, err
	}
	if err := r.refused(now); err != nil {
		return nil, nil, until, err
	}
	if v = r.exact[exactKey{ref.Hash, ref.Preset, ref.Ext}]; v != nil {
		if !v.public {
			return nil, nil, until, errGone()
		}
		return v, nil, r.facts.Until, nil
	}
	instead, err = s.replaced(ctx, r, ref, check)
	return nil, instead, r.facts.Until, err
}

// replaced finds what replaced a rendition whose row is gone. The row of its object, which outlives it by at least a
// day, proves that the rendition was made from a version that may be seen.
func (s *Service) replaced(ctx context.Context, r *record, ref Ref, check RateCheck) (*Variant, error) {
	variants := r.presets[ref.Preset]
	at := slices.IndexFunc(variants, func(v *Variant) bool { return v.Format.Ext() == ref.Ext })
	var format dam.Format
	slow := slices.IndexFunc(dam.Formats(), func(f dam.FormatInfo) bool { return f.Slow && f.Ext == ref.Ext })
	switch {
	case at >= 0:
		format = variants[at].Format
	case len(variants) > 0 && slow >= 0:
		format = dam.Formats()[slow].Format
		at = len(variants) - 1 // it is made after the others; until then use the format that every client reads
	default:
		return nil, errNone()
	}
	current := variants[at]
	if err := check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(public(ctx), loadLimit)
	defer cancel()
	for _, sha256 := range r.approved {
		_, err := s.cat.Objects().BlobByKey(ctx, dam.RenditionKey(sha256, ref.Hash, format))
		if err == nil {
			return current, nil
		}
		if dam.CodeOf(err) != dam.NotFound {
			return nil, errOut(err)
		}
	}
	// The collector removes objects eventually; the superseded renditions' rows are kept for good.
	former, err := s.cat.Public().SupersededVersions(ctx, ref.Asset, ref.Hash, ref.Preset, format)
	if err != nil {
		return nil, errOut(err)
	}
	if slices.ContainsFunc(former, func(id string) bool { return r.versions[id].approved }) {
		return current, nil
	}
	return nil, errNone()
}

func errNone() error {
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NothingPublic()}
}

func errGone() error {
	return &dam.Error{Code: dam.Gone, Reason: reasons.PublicGone()}
}

func errOut(cause error) error {
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.NotAnswerableAskAgain(), Err: cause}
}
