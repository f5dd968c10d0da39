package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// work is one chunk of a job inside its transaction.
type work struct {
	*Service
	tx      *catalog.Tx
	bulk    *catalog.BulkRow
	patch   map[string]any
	refused error     // who may not do it at all
	began   time.Time // of the job that this one undoes
	undos   map[uint32]readUndo
	// readings are what the files of the next assets say; nil for a job that reads none.
	readings map[uint32]reading
	// sheets are the rows of the next assets; nil for a job that is of no table.
	sheets map[uint32]sheetPatch
}

// readUndo is what puts one asset back, decoded before the transaction.
type readUndo struct {
	undo
	err error
}

func readUndos(items []catalog.BulkItem) map[uint32]readUndo {
	out := map[uint32]readUndo{}
	for _, item := range items {
		if len(item.Undo) > 0 {
			var u readUndo
			u.err = json.Unmarshal(item.Undo, &u.undo)
			out[item.Number] = u
		}
	}
	return out
}

// read reports whether what puts an item's asset back has been decoded, if there is anything, and its files have been
// read, if they are to be.
func (w *work) read(item catalog.BulkItem) bool {
	_, ok := w.undos[item.Number]
	_, files := w.readings[item.Number]
	return (ok || len(item.Undo) == 0) && (files || w.readings == nil)
}

// undo is what puts one asset back.
type undo struct {
	Changes   []dam.Change   `json:"changes,omitempty"`
	Joined    string         `json:"joined,omitempty"` // collection
	Left      string         `json:"left,omitempty"`   // collection
	Decisions []dam.Decision `json:"decisions,omitempty"`
	Deleted   bool           `json:"deleted,omitempty"`
	Undeleted bool           `json:"undeleted,omitempty"`
	// Readings are those of the files, by their versions' ids.
	Readings map[string]dam.Reread `json:"readings,omitempty"`

	// Patch and Row are of a table's row that is not done yet, see StartSheet.
	Patch map[string]json.RawMessage `json:"patch,omitempty"`
	Row   int                        `json:"row,omitempty"`
}

// one changes an asset, or leaves it as it was; it returns the undo as JSON, "" when
// nothing had to be changed.
func (w *work) one(ctx context.Context, item catalog.BulkItem, verdict error) (string, error) {
	if verdict != nil {
		return "", verdict
	}
	if w.refused != nil {
		return "", w.refused
	}
	var u undo
	var found dam.ReadingChange
	files := w.readings[item.Number]
	if files.err != nil {
		return "", files.err
	}
	err := w.tx.Savepoint(ctx, func() error {
		a, err := w.tx.Assets().LockAsset(ctx, w.bulk.Library, item.Asset)
		if err != nil {
			return err
		}
		if err := mayChange(w.tx.Actor(), &a, w.bulk.Change); err != nil {
			return err
		}
		if w.bulk.Undoes != "" {
			return w.revert(ctx, &a, item)
		}
		u = undo{} // the transaction may run again
		if w.sheets != nil {
			return w.sheet(ctx, &a, item, &u)
		}
		if w.readings != nil {
			found, err = w.Metadata.TakeIn(ctx, w.tx, &a, files.files, w.bulk.DryRun)
			if !w.bulk.DryRun {
				u.Changes, u.Readings = found.Changes, found.Files
			}
			return err
		}
		return w.apply(ctx, &a, &u)
	})
	if w.sheets != nil && (err == nil || errors.Is(err, errTried)) {
		w.report(item.Asset, dam.ReadingChange{Changes: u.Changes}, nil)
	}
	if errors.Is(err, errTried) {
		return "", nil
	}
	if err == nil && w.readings != nil {
		w.report(item.Asset, found, files.files)
	}
	if err != nil || u.empty() {
		return "", err
	}
	raw, err := json.Marshal(u)
	return string(raw), err
}

// mayChange refuses what the actor may not do to an asset.
func mayChange(p dam.Principal, a *dam.Asset, c dam.BulkChange) error {
	for _, need := range c.Needs() {
		if need == dam.MayEditOwn {
			if err := p.MayEdit(a); err != nil {
				return err
			}
		} else if err := p.NeedOn(a, need); err != nil {
			return err
		}
	}
	return nil
}

