package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

const versionColumns = `v.id,v.asset_id,v.n,v.sha256,v.size,v.file_name,v.media_type,v.width,v.height,v.frames,v.pages,v.duration_ms,v.codec,v.frame_rate,
	v.status,v.comment,v.decided_by,v.decided_at,v.approved_at,v.renditions,v.rendition_note,v.created_at,v.created_by,v.analysis,v.crop_exempt,v.metadata_note,v.sidecar,v.recipe`

var assetColumns = `a.id,a.library,a.number,a.revision,a.kind,a.title,a.description,a.alt,a.caption,a.tags,` +
	textColumns(func(_ int, name string) string { return "a." + name + "," }) + `a.rating,
	a.captured,a.place,a.focal,a.rights,a.limits,a.skus,a.custom,a.live_version,a.published,a.created_at,a.created_by,a.updated_at,a.deleted_at,a.crops,
	CASE WHEN a.live_version=v.id THEN v.approved_at ELSE (SELECT y.approved_at FROM versions y WHERE y.id=a.live_version) END,
	k.at,COALESCE(k.by_id,''),COALESCE(k.reason,''),` + staleColumn + `,` + versionColumns

const assetFrom = ` FROM assets a JOIN versions v ON v.id=a.latest_version LEFT JOIN asset_recalls k ON k.asset_id=a.id `

// textColumns concatenates the results of calling shape for each built-in text field's column.
func textColumns(shape func(i int, name string) string) string {
	var b strings.Builder
	for i, f := range dam.TextFields() {
		b.WriteString(shape(i, f.Name))
	}
	return b.String()
}

// appendTexts adds an asset's built-in text fields to the arguments of a statement.
func appendTexts(args []any, a *dam.Asset) []any {
	for _, f := range dam.TextFields() {
		args = append(args, *f.Of(a))
	}
	return args
}

var (
	insertAsset = `INSERT INTO assets(id,library,number,revision,kind,title,description,alt,caption,tags,rating,captured,place,focal,rights,skus,
		latest_version,live_version,published,created_at,created_by,updated_at,custom` +
		textColumns(func(_ int, name string) string {
			return "," + name
		}) + `)
		VALUES($1,$2,$3,1,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,'',false,$17,$18,$17,$19` +
		textColumns(func(i int, _ string) string { return ",$" + strconv.Itoa(20+i) }) + `)`
	updateAsset = `UPDATE assets SET revision=$2,kind=$3,title=$4,description=$5,alt=$6,caption=$7,tags=$8,rating=$9,captured=$10,place=$11,focal=$12,
		rights=$13,skus=$14,latest_version=$15,live_version=$16,published=$17,updated_at=$18,deleted_at=$19,custom=$20,crops=$21,limits=$22,barred=$23` +
		textColumns(func(i int, name string) string {
			return "," + name + "=$" + strconv.Itoa(24+i)
		}) + ` WHERE id=$1 AND revision=$2-1`
)

// versionScan collects the nullable and encoded columns of a version while it is scanned.
type versionScan struct {
	v                 *dam.Version
	decided, approved *int64
	created           int64
	milliseconds      int64
}

func (s *versionScan) dst() []any {
	v := s.v
	return []any{&v.ID, &v.Asset, &v.N, &v.SHA256, &v.Size, &v.FileName, &v.MediaType, &v.Width, &v.Height, &v.Frames,
		&v.Pages, &s.milliseconds, &v.Codec, &v.FrameRate,
		(*string)(&v.Status), &v.Comment, &v.DecidedBy, &s.decided, &s.approved, (*string)(&v.Renditions),
		asReasons{&v.RenditionReasons}, &s.created, &v.CreatedBy, asJSON{&v.Analysis}, &v.CropExempt,
		asReasons{&v.MetadataReasons}, asJSON{&v.Sidecar}, &v.Recipe}
}

func (s *versionScan) finish() {
	s.v.Duration = float64(s.milliseconds) / 1000
	s.v.RenditionNote = reasons.Join(s.v.RenditionReasons)
	s.v.NoteMetadata(s.v.MetadataReasons)
	s.v.DecidedAt, s.v.ApprovedAt, s.v.CreatedAt = instantPtr(s.decided), instantPtr(s.approved), instant(s.created)
}

func scanVersion(r row) (dam.Version, error) {
	var v dam.Version
	s := versionScan{v: &v}
	err := r.Scan(s.dst()...)
	s.finish()
	return v, err
}

