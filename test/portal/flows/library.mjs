import { asset, cells, equal, flow, library, ok, run, until } from '../harness.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-posinset'));

export default async function () {
  const tag = run + 'grid';
  // Fourteen assets that the flows share; whichever runs first makes them.
  let made;
  const prepared = (v) => (made ??= (async () => {
    for (let n = 0; n < 14; n++) await asset(v, `${tag} ${String(n).padStart(2, '0')}`, { width: 300 + (n % 3) * 100, height: 300 });
    await until('all are found', async () => (await v.api('GET', `/api/assets?q=${tag}`)).total === 14);
  })());

  await flow('library: search as you type, chips, sort and Back', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page);
    await page.keyboard.press('/');
    await page.keyboard.type(tag);
    await until('the search is in the address', () => page.url().includes('q=' + tag));
    await page.getByText(/^1[4-9] assets$/).waitFor();
    await page.getByRole('checkbox', { name: 'Draft' }).click();
    await until('the filter is in the address', () => page.url().includes('draft'));
    await page.getByText(/^1[4-9] assets$/).waitFor();
    await page.getByLabel('Search assets').fill(`${tag} status:rejected`);
    await page.getByText('Nothing matches').waitFor();
    await page.goBack();
    await page.getByText(/^1[4-9] assets$/).waitFor();
    await page.getByLabel('Sort').selectOption('title');
    await cells(page).first().filter({ hasText: `${tag} 00` }).waitFor();
    await page.getByLabel('Sort').selectOption('-title');
    await cells(page).first().filter({ hasText: new RegExp(`${tag} (13|9\\d)`) }).waitFor();
    await page.reload();
    await cells(page).first().filter({ hasText: new RegExp(`${tag} (13|9\\d)`) }).waitFor();
  });

  await flow('library: the grid by keyboard; Back restores scroll and focus', { viewport: { width: 1000, height: 520 } }, async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${tag}&sort=title`);
    await cells(page).first().focus();
    await page.keyboard.press('ArrowRight');
    equal(await focused(page), '2', 'right');
    await page.keyboard.press('End');
    equal(await focused(page), '14', 'end');
    await page.keyboard.press('Home');
    equal(await focused(page), '1', 'home');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    const at = await focused(page);
    equal(await page.locator(':focus').getAttribute('aria-setsize'), '14', 'size of the set');
    const top = await page.locator('.grid').evaluate((g) => g.scrollTop);
    ok(top > 0, 'the grid scrolled');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Details' }).waitFor();
    await page.keyboard.press('Escape');
    await until('focus is back on its cell', async () => (await focused(page)) === at);
    equal(await page.locator('.grid').evaluate((g) => g.scrollTop), top, 'scroll after closing');
    // To another screen and back, by the browser's own buttons.
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Collections', exact: true }).waitFor();
    await page.goBack();
    await until('focus is on the cell after Back', async () => (await focused(page)) === at);
    equal(await page.locator('.grid').evaluate((g) => g.scrollTop), top, 'scroll after Back');
  });

  await flow('library: selections and bulk work, with Undo', async (v) => {
    const { page, api } = v;
    await prepared(v);
    await library(page, `?q=${tag}&sort=title`);
    const count = (n) => page.getByRole('region', { name: 'Selection' }).getByText(`${n} asset`).waitFor();
    await cells(page).nth(0).focus();
    await page.keyboard.press('Space');
    await count(1);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await count(3);
    await cells(page).nth(5).click({ modifiers: ['Control'] });
    await count(4);
    await cells(page).nth(7).click({ modifiers: ['Shift'] });
    await count(6);
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+a');
    await page.getByRole('region', { name: 'Selection' }).getByText('All 14 selected').waitFor();
    await cells(page).nth(3).click(); // one less
    await count(13);

    await page.keyboard.press('t');
    await page.getByRole('dialog').getByLabel('Tags for: 13 assets selected').fill(`${run}tagged`);
    await page.keyboard.press('Enter');
    const job = page.getByRole('region', { name: `Adding tags: ${run}tagged` });
    await job.getByText('13 of 13').waitFor();
    const tagged = async () => (await api('GET', `/api/assets?q=${encodeURIComponent(`tag:${run}tagged`)}`)).total;
    await until('13 are tagged', async () => (await tagged()) === 13);
    await job.getByRole('button', { name: 'Undo' }).click();
    await until('none is tagged', async () => (await tagged()) === 0);

    await cells(page).nth(0).click({ modifiers: ['Control'] });
    await cells(page).nth(1).click({ modifiers: ['Control'] });
    await page.getByRole('button', { name: 'Move to bin' }).click();
    await page.getByText('12 assets').waitFor();
    await page.getByRole('button', { name: 'Bin', exact: true }).click();
    await page.getByText('2 assets').waitFor();
    await cells(page).first().focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Restore' }).click();
    await until('all are back', async () => (await api('GET', `/api/assets?q=${tag}`)).total === 14);
  });

  await flow('library: what others do appears by itself', async (v) => {
    await prepared(v);
    await library(v.page, `?q=${tag}&sort=title`);
    await v.page.getByText(/^1[4-9] assets$/).waitFor();
    await asset(v, `${tag} 99`);
    await v.page.getByText('15 assets').waitFor();
  });

  await flow('library: what happens while the page opens is not missed', async (v) => {
    await prepared(v);
    let open, asked;
    const opened = new Promise((done) => (open = done)), begun = new Promise((done) => (asked = done));
    await v.page.route('**/api/events/stream?*', async (r) => {
      asked();
      await opened;
      await r.continue();
    });
    const { total } = await v.api('GET', `/api/assets?q=${tag}`);
    await library(v.page, `?q=${tag}&sort=title`);
    await v.page.getByText(`${total} assets`).waitFor();
    await begun;
    await asset(v, `${tag} 97`); // the list is read, and the stream isn't open yet
    open();
    await v.page.getByText(`${total + 1} assets`).waitFor();
  });

  await flow('library: where a proxy breaks the stream, it asks instead', async (v) => {
    await prepared(v);
    await v.page.route('**/api/events/stream?*', (r) => r.abort('connectionreset'));
    const asked = v.page.waitForRequest(/\/api\/events\?/, { timeout: 30_000 });
    await library(v.page, `?q=${tag}&sort=title`);
    const { total } = await v.api('GET', `/api/assets?q=${tag}`);
    await v.page.getByText(`${total} assets`).waitFor();
    await asked;
    await asset(v, `${tag} 98`);
    await v.page.getByText(`${total + 1} assets`).waitFor();
  });

  await flow('library: a mistake in the query is explained, and nothing is lost', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${tag}`);
    await page.getByLabel('Search assets').fill('coleur:red');
    await page.getByRole('alert').getByText('This search cannot be read.').waitFor();
    await page.getByLabel('Search assets').fill(tag);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await cells(page).first().waitFor();
  });

  await flow('library: little in the page, whatever the size of the library', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    ok(nodes <= 600, `${nodes} nodes, at most 600`);
  });
}
