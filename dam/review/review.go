// Package review decides what the public may see: submit, approve, reject,
// archive, restore. State belongs to a version; the live version is the newest
// approved one, so a rejected or undecided v2 changes nothing public.
package review

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Service decides about versions.
type Service struct{ Catalog *catalog.Catalog }

var eventOf = map[dam.Action]dam.EventType{
	dam.Submit: dam.AssetSubmitted, dam.Approve: dam.AssetApproved, dam.Reject: dam.AssetRejected, dam.Archive: dam.AssetArchived, dam.Restore: dam.AssetRestored,
}

// Decide takes a step of the review on a version ("" is the newest) of an asset.
// ifMatch is the revision the reviewer has seen, 0 for any. Archive and restore
// concern the whole asset: every approved version goes, and comes back, together.
func (s *Service) Decide(ctx context.Context, library, asset string, ifMatch int64, action dam.Action, version, comment string) (dam.Asset, error) {
	comment = strings.TrimSpace(comment)
	if action == dam.Reject && comment == "" {
		return dam.Asset{}, dam.InvalidField("comment", "a rejection needs a comment", "say what should change")
	}
	if len([]rune(comment)) > 5000 {
		return dam.Asset{}, dam.InvalidField("comment", "longer than 5,000 characters", "shorten it")
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.LockAsset(ctx, library, asset)
		if err != nil {
			return a, err
		}
		if ifMatch != 0 && ifMatch != a.Revision {
			return a, &dam.Error{Code: dam.Stale, Field: "If-Match", Message: "somebody changed the asset meanwhile", Remedy: "read it again, then decide"}
		}
		if a.DeletedAt != nil {
			return a, &dam.Error{Code: dam.Conflict, Message: "the asset is in the bin", Remedy: "take it back first"}
		}
		versions, err := tx.Versions(ctx, asset)
		if err != nil {
			return a, err
		}
		decided, err := step(versions, action, version)
		if err != nil {
			return a, err
		}
		now := tx.Now()
		for _, v := range decided {
			v.DecidedBy, v.DecidedAt, v.Comment = tx.Actor().ID, &now, comment
			switch action {
			case dam.Approve:
				v.ApprovedAt, a.Published = &now, true
			case dam.Reject: // an approval taken back must not return by archive and restore
				v.ApprovedAt = nil
			}
			if err := tx.UpdateVersion(ctx, *v); err != nil {
				return a, err
			}
		}
		before := a.Live
		a.Live, a.Latest = "", versions[0]
		for _, v := range versions { // newest first
			if v.Status == dam.Approved {
				a.Live = v.ID
				break
			}
		}
		data := map[string]any{"version": decided[0].ID, "sha256": decided[0].SHA256, "live": a.Live}
		if before != a.Live {
			data["live_before"] = before
		}
		tx.EmitAsset(eventOf[action], &a, data, dam.Change{Field: "comment", After: comment})
		return a, tx.UpdateAsset(ctx, &a)
	})
}

// step moves the versions that the action concerns and returns them, the named
// or newest one first.
func step(versions []dam.Version, action dam.Action, id string) ([]*dam.Version, error) {
	main := &versions[0]
	if id != "" {
		main = nil
		for i := range versions {
			if versions[i].ID == id {
				main = &versions[i]
			}
		}
		if main == nil {
			return nil, dam.InvalidField("version", "the asset has no version "+id, "leave it out to mean the newest")
		}
	}
	var out []*dam.Version
	move := func(v *dam.Version) error {
		next, err := v.Next(action)
		if err == nil {
			v.Status = next
			out = append(out, v)
		}
		return err
	}
	if err := move(main); err != nil {
		return nil, err
	}
	if action == dam.Archive || action == dam.Restore {
		for i := range versions {
			v := &versions[i]
			if v == main || v.ApprovedAt == nil {
				continue
			}
			if action == dam.Archive && v.Status == dam.Approved || action == dam.Restore && v.Status == dam.Archived {
				if err := move(v); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}