// crops holds an asset's crop settings other than the focal point.
type crops struct {
	Focals map[string]dam.Point `json:"focals,omitempty"`
	Zones  []dam.ProtectedZone  `json:"zones,omitempty"`
}

func scanAsset(r row) (dam.Asset, error) {
	var a dam.Asset
	var created, updated int64
	var deleted, approved, recalled *int64
	var recall dam.Recall
	var crop crops
	s := versionScan{v: &a.Latest}
	dst := []any{&a.ID, &a.Library, &a.Number, &a.Revision, (*string)(&a.Kind),
		asJSON{&a.Title}, asJSON{&a.Description}, asJSON{&a.Alt}, asJSON{&a.Caption}, asJSON{&a.Tags}}
	for _, f := range dam.TextFields() {
		dst = append(dst, f.Of(&a))
	}
	dst = append(dst, &a.Rating, asJSON{&a.Captured}, asJSON{&a.Place}, asJSON{&a.Focal}, asJSON{&a.Rights},
		asJSON{&a.Limits}, asJSON{&a.SKUs}, asJSON{&a.Custom}, &a.Live, &a.Published, &created, &a.CreatedBy, &updated,
		&deleted, asJSON{&crop}, &approved, &recalled, &recall.By, asNote{&recall.Reason, &recall.Reasons}, &a.Stale)
	err := r.Scan(append(dst, s.dst()...)...)
	s.finish()
	a.CreatedAt, a.UpdatedAt, a.DeletedAt = instant(created), instant(updated), instantPtr(deleted)
	a.LiveSince = instantPtr(approved)
	if recalled != nil {
		recall.At = instant(*recalled)
		a.Recall = &recall
	}
	a.Focals, a.Zones = crop.Focals, crop.Zones
	a.Collections = []string{}
	if len(a.Custom) == 0 {
		a.Custom = nil
	}
	return a, err
}

func notFound(what, id string) error {
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound(what, id)}
}

// oneOr turns errNoRow into a NotFound error that names what and id.
func oneOr[T any](v T, err error, what, id string) (T, error) {
	if errors.Is(err, errNoRow) {
		err = notFound(what, id)
	}
	return v, err
}

// Asset returns an asset of a library, including one in the bin; an empty library means any.
func (s Assets) Asset(ctx context.Context, library, id string) (dam.Asset, error) {
	a, err := s.db.asset(ctx, library, id, "")
	if err != nil {
		return a, err
	}
	list := []dam.Asset{a}
	err = s.db.showLive(ctx, list)
	return list[0], err
}

// LockAsset returns an asset and locks its row until the commit.
func (s AssetsTx) LockAsset(ctx context.Context, library, id string) (dam.Asset, error) {
	suffix := ""
	if s.tx.pg {
		suffix = " FOR UPDATE OF a"
	}
	return s.tx.asset(ctx, library, id, suffix)
}

// LockAssets is LockAsset for several assets, locked in the order of their ids; it doesn't fill in what other tables
// hold about them. Assets that are missing, or that the actor of the context may not see, are left out.
func (s AssetsTx) LockAssets(ctx context.Context, ids []string) ([]dam.Asset, error) {
	suffix := ""
	if s.tx.pg {
		suffix = " FOR UPDATE OF a"
	}
	in, args := inList(ids, 1)
	list, err := all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+`WHERE a.id IN `+in+` ORDER BY a.id`+suffix,
		args...)
	if err != nil || !slices.ContainsFunc(list, func(a dam.Asset) bool { return s.tx.actor.Filtered(a.Library) }) {
		return list, err
	}
	err = s.tx.fillCollections(ctx, list) // visibility depends on them
	return Visible(ctx, list), err
}

func (c Conn) asset(ctx context.Context, library, id, suffix string) (dam.Asset, error) {
	a, err := one(ctx, c, scanAsset, `SELECT `+assetColumns+assetFrom+`WHERE a.id=$1`+suffix, id)
	if err == nil && library != "" && a.Library != library {
		err = errNoRow
	}
	if err != nil {
		return oneOr(a, err, "asset", id)
	}
	list := []dam.Asset{a}
	if err = c.fillCollections(ctx, list); err == nil {
		err = filterVisible(ctx, &list[0])
	}
	return oneOr(list[0], err, "asset", id)
}

// List returns the assets with the given ids, in their order; missing ones are left out.
func (s Assets) List(ctx context.Context, ids []string) ([]dam.Asset, error) {
	var found []dam.Asset
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 1)
		part, err := all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+`WHERE a.id IN `+in, args...)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(found, func(x, y dam.Asset) int { return at[x.ID] - at[y.ID] })
	return found, s.db.fillShown(ctx, found)
}

