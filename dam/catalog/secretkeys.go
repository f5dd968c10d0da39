package catalog

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// SealingKeys returns the ids of the keys that this catalogue knows: those recorded by RecordSealingKey, and those that
// sealed values in it. There is none if nothing was ever sealed.
func (s Maintenance) SealingKeys(ctx context.Context) ([]string, error) {
	ids, err := all(ctx, s.db, value[string], `SELECT id FROM secret_keys ORDER BY first_used_at`)
	if err != nil {
		return nil, err
	}
	sealed, err := all(ctx, s.db, value[string], `SELECT secrets FROM channels WHERE secrets<>'{}' AND secrets<>''`)
	if err != nil {
		return nil, err
	}
	values, err := all(ctx, s.db, value[string],
		`SELECT secret FROM webhooks UNION ALL SELECT old_secret FROM webhooks`)
	if err != nil {
		return nil, err
	}
	for _, text := range sealed {
		var byName map[string]string
		if err := json.Unmarshal([]byte(text), &byName); err != nil {
			return nil, err
		}
		values = slices.AppendSeq(values, maps.Values(byName))
	}
	for _, v := range values {
		if id, _, ok := strings.Cut(v, "."); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// RecordSealingKey records that values are sealed under a key from now on.
func (s MaintenanceTx) RecordSealingKey(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `INSERT INTO secret_keys(id,first_used_at) VALUES($1,$2) ON CONFLICT DO NOTHING`, id,
		micros(s.tx.now))
	return err
}

// Sealed counts what is unreadable without its key: channels with credentials, and webhooks.
func (s Maintenance) Sealed(ctx context.Context) (channels, webhooks int64, err error) {
	if channels, err = one(ctx, s.db, value[int64],
		`SELECT count(*) FROM channels WHERE secrets<>'{}' AND secrets<>''`); err != nil {
		return 0, 0, err
	}
	webhooks, err = one(ctx, s.db, value[int64], `SELECT count(*) FROM webhooks WHERE secret<>''`)
	return channels, webhooks, err
}
