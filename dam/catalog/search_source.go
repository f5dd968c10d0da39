package catalog

import (
	"context"

	"vitrine/dam"
)

// SearchSource is the part of the catalogue that a search index follows; it implements search.Source.
type SearchSource struct{ c *Catalog }

// SearchSource returns the catalogue as a search.Source.
func (c *Catalog) SearchSource() SearchSource { return SearchSource{c} }

// Head implements search.Source.
func (s SearchSource) Head(ctx context.Context) (int64, error) { return s.c.Log().Head(ctx) }

// EpochOf implements search.Source.
func (s SearchSource) EpochOf(ctx context.Context) (string, error) { return s.c.Epochs().EpochOf(ctx) }

// Changed implements search.Source.
func (s SearchSource) Changed(ctx context.Context, after int64, limit int) (dam.Touched, error) {
	return s.c.Assets().Changed(ctx, after, limit)
}

// Swept implements search.Source.
func (s SearchSource) Swept(ctx context.Context, x dam.Sweep, limit int) ([]string, error) {
	return s.c.Products().swept(ctx, x, limit)
}

// worded adds to assets what products say about them.
func (s SearchSource) worded(ctx context.Context, list []dam.Asset, err error) ([]dam.Asset, error) {
	if err != nil {
		return nil, err
	}
	return list, s.c.Products().fillWords(ctx, list, maxProductText)
}

// Assets implements search.Source.
func (s SearchSource) Assets(ctx context.Context, ids []string) ([]dam.Asset, error) {
	list, err := s.c.Assets().List(ctx, ids)
	return s.worded(ctx, list, err)
}

// Scan implements search.Source.
func (s SearchSource) Scan(ctx context.Context, afterNumber uint32, limit int) ([]dam.Asset, error) {
	list, err := s.c.Assets().Scan(ctx, afterNumber, limit)
	return s.worded(ctx, list, err)
}

// ScanColumns implements search.Source.
func (s SearchSource) ScanColumns(ctx context.Context, afterNumber uint32, limit int) ([]dam.Asset, error) {
	list, err := s.c.Assets().Scan(ctx, afterNumber, limit)
	if err != nil {
		return nil, err
	}
	return list, s.c.Products().fillWords(ctx, list, 0)
}

// LastNumber implements search.Source.
func (s SearchSource) LastNumber(ctx context.Context) (uint32, error) {
	return s.c.Assets().LastNumber(ctx)
}

// Fields implements search.Source.
func (s SearchSource) Fields(ctx context.Context) (map[string][]dam.CustomField, error) {
	return s.c.Libraries().Fields(ctx)
}

// SynonymRevisions implements search.Source.
func (s SearchSource) SynonymRevisions(ctx context.Context) (map[string]int64, error) {
	return s.c.Searches().SynonymRevisions(ctx)
}

// Synonyms implements search.Source.
func (s SearchSource) Synonyms(ctx context.Context, library string) (dam.Synonyms, error) {
	return s.c.Searches().Synonyms(ctx, library)
}

// WithField implements search.Source.
func (s SearchSource) WithField(ctx context.Context, library, key string, afterNumber uint32, limit int) ([]dam.Asset,
	error) {
	list, err := s.c.Libraries().WithField(ctx, library, key, afterNumber, limit)
	return s.worded(ctx, list, err)
}

// Wait implements search.Source.
func (s SearchSource) Wait(ctx context.Context, after int64) error { return s.c.Wait(ctx, after) }
