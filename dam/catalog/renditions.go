package catalog

import (
	"context"
	"errors"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

const renditionColumns = `version_id,preset,format,hash,sha256,size,width,height,media_type,note,created_at,duration_ms`

func scanRendition(r row) (x dam.Rendition, err error) {
	var created, milliseconds int64
	err = r.Scan(&x.Version, &x.Preset, (*string)(&x.Format), &x.Hash, &x.SHA256, &x.Size, &x.Width, &x.Height,
		&x.MediaType, asNote{&x.Note, &x.NoteReasons}, &created, &milliseconds)
	x.CreatedAt, x.Duration = instant(created), float64(milliseconds)/1000
	return x, err
}

// PutRendition records a rendition, replacing the row of the same preset and format.
func (s RenditionsTx) PutRendition(ctx context.Context, x dam.Rendition, key string) error {
	if err := s.tx.keepSuperseded(ctx, `r.version_id=$2 AND r.preset=$3 AND r.format=$4 AND r.hash<>$5`, x.Version,
		x.Preset, string(x.Format), x.Hash); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `INSERT INTO renditions(`+renditionColumns+
		`,key) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
		ON CONFLICT(version_id,preset,format) DO UPDATE SET hash=excluded.hash,sha256=excluded.sha256,size=excluded.size,width=excluded.width,height=excluded.height,media_type=excluded.media_type,note=excluded.note,duration_ms=excluded.duration_ms,created_at=CASE WHEN renditions.hash=excluded.hash THEN renditions.created_at ELSE excluded.created_at END,key=excluded.key`,
		x.Version, x.Preset, string(x.Format), x.Hash, x.SHA256, x.Size, x.Width, x.Height, x.MediaType,
		asNote{&x.Note, &x.NoteReasons},
		micros(s.tx.now), int64(x.Duration*1000+.5), key)
	return err
}

// List returns the renditions of a version, ordered by preset and format.
func (s Renditions) List(ctx context.Context, version string) ([]dam.Rendition, error) {
	return all(ctx, s.db, scanRendition,
		`SELECT `+renditionColumns+` FROM renditions WHERE version_id=$1 ORDER BY preset,format`, version)
}

// RenditionsOf returns the renditions of several versions, by version.
func (s Renditions) RenditionsOf(ctx context.Context, versions []string) (map[string][]dam.Rendition, error) {
	in, args := inList(versions, 1)
	list, err := all(ctx, s.db, scanRendition, `SELECT `+renditionColumns+` FROM renditions WHERE version_id IN `+in+
		` ORDER BY version_id,preset,format`, args...)
	out := make(map[string][]dam.Rendition, len(versions))
	for _, r := range list {
		out[r.Version] = append(out[r.Version], r)
	}
	return out, err
}

// RenditionByHash returns the rendition of an asset with a hash, preset and format.
func (s Renditions) RenditionByHash(ctx context.Context, asset, hash, preset string, format dam.Format) (dam.Rendition,
	error) {
	x, err := one(ctx, s.db, scanRendition,
		`SELECT `+renditionColumns+
			` FROM renditions WHERE hash=$1 AND preset=$2 AND format=$3 AND version_id IN (SELECT id FROM versions WHERE asset_id=$4) LIMIT 1`, hash, preset, string(format), asset)
	return oneOr(x, err, "rendition", hash)
}

// RenditionByKey returns one of the renditions whose object is stored under a key.
func (s Renditions) RenditionByKey(ctx context.Context, key string) (x dam.Rendition, found bool, err error) {
	x, err = one(ctx, s.db, scanRendition,
		`SELECT `+renditionColumns+` FROM renditions WHERE key=$1 ORDER BY version_id LIMIT 1`, key)
	if errors.Is(err, errNoRow) {
		return x, false, nil
	}
	return x, err == nil, err
}

// VersionsThatFailed returns the versions of an original whose renditions failed for a reason without parameters. It
// also finds the sentence that earlier versions of Vitrine stored.
func (s Versions) VersionsThatFailed(ctx context.Context, sha256 string, why reasons.Reason) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT id FROM versions WHERE sha256=$1 AND renditions='failed' AND rendition_note IN ($2,$3) ORDER BY id`,
		sha256, reasons.Encode(why), why.Text())
}

// DeleteRenditions removes a version's renditions whose "preset/format" is not in keep.
func (s RenditionsTx) DeleteRenditions(ctx context.Context, version string, keep map[string]bool) error {
	list, err := s.List(ctx, version)
	if err != nil {
		return err
	}
	for _, x := range list {
		if keep[x.Preset+"/"+string(x.Format)] {
			continue
		}
		if err := s.tx.keepSuperseded(ctx, `r.version_id=$2 AND r.preset=$3 AND r.format=$4`, version, x.Preset,
			string(x.Format)); err != nil {
			return err
		}
		if _, err := s.tx.exec(ctx, `DELETE FROM renditions WHERE version_id=$1 AND preset=$2 AND format=$3`, version,
			x.Preset, string(x.Format)); err != nil {
			return err
		}
	}
	return nil
}

// List returns a library's presets, ordered by position.
func (s Presets) List(ctx context.Context, library string) ([]dam.Preset, error) {
	return all(ctx, s.db, func(r row) (p dam.Preset, err error) {
		err = r.Scan(asJSON{&p})
		return
	}, `SELECT spec FROM presets WHERE library=$1 ORDER BY position,name`, library)
}

// SetPreset stores a preset under its name.
func (s PresetsTx) SetPreset(ctx context.Context, library string, position int, p dam.Preset) error {
	_, err := s.tx.exec(ctx, `INSERT INTO presets(library,name,position,spec,revision) VALUES($1,$2,$3,$4,1)
		ON CONFLICT(library,name) DO UPDATE SET spec=excluded.spec, position=excluded.position, revision=presets.revision+1`, library, p.Name, position, asJSON{p})
	return err
}
