import { accessible, asset, base, cells, equal, flow, library, ok, picture, run, until } from '../harness.mjs';

const openAsset = async (page, id, tab = '') => {
  await page.goto(`/assets/${id}${tab && '?tab=' + tab}`);
  await page.getByRole('tabpanel').waitFor();
};
const status = (page, name) => page.locator('article header').getByText(name, { exact: true }).waitFor();

export default async function () {
  await flow('asset: an edited title is found within a second, and Undo takes it back', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} plain title`);
    await openAsset(page, a.id);
    const word = `${run}shimmering`;
    await page.getByLabel('Title', { exact: true }).fill(`A ${word} lake`);
    await page.getByLabel('Title', { exact: true }).press('Tab');
    await page.getByText('Title saved.').waitFor();
    await until('search finds it', async () => (await api('GET', `/api/assets?q=${word}`)).total === 1, 2000);
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await until('the old title is back', async () => (await api('GET', `/api/assets/${a.id}`)).title.en === `${run} plain title`);
    await until('the field follows', async () => (await page.getByLabel('Title', { exact: true }).inputValue()) === `${run} plain title`);
    // A second language, tags and rights.
    await page.getByRole('button', { name: /French/ }).click();
    await page.getByLabel('Title', { exact: true }).fill('Un lac calme');
    await page.getByLabel('Add tags').fill('water, calm');
    await page.getByLabel('Add tags').press('Enter');
    await page.getByLabel('Last day', { exact: true }).fill('2031-12-31');
    await page.getByLabel('Last day', { exact: true }).press('Tab');
    await page.getByText(/Ends in [\d,]+ days/).waitFor();
    const saved = await until('everything is saved', async () => {
      const now = await api('GET', `/api/assets/${a.id}`);
      return now.title.fr && now.tags.includes('calm') && now.rights.until && now;
    });
    equal([saved.title.en, saved.title.fr, saved.rights.until], [`${run} plain title`, 'Un lac calme', '2031-12-31'], 'saved');
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByText('Un lac calme').waitFor();
    await page.getByText('uploaded this').waitFor();
  });

  await flow('asset: what it is derived from is shown on both, gone stale, confirmed, removed and put back', async (v) => {
    const { page, api } = v;
    const [source, made] = [await asset(v, `${run} source`), await asset(v, `${run} derived`)];
    await openAsset(page, made.id);
    const related = page.getByRole('region', { name: 'Related' });
    await related.getByLabel('Relate to…').selectOption('Derived from…');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('searchbox').fill(`id:${source.id}`);
    await dialog.getByRole('button', { name: `${run} source` }).click();
    await related.getByRole('link', { name: `Derived from ${run} source` }).waitFor();
    await accessible(page, 'a related asset');
    await api('POST', `/api/assets/${source.id}/versions`, await picture(page, { width: 300, height: 200 }), { 'x-name': 'second.jpg' });
    await related.getByText('Made from version 1; version 2 is there').waitFor();
    await related.getByRole('button', { name: 'Still fine' }).click();
    await related.getByText('Made from version 1').waitFor({ state: 'detached' });
    await related.getByRole('link', { name: `${run} source` }).click();
    const back = related.getByRole('link', { name: `Source of ${run} derived` });
    await back.waitFor();
    await related.getByRole('button', { name: /^Remove/ }).click();
    await back.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await back.waitFor();
    equal((await api('GET', `/api/assets/${made.id}/relations`)).items[0].version, 2, 'the version that it is made from');
  });

  await flow('asset: two people at once choose whose text stays', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} contested`);
    await openAsset(page, a.id);
    await page.route('**/api/events/**', (r) => r.abort()); // this tab hears of nothing
    await page.route(`**/api/assets/${a.id}`, async (r) => {
      if (r.request().method() === 'PATCH') {
        await page.unroute(`**/api/assets/${a.id}`);
        await api('PATCH', `/api/assets/${a.id}`, { title: { en: 'Theirs' } });
      }
      return r.continue();
    });
    await page.getByLabel('Title', { exact: true }).fill('Mine');
    await page.getByLabel('Title', { exact: true }).press('Enter');
    await page.getByLabel('Title', { exact: true }).press('Tab');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('cell', { name: 'Theirs' }).waitFor();
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await until('mine stays', async () => (await api('GET', `/api/assets/${a.id}`)).title.en === 'Mine');
  });

  await flow('asset: approving makes the copied address public; archiving ends it', async (v) => {
    const { page, context } = v;
    const a = await asset(v, `${run} to approve`);
    await openAsset(page, a.id, 'files');
    await page.getByText('Not public yet').waitFor();
    await page.getByRole('button', { name: 'Copy: medium', exact: false }).or(page.getByRole('button', { name: 'Copy address: medium' })).first().click();
    await page.getByText('Copied').first().waitFor();
    const url = await page.evaluate(() => navigator.clipboard.readText());
    ok(url.includes(`/r/${a.id}/medium`), `the clipboard holds ${url}`);
    const local = base + new URL(url).pathname;
    equal((await context.request.get(local)).status(), 404, 'before the approval');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await status(page, 'Approved');
    await until('the address answers 200', async () => (await context.request.get(local)).status() === 200, 5000);
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await status(page, 'Archived');
    await until('the address answers 410', async () => (await context.request.get(local)).status() === 410, 40_000);
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await status(page, 'Approved');
  });

  await flow('asset: when the rights have ended, the page says so and the address shows the successor', async (v) => {
    const { page, api, context } = v;
    const next = await asset(v, `${run} successor`);
    const a = await asset(v, `${run} ended`);
    for (const x of [next, a]) await api('POST', `/api/assets/${x.id}/approve`, {});
    const get = () => context.request.get(`${base}/r/${a.id}/thumb`);
    await until('it is public', async () => (await get()).status() === 200);
    await openAsset(page, a.id);
    await page.getByLabel('Last day', { exact: true }).fill('2020-01-31');
    await page.getByLabel('Last day', { exact: true }).press('Tab');
    await page.getByText('Expired on Jan 31, 2020').waitFor();
    await until('its address is gone', async () => (await get()).status() === 410, 40_000);
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByText('answer 410').waitFor();
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByRole('group', { name: 'Successor' }).getByRole('button', { name: 'Choose' }).click();
    await page.getByRole('dialog').getByRole('searchbox').fill(`${run} successor`);
    await page.getByRole('dialog').getByRole('button', { name: `${run} successor` }).click();
    await page.getByRole('link', { name: `${run} successor` }).waitFor();
    await until('the successor is shown', async () => (await get()).status() === 200, 40_000);
  });

  await flow('asset: a rejection needs a comment, and shows it', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} to reject`);
    await openAsset(page, a.id);
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await status(page, 'In review');
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    const dialog = page.getByRole('dialog');
    ok(await dialog.getByRole('button', { name: 'Reject' }).isDisabled(), 'no rejection without a comment');
    await dialog.getByLabel('Comment').fill('The horizon leans to the left.');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await status(page, 'Rejected');
    await page.getByText('The horizon leans to the left.').first().waitFor();
    equal((await api('GET', `/api/assets/${a.id}`)).latest.comment, 'The horizon leans to the left.', 'kept with the version');
  });

  await flow('asset: the focal point by keyboard moves the crops and their files', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} focal`, { width: 1200, height: 500 });
    const hashes = async () => Object.fromEntries((await api('GET', `/api/assets/${a.id}/renditions`)).items.filter((r) => r.format === 'jpeg').map((r) => [r.preset, r.hash]));
    const before = await hashes();
    await openAsset(page, a.id);
    const square = page.locator('.crops img').first();
    const place = await square.evaluate((i) => i.style.objectPosition);
    await page.getByRole('button', { name: /^Focal point/ }).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowLeft');
    ok((await square.evaluate((i) => i.style.objectPosition)) !== place, 'the crop moves at once');
    await until('the square and the link preview are made anew', async () => {
      const now = await hashes();
      return now.square && now.square !== before.square && now.og !== before.og;
    }, 40_000);
    const now = await hashes();
    equal([now.thumb, now.large], [before.thumb, before.large], 'uncropped files');
    ok(Math.abs((await api('GET', `/api/assets/${a.id}`)).focal.x - 0.2) < 0.01, 'the point is saved');
  });

  await flow('asset: a new version, and an old one made the newest again', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} versions`);
    await openAsset(page, a.id, 'versions');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Upload a new version' }).click();
    await (await chooser).setFiles({ name: 'second.jpg', mimeType: 'image/jpeg', buffer: await picture(page, { width: 1000, height: 700 }) });
    await until('version 2 exists', async () => (await api('GET', `/api/assets/${a.id}`)).latest.n === 2);
    await page.getByRole('tabpanel').getByText('Version 2').waitFor();
    await page.getByRole('button', { name: 'Make this the newest' }).click();
    await until('version 3 has the first one’s bytes', async () => {
      const now = await api('GET', `/api/assets/${a.id}`);
      return now.latest.n === 3 && now.latest.sha256 === a.latest.sha256;
    });
  });

  await flow('asset: moving to the bin and Undo; full page; next and previous', async (v) => {
    const { page, api } = v;
    const word = `${run}pair`;
    const a = await asset(v, `${word} one`);
    const b = await asset(v, `${word} two`);
    await until('both are found', async () => (await api('GET', `/api/assets?q=${word}`)).total === 2);
    await library(page, `?q=${word}&sort=title`);
    await cells(page).first().click();
    await page.getByRole('heading', { name: `${word} one` }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: `${word} two` }).waitFor();
    ok(page.url().includes(b.id), 'the address follows');
    await page.keyboard.press('k');
    await page.getByRole('heading', { name: `${word} one` }).waitFor();
    await page.keyboard.press('f');
    ok(page.url().includes('view=full'), 'full page');
    await page.reload();
    await page.getByRole('heading', { name: `${word} one` }).waitFor();
    await page.getByRole('button', { name: 'Move to bin' }).click();
    await page.getByText('1 asset', { exact: true }).waitFor();
    await page.keyboard.press('Control+z');
    await page.getByText('2 assets', { exact: true }).waitFor();
    ok(!(await api('GET', `/api/assets/${a.id}`)).deleted_at, 'it is back');
  });
}
