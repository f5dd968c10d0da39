-- Public URLs don't show a picture whose crop cuts a protected zone (dam.CropOf). What was approved before that was so stays
-- as it is until it is approved again.
-- +goose Up
ALTER TABLE versions ADD COLUMN crop_exempt BOOLEAN NOT NULL DEFAULT false;
UPDATE versions SET crop_exempt=true WHERE approved_at IS NOT NULL;
-- Exempt assets whose crops cut a zone are listed as work: of many assets, few have zones or focal points of their own.
CREATE INDEX assets_crops ON assets(library, number) WHERE crops<>'{}';
-- The presets that public URLs did not show in that time, by version. Before the upgrade there were none.
ALTER TABLE asset_standings ADD COLUMN withheld TEXT NOT NULL DEFAULT '{}';
