import { accessible, asset, cells, equal, flow, ok, picture, run, until } from '../harness.mjs';

const name = `Shoes ${run}`, id = `shoes-${run}`;
const named = { 'Vitrine-Library': id };

// The last flows: from here on the administrator is in two libraries, and every address says which one.
export default async function () {
  await flow('libraries: two brands in one portal, each in its own tab', async (v) => {
    const { page, context, api } = v;
    for (const title of ['ours', 'ours too']) await asset(v, `${run} ${title}`);
    await api('POST', '/api/libraries', { id, name });
    const shoe = (await api('POST', '/api/assets', await picture(page), { ...named, 'x-name': 'boot.jpg' })).asset;
    await until('its renditions', async () => (await api('GET', `/api/assets/${shoe.id}`, undefined, named)).latest.renditions === 'ready');
    await page.goto('/');
    await cells(page).first().waitFor();
    ok(page.url().includes('library=main'), `the address says the library: ${page.url()}`);

    await page.getByText('Another library', { exact: true }).click();
    await page.getByRole('link', { name }).click();
    await page.getByRole('option', { name: /boot/ }).waitFor();
    ok(page.url().includes(`library=${id}`), `the address says the other: ${page.url()}`);
    equal(await cells(page).count(), 1, 'assets of the second library');
    await until('its picture is shown', () => page.evaluate(() => [...document.querySelectorAll('[role=option] img')].every((i) => i.complete && i.naturalWidth > 1)));

    // The library looks like its brand.
    await api('PATCH', `/api/libraries/${id}`, { colors: { accent: '#8a1c1c' }, logo: shoe.id }, named);
    await page.reload();
    await page.locator('nav .brand img').waitFor();
    await until('the colour of the brand', () => page.evaluate(() => getComputedStyle(document.querySelector('.btn.primary')).backgroundColor === 'rgb(138, 28, 28)'));
    await accessible(page, 'a library in its colours');

    // Another tab stays where it is, whatever this one chooses.
    const other = await context.newPage();
    await other.goto('/?library=main');
    await cells(other).first().waitFor();
    ok((await cells(other).count()) > 1, 'the first library in another tab');

    // What is added goes to the library of the tab, and is seen to arrive there by itself.
    await page.reload();
    await page.getByRole('option', { name: /boot/ }).waitFor();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await (await chooser).setFiles([{ name: 'clog.jpg', mimeType: 'image/jpeg', buffer: await picture(page) }]);
    await page.getByRole('option', { name: /clog/ }).waitFor();
    equal((await api('GET', '/api/assets?q=clog', undefined, named)).total, 1, 'in the second library');
    equal((await api('GET', '/api/assets?q=clog')).total, 0, 'in the first');

    // Opened, and downloaded by a link that carries no header.
    await page.getByRole('option', { name: /boot/ }).dblclick();
    await page.waitForURL(new RegExp(`open=${shoe.id}|assets/${shoe.id}`));
    ok(page.url().includes(`library=${id}`), `the address keeps the library: ${page.url()}`);
    const file = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download', exact: true }).first().click();
    ok((await (await file).suggestedFilename()).startsWith('boot'), 'the file is downloaded');

    // An address that is passed on leads to the same library; Back leads home.
    const passed = await context.newPage();
    await passed.goto(`/assets/${shoe.id}?library=${id}`);
    await passed.getByText('boot').first().waitFor();
    ok(passed.url().includes(`library=${id}`), passed.url());
  });

  await flow('libraries: an unfinished upload waits for its library', async ({ page, api }) => {
    await page.goto(`/?library=${id}`);
    await cells(page).first().waitFor();
    const bmp = (await picture(page, { width: 1500, height: 1100, type: 'image/png' }));
    await page.route('**/api/uploads/*', (r) => (r.request().method() === 'PATCH' ? undefined : r.continue()));
    const begun = page.waitForRequest((r) => r.method() === 'PATCH' && r.url().includes('/api/uploads/'));
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await (await chooser).setFiles([{ name: 'slipper.png', mimeType: 'image/png', buffer: bmp }]);
    await begun;
    await page.getByText('Another library', { exact: true }).click();
    await page.getByText('Uploads under way stop').waitFor();
    await page.getByRole('link', { name: 'Main library' }).click();
    await page.waitForURL(/library=main/);
    await page.unroute('**/api/uploads/*');
    await cells(page).first().waitFor();
    equal((await api('GET', '/api/assets?q=slipper')).total, 0, 'nothing of it in the first library');
    ok(!(await page.getByText('slipper.png').isVisible()), 'the tray of the first library doesn’t know it');
    await page.goto(`/?library=${id}`);
    await page.getByRole('option', { name: /slipper/ }).waitFor();
    equal((await api('GET', '/api/assets?q=slipper')).total, 0, 'in the first library');
  });

  await flow('libraries: an address of somebody else’s library leads home', async (v) => {
    const { page, api } = v;
    await asset(v, `${run} at home`);
    await api('POST', '/api/libraries', { id: `boots-${run}`, name: 'Boots' });
    await page.goto('/?library=nowhere');
    await cells(page).first().waitFor();
    ok(page.url().includes('library=main'), page.url());
  });
}
