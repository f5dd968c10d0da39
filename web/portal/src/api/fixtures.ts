import type { Asset, Schemas, Version } from './client';

const at = '2026-03-01T10:00:00Z';

/** An asset as the API answers it, for tests; `more` is what the test is about. */
export function anAsset(more: Partial<Asset> = {}): Asset {
  const latest: Version = {
    id: 'v_1',
    asset: 'a_1',
    n: 1,
    created_at: at,
    created_by: 'u_1',
    file_name: 'a.jpg',
    media_type: 'image/jpeg',
    renditions: 'ready',
    sha256: 's',
    size: 1,
    status: 'draft',
  };
  return {
    id: 'a_1',
    library: 'main',
    number: 1,
    revision: 1,
    kind: 'image',
    title: {},
    tags: [],
    skus: [],
    collections: [],
    rights: {},
    published: false,
    latest,
    created_at: at,
    created_by: 'u_1',
    updated_at: at,
    ...more,
  };
}

/** A bulk job that is done, likewise. */
export const aJob = (more: Partial<Schemas['Bulk']> = {}): Schemas['Bulk'] => ({
  id: 'b_1',
  library: 'main',
  state: 'done',
  filter: {},
  except: 0,
  change: {},
  seq: 0,
  total: 1,
  done: 1,
  failed: 0,
  created_at: at,
  created_by: 'u_1',
  ...more,
});

/** A publication that is planned, likewise. */
export const aPublication = (more: Partial<Schemas['Publication']> = {}): Schemas['Publication'] => ({
  id: 'p_1',
  library: 'main',
  channel: 'c',
  asset: 'a',
  revision: 1,
  sent: 0,
  state: 'planned',
  approval: 'approved',
  files: [{ asset: 'a' }],
  origin: 'hand',
  presets: [],
  attempts: 0,
  at,
  created_at: at,
  created_by: 'u_1',
  updated_at: at,
  ...more,
});

/** A rendition, likewise. */
export const aRendition = (more: Partial<Schemas['RenditionView']> = {}): Schemas['RenditionView'] => ({
  preset: 'large',
  format: 'jpeg',
  media_type: 'image/jpeg',
  width: 2048,
  height: 1365,
  hash: 'h',
  sha256: 's',
  size: 1,
  version: 'v_1',
  url: '/r/a_1/large',
  exact_url: '/r/a_1/h/large.jpeg',
  created_at: at,
  ...more,
});
