import { dump, load, YAMLException } from 'js-yaml';
import type { Schemas } from '../api/client';
import { isVideo } from '../ui/formats';
import { formatInfos } from '../api/generated/descriptors';

export type Preset = Schemas['Preset'];
export type PresetInfo = Schemas['PresetInfo'];
export type Run = Schemas['RenditionRun'];
export type Tried = Schemas['Preview'];

/** The formats of pictures, the smallest files first. */
export const formats = formatInfos.filter((f) => !f.film);
/** Whether a preset makes video; it makes nothing else then. */
export const isVideoPreset = (p: Preset) => isVideo(p.formats[0]?.format);
export const positions = [
  'center',
  'top',
  'bottom',
  'left',
  'right',
  'top-left',
  'top-right',
  'bottom-left',
  'bottom-right',
];
export const fresh = (): Preset => ({
  name: '',
  width: 1200,
  height: 800,
  fit: 'cover',
  formats: [
    { format: 'webp', quality: 80 },
    { format: 'jpeg', quality: 82 },
  ],
  apply: 'upload',
});

// In the order people read them; what is not said is left out, as in files of presets.
const order = [
  'name',
  'channel',
  'width',
  'height',
  'fit',
  'formats',
  'dpr',
  'max_bytes',
  'sharpen',
  'background',
  'watermark',
  'metadata',
  'focal',
  'animated',
  'max_seconds',
  'fps',
  'sound',
  'apply',
] as const satisfies (keyof Preset)[];
const silent = (v: unknown) =>
  v === undefined || v === null || v === '' || v === 0 || v === false || (Array.isArray(v) && !v.length);

/** The preset as it is stored: known members only, none that says nothing. */
export function cleaned(p: Preset): Preset {
  const out: Record<string, unknown> = {};
  for (const k of order) if (!silent(p[k]) || k === 'width' || k === 'height') out[k] = p[k] ?? 0;
  out.formats = (p.formats ?? []).map((f) => ({
    format: f.format,
    ...(formatInfos.find((x) => x.format === f.format)?.quality !== 0 && { quality: f.quality ?? 80 }),
    ...(f.effort && { effort: f.effort }),
  }));
  return JSON.parse(JSON.stringify(out));
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
  const unknown = Object.keys(v).find((k) => !order.some((known) => known === k));
  if (unknown) throw new Unreadable(unknown, text.split('\n').findIndex((l) => l.trimStart().startsWith(unknown)) + 1);
  return { name: '', width: 0, height: 0, fit: 'contain', formats: [], ...v };
}
