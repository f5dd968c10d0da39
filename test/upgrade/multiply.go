package upgrade

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/search/searchbench"
)

// Shown is how many copied assets share one with real objects: those answer at their public addresses as what they
// are copied from does. Of the others only the rows are there.
const Shown = 1000

const (
	samples = 20_000 // texts; each copied asset has a title of one, the description of another, the tags of a third
	portion = 50_000 // assets in one transaction
)

// Copied is the id of the n-th copied asset, from 1.
func Copied(n int) string { return fmt.Sprintf("a_%026d", n) }

// CopiedFrom is the id of the asset that the n-th copied asset is like.
func CopiedFrom(sources []string, n int) string {
	if n%Shown == 0 {
		n /= Shown
	}
	return sources[n%len(sources)]
}

// Multiply adds n assets to a catalogue of the older build, before it is migrated: one version, two renditions, three
// objects and one event each. They are like the given assets, which are published, but for their texts. It
// writes as fast as the database takes it, in the tables of the build the test data is of.
func Multiply(ctx context.Context, c *catalog.Catalog, sources []string, n int) error {
	if !c.Postgres() {
		for _, q := range []string{"PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000", "PRAGMA temp_store=MEMORY"} {
			if err := Exec(ctx, c, q); err != nil {
				return err
			}
		}
	}
	if err := writeSamples(ctx, c, sources); err != nil {
		return err
	}
	head, err := Query(ctx, c, "SELECT CAST((SELECT seq FROM log_head) AS TEXT), CAST((SELECT n FROM counters WHERE "+
		"name='asset') AS TEXT)")
	if err != nil {
		return err
	}
	seq, number := head[0][0], head[0][1]
	for from := 1; from <= n; from += portion {
		to := min(n, from+portion-1)
		for _, q := range copies {
			q = strings.NewReplacer("{from}", fmt.Sprint(from), "{to}", fmt.Sprint(to), "{sources}",
				fmt.Sprint(len(sources)), "{samples}", fmt.Sprint(samples),
				"{shown}", fmt.Sprint(Shown), "{seq}", seq, "{number}", number).Replace(q)
			if err := Exec(ctx, c, q); err != nil {
				return fmt.Errorf("copying assets %d to %d: %w", from, to, err)
			}
		}
	}
	for _, q := range []string{
		fmt.Sprintf("UPDATE log_head SET seq=seq+%d", n),
		fmt.Sprintf("UPDATE counters SET n=n+%d WHERE name='asset'", n),
		// As in an installation at rest: those who follow the log have seen it.
		fmt.Sprintf("UPDATE followers SET seq=seq+%d", n),
		"DROP TABLE copy_samples", "DROP TABLE copy_sources", "DROP TABLE copy_rows", "ANALYZE",
	} {
		if err := Exec(ctx, c, q); err != nil {
			return err
		}
	}
	return nil
}

// writeSamples makes the tables that the copies are put together from.
func writeSamples(ctx context.Context, c *catalog.Catalog, sources []string) error {
	for _, q := range []string{
		"CREATE TABLE copy_samples (i INTEGER PRIMARY KEY, title TEXT, description TEXT, tags TEXT, creator TEXT, " +
			"captured TEXT, place TEXT, file_name TEXT)",
		"CREATE TABLE copy_sources (i INTEGER PRIMARY KEY, asset TEXT, version TEXT)",
		"CREATE TABLE copy_rows (i BIGINT PRIMARY KEY, id TEXT, version TEXT, source INTEGER, sha256 TEXT)",
	} {
		if err := Exec(ctx, c, q); err != nil {
			return err
		}
	}
	for i, id := range sources {
		if err := Exec(ctx, c,
			fmt.Sprintf("INSERT INTO copy_sources SELECT %d, id, live_version FROM assets WHERE id='%s'", i,
				id)); err != nil {
			return err
		}
	}
	g := searchbench.New(1)
	for i := 0; i < samples; {
		var q strings.Builder
		q.WriteString("INSERT INTO copy_samples VALUES")
		for end := i + 500; i < end; i++ {
			if i+500 > end {
				q.WriteByte(',')
			}
			a := g.Asset(uint32(i + 1))
			place := "NULL"
			if a.Place != nil {
				place = quoted(a.Place)
			}
			fmt.Fprintf(&q, "(%d,%s,%s,%s,'%s',%s,%s,'%s')", i, quoted(a.Title), quoted(a.Description), quoted(a.Tags),
				a.Creator, quoted(a.Captured), place, a.Latest.FileName)
		}
		if err := Exec(ctx, c, q.String()); err != nil {
			return err
		}
	}
	return nil
}

// quoted is a value as the JSON that the catalogue stores, in an SQL literal.
func quoted[T []string | dam.Text | *dam.Capture | *dam.Geo](v T) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values of ours
	}
	return "'" + strings.ReplaceAll(string(raw), "'", "''") + "'"
}

