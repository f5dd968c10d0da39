import { expect, test } from 'vitest';
import { paired, sidecarOf } from './sidecars';

test('whose a sidecar is', () => {
  for (const [file, folder, want] of [
    ['IMG_1.jpg', ['IMG_1.jpg', 'IMG_1.xmp'], 'IMG_1.xmp'],
    ['IMG_1.CR2', ['IMG_1.CR2', 'IMG_1.cr2.XMP', 'IMG_1.xmp'], 'IMG_1.cr2.XMP'],
    ['IMG_1.CR2', ['IMG_1.CR2', 'IMG_1.JPG', 'img_1.xmp'], 'img_1.xmp'],
    ['IMG_1.JPG', ['IMG_1.CR2', 'IMG_1.JPG', 'img_1.xmp'], ''],
    ['IMG_1.jpg', ['IMG_1.jpg', 'IMG_1.png', 'IMG_1.xmp'], ''],
    ['IMG_1.jpg', ['IMG_1.jpg', '._IMG_1.xmp', 'IMG_10.xmp'], ''],
    ['a.b.jpg', ['a.b.jpg', 'a.b.xmp'], 'a.b.xmp'],
  ] as const)
    expect([file, folder, sidecarOf(file, folder)]).toEqual([file, folder, want]);
});

test('files are paired within their folder', () => {
  const file = (name: string, folder: string) => ({ file: new File(['x'], name), folder });
  const list = [file('a.jpg', '/1'), file('a.xmp', '/1'), file('a.jpg', '/2'), file('b.xmp', '/2')];
  expect(paired(list).map((c) => [c.file.name, c.folder, c.sidecar?.name])).toEqual([
    ['a.jpg', '/1', 'a.xmp'],
    ['a.jpg', '/2', undefined],
    ['b.xmp', '/2', undefined],
  ]);
});