// Scan returns up to limit assets with a number above after, ordered by number, including those in the bin.
func (s Assets) Scan(ctx context.Context, after uint32, limit int) ([]dam.Asset, error) {
	list, err := all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+
		`WHERE a.number>$1 ORDER BY a.number LIMIT $2`, int64(after), limit)
	if err != nil {
		return nil, err
	}
	return list, s.db.fillShown(ctx, list)
}

// CropExempt returns up to limit assets of a library with a number above after, ordered by number, that have focal
// points or protected zones of their own and whose live version was approved before crops of protected zones were
// checked.
func (s Assets) CropExempt(ctx context.Context, library string, after uint32, limit int) ([]dam.Asset, error) {
	seen, args := s.db.within(ctx, library, "a.id", []any{library, int64(after), limit})
	list, err := all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+
		`WHERE a.library=$1 AND a.number>$2 AND a.crops<>'{}' AND a.deleted_at IS NULL
		AND EXISTS (SELECT 1 FROM versions y WHERE y.id=a.live_version AND y.crop_exempt)`+seen+
		` ORDER BY a.number LIMIT $3`, args...)
	if err != nil {
		return nil, err
	}
	err = s.db.fillCollections(ctx, list) // visibility depends on them
	return Visible(ctx, list), err
}

// LastNumber returns the highest number of any asset, or 0 if there is none.
func (s Assets) LastNumber(ctx context.Context) (uint32, error) {
	n, err := one(ctx, s.db, value[int64], `SELECT COALESCE(max(number),0) FROM assets`)
	return uint32(n), err
}

// customOf returns the stored form of an asset's custom fields: an object, even when it has none.
func customOf(a *dam.Asset) map[string]any {
	if a.Custom == nil {
		return map[string]any{}
	}
	return a.Custom
}

// fillCollections fills in what other tables hold about assets: their collections, and the channels that show them.
func (c Conn) fillCollections(ctx context.Context, list []dam.Asset) error {
	for chunk := range slices.Chunk(list, 500) {
		ids := make([]string, len(chunk))
		byID := make(map[string]*dam.Asset, len(chunk))
		for i := range chunk {
			ids[i] = chunk[i].ID
			byID[ids[i]] = &chunk[i]
		}
		in, args := inList(ids, 1)
		type pair struct{ asset, collection string } // or channel
		pairs, err := all(ctx, c, func(r row) (p pair, err error) {
			err = r.Scan(&p.asset, &p.collection)
			return
		}, `SELECT asset_id, collection_id FROM collection_assets WHERE asset_id IN `+in+` ORDER BY collection_id`,
			args...)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			byID[p.asset].Collections = append(byID[p.asset].Collections, p.collection)
		}
		if pairs, err = all(ctx, c, func(r row) (p pair, err error) {
			err = r.Scan(&p.asset, &p.collection)
			return
		}, `SELECT asset_id, channel_id FROM publications WHERE state='delivered' AND asset_id IN `+in+
			` UNION SELECT f.asset_id, p.channel_id FROM publication_files f JOIN publications p ON p.id=f.publication_id
			WHERE p.state='delivered' AND f.asset_id IN `+in+` ORDER BY channel_id`, args...); err != nil {
			return err
		}
		for _, p := range pairs {
			byID[p.asset].Channels = append(byID[p.asset].Channels, p.collection)
		}
	}
	return nil
}

// inList renders ($n,…) for a list of ids, numbering placeholders from first.
func inList(ids []string, first int) (string, []any) {
	if len(ids) == 0 {
		return "(NULL)", nil
	}
	var b strings.Builder
	args := make([]any, len(ids))
	for i, id := range ids {
		b.WriteByte("(,"[min(i, 1)])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
		args[i] = id
	}
	b.WriteByte(')')
	return b.String(), args
}

