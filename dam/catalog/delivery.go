package catalog

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// PublicAsset is what public delivery needs to know of one asset. Its parts are read in several statements; a change
// between them emits an event that makes the reader read again.
type PublicAsset struct {
	Asset, Library string
	Zone           string // IANA time zone in which the dates of the rights are read
	Rights         dam.Rights
	Limits         *dam.Limits // what its licences and consents allow together
	Live           string      // version the public sees, "" when there is none
	Published      bool        // whether any version has ever been approved
	Binned         bool
	RecalledAt     *time.Time
	Alt            dam.Text
	Versions       []PublicVersion
	Focal          *dam.Point
	Focals         map[string]dam.Point
	Zones          []dam.ProtectedZone
}

// Hidden returns the presets in which public URLs don't show a version.
func (d PublicAsset) Hidden(presets []dam.Preset, v PublicVersion) dam.HiddenPresets {
	a, crop := dam.Asset{Focal: d.Focal, Focals: d.Focals, Zones: d.Zones}, v.Crop()
	return dam.HiddenOf(presets, &a, &crop)
}

// Facts returns the facts that decide whether the public may see the asset.
func (d PublicAsset) Facts(zone *time.Location) dam.PublicFacts {
	f := dam.PublicFacts{Binned: d.Binned, Published: d.Published, Live: d.Live != "", RecalledAt: d.RecalledAt}
	for _, v := range d.Versions {
		if v.ID == d.Live {
			f.ApprovedAt = v.ApprovedAt
		}
	}
	return f.Limited(d.Rights, d.Limits, zone)
}

// PublicVersion is a version that is or has been approved, with its stored pictures.
type PublicVersion struct {
	ID         string
	N          int
	SHA256     string
	Approved   bool // whether it is approved now
	ApprovedAt *time.Time
	Width      int // pixels, upright
	Height     int
	CropExempt bool
	Recipe     int // see dam.Version
	State      dam.RenditionState
	Analysis   *dam.Analysis // nil until the picture has been analyzed
	Renditions []PublicRendition
}

// Crop returns a dam.Version with the fields that crops depend on.
func (v PublicVersion) Crop() dam.Version {
	out := dam.Version{Width: v.Width, Height: v.Height, CropExempt: v.CropExempt}
	if v.Approved {
		out.Status = dam.Approved
	}
	return out
}

// PublicRendition is a stored picture and the object that holds it.
type PublicRendition struct {
	dam.Rendition
	Key string
}

// Asset reads an asset for public delivery: versions newest first, only those that have been approved at some time. It
// returns NotFound if the asset does not exist.
func (s Public) Asset(ctx context.Context, asset string) (PublicAsset, error) {
	d, err := one(ctx, s.db, func(r row) (d PublicAsset, err error) {
		var deleted, recalled *int64
		var crop crops
		err = r.Scan(&d.Asset, &d.Library, &d.Zone, asJSON{&d.Rights}, asJSON{&d.Limits}, &d.Live, &d.Published,
			&deleted, &recalled, asJSON{&d.Alt}, asJSON{&d.Focal}, asJSON{&crop})
		d.Focals, d.Zones = crop.Focals, crop.Zones
		d.Binned, d.RecalledAt = deleted != nil, instantPtr(recalled)
		return d, err
	},
		`SELECT a.id,a.library,l.zone,a.rights,a.limits,a.live_version,a.published,a.deleted_at,(SELECT x.at FROM asset_recalls x WHERE x.asset_id=a.id),a.alt,a.focal,a.crops
		FROM assets a JOIN libraries l ON l.id=a.library WHERE a.id=$1`, asset)
	if err != nil {
		return oneOr(d, err, "asset", asset)
	}
	d.Versions, err = all(ctx, s.db, func(r row) (v PublicVersion, err error) {
		var status string
		var approved int64
		err = r.Scan(&v.ID, &v.N, &v.SHA256, &status, &approved, (*string)(&v.State), asJSON{&v.Analysis}, &v.Width,
			&v.Height, &v.CropExempt, &v.Recipe)
		at := instant(approved)
		v.Approved, v.ApprovedAt = dam.State(status) == dam.Approved, &at
		return v, err
	},
		`SELECT id,n,sha256,status,approved_at,renditions,analysis,width,height,crop_exempt,recipe FROM versions WHERE asset_id=$1 AND approved_at IS NOT NULL ORDER BY n DESC`, asset)
	if err != nil {
		return d, err
	}
	list, err := all(ctx, s.db, func(r row) (x PublicRendition, err error) {
		var created, milliseconds int64
		err = r.Scan(&x.Version, &x.Preset, (*string)(&x.Format), &x.Hash, &x.SHA256, &x.Size, &x.Width, &x.Height,
			&x.MediaType, &x.Note, &created, &milliseconds, &x.Key)
		x.CreatedAt, x.Duration = instant(created), float64(milliseconds)/1000
		return x, err
	},
		`SELECT r.version_id,r.preset,r.format,r.hash,r.sha256,r.size,r.width,r.height,r.media_type,r.note,r.created_at,r.duration_ms,r.key
		FROM renditions r JOIN versions v ON v.id=r.version_id WHERE v.asset_id=$1 AND v.approved_at IS NOT NULL ORDER BY v.n DESC, r.preset, r.format`, asset)
	if err != nil {
		return d, err
	}
	at := make(map[string]int, len(d.Versions))
	for i, v := range d.Versions {
		at[v.ID] = i
	}
	for _, x := range list {
		if i, ok := at[x.Version]; ok { // otherwise it was approved between the two reads
			d.Versions[i].Renditions = append(d.Versions[i].Renditions, x)
		}
	}
	return d, nil
}

