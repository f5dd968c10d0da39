import type { Schemas } from '../api/client';
import { formatInfos } from '../api/generated/descriptors';
import { isVideo } from '../ui/formats';

/** A rendition as the API lists it. */
export type Made = Schemas['RenditionView'];

const escape = (s: string) =>
  s.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
// The smallest files first: a browser takes the first type it knows. What is not listed comes last.
const rank = (f: string) =>
  (formatInfos.findIndex((x) => x.format === f) + formatInfos.length + 1) % (formatInfos.length + 1);
const mediaType = (f: string) => formatInfos.find((x) => x.format === f)?.mediaType ?? `image/${f}`;

/** Groups of renditions that show the same part of the picture, and so can stand in for one another: by aspect. */
export function families(made: Made[]): { name: string; made: Made[] }[] {
  const out: { name: string; aspect: number; made: Made[] }[] = [];
  for (const r of made.filter((x) => !isVideo(x.format)).sort((a, b) => b.width - a.width)) {
    const aspect = r.width / r.height;
    // Sizes are whole pixels: a small picture's aspect is a little off.
    const same = out.find((g) => Math.abs(g.aspect - aspect) / aspect < 1.5 / Math.min(r.width, r.height));
    if (same) same.made.push(r);
    else out.push({ name: r.preset, aspect, made: [r] });
  }
  return out.map(({ name, made }) => ({ name, made }));
}

/** The srcset of one family in one format (any when negotiated), smallest first, a width only once. */
export function srcset(made: Made[], address: (r: Made) => string): string {
  const widths = new Map<number, Made>();
  for (const r of made) if (!widths.has(r.width)) widths.set(r.width, r);
  return [...widths]
    .sort((a, b) => a[0] - b[0])
    .map(([w, r]) => `${address(r)} ${w}w`)
    .join(', ');
}

/** The element itself: its sources, then the picture with what every browser can read. */
function picture(sources: string[], src: string, set: string, size: string, alt: string): string {
  const img = [
    `<img src="${escape(src)}"`,
    `  srcset="${escape(set)}"`,
    `  ${size} alt="${escape(alt)}" loading="lazy">`,
  ];
  return `<picture>\n${sources.join('')}  ${img.join('\n  ')}\n</picture>`;
}

/**
 * A `<picture>` of one family. Live addresses show what is approved and choose the format themselves; exact ones are
 * these very bytes, with a source for each format.
 */
export function pictureOf(
  made: Made[],
  how: { exact: boolean; sizes: string; alt: string; absolute: (url: string) => string },
): { html: string; srcset: string } {
  const largest = made.reduce((a, b) => (b.width > a.width ? b : a));
  const sizes = escape(how.sizes || '100vw');
  const size = `width="${largest.width}" height="${largest.height}"`;
  if (!how.exact) {
    const set = srcset(made, (r) => how.absolute(r.url));
    return {
      srcset: set,
      html: picture([], how.absolute(largest.url), set, `sizes="${sizes}" ${size}`, how.alt),
    };
  }
  const formats = [...new Set(made.map((r) => r.format))].sort((a, b) => rank(a) - rank(b));
  const of = (f: string) => made.filter((r) => r.format === f);
  const exact = (r: Made) => how.absolute(r.exact_url);
  const last = formats.at(-1) ?? '';
  const biggest = of(last).reduce((a, b) => (b.width > a.width ? b : a));
  const sources = formats
    .slice(0, -1)
    .map((f) => `  <source type="${mediaType(f)}" srcset="${escape(srcset(of(f), exact))}" sizes="${sizes}">\n`);
  const set = srcset(of(last), exact);
  return {
    srcset: set,
    html: picture(
      sources,
      exact(biggest),
      set,
      `sizes="${sizes}" width="${biggest.width}" height="${biggest.height}"`,
      how.alt,
    ),
  };
}

/** A `<video>` with its controls and the poster of the same shape. */
export function videoOf(
  film: Made,
  made: Made[],
  how: { exact: boolean; alt: string; absolute: (url: string) => string },
): string {
  const shown = (r: Made) => escape(how.absolute(how.exact ? r.exact_url : r.url));
  const posters = made
    .filter((r) => r.format === 'jpeg' && Math.abs(r.width / r.height / (film.width / film.height) - 1) < 0.03)
    .sort((a, b) => b.width - a.width);
  const poster = posters.find((r) => r.width <= film.width) ?? posters.at(-1);
  const lines = [`<video src="${shown(film)}"`];
  if (poster) lines.push(`poster="${shown(poster)}"`);
  const label = how.alt && ` aria-label="${escape(how.alt)}"`;
  lines.push(`width="${film.width}" height="${film.height}" controls playsinline preload="none"${label}></video>`);
  return lines.join('\n  ');
}
