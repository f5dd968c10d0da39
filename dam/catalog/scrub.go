package catalog

import (
	"context"
	"encoding/json"
	"time"
)

// ScrubRound counts one pass over all objects.
type ScrubRound struct {
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	Objects    int64      `json:"objects" doc:"Read in this round"`
	Bytes      int64      `json:"bytes"`
	Covered    int64      `json:"covered" doc:"Objects of which it recorded the checksums of their blocks for the first time"`
	Damaged    int64      `json:"damaged" doc:"Damaged objects it came upon"`
}

// ScrubState is the scrub's progress.
type ScrubState struct {
	ScrubRound
	Cursor string      // the key that was read last
	Last   *ScrubRound // the last complete round
}

// Scrub returns the scrub's progress.
func (in Objects) Scrub(ctx context.Context) (ScrubState, error) {
	return one(ctx, in.db, func(r row) (s ScrubState, err error) {
		var started, finished *int64
		err = r.Scan(&s.Cursor, &started, &finished, &s.Objects, &s.Bytes, &s.Covered, &s.Damaged, asJSON{&s.Last})
		s.StartedAt, s.FinishedAt = instantPtr(started), instantPtr(finished)
		return s, err
	}, `SELECT cursor,started_at,finished_at,objects,bytes,covered,damaged,last FROM scrub WHERE id=1`)
}

// PutScrub records the scrub's progress.
func (in ObjectsTx) PutScrub(ctx context.Context, s ScrubState) error {
	last, err := json.Marshal(s.Last)
	if err != nil {
		return err
	}
	_, err = in.tx.exec(ctx,
		`UPDATE scrub SET cursor=$1,started_at=$2,finished_at=$3,objects=$4,bytes=$5,covered=$6,damaged=$7,last=$8 WHERE id=1`,
		s.Cursor, microsPtr(s.StartedAt), microsPtr(s.FinishedAt), s.Objects, s.Bytes, s.Covered, s.Damaged,
		string(last))
	return err
}
