package catalog

import (
	"context"

	"vitrine/dam"
)

const videoColumns = `version_id,preset,format,hash,state,progress,note`

func scanVideo(r row) (f dam.VideoRendition, err error) {
	err = r.Scan(&f.Version, &f.Preset, (*string)(&f.Format), &f.Hash, (*string)(&f.State), &f.Progress,
		asNote{&f.Note, &f.NoteReasons})
	return f, err
}

// Videos returns the planned video renditions of a version, ordered by preset, including failed ones.
func (s Renditions) Videos(ctx context.Context, version string) ([]dam.VideoRendition, error) {
	return all(ctx, s.db, scanVideo, `SELECT `+videoColumns+` FROM films WHERE version_id=$1 ORDER BY preset`, version)
}

// PlanVideo records that a video rendition has to be made; news is false if it was recorded before, whatever its state.
func (s RenditionsTx) PlanVideo(ctx context.Context, f dam.VideoRendition) (news bool, err error) {
	n, err := s.tx.exec(ctx, `INSERT INTO films(`+videoColumns+`) VALUES($1,$2,$3,$4,$5,0,'')
		ON CONFLICT(version_id,preset) DO UPDATE SET format=excluded.format,hash=excluded.hash,state=excluded.state,progress=0,note='' WHERE films.hash<>excluded.hash`,
		f.Version, f.Preset, string(f.Format), f.Hash, string(dam.VideoWaiting))
	return n > 0, err
}

// UpdateVideo writes the state, progress and note of a video rendition that has not ended. It returns false if it has
// ended, or if another has replaced it.
func (s RenditionsTx) UpdateVideo(ctx context.Context, f dam.VideoRendition) (bool, error) {
	n, err := s.tx.exec(ctx,
		`UPDATE films SET state=$4,progress=$5,note=$6 WHERE version_id=$1 AND preset=$2 AND hash=$3 AND state IN ('waiting','running')`,
		f.Version, f.Preset, f.Hash, string(f.State), f.Progress, asNote{&f.Note, &f.NoteReasons})
	return n > 0, err
}

// DeleteVideos deletes the plans of a version's video renditions that are no longer wanted or have been made. keep
// holds hashes by preset.
func (s RenditionsTx) DeleteVideos(ctx context.Context, version string, keep map[string]string) error {
	list, err := s.Videos(ctx, version)
	if err != nil {
		return err
	}
	for _, f := range list {
		if keep[f.Preset] == f.Hash {
			continue
		}
		if _, err := s.tx.exec(ctx, `DELETE FROM films WHERE version_id=$1 AND preset=$2`, version,
			f.Preset); err != nil {
			return err
		}
	}
	return nil
}
