-- What licences and consents are linked to binds also what derives from it. A link is an asset's own, or inherited from
-- what it was made from, or gone: it was taken away, and the limits of the asset are still those with it.
-- +goose Up
ALTER TABLE rights_links ADD COLUMN state TEXT NOT NULL DEFAULT 'own';