// report counts what the files of an asset have said.
func (w *work) report(asset string, found dam.ReadingChange, files dam.Reading) {
	incomplete := false
	for _, m := range files {
		incomplete = incomplete || m.Incomplete
	}
	if w.bulk.Report == nil {
		w.bulk.Report = dam.NewBulkReport() // erased meanwhile
	}
	w.bulk.Report.Add(asset, found, incomplete)
}

func (u *undo) empty() bool {
	return len(u.Changes)+len(u.Decisions)+len(u.Readings) == 0 && u.Joined == "" && u.Left == "" && !u.Deleted &&
		!u.Undeleted
}

func (w *work) apply(ctx context.Context, a *dam.Asset, u *undo) (err error) {
	c, library := &w.bulk.Change, w.bulk.Library
	if c.Action == dam.BulkUndelete {
		if u.Undeleted, err = w.Assets.BinIn(ctx, w.tx, library, a.ID, false); err != nil {
			return err
		}
	}
	patch := w.patch
	if len(c.AddTags)+len(c.RemoveTags) > 0 {
		patch = maps.Clone(w.patch)
		patch["tags"] = retag(a.Tags, c.AddTags, c.RemoveTags)
	}
	if len(patch) > 0 {
		if u.Changes, err = w.Assets.EditIn(ctx, w.tx, library, a.ID, patch); err != nil {
			return err
		}
	}
	if c.RemoveCollection != "" {
		changed, err := w.Collections.CollectIn(ctx, w.tx, library, c.RemoveCollection, []string{a.ID}, false)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			u.Left = c.RemoveCollection
		}
	}
	if c.AddCollection != "" {
		changed, err := w.Collections.CollectIn(ctx, w.tx, library, c.AddCollection, []string{a.ID}, true)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			u.Joined = c.AddCollection
		}
	}
	switch c.Action {
	case "", dam.BulkUndelete:
	case dam.BulkDelete:
		u.Deleted, err = w.Assets.BinIn(ctx, w.tx, library, a.ID, true)
	default:
		u.Decisions, err = w.Review.DecideIn(ctx, w.tx, library, a.ID, dam.Action(c.Action), c.Comment)
	}
	return err
}

// retag takes tags out and puts tags in, however they are spelled.
func retag(tags, add, remove []string) []string {
	in := func(list []string, t string) bool {
		return slices.ContainsFunc(list, func(o string) bool { return canon.Same(o, t) })
	}
	out := []string{}
	for _, t := range tags {
		if !in(remove, t) {
			out = append(out, t)
		}
	}
	for _, t := range add {
		if !in(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// revert puts an asset back, in the opposite order.
func (w *work) revert(ctx context.Context, a *dam.Asset, item catalog.BulkItem) error {
	if len(item.Undo) == 0 {
		return &dam.Error{Code: dam.Gone, Reason: reasons.UndoForgotten()}
	}
	u := w.undos[item.Number]
	if u.err != nil {
		return u.err
	}
	library := w.bulk.Library
	if u.public() {
		channel, err := w.tx.Publications().DeliveredSince(ctx, a.ID, w.began)
		if err != nil {
			return err
		}
		if channel != "" {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.DeliveredSince(channel)}
		}
	}
	if u.Deleted {
		if _, err := w.Assets.BinIn(ctx, w.tx, library, a.ID, false); err != nil {
			return err
		}
	}
	if len(u.Decisions) > 0 {
		if err := w.Review.RevertIn(ctx, w.tx, library, a.ID, u.Decisions); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		id string
		in bool
	}{{u.Joined, true}, {u.Left, false}} {
		if c.id != "" {
			if err := w.Collections.RevertIn(ctx, w.tx, library, c.id, a.ID, c.in); err != nil {
				return err
			}
		}
	}
	if len(u.Changes) > 0 {
		if err := w.Assets.RevertIn(ctx, w.tx, library, a.ID, u.Changes); err != nil {
			return err
		}
	}
	if len(u.Readings) > 0 {
		if err := w.Metadata.RestoreIn(ctx, w.tx, library, a.ID, u.Readings); err != nil {
			return err
		}
	}
	if u.Undeleted {
		_, err := w.Assets.BinIn(ctx, w.tx, library, a.ID, true)
		return err
	}
	return nil
}

// public reports whether the change may have decided about what channels were sent.
func (u *undo) public() bool {
	return len(u.Decisions) > 0 || u.Deleted || u.Undeleted ||
		slices.ContainsFunc(u.Changes, func(c dam.Change) bool { return c.Field == "rights" })
}