// InsertAsset stores a new asset with its first version and numbers it.
func (s AssetsTx) InsertAsset(ctx context.Context, a *dam.Asset, embedded dam.Metadata) error {
	n, err := one(ctx, s.db, value[int64], `UPDATE counters SET n=n+1 WHERE name='asset' RETURNING n`)
	if err != nil {
		return err
	}
	a.Number, a.Revision = uint32(n), 1
	a.CreatedAt, a.UpdatedAt, a.CreatedBy = s.tx.now, s.tx.now, s.tx.actor.ID
	if a.Tags == nil {
		a.Tags = []string{}
	}
	if a.SKUs == nil {
		a.SKUs = []string{}
	}
	args := []any{a.ID, a.Library, n, string(a.Kind), asJSON{a.Title}, asJSON{a.Description}, asJSON{a.Alt},
		asJSON{a.Caption}, asJSON{a.Tags}, a.Rating,
		asJSON{a.Captured}, asJSON{a.Place}, asJSON{a.Focal}, asJSON{a.Rights}, asJSON{a.SKUs}, a.Latest.ID,
		micros(s.tx.now), s.tx.actor.ID, asJSON{customOf(a)}}
	if _, err := s.tx.exec(ctx, insertAsset, appendTexts(args, a)...); err != nil {
		return err
	}
	return s.tx.insertVersion(ctx, &a.Latest, embedded)
}

// AddVersion stores a newer version and makes it the latest. What is made from the asset is stale from then on.
func (s VersionsTx) AddVersion(ctx context.Context, a *dam.Asset, v dam.Version, embedded dam.Metadata) error {
	v.Asset, v.N = a.ID, a.Latest.N+1
	if err := s.tx.insertVersion(ctx, &v, embedded); err != nil {
		return err
	}
	a.Latest = v
	if err := s.tx.Assets().UpdateAsset(ctx, a); err != nil {
		return err
	}
	return s.tx.Assets().Relations().followVersion(ctx, a)
}

func (tx *Tx) insertVersion(ctx context.Context, v *dam.Version, embedded dam.Metadata) error {
	v.CreatedAt, v.CreatedBy = tx.now, tx.actor.ID
	v.NoteMetadata(embedded.Note())
	_, err := tx.exec(ctx,
		`INSERT INTO versions(id,asset_id,n,sha256,size,file_name,media_type,width,height,frames,status,comment,decided_by,decided_at,approved_at,renditions,rendition_note,embedded,created_at,created_by,pages,duration_ms,codec,frame_rate,metadata_note,recipe)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26)`,
		v.ID, v.Asset, v.N, v.SHA256, v.Size, v.FileName, v.MediaType, v.Width, v.Height, v.Frames, string(v.Status),
		v.Comment, v.DecidedBy, microsPtr(v.DecidedAt), microsPtr(v.ApprovedAt),
		string(v.Renditions), asReasons{&v.RenditionReasons}, asJSON{embedded}, micros(tx.now), tx.actor.ID, v.Pages,
		int64(v.Duration*1000+.5), v.Codec, v.FrameRate, asReasons{&v.MetadataReasons}, max(1, v.Recipe))
	if err != nil {
		return err
	}
	return tx.countBytes(ctx, v.Asset, `+(SELECT size FROM versions WHERE id=$2)`, v.ID)
}

// UpdateAsset writes the asset's own row (not its versions) and increments the revision. The caller holds the row's
// lock (LockAsset).
func (s AssetsTx) UpdateAsset(ctx context.Context, a *dam.Asset) error {
	a.Revision++
	a.UpdatedAt = s.tx.now
	args := []any{a.ID, a.Revision, string(a.Kind), asJSON{a.Title}, asJSON{a.Description}, asJSON{a.Alt},
		asJSON{a.Caption}, asJSON{a.Tags}, a.Rating,
		asJSON{a.Captured}, asJSON{a.Place}, asJSON{a.Focal}, asJSON{a.Rights}, asJSON{a.SKUs}, a.Latest.ID, a.Live,
		a.Published, micros(s.tx.now),
		microsPtr(a.DeletedAt), asJSON{customOf(a)}, asJSON{crops{a.Focals, a.Zones}}, asJSON{a.Limits},
		a.Rights.Barred(a.Limits)}
	n, err := s.tx.exec(ctx, updateAsset, appendTexts(args, a)...)
	if err == nil && n != 1 {
		err = fmt.Errorf("asset %s changed under its lock", a.ID)
	}
	if err == nil && a.Published {
		err = s.tx.notePublicHistory(ctx, a.ID)
	}
	return err
}

// UpdateVersion writes a version's review and rendition state.
func (s VersionsTx) UpdateVersion(ctx context.Context, v dam.Version) error {
	_, err := s.tx.exec(ctx,
		`UPDATE versions SET status=$2,comment=$3,decided_by=$4,decided_at=$5,approved_at=$6,renditions=$7,rendition_note=$8,crop_exempt=$9 WHERE id=$1`,
		v.ID, string(v.Status), v.Comment, v.DecidedBy, microsPtr(v.DecidedAt), microsPtr(v.ApprovedAt),
		string(v.Renditions), asReasons{&v.RenditionReasons}, v.CropExempt)
	return err
}

