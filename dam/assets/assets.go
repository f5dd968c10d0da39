// Package assets edits assets: their metadata and the bin.
package assets

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

var utc = time.UTC

// Renditions plans the pictures of an asset anew inside a transaction.
type Renditions interface {
	Plan(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Libraries() catalog.Libraries
	Versions() catalog.Versions
}

// Service changes assets. Every method works inside one library.
type Service struct {
	Catalog    Catalog
	Renditions Renditions
	// Store and Metadata read stored files again; see ReadFiles.
	Store    storage.Store
	Metadata MetadataReader
	// Reserved are the keys no custom field may have: search has a meaning for them.
	Reserved []string
}

// lock reads the asset for a change and holds it; ifMatch is the revision the
// caller has seen, 0 for any.
func lock(ctx context.Context, tx *catalog.Tx, library, id string, ifMatch int64) (dam.Asset, error) {
	a, err := tx.Assets().LockAsset(ctx, library, id)
	if err != nil {
		return a, err
	}
	return a, Match(&a, ifMatch)
}

// Match checks an If-Match revision; 0 matches any.
func Match(a *dam.Asset, revision int64) error {
	if revision != 0 && revision != a.Revision {
		return &dam.Error{Code: dam.Stale, Field: "If-Match",
			Reason: reasons.AssetChangedMeanwhile(a.Revision, revision)}
	}
	return nil
}

// Patch applies a merge patch. A patch that changes nothing leaves the revision alone.
func (s *Service) Patch(ctx context.Context, library, id string, ifMatch int64, p Patch) (dam.Asset, error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return dam.Asset{}, err
	}
	if p, err = p.in(lib.Locale); err != nil {
		return dam.Asset{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, _, err := s.edit(ctx, tx, library, id, ifMatch, p.apply)
		return a, err
	})
}

// EditIn is Patch as a part of a transaction, with what ReadPatch returned; it returns what changed.
func (s *Service) EditIn(ctx context.Context, tx *catalog.Tx, library, id string, patch map[string]any) ([]dam.Change,
	error) {
	_, changes, err := s.edit(ctx, tx, library, id, 0, Patch(patch).apply)
	return changes, err
}

// ReadPatch reads the members of a merge patch for EditIn, and refuses what ParsePatch does.
func (s *Service) ReadPatch(ctx context.Context, library string, members map[string]json.RawMessage) (map[string]any,
	error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil, err
	}
	p, err := newPatch(members)
	if err != nil {
		return nil, err
	}
	return p.in(lib.Locale)
}

// RevertIn takes changes of EditIn back, as a part of a transaction. Entries added to
// a list are taken out and those taken out are added, whatever else the list has
// become; any other field must still be as the change left it (Conflict).
func (s *Service) RevertIn(ctx context.Context, tx *catalog.Tx, library, id string, changes []dam.Change) error {
	_, _, err := s.edit(ctx, tx, library, id, 0, func(a *dam.Asset, own rules) ([]dam.Change, error) {
		before := a.Custom
		undone, err := revert(a, changes)
		if err == nil {
			err = own.guard(before, a.Custom)
		}
		return undone, err
	})
	return err
}

// edit holds an asset, lets change work on it, and writes what came out.
func (s *Service) edit(ctx context.Context, tx *catalog.Tx, library, id string, ifMatch int64,
	change func(a *dam.Asset, own rules) ([]dam.Change, error)) (dam.Asset, []dam.Change, error) {
	a, err := lock(ctx, tx, library, id, ifMatch)
	if err != nil {
		return a, nil, err
	}
	own, err := rulesOf(ctx, tx, library)
	if err != nil {
		return a, nil, err
	}
	before := a.Rights
	changes, err := change(&a, own)
	if err != nil || len(changes) == 0 {
		return a, nil, err
	}
	if err := mayWiden(tx.Actor(), &a, before); err != nil {
		return a, nil, err
	}
	if next := a.Rights.Successor; next != "" {
		if next == a.ID {
			return a, nil, dam.InvalidInput("rights.successor", reasons.AssetSucceedsItself())
		}
		if _, err := tx.Assets().Asset(ctx, library, next); err != nil {
			return a, nil, dam.InvalidInput("rights.successor", reasons.NoSuccessorAsset(next))
		}
	}
	fields := make([]string, len(changes))
	for i, c := range changes {
		fields[i] = c.Field
	}
	if err := knownPresets(ctx, tx, &a, fields); err != nil {
		return a, nil, err
	}
	if s.Renditions != nil && slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(inPixels, f) }) {
		if err := s.Renditions.Plan(ctx, tx, &a); err != nil {
			return a, nil, err
		}
	}
	if slices.Contains(fields, "skus") {
		if err := tx.Products().UnlinkExcept(ctx, &a); err != nil {
			return a, nil, err
		}
	}
	tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": fields}, changes...)
	return a, changes, tx.Assets().UpdateAsset(ctx, &a)
}

