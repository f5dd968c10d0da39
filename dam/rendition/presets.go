package rendition

import (
	"bytes"
	"context"
	_ "embed" // for the ready-made presets
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

//go:embed channel_presets.yaml
var readyYAML []byte

// ReadyMade are presets for the channels of the trade. None is in a library until somebody turns it on.
func ReadyMade() ([]dam.Preset, error) { return ReadPresets(bytes.NewReader(readyYAML)) }

// movingPresets are those ready-made presets that a new library starts with: the portal plays them.
var movingPresets = [...]string{"hover", "video", "video-vertical", "animation"}

// ReadPresets reads presets from YAML, one to a document. An error names the document, counted from 1.
func ReadPresets(r io.Reader) ([]dam.Preset, error) {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	var out []dam.Preset
	for n := 1; ; n++ {
		var p dam.Preset
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err == nil {
			err = p.Validate()
		}
		var field *dam.Error
		if errors.As(err, &field) {
			e := *field
			e.Reason = reasons.InDocument(n, p.Name, e.Reason)
			return nil, &e
		}
		if err != nil {
			return nil, &dam.Error{Code: dam.Invalid, Field: fmt.Sprintf("document %d", n),
				Reason: reasons.PresetNotYaml(strings.TrimPrefix(err.Error(), "yaml: "))}
		}
		out = append(out, p)
	}
}

// PresetInfo is a preset as people see it.
type PresetInfo struct {
	dam.Preset
	Revision int64 `json:"revision" doc:"Counts changes; 0 for a ready-made preset that is not in the library"`
	// Enabled is false for a ready-made preset that nobody has turned on: putting it turns it on.
	Enabled bool `json:"enabled"`
}

// PresetChange is what putting a preset did, or would do.
type PresetChange struct {
	Preset PresetInfo `json:"preset"`
	Change string     `json:"change" enum:"created,updated,unchanged,removed"`
	// Run brings existing renditions in line, nil when nothing is to be made.
	Run *dam.RenditionRun `json:"run,omitempty"`
}

// ReadyPresets returns the ready-made presets that are not in the library.
func (s *Service) ReadyPresets(ctx context.Context, library string) ([]PresetInfo, error) {
	ready, err := ReadyMade()
	if err != nil {
		return nil, err
	}
	have, err := s.Catalog.Presets().List(ctx, library)
	if err != nil {
		return nil, err
	}
	var out []PresetInfo
	for _, p := range ready {
		if !slices.ContainsFunc(have, func(o dam.Preset) bool { return o.Name == p.Name }) {
			out = append(out, PresetInfo{Preset: p})
		}
	}
	return out, nil
}

// Preset returns a preset of the library, or a ready-made one that is not enabled.
func (s *Service) Preset(ctx context.Context, library, name string) (PresetInfo, error) {
	row, err := s.Catalog.Presets().Preset(ctx, library, name)
	if dam.CodeOf(err) != dam.NotFound {
		return PresetInfo{Preset: row.Preset, Revision: row.Revision, Enabled: true}, err
	}
	ready, readErr := s.ReadyPresets(ctx, library)
	if readErr != nil {
		return PresetInfo{}, readErr
	}
	for _, p := range ready {
		if p.Name == name {
			return p, nil
		}
	}
	return PresetInfo{}, err
}

// errDry ends a transaction that was to be tried only.
var errDry = errors.New("dry run")

// PutPreset stores a preset and begins a run when existing renditions have to follow.
// ifMatch is the revision the caller has seen, 0 for any. A dry run changes nothing.
func (s *Service) PutPreset(ctx context.Context, library string, ifMatch int64, p dam.Preset, dry bool) (PresetChange,
	error) {
	if err := p.Validate(); err != nil {
		return PresetChange{}, err
	}
	return s.tryOut(ctx, dry, func(tx *catalog.Tx) (PresetChange, error) {
		old, err := tx.Presets().Preset(ctx, library, p.Name)
		known := err == nil
		if err != nil && dam.CodeOf(err) != dam.NotFound {
			return PresetChange{}, err
		}
		if ifMatch != 0 && ifMatch != old.Revision {
			return PresetChange{}, stalePreset()
		}
		if err := s.resolveWatermark(ctx, tx, library, &p); err != nil {
			return PresetChange{}, err
		}
		out := PresetChange{Preset: PresetInfo{Preset: p, Revision: old.Revision + 1, Enabled: true}, Change: "updated"}
		position := old.Position
		switch {
		case !known:
			out.Change = "created"
			if position, err = tx.Presets().NextPreset(ctx, library); err != nil {
				return out, err
			}
		case same(old.Preset, p):
			out.Change, out.Preset.Revision = "unchanged", old.Revision
			return out, nil
		}
		if err := tx.Presets().SetPreset(ctx, library, position, p); err != nil {
			return out, err
		}
		emitPreset(tx, library, p.Name, out.Change)
		if known && same(pixels(old.Preset), pixels(p)) || !known && p.Apply == dam.OnDemand {
			return out, nil
		}
		run, err := s.startRun(ctx, tx, library, p.Name)
		out.Run = &run
		return out, err
	})
}

// DeletePreset removes a preset, and by a run all that was made of it. A preset that the
// portal or a channel's rule needs stays.
func (s *Service) DeletePreset(ctx context.Context, library, name string, ifMatch int64) (PresetChange, error) {
	return s.tryOut(ctx, false, func(tx *catalog.Tx) (PresetChange, error) {
		old, err := tx.Presets().Preset(ctx, library, name)
		if err != nil {
			return PresetChange{}, err
		}
		if ifMatch != 0 && ifMatch != old.Revision {
			return PresetChange{}, stalePreset()
		}
		if slices.Contains(portalPresets[:], name) {
			return PresetChange{}, &dam.Error{Code: dam.Conflict, Reason: reasons.PresetOfPortal(name)}
		}
		channels, err := tx.Channels().List(ctx, library)
		if err != nil {
			return PresetChange{}, err
		}
		for _, c := range channels {
			if slices.ContainsFunc(c.Rule.Presets, func(used string) bool {
				return used == name ||
					strings.HasPrefix(used, name+"@")
			}) {
				return PresetChange{}, &dam.Error{Code: dam.Conflict,
					Reason: reasons.PresetOfChannelRule(c.Name, name)}
			}
		}
		if err := tx.Presets().DeletePreset(ctx, library, name); err != nil {
			return PresetChange{}, err
		}
		emitPreset(tx, library, name, "removed")
		run, err := s.startRun(ctx, tx, library, name)
		return PresetChange{Preset: PresetInfo{Preset: old.Preset, Revision: old.Revision}, Change: "removed",
			Run: &run}, err
	})
}

// portalPresets are those the portal's own pages ask for.
var portalPresets = [...]string{"thumb", "small", "medium", "large"}

func (s *Service) tryOut(ctx context.Context, dry bool, change func(*catalog.Tx) (PresetChange, error)) (PresetChange,
	error) {
	if !dry {
		return catalog.Do(ctx, s.Catalog, change)
	}
	var out PresetChange
	err := s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) (err error) {
		if out, err = change(tx); err == nil {
			err = errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// resolveWatermark names the very file, so that a recipe can't change behind its hash.
func (s *Service) resolveWatermark(ctx context.Context, tx *catalog.Tx, library string, p *dam.Preset) error {
	if p.Watermark == nil {
		return nil
	}
	w := *p.Watermark
	p.Watermark = &w
	if w.Asset == "" {
		asset, err := tx.Assets().AssetWithBytes(ctx, library, w.SHA256)
		if err == nil && asset == "" {
			err = dam.InvalidInput("watermark.sha256", reasons.NoAssetHasFile())
		}
		return err
	}
	a, err := tx.Assets().Asset(ctx, library, w.Asset)
	if dam.CodeOf(err) == dam.NotFound || err == nil && a.DeletedAt != nil {
		return dam.InvalidInput("watermark.asset", reasons.NoAssetForSlot(w.Asset))
	}
	if err != nil {
		return err
	}
	v := a.Latest
	if a.Live != "" {
		if v, err = tx.Versions().Version(ctx, a.Live); err != nil {
			return err
		}
	}
	if a.Kind != dam.KindImage {
		return dam.InvalidInput("watermark.asset", reasons.AssetNotAPicture())
	}
	w.SHA256 = v.SHA256
	return nil
}

// pixels is the part of a preset that its renditions depend on.
func pixels(p dam.Preset) dam.Preset {
	p.Channel = ""
	if p.Apply == "" {
		p.Apply = dam.AtUpload
	}
	return p
}

func same(a, b dam.Preset) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

func stalePreset() error {
	return &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.PresetChangedMeanwhile()}
}

func emitPreset(tx *catalog.Tx, library, name, change string) {
	tx.Emit(dam.Event{Type: dam.PresetChanged, Library: library, Subject: name,
		Data: fmt.Appendf(nil, `{"change":%q}`, change)})
}
