// Package review decides what the public may see: submit, approve, reject,
// archive, restore. State belongs to a version; the live version is the newest
// approved one, so a rejected or undecided v2 changes nothing public.
package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
}

// Service decides about versions.
type Service struct{ Catalog Catalog }

var eventOf = map[dam.Action]dam.EventType{
	dam.Submit: dam.AssetSubmitted, dam.Approve: dam.AssetApproved, dam.Reject: dam.AssetRejected,
	dam.Archive: dam.AssetArchived, dam.Restore: dam.AssetRestored,
}

// stageOf is what of the library's own fields an action asks for.
var stageOf = map[dam.Action]dam.FieldStage{dam.Submit: dam.RequiredToSubmit, dam.Approve: dam.RequiredToPublish}

// Step is one step of a review.
type Step struct {
	Action  dam.Action
	Version string // "" is the newest
	Comment string // a rejection needs one
	IfMatch int64  // the revision of the asset that the reviewer has seen, 0 for any
}

// Decide takes a step of the review on a version of an asset. Archive and restore
// concern the whole asset: every approved version goes, and comes back, together.
func (s *Service) Decide(ctx context.Context, library, asset string, step Step) (dam.Asset, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, _, err := decide(ctx, tx, library, asset, step)
		return a, err
	})
}

// DecideIn is Decide about the newest version as a part of a transaction; it returns
// each version's step, for RevertIn.
func (s *Service) DecideIn(ctx context.Context, tx *catalog.Tx, library, asset string, action dam.Action,
	comment string) ([]dam.Decision, error) {
	_, done, err := decide(ctx, tx, library, asset, Step{Action: action, Comment: comment})
	return done, err
}

// RevertIn puts versions back to where they were before a decision, as a part of a
// transaction. Each must still be as the decision left it (Conflict).
func (s *Service) RevertIn(ctx context.Context, tx *catalog.Tx, library, asset string, decisions []dam.Decision) error {
	a, err := tx.Assets().LockAsset(ctx, library, asset)
	if err != nil {
		return err
	}
	versions, err := tx.Versions().List(ctx, asset)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		i := slices.IndexFunc(versions, func(v dam.Version) bool { return v.ID == d.Version })
		if i < 0 || !sameDecision(versions[i].Decided(), d.After) {
			return &dam.Error{Code: dam.Conflict, Field: "status", Reason: reasons.ReviewWentOn()}
		}
		versions[i].SetDecided(d.Before)
		if err := tx.Versions().UpdateVersion(ctx, versions[i]); err != nil {
			return err
		}
	}
	before := a.Live
	applyDecision(&a, versions)
	if before == "" && a.Live != "" {
		if err := recorded(ctx, tx, &a); err != nil {
			return err
		}
	}
	data := map[string]any{"fields": []string{"status"}, "version": decisions[0].Version, "live": a.Live}
	if before != a.Live {
		data["live_before"] = before
	}
	tx.EmitAsset(dam.AssetUpdated, &a, data, dam.Change{Field: "status", Before: decisions[0].After.Status,
		After: decisions[0].Before.Status})
	return tx.Assets().UpdateAsset(ctx, &a)
}

func sameDecision(a, b dam.Decided) bool {
	return a.Status == b.Status && a.DecidedBy == b.DecidedBy && (a.DecidedAt == nil) == (b.DecidedAt == nil) &&
		(a.DecidedAt == nil || a.DecidedAt.Equal(*b.DecidedAt))
}

