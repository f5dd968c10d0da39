import { accessible, asset, base, equal, flow, ok, run, until } from '../harness.mjs';

const sku = (n) => `${run.toUpperCase()}-${n}`;
const product = (v, n, more = {}) => v.api('POST', '/api/products', { sku: sku(n), names: { en: `${run} chair ${n}` }, ...more });
const show = async (page, n) => {
  await page.goto(`/products?sku=${sku(n)}`);
  await page.getByRole('heading', { name: `${run} chair ${n}`, level: 1 }).waitFor();
};
const inSlot = async (v, n, slot, k = 1) => (await v.api('GET', `/api/products/${sku(n)}`)).slots.find((s) => s.slot === slot && s.n === k)?.asset ?? '';
const cell = (page, name) => page.getByRole('group', { name: new RegExp(`^${name}(:|$)`) });

export default async function () {
  await flow('products: an import says first what would happen, then each row’s error, then does it', async ({ page, api }) => {
    await page.goto('/products?view=import');
    const csv = `sku,gtin,name_en,stock\n${sku('a')},3017620422003,${run} chair a,4\n${sku('b')},3017620422004,${run} chair b,2\n${sku('c')},,${run} chair c,0\n`;
    await page.locator('input[type=file][accept*=csv]').setInputFiles({ name: 'catalogue.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByRole('heading', { name: /Dry run/ }).waitFor();
    await page.getByRole('cell', { name: /check digit/ }).waitFor();
    ok(await page.getByRole('row', { name: new RegExp(`3.*${sku('b')}.*gtin`) }).count(), 'the row, its line and its column');
    equal((await api('GET', `/api/products?q=${run}`)).total, 0, 'a dry run stores nothing');
    await page.reload();
    await page.getByText('Choose the file again').waitFor();
    await page.locator('input[type=file][accept*=csv]').setInputFiles({ name: 'catalogue.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByRole('button', { name: 'Import 2 products' }).click();
    await page.getByText('The products are stored.').waitFor();
    await accessible(page, 'the import');
    await page.goto('/products');
    await page.getByRole('searchbox').fill(`${run} chair`);
    await page.getByText('2 products', { exact: true }).waitFor();
    await until('the address keeps the search', () => page.url().includes('q='));
    await page.getByText('0 in stock').waitFor();
    await accessible(page, 'the list of products');
    await page.getByRole('link', { name: `${run} chair a` }).click();
    await page.getByText('3017620422003').waitFor();
    await page.goBack();
    await until('the search is as it was', async () => (await page.getByRole('searchbox').inputValue()) === `${run} chair`);
  });

  await flow('products: a file in another encoding is read once its encoding is confirmed', async ({ page, api }) => {
    await page.goto('/products?view=import');
    const rows = `sku;name_fr;mati\xe8re\r\n${sku('latin')};${run} ch\xeane;h\xeatre\r\n`;
    await page.locator('input[type=file][accept*=csv]').setInputFiles({ name: 'latin.csv', mimeType: 'text/csv', buffer: Buffer.from(rows, 'latin1') });
    await page.getByText('it looks like windows-1252').waitFor();
    await accessible(page, 'an import in another encoding');
    await page.getByRole('button', { name: 'Read it as windows-1252' }).click();
    await page.getByRole('button', { name: 'Import 1 product' }).click();
    await page.getByText('The products are stored.').waitFor();
    equal((await api('GET', `/api/products/${sku('latin')}`)).attributes['mati\u00e8re'], 'h\u00eatre', 'the attribute');
  });

  await flow('products: slots are filled by keyboard, by drag and by a file; Undo takes each back', async (v) => {
    const { page } = v;
    const [a, b] = [await asset(v, `${run} front`), await asset(v, `${run} side`)];
    await product(v, 'slots', { stock: 7, price: { amount: '19.90', currency: 'EUR' }, attributes: { colour: 'blue' } });
    await show(page, 'slots');
    await page.getByRole('button', { name: 'Choose a picture for Hero 1' }).press('Enter');
    await page.getByRole('dialog').getByRole('searchbox').fill(`${run} front`);
    await page.getByRole('dialog').getByRole('button', { name: `${run} front` }).click();
    await until('the hero is filled', async () => (await inSlot(v, 'slots', 'hero')) === a.id);
    await page.getByRole('button', { name: /^Move….*Hero 1/ }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Back 1' }).press('Enter');
    await until('it moved to the back', async () => (await inSlot(v, 'slots', 'back')) === a.id && !(await inSlot(v, 'slots', 'hero')));
    await page.getByText(/^Back 1 shows/).waitFor();
    await page.keyboard.press('Control+z');
    await until('Undo puts it back', async () => (await inSlot(v, 'slots', 'hero')) === a.id && !(await inSlot(v, 'slots', 'back')));

    await v.api('PATCH', `/api/assets/${b.id}`, { skus: [sku('slots')] });
    await cell(page, 'In no slot').waitFor();
    await cell(page, 'In no slot').getByRole('link').dragTo(cell(page, 'Hero 2'));
    await until('the second is dragged in', async () => (await inSlot(v, 'slots', 'hero', 2)) === b.id);
    await cell(page, 'Hero 2').getByRole('link').waitFor();
    await cell(page, 'Hero 2').getByRole('link').dragTo(cell(page, 'Hero 1'));
    await until('they change places', async () => (await inSlot(v, 'slots', 'hero', 1)) === b.id && (await inSlot(v, 'slots', 'hero', 2)) === a.id);

    const { picture } = await import('../harness.mjs');
    const data = await page.evaluateHandle((base64) => {
      const t = new DataTransfer();
      t.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'dropped.jpg', { type: 'image/jpeg' }));
      return t;
    }, (await picture(page)).toString('base64'));
    await cell(page, 'Detail 1').dispatchEvent('dragover', { dataTransfer: data });
    await cell(page, 'Detail 1').dispatchEvent('drop', { dataTransfer: data });
    const id = await until('the file is uploaded into its place', () => inSlot(v, 'slots', 'detail'));
    equal((await v.api('GET', `/api/assets/${id}`)).latest.file_name, 'dropped.jpg', 'the file');
    await cell(page, 'Detail 1').getByRole('button', { name: 'Remove from Detail 1' }).click();
    await until('it is taken out', async () => !(await inSlot(v, 'slots', 'detail')));
    await page.getByText('Detail 1 is empty.').waitFor();
    await accessible(page, 'a product');
  });

  await flow('products: a product is edited, and its address shows the picture once it is approved', async (v) => {
    const { page, context } = v;
    await product(v, 'edit', { names: { en: `${run} chair edit` } });
    const a = await asset(v, `${run} seat`);
    await v.api('PUT', `/api/products/${sku('edit')}/slots/hero/1`, { asset: a.id });
    await show(page, 'edit');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('GTIN').fill('3017620422004');
    await dialog.getByLabel('Stock').fill('12');
    await dialog.getByRole('button', { name: 'Add an attribute' }).click();
    await dialog.getByLabel('Attribute 1').fill('legs');
    await dialog.getByLabel('Value of legs').fill('4');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(/check digit/).first().waitFor();
    await accessible(page, 'the dialog of a product');
    await dialog.getByLabel('GTIN').fill('3017620422003');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('3017620422003').waitFor();
    const p = await v.api('GET', `/api/products/${sku('edit')}`);
    equal([p.stock, p.attributes.legs, p.names.en], [12, '4', `${run} chair edit`], 'saved');
    await page.getByLabel('Preset').selectOption('square');
    await page.getByRole('button', { name: /Hero 1/ }).and(page.getByRole('button', { name: /^Copy/ })).click();
    const url = await page.evaluate(() => navigator.clipboard.readText());
    const local = base + new URL(url).pathname;
    equal(local, `${base}/p/${sku('edit')}/hero/square`, 'the address');
    equal((await context.request.get(local)).status(), 404, 'before the approval');
    await v.api('POST', `/api/assets/${a.id}/approve`, {});
    await until('the address shows it', async () => (await context.request.get(local)).status() === 200, 5000);
    await page.getByRole('group', { name: /^Hero 1/ }).getByText('Approved').waitFor();
  });

  await flow('products: file names are tried against rules that are not saved yet', async (v) => {
    const { page } = v;
    await product(v, 'rules');
    await page.goto('/products?view=rules');
    await page.getByLabel('Try file names').fill(`${sku('rules')}_hero_1.jpg\n${run}new_back_2.jpg\nholiday.jpg`);
    const trials = page.locator('.trials > li');
    await trials.nth(0).getByText('Links', { exact: true }).waitFor();
    await trials.nth(1).getByText('Waits for the product').waitFor();
    await trials.nth(2).getByText('No match').waitFor();
    await page.getByLabel('Patterns, one a line').fill('{sku}_{slot}_{n}.{ext}\n{sku}.{ext}');
    await trials.nth(2).getByText('Waits for the product').waitFor();
    equal((await v.api('GET', '/api/products/rules')).patterns.length, 1, 'nothing is saved by trying');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The rules are saved.').waitFor();
    equal((await v.api('GET', '/api/products/rules')).patterns.length, 2, 'saved');
    await accessible(page, 'the file-name rules');
    await page.keyboard.press('Control+z');
    await until('the old rules are back', async () => (await v.api('GET', '/api/products/rules')).patterns.length === 1);
  });

  await flow('products: what a customer saw, by SKU and by address, then and now', async (v) => {
    const { page } = v;
    await product(v, 'seen');
    const [a, b] = [await asset(v, `${run} first`), await asset(v, `${run} second`)];
    for (const x of [a, b]) await v.api('POST', `/api/assets/${x.id}/approve`, {});
    await v.api('PUT', `/api/products/${sku('seen')}/slots/hero/1`, { asset: a.id });
    const then = new Date(Date.parse((await v.api('GET', `/api/products/${sku('seen')}`)).slots[0].since) + 5).toISOString();
    await until('a moment has passed', () => Date.now() > Date.parse(then) + 5);
    await v.api('PUT', `/api/products/${sku('seen')}/slots/hero/1`, { asset: b.id });
    await page.goto('/lookup');
    await page.getByLabel('SKU, or the address').fill(sku('seen'));
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('link', { name: `${run} second` }).waitFor();
    await page.getByText('Shown', { exact: true }).waitFor();
    await page.getByText(/files were served/).click();
    ok(/^[0-9a-f]{16,}$/.test((await page.locator('td code').first().innerText()).trim()), 'the exact hash is told');
    await accessible(page, 'the lookup');
    await page.goto(`/lookup?sku=${sku('seen')}&at=${encodeURIComponent(then)}`);
    await page.getByRole('link', { name: `${run} first` }).waitFor();
    await until('its picture is there', () => page.locator('.picture img').evaluate((i) => i.complete && i.naturalWidth > 0));
    await page.getByLabel('SKU, or the address').fill(`https://shop.example.com/r/${a.id}/square`);
    await page.getByRole('button', { name: 'Now', exact: true }).click();
    await page.getByText('1 file was served').or(page.getByText(/files were served/)).waitFor();
    ok(page.url().includes('url='), 'the address of the page names the question');
    await page.getByLabel('SKU, or the address').fill('nothing-like-this');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('alert').waitFor();
  });
}
