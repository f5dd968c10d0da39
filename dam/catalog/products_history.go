package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
)

// PublicInterval is what the public could see of an asset between two instants, apart from the dates of its rights.
type PublicInterval struct {
	Asset      string
	Version    string // "" while the public saw nothing
	SHA256     string // of the version's original
	ApprovedBy string
	ApprovedAt *time.Time
	RecalledAt *time.Time // the recall in effect then
	Rights     dam.Rights
	// Withheld holds, by version id, the presets in which public URLs did not show an approved version.
	Withheld map[string][]string
	Since    time.Time
	Until    *time.Time // nil for the current interval
}

// Facts returns the facts that decided whether the public could see the asset at an instant.
func (s PublicInterval) Facts(at time.Time, zone *time.Location) dam.PublicFacts {
	over := s.Until != nil && !at.Before(*s.Until)
	return dam.PublicFacts{Deleted: over, Published: true, Live: s.Version != "", ApprovedAt: s.ApprovedAt,
		RecalledAt: s.RecalledAt}.With(s.Rights, zone)
}

// Withholds reports whether public URLs did not show a version in a preset because it cut a protected zone.
func (s PublicInterval) Withholds(version, preset string) bool {
	return slices.Contains(s.Withheld[version], preset)
}

const intervalColumns = `asset_id,version_id,sha256,approved_by,approved_at,recalled_at,rights,withheld,since,until`

func scanInterval(r row) (s PublicInterval, err error) {
	var since int64
	var approved, recalled, until *int64
	err = r.Scan(&s.Asset, &s.Version, &s.SHA256, &s.ApprovedBy, &approved, &recalled, asJSON{&s.Rights},
		asJSON{&s.Withheld}, &since, &until)
	s.ApprovedAt, s.RecalledAt, s.Since, s.Until = instantPtr(approved), instantPtr(recalled), instant(since),
		instantPtr(until)
	return s, err
}

// History returns what the public could see of an asset up to an instant, newest first.
func (s Public) History(ctx context.Context, asset string, at time.Time) ([]PublicInterval, error) {
	return all(ctx, s.db, scanInterval,
		`SELECT `+intervalColumns+` FROM asset_standings WHERE asset_id=$1 AND since<=$2 ORDER BY since DESC`, asset,
		micros(at))
}

// notePublicHistory updates the public history of an asset to match its rows. Every change of these rows calls it in
// the same transaction.
func (tx *Tx) notePublicHistory(ctx context.Context, asset string) error {
	a := dam.Asset{ID: asset}
	var crop crops
	now, err := one(ctx, tx.Conn, func(r row) (s PublicInterval, err error) {
		var approved, binned, recalled *int64
		s.Asset = asset
		var limits *dam.Limits
		err = r.Scan(&s.Version, &s.SHA256, &s.ApprovedBy, &approved, asJSON{&s.Rights}, asJSON{&limits}, &binned,
			&recalled, &a.Library, asJSON{&a.Focal}, asJSON{&crop})
		a.Focals, a.Zones = crop.Focals, crop.Zones
		s.ApprovedAt, s.RecalledAt = instantPtr(approved), instantPtr(recalled)
		f := dam.PublicFacts{Binned: binned != nil, Published: true, Live: s.Version != "", ApprovedAt: s.ApprovedAt,
			RecalledAt: s.RecalledAt}.Limited(s.Rights, limits, time.UTC).Undated()
		s.Rights = s.Rights.Within(limits)
		if !dam.VisibilityAt(f, tx.now, dam.UnknownAudience).Public() {
			s.Version, s.SHA256, s.ApprovedBy, s.ApprovedAt = "", "", "", nil
		}
		return s, err
	}, `SELECT a.live_version, COALESCE(v.sha256,''), COALESCE(v.decided_by,''), v.approved_at, a.rights, a.limits,
		a.deleted_at, (SELECT x.at FROM asset_recalls x WHERE x.asset_id=a.id), a.library, a.focal, a.crops
		FROM assets a LEFT JOIN versions v ON v.id=a.live_version WHERE a.id=$1 AND a.published`, asset)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	now.Withheld = map[string][]string{}
	if now.Version != "" {
		if now.Withheld, err = tx.withheld(ctx, &a); err != nil {
			return err
		}
	}
	last, err := one(ctx, tx.Conn, scanInterval,
		`SELECT `+intervalColumns+` FROM asset_standings WHERE asset_id=$1 AND until IS NULL`, asset)
	switch {
	case errors.Is(err, errNoRow):
	case err != nil:
		return err
	case last.same(now):
		return nil
	}
	if err := tx.endPublicInterval(ctx, asset); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO asset_standings(`+intervalColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,NULL)
		ON CONFLICT(asset_id,since) DO UPDATE SET version_id=excluded.version_id,sha256=excluded.sha256,approved_by=excluded.approved_by,approved_at=excluded.approved_at,recalled_at=excluded.recalled_at,rights=excluded.rights,withheld=excluded.withheld,until=NULL`,
		asset, now.Version, now.SHA256, now.ApprovedBy, microsPtr(now.ApprovedAt), microsPtr(now.RecalledAt),
		asJSON{now.Rights}, asJSON{now.Withheld}, micros(tx.now))
	return err
}