// copies are run for each portion. The keys of objects are spread like hashes, so that indexes grow everywhere.
var copies = []string{
	"DELETE FROM copy_rows",
	`INSERT INTO copy_rows WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i+1 FROM n WHERE i<{to})
	SELECT i, 'a_' || substr('00000000000000000000000000' || CAST(i AS TEXT), length(CAST(i AS TEXT))+1), 'v_' || substr('00000000000000000000000000' || CAST(i AS TEXT), length(CAST(i AS TEXT))+1),
		CASE WHEN i%{shown}=0 THEN (i/{shown})%{sources} ELSE i%{sources} END,
		substr(CAST(10000000000 + (i*2654435761)%4294967296 AS TEXT),2) || substr(CAST(10000000000 + (i*40503)%4294967291 AS TEXT),2) || '00000000000000000000000000000000000' || substr(CAST(1000000000+i AS TEXT),2) FROM n`,
	`INSERT INTO assets(id,library,number,revision,kind,title,description,alt,caption,tags,creator,copyright,rating,captured,place,focal,rights,skus,latest_version,live_version,published,created_at,created_by,updated_at,deleted_at,crops,custom)
	SELECT r.id, a.library, {number}+r.i, 1, a.kind, s.title, d.description, a.alt, a.caption, t.tags, s.creator, a.copyright, r.i%6, s.captured, d.place, NULL, a.rights, '["SKU-' || CAST(r.i AS TEXT) || '"]',
		r.version, r.version, true, a.created_at+r.i, a.created_by, a.created_at+r.i, NULL, '{}', '{}'
	FROM copy_rows r JOIN copy_sources c ON c.i=r.source JOIN assets a ON a.id=c.asset
	JOIN copy_samples s ON s.i=r.i%{samples} JOIN copy_samples d ON d.i=(r.i*7919)%{samples} JOIN copy_samples t ON t.i=(r.i*104729)%{samples}`,
	`INSERT INTO versions(id,asset_id,n,sha256,size,file_name,media_type,width,height,frames,status,comment,decided_by,decided_at,approved_at,renditions,rendition_note,embedded,created_at,created_by,analysis,analysis_revision,pages,duration_ms,codec,frame_rate)
	SELECT r.version, r.id, 1, CASE WHEN r.i%{shown}=0 THEN v.sha256 ELSE r.sha256 END, v.size, CAST(r.i AS TEXT) || '_' || s.file_name, v.media_type, v.width, v.height, v.frames, v.status, '', v.decided_by, v.decided_at, v.approved_at,
		v.renditions, v.rendition_note, v.embedded, v.created_at+r.i, v.created_by, v.analysis, v.analysis_revision, v.pages, v.duration_ms, v.codec, v.frame_rate
	FROM copy_rows r JOIN copy_sources c ON c.i=r.source JOIN versions v ON v.id=c.version JOIN copy_samples s ON s.i=(r.i*31)%{samples}`,
	`INSERT INTO renditions(version_id,preset,format,hash,key,sha256,size,width,height,media_type,note,created_at,duration_ms)
	SELECT r.version, o.preset, o.format, o.hash, CASE WHEN r.i%{shown}=0 THEN o.key ELSE 'renditions/' || r.sha256 || '/' || o.hash || '.jpg' END, o.sha256, o.size, o.width, o.height, o.media_type, o.note, o.created_at+r.i, o.duration_ms
	FROM copy_rows r JOIN copy_sources c ON c.i=r.source JOIN renditions o ON o.version_id=c.version WHERE o.preset IN ('thumb','medium') AND o.format='jpeg'`,
	`INSERT INTO blobs(key,sha256,size,pinned_until,tombstoned_at,created_at)
	SELECT o.key, o.sha256, o.size, 0, CAST(NULL AS BIGINT), o.created_at FROM copy_rows r JOIN renditions o ON o.version_id=r.version WHERE r.i%{shown}<>0
	UNION ALL SELECT 'originals/' || substr(v.sha256,1,2) || '/' || substr(v.sha256,3,2) || '/' || v.sha256, v.sha256, v.size, 0, CAST(NULL AS BIGINT), v.created_at FROM copy_rows r JOIN versions v ON v.id=r.version WHERE r.i%{shown}<>0`,
	`INSERT INTO events(seq,id,library,type,subject,asset,number,actor,at,data)
	SELECT {seq}+r.i, 'e_' || substr(r.id,3), a.library, 'asset.created', r.id, r.id, a.number, a.created_by, a.created_at, '{}' FROM copy_rows r JOIN assets a ON a.id=r.id`,
}

// Published are the ids of assets that anybody may see, with a picture in the small presets.
func Published(ctx context.Context, c *catalog.Catalog) (ids []string, err error) {
	list, err := Query(ctx, c, `SELECT a.id FROM assets a JOIN versions v ON v.id=a.live_version
		WHERE a.published AND a.deleted_at IS NULL AND a.rights='{}' AND v.status='approved' AND v.renditions='ready' AND v.media_type='image/jpeg'
		AND NOT EXISTS (SELECT 1 FROM asset_recalls r WHERE r.asset_id=a.id)
		AND (SELECT count(*) FROM renditions r WHERE r.version_id=v.id AND r.preset IN ('thumb','medium') AND r.format='jpeg')=2 ORDER BY a.number`)
	for _, r := range list {
		ids = append(ids, r[0])
	}
	return ids, err
}
