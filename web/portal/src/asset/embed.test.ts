import { describe, expect, it } from 'vitest';
import { aRendition } from '../api/fixtures';
import { families, pictureOf, videoOf, type Made } from './embed';

const made = (preset: string, format: string, width: number, height: number): Made =>
  aRendition({
    preset,
    format,
    width,
    height,
    url: `/r/a_1/${preset}`,
    exact_url: `/r/a_1/h${width}/${preset}.${format}`,
  });
const list = [
  made('small', 'jpeg', 640, 427),
  made('small', 'webp', 640, 427),
  made('large', 'jpeg', 2048, 1365),
  made('large', 'webp', 2048, 1365),
  made('square', 'jpeg', 600, 600),
  made('thumb', 'jpeg', 320, 213),
];
const absolute = (u: string) => 'https://m.example.com' + u;

describe('a snippet for a page', () => {
  it('keeps crops of another shape apart', () => {
    expect(families(list).map((f) => [f.name, f.made.length])).toEqual([
      ['large', 5],
      ['square', 1],
    ]);
  });
  it('with live addresses has each width once and no format', () => {
    const s = pictureOf(families(list)[0]?.made ?? [], {
      exact: false,
      sizes: '',
      alt: 'A "chair" & <table>',
      absolute,
    });
    expect(s.srcset).toBe(
      'https://m.example.com/r/a_1/thumb 320w, https://m.example.com/r/a_1/small 640w, https://m.example.com/r/a_1/large 2048w',
    );
    expect(s.html).toContain('sizes="100vw" width="2048" height="1365" alt="A &quot;chair&quot; &amp; &lt;table&gt;"');
    expect(s.html).not.toContain('<source');
  });
  it('with exact addresses has a source for each format, the widest known last', () => {
    const s = pictureOf(families(list)[0]?.made ?? [], { exact: true, sizes: '50vw', alt: '', absolute });
    expect(s.html).toContain(
      '<source type="image/webp" srcset="https://m.example.com/r/a_1/h640/small.webp 640w, https://m.example.com/r/a_1/h2048/large.webp 2048w" sizes="50vw">',
    );
    expect(s.html).toContain('<img src="https://m.example.com/r/a_1/h2048/large.jpeg"');
    expect(s.html.match(/<source/g)).toHaveLength(1);
  });
});

describe('a video in a page', () => {
  const film: Made = { ...made('video', 'mp4', 1920, 1081), duration: 8 };
  it('is no picture of the set', () => {
    expect(families([...list, film]).flatMap((f) => f.made.map((r) => r.format))).not.toContain('mp4');
  });
  it('has the largest poster of its shape that is no larger', () => {
    const wide = [
      made('large', 'jpeg', 2048, 1152),
      made('medium', 'jpeg', 1280, 720),
      made('small', 'jpeg', 640, 360),
      made('square', 'jpeg', 1080, 1080),
    ];
    const html = videoOf(film, [film, ...wide], { exact: false, alt: 'A "shoe"', absolute });
    expect(html).toContain('src="https://m.example.com/r/a_1/video"');
    expect(html).toContain('poster="https://m.example.com/r/a_1/medium"');
    expect(html).toContain(
      'width="1920" height="1081" controls playsinline preload="none" aria-label="A &quot;shoe&quot;"',
    );
    expect(videoOf(film, [film], { exact: true, alt: '', absolute })).toBe(
      '<video src="https://m.example.com/r/a_1/h1920/video.mp4"\n  width="1920" height="1081" controls playsinline preload="none"></video>',
    );
  });
});
