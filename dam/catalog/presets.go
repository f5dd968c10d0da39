package catalog

import (
	"context"

	"vitrine/dam"
)

// PresetRow is a preset with its position in the library's list and its revision.
type PresetRow struct {
	dam.Preset
	Position int
	Revision int64
}

// Preset returns a preset of a library by its name.
func (s Presets) Preset(ctx context.Context, library, name string) (PresetRow, error) {
	p, err := one(ctx, s.db, func(r row) (p PresetRow, err error) {
		err = r.Scan(asJSON{&p.Preset}, &p.Position, &p.Revision)
		return
	}, `SELECT spec,position,revision FROM presets WHERE library=$1 AND name=$2`, library, name)
	return oneOr(p, err, "preset", name)
}

// NextPreset returns the position after a library's last preset.
func (s Presets) NextPreset(ctx context.Context, library string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT COALESCE(max(position)+1,0) FROM presets WHERE library=$1`, library)
}

// DeletePreset removes a preset; its renditions stay until a run removes them.
func (s PresetsTx) DeletePreset(ctx context.Context, library, name string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM presets WHERE library=$1 AND name=$2`, library, name)
	return err
}

// WantRendition records that a version needs renditions of a preset that is made on demand; news is false if that was
// recorded before.
func (s PresetsTx) WantRendition(ctx context.Context, version, preset string) (news bool, err error) {
	n, err := s.tx.exec(ctx,
		`INSERT INTO rendition_wants(version_id,preset,at) VALUES($1,$2,$3) ON CONFLICT DO NOTHING`, version, preset,
		micros(s.tx.now))
	return n > 0, err
}

// WantedRenditions returns the presets of a version that were requested on demand.
func (s Presets) WantedRenditions(ctx context.Context, version string) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT preset FROM rendition_wants WHERE version_id=$1`, version)
}

const runColumns = `id,library,presets,state,total,done,made,failed,note,scanned,created_at,created_by,finished_at`

// RunRow is a rendition run with the number of the last asset it has done.
type RunRow struct {
	dam.RenditionRun
	Scanned uint32
}

func scanRun(r row) (x RunRow, err error) {
	var created int64
	var finished *int64
	err = r.Scan(&x.ID, &x.Library, asJSON{&x.Presets}, (*string)(&x.State), &x.Total, &x.Done, &x.Made, &x.Failed,
		asNote{&x.Note, &x.NoteReasons}, &x.Scanned, &created, &x.CreatedBy, &finished)
	x.CreatedAt, x.FinishedAt = instant(created), instantPtr(finished)
	return x, err
}

// InsertRun stores a new run over all assets of its library, including those in the bin.
func (s PresetsTx) InsertRun(ctx context.Context, x *RunRow) (err error) {
	if x.Total, err = one(ctx, s.db, value[int], `SELECT count(*) FROM assets WHERE library=$1`,
		x.Library); err != nil {
		return err
	}
	x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	_, err = s.tx.exec(ctx, `INSERT INTO rendition_runs(`+runColumns+`) VALUES($1,$2,$3,$4,$5,0,0,0,'',0,$6,$7,NULL)`,
		x.ID, x.Library, asJSON{x.Presets}, string(x.State), x.Total, micros(s.tx.now), s.tx.actor.ID)
	return err
}

// UpdateRun writes a run's state and progress. The caller holds the row's lock.
func (s PresetsTx) UpdateRun(ctx context.Context, x RunRow) error {
	_, err := s.tx.exec(ctx,
		`UPDATE rendition_runs SET state=$2,done=$3,made=$4,failed=$5,note=$6,scanned=$7,finished_at=$8 WHERE id=$1`,
		x.ID, string(x.State), x.Done, x.Made, x.Failed, asNote{&x.Note, &x.NoteReasons}, int64(x.Scanned),
		microsPtr(x.FinishedAt))
	return err
}

// Run returns a run; an empty library means any.
func (s Presets) Run(ctx context.Context, library, id string) (RunRow, error) {
	return s.db.run(ctx, library, id, "")
}

// LockRun returns a run and locks its row until the commit.
func (s PresetsTx) LockRun(ctx context.Context, library, id string) (RunRow, error) {
	return s.tx.run(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) run(ctx context.Context, library, id, suffix string) (RunRow, error) {
	x, err := one(ctx, c, scanRun, `SELECT `+runColumns+` FROM rendition_runs WHERE id=$1 AND (library=$2 OR $2='')`+
		suffix, id, library)
	return oneOr(x, err, "run", id)
}

// Runs returns a library's newest runs.
func (s Presets) Runs(ctx context.Context, library string, limit int) ([]RunRow, error) {
	return all(ctx, s.db, scanRun,
		`SELECT `+runColumns+` FROM rendition_runs WHERE library=$1 ORDER BY created_at DESC,id DESC LIMIT $2`,
		library, limit)
}
