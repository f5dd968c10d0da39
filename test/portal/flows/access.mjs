import { accessible, admin, asset, cells, drop, equal, flow, library, ok, picture, run, until } from '../harness.mjs';

export default async function () {
  let id = '';
  const approved = async (v) => {
    if (id) return;
    id = (await asset(v, `${run} accessible`)).id;
    await v.api('PATCH', `/api/assets/${id}`, { tags: ['calm'], rights: { from: '2026-01-01', until: '2031-01-01' } });
    await v.api('POST', `/api/assets/${id}/approve`, {});
  };
  await flow('access: no finding by axe on any screen, in both schemes', async (v) => {
    const { page } = v;
    await approved(v);
    const settled = () => page.waitForLoadState('networkidle').catch(() => {});
    await library(page);
    await accessible(page, 'the library');
    for (const tab of ['', 'files', 'versions', 'places', 'history']) {
      await page.goto(`/assets/${id}?${tab ? 'tab=' + tab : 'view=full'}`);
      await page.getByRole('tabpanel').waitFor();
      await accessible(page, `the asset, ${tab || 'full page'}`);
    }
    for (const path of ['collections', 'families', 'libraries', 'quarantine', 'people', 'tokens', 'channels', 'webhooks', 'system', 'hold', 'account', 'nowhere']) {
      await page.goto('/' + path);
      await page.locator('main h1, main h2').first().waitFor();
      await settled();
      await accessible(page, path);
    }
    await page.goto('/?q=' + run + 'nothing');
    await page.getByText('Nothing matches').waitFor();
    await accessible(page, 'an empty result');
  });

  await flow('access: no finding by axe on any dialog, in both schemes', async (v) => {
    const { page } = v;
    await approved(v);
    await library(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await accessible(page, 'the shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'How to search' }).click();
    await page.getByRole('dialog').waitFor();
    await accessible(page, 'the query help');
    await page.keyboard.press('Escape');
    await cells(page).first().focus();
    await page.keyboard.press('Space');
    await page.getByRole('region', { name: 'Selection' }).waitFor();
    await accessible(page, 'a selection');
    for (const name of ['Edit', 'Add to collection', 'Export', 'Approve']) {
      await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name, exact: true }).click();
      await page.getByRole('dialog').waitFor();
      await accessible(page, name);
      await page.keyboard.press('Escape');
    }
    await page.goto(`/assets/${id}`);
    await page.getByRole('group', { name: 'Successor' }).getByRole('button', { name: 'Choose' }).click();
    await page.getByRole('dialog').getByRole('button').nth(1).waitFor();
    await accessible(page, 'choosing a successor');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await accessible(page, 'the rejection');
    await page.keyboard.press('Escape');
    for (const [path, name] of [['collections', 'New collection'], ['people', 'Add a person'], ['tokens', 'New token'], ['channels', 'Add a channel'], ['webhooks', 'Add a webhook']]) {
      await page.goto('/' + path);
      await page.getByRole('button', { name }).first().click();
      await page.getByRole('dialog').waitFor();
      await accessible(page, name);
    }
  });

  await flow('access: no finding by axe on the tray, on notices, on a phone, at sign-in', { viewport: { width: 390, height: 844 } }, async (v) => {
    const { page, context } = v;
    await approved(v);
    await library(page);
    const buffer = await picture(page);
    const files = [{ name: `${run} tray.jpg`, buffer }];
    await drop(page, files);
    await page.getByText('1 of 1 uploaded').waitFor();
    await drop(page, files);
    await page.getByText('Already here').waitFor();
    await accessible(page, 'the tray on a phone');
    await page.goto(`/assets/${id}`);
    await page.getByLabel('Creator').fill('Jo ' + run);
    await page.getByLabel('Creator').press('Tab');
    await page.getByText('Creator saved.').waitFor();
    await accessible(page, 'a notice on a phone');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    ok(wide <= 390, `the page is ${wide} px wide on a 390 px phone`);
    await page.getByRole('button', { name: 'Main menu' }).click();
    await accessible(page, 'the menu on a phone');
    await context.clearCookies();
    await page.goto('/');
    await page.getByLabel('Password').waitFor();
    await accessible(page, 'sign-in');
  });

  await flow('access: from sign-in to approval with the keyboard alone', { signIn: null }, async (v) => {
    const { page, api, context } = v;
    await page.goto('/');
    await page.getByLabel('E-mail').waitFor();
    const key = (k) => page.keyboard.press(k);
    const tabTo = async (what, name) => {
      for (let i = 0; i < 60; i++) {
        const now = await page.evaluate(() => { const e = document.activeElement; return e?.getAttribute('aria-label') || e?.labels?.[0]?.textContent?.trim() || e?.textContent?.trim() || ''; });
        if (now.startsWith(name)) return;
        await key('Tab');
      }
      throw new Error(`${what}: Tab never reached “${name}”`);
    };
    await tabTo('sign-in', 'E-mail');
    await page.keyboard.type(admin.email);
    await tabTo('sign-in', 'Password');
    await page.keyboard.type(admin.password);
    await key('Enter');
    await cells(page).first().waitFor();
    const a = await asset({ ...v, api: (m, p, d, h) => api(m, p, d, h) }, `${run} keyboard only`);
    await until('it is found', async () => (await api('GET', `/api/assets?q="${run} keyboard"`)).total === 1);
    await key('/');
    await page.keyboard.type(`"${run} keyboard only"`);
    await page.getByText('1 asset', { exact: true }).waitFor();
    await key('ArrowDown');
    await until('the first cell has the focus', async () => (await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'option');
    await key('Enter');
    await page.getByRole('tabpanel').waitFor();
    await tabTo('the asset', 'Alternative text');
    await page.keyboard.type('A lake at dawn');
    await key('Tab');
    await page.getByText('Alternative text saved.').waitFor();
    await tabTo('the asset', 'Creator');
    await key('Escape');
    await key('a');
    await until('it is approved', async () => (await api('GET', `/api/assets/${a.id}`)).latest.status === 'approved');
    equal((await api('GET', `/api/assets/${a.id}`)).alt.en, 'A lake at dawn', 'the alternative text');
    await key('Escape');
    await until('the focus is on the cell again', async () => (await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'option');
    ok((await context.cookies()).length, 'signed in');
  });
}
