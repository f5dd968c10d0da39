package catalog

import (
	"context"
	"fmt"
	"time"

	"vitrine/dam"
)

const librarySelect = `SELECT l.id,l.revision,l.name,l.locale,l.locales,l.zone,l.colors,l.logo,l.hosts,l.quota,l.archived_at,
	l.archived_by,l.setup_due,l.product_terms,COALESCE((SELECT u.bytes FROM library_usage u WHERE u.library=l.id),0)
	FROM libraries l `

func scanLibrary(r row) (l dam.Library, err error) {
	var archived *int64
	err = r.Scan(&l.ID, &l.Revision, &l.Name, &l.Locale, asJSON{&l.Locales}, &l.Zone, asJSON{&l.Colors},
		&l.Logo, asJSON{&l.Hosts}, &l.Quota, &archived, &l.ArchivedBy, &l.SetupDue, asJSON{&l.ProductTerms},
		&l.Used)
	l.ArchivedAt = instantPtr(archived)
	return l, err
}

// List returns every library.
func (s Libraries) List(ctx context.Context) ([]dam.Library, error) {
	return all(ctx, s.db, scanLibrary, librarySelect+`ORDER BY l.id`)
}

// Library returns a library by id.
func (s Libraries) Library(ctx context.Context, id string) (dam.Library, error) {
	l, err := one(ctx, s.db, scanLibrary, librarySelect+`WHERE l.id=$1`, id)
	return oneOr(l, err, "library", id)
}

// LockLibraries serializes changes of libraries, so that no two of them get one host name, and returns them all.
func (s LibrariesTx) LockLibraries(ctx context.Context) ([]dam.Library, error) {
	if err := s.tx.People().LockPeople(ctx); err != nil { // it locks the same rows
		return nil, err
	}
	return s.List(ctx)
}

// PutLibrary stores a new or changed library, and counts its revision up. How many bytes it has is counted elsewhere.
func (s LibrariesTx) PutLibrary(ctx context.Context, l dam.Library) error {
	if l.Locales == nil {
		l.Locales = []string{}
	}
	if l.Hosts == nil {
		l.Hosts = []string{}
	}
	if _, err := s.tx.exec(ctx, `INSERT INTO libraries(id,name,locale,zone,locales,colors,hosts,quota,archived_at,
			archived_by,setup_due,logo,product_terms) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
		ON CONFLICT(id) DO UPDATE SET revision=libraries.revision+1, name=excluded.name, locale=excluded.locale,
			zone=excluded.zone, locales=excluded.locales, colors=excluded.colors, hosts=excluded.hosts,
			quota=excluded.quota, archived_at=excluded.archived_at, archived_by=excluded.archived_by,
			setup_due=excluded.setup_due, logo=excluded.logo, product_terms=excluded.product_terms`, l.ID, l.Name,
		dam.Locale(l.Locale), l.Zone, asJSON{l.Locales},
		asJSON{l.Colors}, asJSON{l.Hosts}, l.Quota, microsPtr(l.ArchivedAt), l.ArchivedBy, l.SetupDue,
		l.Logo, asJSON{l.ProductTerms}); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `INSERT INTO library_usage(library,bytes) VALUES($1,0) ON CONFLICT DO NOTHING`, l.ID)
	return err
}

// countBytes changes how many bytes the versions of an asset's library have; more are the arguments of the change from
// $2 on.
func (tx *Tx) countBytes(ctx context.Context, asset, change string, more ...any) error {
	_, err := tx.exec(ctx, `UPDATE library_usage SET bytes=bytes`+change+
		` WHERE library=(SELECT library FROM assets WHERE id=$1)`, append([]any{asset}, more...)...)
	return err
}

// Archival returns what archiving a library touches; the channels and hosts are the caller's to add.
func (s Libraries) Archival(ctx context.Context, library string, zone *time.Location) (a dam.LibraryArchival,
	err error) {
	return one(ctx, s.db, func(r row) (a dam.LibraryArchival, err error) {
		err = r.Scan(&a.Assets, &a.Public, &a.Binned, &a.Planned)
		return
	}, `SELECT (SELECT count(*) FROM assets WHERE library=$1 AND deleted_at IS NULL),
		(SELECT count(*) FROM assets o WHERE o.library=$1 AND `+s.db.publicAt(2)+`),
		(SELECT count(*) FROM assets WHERE library=$1 AND deleted_at IS NOT NULL),
		(SELECT count(*) FROM publications WHERE library=$1 AND state='planned')`, library, minuteIn(zone))
}

// minuteIn returns this minute of the wall clock in a zone.
func minuteIn(zone *time.Location) string { return time.Now().In(zone).Format(dam.MinuteLayout) }

// dated is the condition that the rights of the asset o begin or end, and that this isn't long past.
func (c Conn) dated() string {
	rights := `o.rights`
	if c.pg {
		rights = `o.rights::jsonb`
	}
	return fmt.Sprintf(`o.live_version<>'' AND o.deleted_at IS NULL AND (COALESCE(%[1]s->>'from','')>$2
		OR COALESCE(%[1]s->>'until','')>$2)`, rights)
}

// longPast returns a moment that is over in every zone.
func longPast() string { return time.Now().UTC().AddDate(0, 0, -3).Format(time.DateOnly) }

// Dated returns the ids and numbers of the library's approved assets whose rights begin or end, or have lately, behind
// a number.
func (s Libraries) Dated(ctx context.Context, library string, after uint32, limit int) ([]dam.Asset, error) {
	return all(ctx, s.db, func(r row) (a dam.Asset, err error) {
		a.Library = library
		err = r.Scan(&a.ID, &a.Number)
		return
	}, `SELECT o.id,o.number FROM assets o WHERE o.library=$1 AND `+s.db.dated()+` AND o.number>$3
		ORDER BY o.number LIMIT $4`, library, longPast(), int64(after), limit)
}

// ZoneChange returns what another zone of a library would change in public now; up to limit assets are named.
func (s Libraries) ZoneChange(ctx context.Context, library string, from, to *time.Location, limit int) (dam.ZoneChange,
	error) {
	now, then := minuteIn(from), minuteIn(to)
	public, would := `(`+s.db.publicAt(3)+`)`, `(`+s.db.publicAt(4)+`)`
	z, err := one(ctx, s.db, func(r row) (z dam.ZoneChange, err error) {
		err = r.Scan(&z.Dated, &z.Shown, &z.Hidden)
		return
	}, `SELECT count(*), COALESCE(sum(CASE WHEN `+would+` AND NOT `+public+` THEN 1 ELSE 0 END),0),
		COALESCE(sum(CASE WHEN `+public+` AND NOT `+would+` THEN 1 ELSE 0 END),0)
		FROM assets o WHERE o.library=$1 AND `+s.db.dated(), library, longPast(), now, then)
	if err != nil {
		return z, err
	}
	z.From, z.To = from.String(), to.String()
	z.Assets, err = all(ctx, s.db, func(r row) (a dam.ZoneChangedAsset, err error) {
		err = r.Scan(&a.ID, asJSON{&a.Title}, asJSON{&a.Rights}, &a.Shown)
		return
	}, `SELECT o.id,o.title,o.rights,`+would+` FROM assets o WHERE o.library=$1 AND `+s.db.dated()+` AND `+public+`<>`+
		would+` ORDER BY o.number LIMIT $5`, library, longPast(), now, then, limit)
	if z.Assets == nil {
		z.Assets = []dam.ZoneChangedAsset{}
	}
	return z, err
}