func (s PublicInterval) same(o PublicInterval) bool {
	equal := func(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }
	return s.Version == o.Version && equal(s.ApprovedAt, o.ApprovedAt) && equal(s.RecalledAt, o.RecalledAt) &&
		s.Rights.From == o.Rights.From && s.Rights.Until == o.Rights.Until &&
		s.Rights.Successor == o.Rights.Successor &&
		maps.EqualFunc(s.Withheld, o.Withheld, slices.Equal)
}

// withheld returns, by version id, the presets in which public URLs don't show an approved version of an asset.
func (tx *Tx) withheld(ctx context.Context, a *dam.Asset) (map[string][]string, error) {
	out := map[string][]string{}
	if len(a.Zones) == 0 {
		return out, nil
	}
	presets, err := tx.Presets().List(ctx, a.Library)
	if err != nil {
		return out, err
	}
	versions, err := all(ctx, tx.Conn, scanVersion,
		`SELECT `+versionColumns+` FROM versions v WHERE v.asset_id=$1 AND v.status='approved' ORDER BY v.n`, a.ID)
	for _, v := range versions {
		if names := dam.HiddenOf(presets, a, &v).Withheld; len(names) > 0 {
			out[v.ID] = names
		}
	}
	return out, err
}

// NoteCrops updates the public history of an asset to match its library's presets.
func (s PublicTx) NoteCrops(ctx context.Context, asset string) error {
	if _, err := s.tx.Assets().LockAsset(ctx, "", asset); err != nil {
		return err
	}
	return s.tx.notePublicHistory(ctx, asset)
}

func (tx *Tx) endPublicInterval(ctx context.Context, asset string) error {
	_, err := tx.exec(ctx, `UPDATE asset_standings SET until=$2 WHERE asset_id=$1 AND until IS NULL`, asset,
		micros(tx.now))
	return err
}

const supersededColumns = `asset_id,version_id,preset,format,hash,sha256,size,width,height,media_type,since,until`

// keepSuperseded records renditions whose rows are about to change; where selects them, with arguments from $2.
func (tx *Tx) keepSuperseded(ctx context.Context, where string, args ...any) error {
	_, err := tx.exec(ctx, `INSERT INTO former_renditions(`+supersededColumns+`)
		SELECT v.asset_id,r.version_id,r.preset,r.format,r.hash,r.sha256,r.size,r.width,r.height,r.media_type,r.created_at,CAST($1 AS BIGINT)
		FROM renditions r JOIN versions v ON v.id=r.version_id WHERE `+where+` ON CONFLICT DO NOTHING`,
		append([]any{micros(tx.now)}, args...)...)
	return err
}

// SupersededVersions returns the versions of an asset whose rendition with this hash was shown and has been replaced.
func (s Public) SupersededVersions(ctx context.Context, asset, hash, preset string, format dam.Format) ([]string,
	error) {
	return all(ctx, s.db, value[string],
		`SELECT DISTINCT version_id FROM former_renditions WHERE asset_id=$1 AND hash=$2 AND preset=$3 AND format=$4`,
		asset, hash, preset, string(format))
}

// RenditionsAt returns the renditions a version had at an instant, ordered by preset and format.
func (s Public) RenditionsAt(ctx context.Context, version string, at time.Time) ([]dam.Rendition, error) {
	return all(ctx, s.db, scanRendition,
		`SELECT version_id,preset,format,hash,sha256,size,width,height,media_type,note,created_at,duration_ms FROM renditions WHERE version_id=$1 AND created_at<=$2
		UNION ALL SELECT version_id,preset,format,hash,sha256,size,width,height,media_type,'',since,0 FROM former_renditions WHERE version_id=$1 AND since<=$2 AND until>$2
		ORDER BY preset,format`, version, micros(at))
}

// VersionsWithRendition returns the versions of an asset that have or had a rendition with this hash and preset.
func (s Versions) VersionsWithRendition(ctx context.Context, asset, hash, preset string) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT version_id FROM former_renditions WHERE asset_id=$1 AND hash=$2 AND preset=$3
		UNION SELECT r.version_id FROM renditions r JOIN versions v ON v.id=r.version_id WHERE v.asset_id=$1 AND r.hash=$2 AND r.preset=$3`, asset, hash, preset)
}

// EraseHistory deletes the public history of an asset.
func (s PublicTx) EraseHistory(ctx context.Context, asset string) error {
	for _, q := range []string{`DELETE FROM asset_standings WHERE asset_id=$1`,
		`DELETE FROM former_renditions WHERE asset_id=$1`, `DELETE FROM product_slots WHERE asset_id=$1`} {
		if _, err := s.tx.exec(ctx, q, asset); err != nil {
			return err
		}
	}
	return nil
}
