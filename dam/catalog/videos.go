package catalog

import (
	"context"

	"vitrine/dam"
)

const filmColumns = `version_id,preset,format,hash,state,progress,note`

func scanFilm(r row) (f dam.Film, err error) {
	err = r.Scan(&f.Version, &f.Preset, (*string)(&f.Format), &f.Hash, (*string)(&f.State), &f.Progress, asNote{&f.Note, &f.NoteReasons})
	return f, err
}

// Films returns the video renditions of a version that are not made, by preset.
func (s Renditions) Films(ctx context.Context, version string) ([]dam.Film, error) {
	return all(ctx, s.db, scanFilm, `SELECT `+filmColumns+` FROM films WHERE version_id=$1 ORDER BY preset`, version)
}

// PlanFilm records that a film is to be made; news is false when it was recorded before, whatever became of it.
func (s RenditionsTx) PlanFilm(ctx context.Context, f dam.Film) (news bool, err error) {
	n, err := s.tx.exec(ctx, `INSERT INTO films(`+filmColumns+`) VALUES($1,$2,$3,$4,$5,0,'')
		ON CONFLICT(version_id,preset) DO UPDATE SET format=excluded.format,hash=excluded.hash,state=excluded.state,progress=0,note='' WHERE films.hash<>excluded.hash`,
		f.Version, f.Preset, string(f.Format), f.Hash, string(dam.FilmWaiting))
	return n > 0, err
}

// UpdateFilm writes state, progress and note of a film that has not ended. It is false when it has, or when another took its place.
func (s RenditionsTx) UpdateFilm(ctx context.Context, f dam.Film) (bool, error) {
	n, err := s.tx.exec(ctx, `UPDATE films SET state=$4,progress=$5,note=$6 WHERE version_id=$1 AND preset=$2 AND hash=$3 AND state IN ('waiting','running')`,
		f.Version, f.Preset, f.Hash, string(f.State), f.Progress, asNote{&f.Note, &f.NoteReasons})
	return n > 0, err
}

// DeleteFilms forgets the films of a version that are not wanted any more, or are made. keep has hashes by preset.
func (s RenditionsTx) DeleteFilms(ctx context.Context, version string, keep map[string]string) error {
	list, err := s.Films(ctx, version)
	if err != nil {
		return err
	}
	for _, f := range list {
		if keep[f.Preset] == f.Hash {
			continue
		}
		if _, err := s.tx.exec(ctx, `DELETE FROM films WHERE version_id=$1 AND preset=$2`, version, f.Preset); err != nil {
			return err
		}
	}
	return nil
}