// BlobByKey returns the record of an object, also of a tombstoned one; NotFound if there is none.
func (s Objects) BlobByKey(ctx context.Context, key string) (Blob, error) {
	b, err := one(ctx, s.db, func(r row) (b Blob, err error) {
		err = r.Scan(&b.Key, &b.SHA256, &b.Size, &b.Sums)
		return
	}, `SELECT key,sha256,size,sums FROM blobs WHERE key=$1`, key)
	return oneOr(b, err, "object", key)
}

// Existing returns those of up to 500 ids that are assets, including assets in the bin.
func (s Public) Existing(ctx context.Context, assets []string) ([]string, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, value[string], `SELECT id FROM assets WHERE id IN `+in, args...)
}

// LogState returns the log's epoch, its newest seq and the seq up to which it has been trimmed.
func (in Log) LogState(ctx context.Context) (epoch string, head, trimmed int64, err error) {
	type state struct {
		epoch         string
		head, trimmed int64
	}
	s, err := one(ctx, in.db, func(r row) (s state, err error) {
		err = r.Scan(&s.epoch, &s.head, &s.trimmed)
		return
	}, `SELECT epoch,seq,min_seq FROM log_head WHERE id=1`)
	return s.epoch, s.head, s.trimmed, err
}

// AwaitLog returns true once the log's head is past a seq, and false after at most d, or sooner if ctx ends. Its error
// is the database's.
func (c *Catalog) AwaitLog(ctx context.Context, after int64, d time.Duration) (bool, error) {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	err := c.Wait(wait, after)
	if wait.Err() != nil { // drivers wrap it in errors of their own
		return false, nil
	}
	return err == nil, err
}

// PublicProduct is what public delivery needs to know of one product.
type PublicProduct struct {
	SKU   string
	Names dam.Text
	// Parent is the key of the product that it is a variant of, "" for none. What is in its slots is another record.
	Parent string
	Slots  []PublicSlot // by slot and position
	// Emptied are empty slots that have held a published asset.
	Emptied []PublicSlot
}

// PublicSlot is an asset in a slot.
type PublicSlot struct {
	Slot  string
	N     int
	Asset string
}

// Product reads a product for public delivery. It returns NotFound if the product does not exist.
func (s Public) Product(ctx context.Context, library, sku string) (PublicProduct, error) {
	key := canon.ProductKey(sku)
	p, err := one(ctx, s.db, func(r row) (p PublicProduct, err error) {
		err = r.Scan(&p.SKU, asJSON{&p.Names}, &p.Parent)
		return
	}, `SELECT sku,names,parent FROM products WHERE library=$1 AND key=$2`, library, key)
	if err != nil {
		return oneOr(p, err, "product", sku)
	}
	scan := func(r row) (x PublicSlot, err error) {
		err = r.Scan(&x.Slot, &x.N, &x.Asset)
		return
	}
	if p.Slots, err = all(ctx, s.db, scan,
		`SELECT slot,n,asset_id FROM product_slots WHERE library=$1 AND key=$2 AND until IS NULL ORDER BY slot,n`,
		library, key); err != nil {
		return p, err
	}
	p.Emptied, err = all(ctx, s.db, scan,
		`SELECT DISTINCT s.slot,s.n,'' FROM product_slots s JOIN assets a ON a.id=s.asset_id
		WHERE s.library=$1 AND s.key=$2 AND s.until IS NOT NULL AND a.published ORDER BY s.slot,s.n`, library, key)
	return p, err
}