// mayWiden refuses who can't approve to let the public see more of what is approved than
// its approval did. Nothing that is public goes away by it; narrowing is anybody's who may edit.
func mayWiden(who dam.Principal, a *dam.Asset, before dam.Rights) error {
	field := a.Rights.Widens(before)
	if field == "" || a.Live == "" || who.NeedOn(a, dam.MayEditRights) == nil {
		return nil
	}
	return &dam.Error{Code: dam.Forbidden, Field: "rights." + field, Reason: reasons.RightsWideningNeedsPublisher()}
}

// inPixels are the fields that renditions depend on.
var inPixels = []string{"focal", "focals", "zones", "creator", "copyright"}

func knownPresets(ctx context.Context, tx *catalog.Tx, a *dam.Asset, fields []string) error {
	if !slices.Contains(fields, "focals") || len(a.Focals) == 0 {
		return nil
	}
	presets, err := tx.Presets().List(ctx, a.Library)
	if err != nil {
		return err
	}
	for name := range a.Focals {
		if !slices.ContainsFunc(presets, func(p dam.Preset) bool { return p.Name == name }) {
			return dam.InvalidInput("focals."+name, reasons.NoPresetQuoted(name))
		}
	}
	return nil
}

// Delete moves an asset to the bin, where it stays 30 days. The public sees 410.
func (s *Service) Delete(ctx context.Context, library, id string, ifMatch int64) (dam.Asset, error) {
	return s.bin(ctx, library, id, ifMatch, true)
}

// Undelete takes an asset back from the bin, in the state it had. What was approved
// comes back for review unless the actor may publish, or moved it there just now.
func (s *Service) Undelete(ctx context.Context, library, id string, ifMatch int64) (dam.Asset, error) {
	return s.bin(ctx, library, id, ifMatch, false)
}

func (s *Service) bin(ctx context.Context, library, id string, ifMatch int64, in bool) (dam.Asset, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, _, err := s.binIn(ctx, tx, library, id, ifMatch, in)
		return a, err
	})
}

// BinIn is Delete (in) or Undelete as a part of a transaction; it reports whether that changed anything.
func (s *Service) BinIn(ctx context.Context, tx *catalog.Tx, library, id string, in bool) (bool, error) {
	_, changed, err := s.binIn(ctx, tx, library, id, 0, in)
	return changed, err
}

func (s *Service) binIn(ctx context.Context, tx *catalog.Tx, library, id string, ifMatch int64, in bool) (dam.Asset,
	bool, error) {
	a, err := lock(ctx, tx, library, id, ifMatch)
	if err != nil || (a.DeletedAt != nil) == in {
		return a, false, err
	}
	if in {
		now := tx.Now()
		a.DeletedAt = &now
		tx.EmitAsset(dam.AssetDeleted, &a, map[string]any{})
		return a, true, tx.Assets().UpdateAsset(ctx, &a)
	}
	data := map[string]any{}
	back, err := s.mayPublishAgain(ctx, tx, &a)
	if err == nil && !back {
		data["live_before"] = a.Live
		err = toReview(ctx, tx, &a)
		data["live"] = a.Live
	}
	if err != nil {
		return a, false, err
	}
	a.DeletedAt = nil
	tx.EmitAsset(dam.AssetUndeleted, &a, data)
	return a, true, tx.Assets().UpdateAsset(ctx, &a)
}

// undoFor is how long after moving an asset to the bin one may take it back as it was.
const undoFor = 10 * time.Minute

// mayPublishAgain reports whether an asset comes out of the bin as it went in: nothing of
// it was public, the actor may publish, or it is their own doing, undone at once.
func (s *Service) mayPublishAgain(ctx context.Context, tx *catalog.Tx, a *dam.Asset) (bool, error) {
	if a.Live == "" || tx.Actor().NeedOn(a, dam.MayApprove) == nil {
		return true, nil
	}
	last, err := tx.Log().AssetEvents(ctx, a.ID, 0, 20) // channels that took it down have been heard since
	i := slices.IndexFunc(last, func(e dam.Event) bool { return e.Type == dam.AssetDeleted })
	return i >= 0 && last[i].Actor == tx.Actor().ID && tx.Now().Sub(*a.DeletedAt) < undoFor, err
}

// toReview takes the approval of every version back: a publisher decides anew.
func toReview(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error {
	versions, err := tx.Versions().List(ctx, a.ID)
	if err != nil {
		return err
	}
	now := tx.Now()
	for _, v := range versions { // the newest first
		if v.Status == dam.Approved {
			v.SetDecided(dam.Decided{Status: dam.InReview, DecidedBy: tx.Actor().ID, DecidedAt: &now})
			if err := tx.Versions().UpdateVersion(ctx, v); err != nil {
				return err
			}
			if v.ID == a.Latest.ID {
				a.Latest = v
			}
		}
	}
	a.Live, a.LiveSince = "", nil
	return nil
}

// Purge removes an asset in the bin for good. Its objects follow by the
// collector, unless another asset shares them.
func (s *Service) Purge(ctx context.Context, library, id string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, library, id)
		if err != nil {
			return err
		}
		if a.DeletedAt == nil {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.AssetNotInBin()}
		}
		tx.EmitAsset(dam.AssetPurged, &a, map[string]any{})
		return tx.Assets().DeleteAsset(ctx, id)
	})
}
