package downloads

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Terms returns what a library wants agreed to before downloads, and whether the context's actor has.
func (s *Service) Terms(ctx context.Context, library string) (dam.DownloadTerms, error) {
	return s.Catalog.BulkJobs().Downloads().Terms(ctx, library, dam.ActorOf(ctx).ID)
}

// PutTerms changes what a library wants agreed to. Everybody accepts a changed text anew. rev is the revision that the
// change is based on, 0 for any.
func (s *Service) PutTerms(ctx context.Context, library string, rev int64, t dam.DownloadTerms) (dam.DownloadTerms,
	error) {
	if err := dam.ActorOf(ctx).Need(library, dam.MayManageFields); err != nil {
		return t, err
	}
	if err := dam.CheckBounds("", t); err != nil {
		return t, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.DownloadTerms, error) {
		now, err := tx.BulkJobs().Downloads().Terms(ctx, library, tx.Actor().ID)
		if err != nil {
			return t, err
		}
		if rev != 0 && rev != now.Revision && (rev != dam.Unwritten || now.Revision != 0) {
			return t, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.DownloadTermsChangedMeanwhile()}
		}
		before := now
		now.Text, now.ReasonRequired = strings.TrimSpace(t.Text), t.ReasonRequired
		if now == before {
			return now, nil
		}
		if err := tx.BulkJobs().Downloads().PutTerms(ctx, library, &now); err != nil {
			return t, err
		}
		now.Accepted = nil
		raw, err := json.Marshal(map[string]int64{"revision": now.Revision})
		tx.Emit(dam.Event{Type: dam.DownloadTermsChanged, Library: library, Subject: library, Data: raw},
			dam.Change{Field: "text", Before: before.Text, After: now.Text},
			dam.Change{Field: "reason_required", Before: before.ReasonRequired, After: now.ReasonRequired})
		return now, err
	})
}

// agreed refuses a download for which the library wants terms accepted, or a reason, and records that they are accepted
// now. It returns the revision of the terms that were accepted.
func agreed(ctx context.Context, tx *catalog.Tx, library string, accept int64, reason string) (int64, error) {
	t, err := tx.BulkJobs().Downloads().Terms(ctx, library, tx.Actor().ID)
	if err != nil {
		return 0, err
	}
	if t.ReasonRequired && strings.TrimSpace(reason) == "" {
		return 0, dam.InvalidInput("reason", reasons.DownloadReasonMissing())
	}
	if t.Text == "" {
		return 0, nil
	}
	if t.Accepted == nil {
		if accept != t.Revision {
			return 0, &dam.Error{Code: dam.Forbidden, Field: "accept",
				Reason: reasons.DownloadTermsNotAccepted(t.Revision)}
		}
		if _, err := tx.BulkJobs().Downloads().AcceptTerms(ctx, library, accept); err != nil {
			return 0, err
		}
		raw, err := json.Marshal(map[string]int64{"revision": accept})
		if err != nil {
			return 0, err
		}
		tx.Emit(dam.Event{Type: dam.DownloadTermsAccepted, Library: library, Subject: library, Data: raw})
	}
	return t.Revision, nil
}

// One is a single file that is taken out of a library.
type One struct {
	Asset   dam.Asset
	Version dam.Version
	// What is dam.DownloadOriginal, or "current" for a copy with the current metadata.
	What   string
	Bytes  int64
	Accept int64  // the revision of the terms that are accepted, 0 for none
	Reason string // what it is for
}

// resumable is how long a part of a file may be fetched without another entry in the log.
const resumable = 24 * time.Hour

// Took reports whether the context's actor has begun to take a version's file lately, so that a further part of it is
// no other download.
func (s *Service) Took(ctx context.Context, a *dam.Asset, v *dam.Version) (bool, error) {
	return s.Catalog.BulkJobs().Downloads().Took(ctx, a.ID, v.ID, dam.ActorOf(ctx).ID, time.Now().Add(-resumable))
}

// Take refuses a single file that the context's actor may not take, and puts it into the log otherwise. What only goes
// on where it was cut off (again) is checked and not logged twice.
func (s *Service) Take(ctx context.Context, f One, again bool) error {
	if err := dam.ActorOf(ctx).NeedOn(&f.Asset, dam.MayDownloadOriginals); err != nil {
		return err
	}
	if err := dam.CheckBounds("reason", f.Reason); err != nil {
		return err
	}
	if again {
		return s.accepted(ctx, f.Asset.Library)
	}
	err := s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		if _, err := agreed(ctx, tx, f.Asset.Library, f.Accept, f.Reason); err != nil {
			return err
		}
		var changes []dam.Change
		if f.Reason != "" {
			changes = append(changes, dam.Change{Field: "reason", After: f.Reason})
		}
		tx.EmitAsset(dam.AssetDownloaded, &f.Asset, map[string]any{"version": f.Version.ID, "sha256": f.Version.SHA256,
			"what": f.What, "bytes": f.Bytes}, changes...)
		return nil
	})
	if dam.CodeOf(err) == dam.NoSpace { // a full disk keeps nobody from reading what they have agreed to
		return s.accepted(ctx, f.Asset.Library)
	}
	return err
}

// accepted refuses the context's actor as long as they have not accepted a library's terms.
func (s *Service) accepted(ctx context.Context, library string) error {
	t, err := s.Terms(ctx, library)
	if err == nil && t.Text != "" && t.Accepted == nil {
		err = &dam.Error{Code: dam.Forbidden, Field: "accept", Reason: reasons.DownloadTermsNotAccepted(t.Revision)}
	}
	return err
}
