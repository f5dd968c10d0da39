import { randomBytes } from 'node:crypto';
import { deflateSync, crc32 } from 'node:zlib';
import { asset, drop, equal, flow, ok, picture, run, until } from '../harness.mjs';

const tray = (page) => page.getByRole('region', { name: 'Uploads' });
const open = async (page) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Upload', exact: true }).waitFor();
};
const summary = (page, text) => tray(page).getByText(text).waitFor({ timeout: 40_000 });

/** An uncompressed bitmap of noise: many bytes that no cache and no compression shortens. */
function bitmap(width, height) {
  const row = Math.ceil((width * 3) / 4) * 4;
  const b = Buffer.concat([Buffer.alloc(54), randomBytes(row * height)]);
  b.write('BM');
  b.writeUInt32LE(b.length, 2);
  b.writeUInt32LE(54, 10);
  b.writeUInt32LE(40, 14);
  b.writeInt32LE(width, 18);
  b.writeInt32LE(height, 22);
  b.writeUInt16LE(1, 26);
  b.writeUInt16LE(24, 28);
  b.writeUInt32LE(row * height, 34);
  return b;
}

/** A PNG of a few bytes that claims to be 60,000 pixels wide and high. */
function bomb() {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc ? crc(body) : 0, body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(60_000, 0);
  head.writeUInt32BE(60_000, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('tEXt', Buffer.from('Comment\0' + run)), chunk('IDAT', deflateSync(Buffer.alloc(64))), chunk('IEND', Buffer.alloc(0))]);
}
const crc = crc32 ?? ((buffer) => {
  let c = ~0;
  for (const x of buffer) {
    c ^= x;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
});

export default async function () {
  await flow('upload: three dropped files arrive through broken connections', async ({ page }) => {
    await open(page);
    const cut = new Map();
    await page.route('**/api/uploads/*', (r) => {
      const n = cut.get(r.request().url()) ?? 0;
      if (r.request().method() !== 'PATCH' || n >= 2) return r.continue();
      cut.set(r.request().url(), n + 1);
      return r.abort('connectionreset');
    });
    const files = [];
    for (const n of [1, 2, 3]) files.push({ name: `${run} fault ${n}.jpg`, buffer: await picture(page) });
    await drop(page, files);
    await summary(page, '3 of 3 uploaded');
    ok([...cut.values()].reduce((a, b) => a + b, 0) >= 6, 'each connection was broken twice');
    await page.getByRole('option').filter({ hasText: `${run} fault 1` }).first().waitFor();
  });

  await flow('upload: what failed for good is tried again with one button', async ({ page }) => {
    await open(page);
    let broken = true;
    await page.route('**/api/uploads/*', (r) => (broken && r.request().method() === 'PATCH' ? r.abort('connectionreset') : r.continue()));
    await drop(page, [{ name: `${run} later 1.jpg`, buffer: await picture(page) }, { name: `${run} later 2.jpg`, buffer: await picture(page) }]);
    const again = tray(page).getByRole('button', { name: 'Retry all 2 failed' });
    await again.waitFor({ timeout: 40_000 });
    broken = false;
    await again.click();
    await summary(page, '2 of 2 uploaded');
  });

  await flow('upload: a reload in the middle resumes where it was', async ({ page }) => {
    await open(page);
    const offsets = [];
    let parts = 0, created = 0;
    page.on('request', (r) => {
      if (r.method() === 'POST' && r.url().endsWith('/api/uploads')) created++;
    });
    await page.route('**/api/uploads/*', (r) => {
      if (r.request().method() !== 'PATCH') return r.continue();
      if (++parts !== 2) {
        offsets.push(r.request().headers()['upload-offset']);
        return r.continue();
      }
      return undefined; // the second part hangs until the page goes away
    });
    await drop(page, [{ name: `${run} large.bmp`, type: 'image/bmp', buffer: bitmap(2400, 1700) }]);
    await until('the second part is on its way', () => parts >= 2, 40_000);
    await page.reload();
    await summary(page, '1 of 1 uploaded');
    equal(created, 1, 'uploads begun');
    equal(offsets, ['0', String(8 * 1024 * 1024)], 'where the parts began');
  });

  await flow('upload: bytes that are already here offer three choices', async (v) => {
    const { page, api } = v;
    const other = await asset(v, `${run} other`);
    await open(page);
    const buffer = await picture(page);
    const name = `${run} twice.jpg`;
    await drop(page, [{ name, buffer }]);
    await summary(page, '1 of 1 uploaded');
    const find = async () => (await api('GET', `/api/assets?q=${encodeURIComponent(`"${run} twice"`)}`)).items.filter((a) => a.title.en === `${run} twice`);
    const first = (await until('the first is found', async () => { const l = await find(); return l.length === 1 && l; }))[0];

    await page.reload();
    await page.getByRole('button', { name: 'Upload', exact: true }).waitFor();
    await drop(page, [{ name, buffer }]);
    await tray(page).getByText('Already here').waitFor();
    equal(await tray(page).getByRole('link', { name: 'Open it' }).getAttribute('href'), '/assets/' + first.id, 'the existing asset');
    await page.reload(); // the question is still there
    await tray(page).getByRole('button', { name: 'Add as version' }).click();
    await page.getByRole('dialog').getByRole('searchbox').fill(`${run} other`);
    await page.getByRole('dialog').getByRole('button', { name: `${run} other` }).click();
    await summary(page, '1 of 1 uploaded');
    equal((await api('GET', `/api/assets/${other.id}`)).latest.n, 2, 'versions of the other');

    await tray(page).getByRole('button', { name: 'Clear finished' }).click();
    await drop(page, [{ name, buffer }]);
    await tray(page).getByRole('button', { name: 'Keep both' }).click();
    await summary(page, '1 of 1 uploaded');
    await until('there are two', async () => (await find()).length === 2);
  });

  await flow('upload: what is not accepted says why and goes to quarantine', async ({ page, api }) => {
    await open(page);
    const cut = bomb().subarray(0, 12); // a PNG that ends in its first chunk
    await drop(page, [{ name: `${run} cut.png`, type: 'image/png', buffer: cut }]);
    await tray(page).getByText('Not accepted').waitFor();
    ok(/cut off/i.test(await tray(page).locator('.why').innerText()), 'the reason says that it is cut off');
    await page.goto('/quarantine');
    await page.getByText(`${run} cut.png`).waitFor();
    await page.getByRole('button', { name: `Delete ${run} cut.png` }).click();
    await page.getByText(`${run} cut.png`).waitFor({ state: 'detached' });
    // A picture over the limit is no reason to refuse the file.
    await open(page);
    await drop(page, [{ name: `${run} bomb.png`, type: 'image/png', buffer: bomb() }]);
    await summary(page, '1 of 1 uploaded');
    const found = async () => (await api('GET', `/api/assets?q=${encodeURIComponent(`file:"${run} bomb.png"`)}`)).items[0];
    await until('the asset says why it has no pictures', async () => /pixel/i.test((await found())?.latest.rendition_note));
  });

  await flow('upload: it pauses offline and goes on by itself', async ({ page, context }) => {
    await open(page);
    const buffer = await picture(page, { width: 1600, height: 1200, type: 'image/png' });
    await context.setOffline(true);
    await page.waitForFunction(() => !navigator.onLine);
    await drop(page, [{ name: `${run} offline.png`, type: 'image/png', buffer }]);
    await tray(page).getByText('You are offline').waitFor();
    await context.setOffline(false);
    await summary(page, '1 of 1 uploaded');
  });
}

