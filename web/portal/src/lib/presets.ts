import { dump, load, YAMLException } from 'js-yaml';
import type { Point, Zone } from './crop';

export type PictureFormat = 'avif' | 'webp' | 'jpeg' | 'png' | 'mp4';
export interface Preset {
  name: string;
  channel?: string;
  width: number;
  height: number;
  fit: 'cover' | 'contain';
  formats: { format: PictureFormat; quality?: number; effort?: number }[];
  dpr?: number[];
  max_bytes?: number;
  sharpen?: number;
  background?: string;
  watermark?: { asset?: string; sha256?: string; position?: string; opacity: number; scale: number };
  metadata?: 'keep' | 'strip';
  focal?: Point;
  apply?: 'upload' | 'demand';
  animated?: boolean;
  /** Of video (mp4). */
  max_seconds?: number;
  fps?: number;
  sound?: 'keep' | 'strip';
}
export interface PresetInfo extends Preset {
  revision: number;
  enabled: boolean;
}
export interface Run {
  id: string;
  presets: string[];
  state: 'running' | 'done' | 'cancelled' | 'superseded' | 'failed';
  total: number;
  done: number;
  made: number;
  failed: number;
  note?: string;
  created_at: string;
  finished_at?: string;
}
export interface Tried {
  pictures: { format: string; media_type: string; width: number; height: number; size: number; data: string }[];
  warnings: string[];
  cuts: Zone[];
  focal: Point;
}

export const formats: PictureFormat[] = ['avif', 'webp', 'jpeg', 'png'];
/** Whether a preset makes video; it makes nothing else then. */
export const isFilm = (p: Preset) => p.formats[0]?.format === 'mp4';
export const positions = ['center', 'top', 'bottom', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right'];
export const fresh = (): Preset => ({ name: '', width: 1200, height: 800, fit: 'cover', formats: [{ format: 'webp', quality: 80 }, { format: 'jpeg', quality: 82 }], apply: 'upload' });

// In the order people read them; what is not said is left out, as in files of presets.
const order = ['name', 'channel', 'width', 'height', 'fit', 'formats', 'dpr', 'max_bytes', 'sharpen', 'background', 'watermark', 'metadata', 'focal', 'animated', 'max_seconds', 'fps', 'sound', 'apply'] as const;
const silent = (v: unknown) => v === undefined || v === null || v === '' || v === 0 || v === false || (Array.isArray(v) && !v.length);

/** The preset as it is stored: known members only, none that says nothing. */
export function cleaned(p: Preset): Preset {
  const out: Record<string, unknown> = {};
  for (const k of order) if (!silent(p[k]) || k === 'width' || k === 'height') out[k] = p[k] ?? 0;
  out.formats = (p.formats ?? []).map((f) => ({ format: f.format, ...(f.format !== 'png' && { quality: f.quality ?? 80 }), ...(f.effort && { effort: f.effort }) }));
  return JSON.parse(JSON.stringify(out)) as Preset;
}

/** A preset as `vitrine preset show` writes it. */
export const toYAML = (p: Preset) => dump(cleaned(p), { flowLevel: 1, lineWidth: 160, noRefs: true });

export class Unreadable extends Error {
  constructor(
    readonly reason: string,
    readonly line: number,
  ) {
    super(reason);
  }
}
/** Reads a preset from YAML; throws Unreadable. */
export function fromYAML(text: string): Preset {
  let v: unknown;
  try {
    v = load(text);
  } catch (e) {
    if (e instanceof YAMLException) throw new Unreadable(e.reason, (e.mark?.line ?? -1) + 1);
    throw e;
  }
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw new Unreadable('', 1);
  const unknown = Object.keys(v).find((k) => !(order as readonly string[]).includes(k));
  if (unknown) throw new Unreadable(unknown, text.split('\n').findIndex((l) => l.trimStart().startsWith(unknown)) + 1);
  return { name: '', width: 0, height: 0, fit: 'contain', formats: [], ...(v as Partial<Preset>) };
}