func decide(ctx context.Context, tx *catalog.Tx, library, asset string, s Step) (dam.Asset, []dam.Decision, error) {
	action, comment := s.Action, strings.TrimSpace(s.Comment)
	if action == dam.Reject && comment == "" {
		return dam.Asset{}, nil, dam.InvalidInput("comment", reasons.RejectionNeedsComment())
	}
	if len([]rune(comment)) > 5000 {
		return dam.Asset{}, nil, dam.InvalidInput("comment", reasons.LongerThan5000())
	}
	a, err := tx.Assets().LockAsset(ctx, library, asset)
	if err != nil {
		return a, nil, err
	}
	if action != dam.Submit {
		if err := tx.Actor().NeedOn(&a, dam.MayApprove); err != nil {
			return a, nil, err
		}
	}
	if s.IfMatch != 0 && s.IfMatch != a.Revision {
		return a, nil, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.AssetChangedDecideAgain()}
	}
	if a.DeletedAt != nil {
		return a, nil, &dam.Error{Code: dam.Conflict, Reason: reasons.AssetInBin()}
	}
	if stage, gated := stageOf[action]; gated {
		defs, err := tx.Libraries().CustomFields(ctx, library)
		if err == nil {
			err = dam.RequireFields(defs, &a, stage, tx.Actor().HiddenFields(library)...)
		}
		if err != nil {
			return a, nil, err
		}
	}
	versions, err := tx.Versions().List(ctx, asset)
	if err != nil {
		return a, nil, err
	}
	was := make(map[string]dam.Decided, len(versions))
	for i := range versions {
		was[versions[i].ID] = versions[i].Decided()
	}
	decided, err := step(versions, action, s.Version)
	if err != nil {
		return a, nil, err
	}
	now := tx.Now()
	done := make([]dam.Decision, len(decided))
	for i, v := range decided {
		done[i] = dam.Decision{Version: v.ID, Before: was[v.ID]}
		v.DecidedBy, v.DecidedAt, v.Comment = tx.Actor().ID, &now, comment
		switch action {
		case dam.Approve:
			v.ApprovedAt, v.CropExempt, a.Published = &now, false, true
		case dam.Reject: // an approval taken back must not return by archive and restore
			v.ApprovedAt = nil
		}
		done[i].After = v.Decided()
		if err := tx.Versions().UpdateVersion(ctx, *v); err != nil {
			return a, nil, err
		}
	}
	before := a.Live
	applyDecision(&a, versions)
	if action == dam.Approve || before == "" && a.Live != "" {
		if err := recorded(ctx, tx, &a); err != nil {
			return a, nil, err
		}
	}
	data := map[string]any{"version": decided[0].ID, "sha256": decided[0].SHA256, "live": a.Live}
	if before != a.Live {
		data["live_before"] = before
	}
	tx.EmitAsset(eventOf[action], &a, data, dam.Change{Field: "comment", After: comment})
	return a, done, tx.Assets().UpdateAsset(ctx, &a)
}

// recorded returns an error if an asset lacks a licence or a consent that its library requires to approve it, or
// to make an approval count again.
func recorded(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error {
	r, err := tx.Assets().Rights().Requirements(ctx, a.Library)
	if err != nil {
		return err
	}
	return r.Check(a)
}

// Reinstate ends a recall of an asset: what is approved counts again from now on, in the name of who says so. ifMatch
// is the revision that the person has seen, 0 for any. Conflict when the asset is not recalled.
func (s *Service) Reinstate(ctx context.Context, library, asset string, ifMatch int64, reason string) (dam.Asset,
	error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return dam.Asset{}, dam.InvalidInput("reason", reasons.ReinstateNeedsReason())
	}
	if len([]rune(reason)) > 1000 {
		return dam.Asset{}, dam.InvalidInput("reason", reasons.LongerThan1000())
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return a, err
		}
		conflict := func(why reasons.Reason) (dam.Asset, error) {
			return a, &dam.Error{Code: dam.Conflict, Reason: why}
		}
		switch f := a.PublicFacts(time.UTC); {
		case ifMatch != 0 && ifMatch != a.Revision:
			return a, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.AssetChangedDecideAgain()}
		case f.Binned:
			return conflict(reasons.ReinstateInBin())
		case f.RecalledAt == nil:
			return conflict(reasons.ReinstateNotRecalled())
		case !f.Live:
			return conflict(reasons.ReinstateNoneApproved())
		case f.Counts(f.ApprovedAt):
			return conflict(reasons.ReinstateRecallOver())
		}
		if err := recorded(ctx, tx, &a); err != nil {
			return a, err
		}
		versions, err := tx.Versions().List(ctx, asset)
		if err != nil {
			return a, err
		}
		now := tx.Now()
		for i := range versions {
			v := &versions[i]
			if v.Status != dam.Approved {
				continue
			}
			// an exempt one stays that: nobody looked at it anew
			v.DecidedBy, v.DecidedAt, v.ApprovedAt = tx.Actor().ID, &now, &now
			if err := tx.Versions().UpdateVersion(ctx, *v); err != nil {
				return a, err
			}
		}
		applyDecision(&a, versions)
		tx.EmitAsset(dam.AssetReinstated, &a, map[string]any{"version": a.Live, "live": a.Live},
			dam.Change{Field: "reason", After: reason})
		err = tx.Assets().UpdateAsset(ctx, &a)
		return a, err
	})
}

// applyDecision derives the newest and the public version from the versions, newest first.
func applyDecision(a *dam.Asset, versions []dam.Version) {
	a.Live, a.LiveSince, a.Latest = "", nil, versions[0]
	for _, v := range versions {
		if v.Status == dam.Approved {
			a.Live, a.LiveSince = v.ID, v.ApprovedAt
			break
		}
	}
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
			return nil, dam.InvalidInput("version", reasons.AssetWithoutVersionId(id))
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
