package assets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// countFor bounds how long what a change would break is counted.
const countFor = 20 * time.Second

// countRead is how many assets are read at once.
const countRead = 500

// ChangeField merges a patch into the definition of a field, and counts what that breaks; a dry run only counts. What
// a definition no longer takes stays with the assets until it is edited, so that nothing has to be changed at once.
func (s *Service) ChangeField(ctx context.Context, library, key string, patch map[string]any,
	dry bool) (dam.FieldImpact, error) {
	before, err := s.field(ctx, library, key)
	if err != nil {
		return dam.FieldImpact{}, err
	}
	after, err := patched(before, patch)
	if err != nil {
		return dam.FieldImpact{}, err
	}
	if after, err = canonicalField(after, "field"); err != nil {
		return dam.FieldImpact{}, err
	}
	if err := s.checkFields([]dam.CustomField{before}, []dam.CustomField{after}); err != nil {
		return dam.FieldImpact{}, err
	}
	i, err := s.countField(ctx, library, &before, &after)
	if i.DryRun = dry; err != nil || dry {
		return i, err
	}
	return i, s.AddField(ctx, library, after)
}

// DropField removes a field and counts the assets whose values are no longer seen; a dry run only counts.
func (s *Service) DropField(ctx context.Context, library, key string, dry bool) (dam.FieldImpact, error) {
	before, err := s.field(ctx, library, key)
	if err != nil {
		return dam.FieldImpact{}, err
	}
	i, err := s.countField(ctx, library, &before, nil)
	if i.DryRun = dry; err != nil || dry {
		return i, err
	}
	return i, s.RemoveField(ctx, library, key)
}

func (s *Service) field(ctx context.Context, library, key string) (dam.CustomField, error) {
	list, err := s.Fields(ctx, library)
	if err != nil {
		return dam.CustomField{}, err
	}
	i := indexOf(list, key)
	if i < 0 {
		return dam.CustomField{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NoFieldWithKey(key)}
	}
	return list[i], nil
}

// patched merges a patch into a definition. Its key stays.
func patched(f dam.CustomField, patch map[string]any) (dam.CustomField, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	var now map[string]any
	if err := json.Unmarshal(raw, &now); err != nil {
		return f, err
	}
	merged, _ := merge(now, patch).(map[string]any)
	merged["key"] = f.Key
	if raw, err = json.Marshal(merged); err != nil {
		return f, err
	}
	var out dam.CustomField
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return f, typeError(err)
	}
	return out, nil
}

// countField counts what the assets of a library hold that a definition, nil for none, no longer takes.
func (s *Service) countField(ctx context.Context, library string, before, after *dam.CustomField) (dam.FieldImpact,
	error) {
	i := dam.FieldImpact{Examples: []dam.FieldExample{}, Complete: true}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return i, err
	}
	reads := dam.FieldContext{Locale: lib.Locale}
	until := time.Now().Add(countFor)
	read := func(next func(after uint32) ([]dam.Asset, error), each func(a *dam.Asset)) error {
		for last := uint32(0); i.Complete; {
			list, err := next(last)
			if err != nil {
				return err
			}
			for k := range list {
				each(&list[k])
				last = list[k].Number
			}
			if len(list) < countRead {
				return nil
			}
			i.Complete = time.Now().Before(until)
		}
		return nil
	}
	if err := read(func(last uint32) ([]dam.Asset, error) {
		return s.Catalog.Libraries().WithField(ctx, library, before.Key, last, countRead)
	}, func(a *dam.Asset) {
		v, there := a.Custom[before.Key]
		if !there || v == nil {
			return
		}
		i.Values++
		if why, broken := breaks(a, v, after, reads); broken {
			i.Count(&i.Invalid, shownID(ctx, a), v, why)
		}
	}); err != nil || after == nil || after.Require == "" {
		return i, err
	}
	return i, read(func(last uint32) ([]dam.Asset, error) { return s.Catalog.Assets().Scan(ctx, last, countRead) },
		func(a *dam.Asset) {
			if a.Library == library && a.DeletedAt == nil &&
				len(dam.MissingFields([]dam.CustomField{*after}, a, dam.RequiredToPublish)) > 0 {
				i.Count(&i.Missing, shownID(ctx, a), nil, reasons.FieldRequiredToSave(after.Key))
			}
		})
}

// shownID is the id of an asset that the actor sees, "" of another one: counts are for all, examples are not.
func shownID(ctx context.Context, a *dam.Asset) string {
	if p := catalog.ActorOf(ctx); p.IsSystem() || p.Sees(a) {
		return a.ID
	}
	return ""
}

// breaks reports whether a definition no longer takes a value, and why.
func breaks(a *dam.Asset, v any, after *dam.CustomField, reads dam.FieldContext) (reasons.Reason, bool) {
	switch {
	case after == nil:
		return reasons.FieldGone(), true
	case !after.Applies(a):
		return reasons.FieldDoesNotApply(after.Key), true
	}
	_, err := after.Clean("custom."+after.Key, v, reads)
	var e *dam.Error
	if errors.As(err, &e) {
		return e.Why(), true
	}
	return reasons.Reason{}, err != nil
}
