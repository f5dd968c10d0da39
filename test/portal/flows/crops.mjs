import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accessible, asset, equal, flow, ok, run, until } from '../harness.mjs';

const openTab = async (page, id, tab) => {
  await page.goto(`/assets/${id}?tab=${tab}&view=full`);
  await page.getByRole('tabpanel').waitFor();
};

export default async function () {
  await flow('crops: a protected zone by keyboard moves the crops; one too wide marks what would cut it', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} zones`, { width: 1200, height: 500 });
    await openTab(page, a.id, 'crops');
    const square = page.locator('[data-preset=square]');
    await square.waitFor();
    const place = () => square.locator('img').evaluate((i) => i.style.objectPosition);
    const before = await place();
    await page.getByRole('button', { name: 'Add a zone' }).click();
    const zone = page.getByRole('button', { name: /^Protected zone, Logo/ });
    await zone.focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft');
    ok((await place()) !== before, 'the crop follows at once');
    await until('the zone is saved', async () => (await api('GET', `/api/assets/${a.id}`)).zones?.[0]?.x < 0.05);
    equal(await square.getByText('Cuts:').count(), 0, 'the zone is whole');
    await page.getByLabel('What zone 1 protects').selectOption('price');
    await until('its kind is saved', async () => (await api('GET', `/api/assets/${a.id}`)).zones[0].kind === 'price');
    await page.getByRole('button', { name: /^Protected zone, Price/ }).focus();
    for (let i = 0; i < 40; i++) await page.keyboard.press('Shift+ArrowRight');
    await square.getByText('Cuts: Price').waitFor();
    await until('the server says the same', async () => (await api('GET', `/api/assets/${a.id}/renditions`)).items.some((r) => r.preset === 'square' && r.cuts?.[0]?.kind === 'price'));
    await page.locator('.note.bad').getByText(/^Once approved, not shown to the public in: .*square.* The crop cuts a protected zone/).waitFor(); // above the button that approves
    await accessible(page, 'the crops');
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('tabpanel').getByText('Cuts: Price').first().waitFor();
    await page.getByRole('tab', { name: 'Crops' }).click();
    await page.getByRole('button', { name: /^Protected zone, Price/ }).press('Delete');
    await until('it is removed', async () => !(await api('GET', `/api/assets/${a.id}`)).zones?.length);
    await page.keyboard.press('Control+z');
    await until('Undo brings it back', async () => (await api('GET', `/api/assets/${a.id}`)).zones?.length === 1);
  });

  await flow('crops: a suggested focal point, and one for a single preset', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} suggested`, { width: 1200, height: 500 });
    await openTab(page, a.id, 'crops');
    await page.getByRole('button', { name: 'Suggest a focal point' }).click();
    const focal = (await until('a focal point is saved', async () => (await api('GET', `/api/assets/${a.id}`)).focal && (await api('GET', `/api/assets/${a.id}`)))).focal;
    const og = page.locator('[data-preset=og] img'), square = page.locator('[data-preset=square]');
    const others = await og.evaluate((i) => i.style.objectPosition);
    await page.getByRole('button', { name: 'Own focal point: square' }).click();
    await page.getByText('for square only').waitFor();
    await page.getByRole('button', { name: /^Focal point at/ }).focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('Shift+ArrowLeft');
    await until('it is saved for the preset', async () => (await api('GET', `/api/assets/${a.id}`)).focals?.square?.x === 0);
    equal((await api('GET', `/api/assets/${a.id}`)).focal, focal, 'the focal point of all others');
    equal(await og.evaluate((i) => i.style.objectPosition), others, 'the other crops stay');
    ok((await square.locator('img').evaluate((i) => i.style.objectPosition)).startsWith('0%'), 'the square follows');
    await page.getByRole('button', { name: 'As all others: square' }).click();
    await until('it is taken away', async () => !(await api('GET', `/api/assets/${a.id}`)).focals?.square);
  });

  await flow('crops: the snippet for a page shows the approved picture', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} embedded`);
    await api('PATCH', `/api/assets/${a.id}`, { alt: { en: 'A "blue" lake' } });
    await api('POST', `/api/assets/${a.id}/approve`, {});
    await openTab(page, a.id, 'files');
    await page.getByText('HTML for a web page').click();
    await page.getByRole('button', { name: 'Copy <picture>' }).click();
    const seen = async () => {
      const html = await page.evaluate(() => navigator.clipboard.readText());
      return page.evaluate(async (html) => {
        const box = document.createElement('div');
        box.innerHTML = html.replace('loading="lazy"', '');
        document.body.append(box);
        const img = box.querySelector('img');
        await img.decode();
        const found = { width: img.naturalWidth, alt: img.alt, sources: box.querySelectorAll('source').length, from: new URL(img.currentSrc).pathname };
        box.remove();
        return found;
      }, html);
    };
    const live = await seen();
    ok(live.width > 0 && live.from.startsWith(`/r/${a.id}/`), `the live picture loads: ${JSON.stringify(live)}`);
    equal([live.alt, live.sources], ['A "blue" lake', 0], 'its text, and no source: the address negotiates');
    await page.getByLabel('Exactly these files').check();
    await page.getByRole('button', { name: 'Copy <picture>' }).click();
    const exact = await until('the exact picture loads', async () => { const s = await seen(); return s.sources && s; });
    ok(/^\/r\/[^/]+\/[0-9a-f]+\/\w+\.\w+$/.test(exact.from), `the exact file: ${exact.from}`);
    await page.getByRole('button', { name: 'Copy srcset' }).click();
    await until('the srcset is copied', async () => /^\S+ \d+w(, \S+ \d+w)*$/.test(await page.evaluate(() => navigator.clipboard.readText())));
    await accessible(page, 'the files of an asset');
  });

  await flow('files: the original, and a copy with the metadata of now', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} carried`);
    await api('PATCH', `/api/assets/${a.id}`, { creator: 'Zoë' });
    await api('POST', `/api/assets/${a.id}/approve`, {});
    await openTab(page, a.id, 'files');
    const downloaded = async (click) => {
      const coming = page.waitForEvent('download');
      await click();
      const d = await coming;
      return readFileSync(await d.path());
    };
    const original = await downloaded(() => page.getByRole('link', { name: 'Download the original' }).click());
    equal(createHash('sha256').update(original).digest('hex'), a.latest.sha256, 'the original');
    const copy = await downloaded(() => page.getByRole('button', { name: 'Download with current metadata' }).click());
    ok(copy.includes('Zoë') && copy.includes(`${run} carried`) && !original.includes('Zoë'), 'the copy says what the catalogue does');
    await page.getByText('The copy carries').waitFor();
    if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/downloads.png`, fullPage: true });
    // What was public and no longer is says so.
    await api('POST', `/api/assets/${a.id}/archive`, {});
    await page.getByText('No longer public: these addresses answer 410.').waitFor();
    await accessible(page, 'the files of an archived asset');

    const { asset: drawing } = await api('POST', '/api/assets', Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>${run}</title></svg>`), { 'x-name': 'drawing.svg' });
    await openTab(page, drawing.id, 'files');
    await page.getByText('image/svg+xml files have no room for metadata').waitFor();
    equal(await page.getByRole('button', { name: 'Download with current metadata' }).count(), 0, 'what can not be had is not offered');
  });
}
