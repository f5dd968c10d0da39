package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// Presets keeps a library's presets, and the renditions in line with them.
type Presets interface {
	ReadyPresets(ctx context.Context, library string) ([]rendition.PresetInfo, error)
	Preset(ctx context.Context, library, name string) (rendition.PresetInfo, error)
	PutPreset(ctx context.Context, library string, ifMatch int64, p dam.Preset, dry bool) (rendition.PresetChange,
		error)
	DeletePreset(ctx context.Context, library, name string, ifMatch int64) (rendition.PresetChange, error)
	Preview(ctx context.Context, library, asset, version string, p dam.Preset) (rendition.Preview, error)
	SuggestFocal(ctx context.Context, library, asset string) (rendition.FocalSuggestion, error)
	Runs(ctx context.Context, library string) ([]dam.RenditionRun, error)
	Run(ctx context.Context, library, id string) (dam.RenditionRun, error)
	CancelRun(ctx context.Context, library, id string) (dam.RenditionRun, error)
	Cuts(ctx context.Context, library, after string, limit int) (rendition.Cuts, error)
}

type presetsIn struct {
	Ready bool `query:"ready" doc:"The ready-made presets that are not in the library instead"`
}

func (s *API) listPresets(ctx context.Context, in *presetsIn) (*items[dam.Preset], error) {
	library := requestOf(ctx).library
	if !in.Ready {
		return listOf(s.Renditions.Presets(ctx, library))
	}
	ready, err := s.Renditions.ReadyPresets(ctx, library)
	list := make([]dam.Preset, len(ready))
	for i, r := range ready {
		list[i] = r.Preset
	}
	return listOf(list, err)
}

// ByName names a preset in the path.
type ByName struct {
	Name string `path:"name" maxLength:"40"`
}

func (s *API) getPreset(ctx context.Context, in *ByName) (*tagged[rendition.PresetInfo], error) {
	found, err := s.Renditions.Preset(ctx, requestOf(ctx).library, in.Name)
	if err != nil {
		return nil, err
	}
	return &tagged[rendition.PresetInfo]{etag(found.Revision), found}, nil
}

type putPresetIn struct {
	ByName
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
	DryRun  bool   `query:"dry_run" doc:"Only say what would change"`
	Body    dam.Preset
}

func (s *API) putPreset(ctx context.Context, in *putPresetIn) (*tagged[rendition.PresetChange], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if in.Body.Name != in.Name {
		return nil, dam.InvalidInput("name", reasons.PresetNameDiffers(in.Body.Name, in.Name))
	}
	change, err := s.Renditions.PutPreset(ctx, requestOf(ctx).library, rev, in.Body, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &tagged[rendition.PresetChange]{etag(change.Preset.Revision), change}, nil
}

type deletePresetIn struct {
	ByName
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
}

func (s *API) deletePreset(ctx context.Context, in *deletePresetIn) (*body[rendition.PresetChange], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	change, err := s.Renditions.DeletePreset(ctx, requestOf(ctx).library, in.Name, rev)
	if err != nil {
		return nil, err
	}
	return &body[rendition.PresetChange]{change}, nil
}

type cutsIn struct {
	After string `query:"after" maxLength:"20" doc:"The next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *API) listCuts(ctx context.Context, in *cutsIn) (*body[rendition.Cuts], error) {
	page, err := s.Renditions.Cuts(ctx, requestOf(ctx).library, in.After, in.Limit)
	for i := range page.Items {
		page.Items[i].Asset = seenBy(ctx, page.Items[i].Asset)
	}
	return &body[rendition.Cuts]{page}, err
}

type previewPresetIn struct {
	Body struct {
		Asset   string     `json:"asset" maxLength:"64"`
		Version string     `json:"version,omitempty" maxLength:"64" doc:"The version; the newest when left out"`
		Preset  dam.Preset `json:"preset" doc:"As it would be stored"`
	}
}

func (s *API) previewPreset(ctx context.Context, in *previewPresetIn) (*body[rendition.Preview], error) {
	made, err := s.Renditions.Preview(ctx, requestOf(ctx).library, in.Body.Asset, in.Body.Version, in.Body.Preset)
	if err != nil {
		return nil, err
	}
	return &body[rendition.Preview]{made}, nil
}

func (s *API) suggestFocal(ctx context.Context, in *ByID) (*body[rendition.FocalSuggestion], error) {
	found, err := s.Renditions.SuggestFocal(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[rendition.FocalSuggestion]{found}, nil
}

func (s *API) listRuns(ctx context.Context, _ *nothing) (*items[dam.RenditionRun], error) {
	return listOf(s.Renditions.Runs(ctx, requestOf(ctx).library))
}

func (s *API) getRun(ctx context.Context, in *ByID) (*body[dam.RenditionRun], error) {
	run, err := s.Renditions.Run(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[dam.RenditionRun]{run}, nil
}

func (s *API) cancelRun(ctx context.Context, in *ByID) (*body[dam.RenditionRun], error) {
	run, err := s.Renditions.CancelRun(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[dam.RenditionRun]{run}, nil
}