// SetFacts writes what a version's file says, and how it is rendered.
func (s VersionsTx) SetFacts(ctx context.Context, v dam.Version) error {
	_, err := s.tx.exec(ctx,
		`UPDATE versions SET media_type=$2,width=$3,height=$4,frames=$5,pages=$6,duration_ms=$7,codec=$8,frame_rate=$9,recipe=$10 WHERE id=$1`,
		v.ID, v.MediaType, v.Width, v.Height, v.Frames, v.Pages, int64(v.Duration*1000+.5), v.Codec, v.FrameRate,
		max(1, v.Recipe))
	return err
}

// Version returns a version by id.
func (s Versions) Version(ctx context.Context, id string) (dam.Version, error) {
	v, err := one(ctx, s.db, scanVersion, `SELECT `+versionColumns+` FROM versions v WHERE v.id=$1`, id)
	return oneOr(v, err, "version", id)
}

// VersionsByID returns the versions with the given ids, in no particular order.
func (s Versions) VersionsByID(ctx context.Context, ids []string) ([]dam.Version, error) {
	in, args := inList(ids, 1)
	return all(ctx, s.db, scanVersion, `SELECT `+versionColumns+` FROM versions v WHERE v.id IN `+in, args...)
}

// List returns an asset's versions, newest first.
func (s Versions) List(ctx context.Context, asset string) ([]dam.Version, error) {
	return all(ctx, s.db, scanVersion,
		`SELECT `+versionColumns+` FROM versions v WHERE v.asset_id=$1 ORDER BY v.n DESC`, asset)
}

// Embedded returns what was read from a version's file at upload.
func (s Versions) Embedded(ctx context.Context, version string) (dam.Metadata, error) {
	m, err := one(ctx, s.db, func(r row) (m dam.Metadata, err error) {
		err = r.Scan(asJSON{&m})
		return
	}, `SELECT embedded FROM versions WHERE id=$1`, version)
	return oneOr(m, err, "version", version)
}

// SetEmbedded stores what was read from a version's file later.
func (s VersionsTx) SetEmbedded(ctx context.Context, version string, m dam.Metadata) error {
	note := m.Note()
	_, err := s.tx.exec(ctx, `UPDATE versions SET embedded=$2, metadata_note=$3 WHERE id=$1`, version, asJSON{m},
		asReasons{&note})
	return err
}

// AssetWithBytes returns the oldest asset of the library, outside the bin, that has a version with these bytes; "" if
// there is none.
func (s Assets) AssetWithBytes(ctx context.Context, library, sha256 string) (string, error) {
	seen, args := s.db.within(ctx, library, "a.id", []any{sha256, library})
	id, err := one(ctx, s.db, value[string],
		`SELECT a.id FROM versions v JOIN assets a ON a.id=v.asset_id WHERE v.sha256=$1 AND a.library=$2 AND a.deleted_at IS NULL`+seen+` ORDER BY a.number LIMIT 1`, args...)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return id, err
}

// DeleteAsset removes an asset's row, its versions and its rendition rows, and takes the asset out of the products'
// slots. The public history stays (see EraseHistory). The collector removes the objects later.
func (s AssetsTx) DeleteAsset(ctx context.Context, id string) error {
	if err := s.tx.keepSuperseded(ctx, `v.asset_id=$2`, id); err != nil {
		return err
	}
	if err := s.tx.endPublicInterval(ctx, id); err != nil {
		return err
	}
	if err := s.tx.Assets().Relations().end(ctx, id); err != nil {
		return err
	}
	if err := s.tx.clearSlots(ctx, id); err != nil {
		return err
	}
	if _, err := s.tx.exec(ctx,
		`DELETE FROM reprocessing_items WHERE asset=$1 OR subject IN (SELECT id FROM versions WHERE asset_id=$1)`,
		id); err != nil {
		return err
	}
	if err := s.tx.countBytes(ctx, id, `-(SELECT sum(size) FROM versions WHERE asset_id=$1)`); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM assets WHERE id=$1`, id)
	return err
}

// Binned returns the ids of assets deleted before an instant (micros precision), oldest first.
func (s Assets) Binned(ctx context.Context, before int64, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT id FROM assets WHERE deleted_at<$1 ORDER BY deleted_at LIMIT $2`,
		before, limit)
}

// CountAssets returns how many assets the library has outside the bin.
func (s Assets) CountAssets(ctx context.Context, library string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM assets WHERE library=$1 AND deleted_at IS NULL`, library)
}
