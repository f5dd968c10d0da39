import { accessible, asset, cells, equal, flow, library, ok, run, until } from '../harness.mjs';

export default async function () {
  const word = run + 'srch';
  let made;
  const prepared = (v) => (made ??= (async () => {
    const days = ['2024-01-05', '2024-01-20', '2024-03-02', '2024-06-10', '2025-02-01', '2025-02-03'];
    const out = [];
    for (let n = 0; n < 6; n++) {
      const a = await asset(v, `${word} lantern ${n}`, { width: n < 2 ? 300 : 500, height: 400 });
      await v.api('PATCH', `/api/assets/${a.id}`, { tags: [`${word}/${n % 2 ? 'north' : 'south'}`], captured: { wall: `${days[n]}T10:00:00` }, creator: n < 3 ? `Ada ${word}` : '' });
      if (n === 0) await v.api('POST', `/api/assets/${a.id}/approve`, {});
      out.push(a);
    }
    await until('all are found', async () => (await v.api('GET', `/api/assets?q=${word}+taken:2024..2025`)).total === 6);
    await until('one is approved', async () => (await v.api('GET', `/api/assets?q=${word}+status:approved`)).total === 1);
    return out;
  })());
  const box = (page) => page.getByLabel('Search assets');
  const filters = (page) => page.getByRole('complementary', { name: 'Filters' });
  const value = (page, name) => filters(page).getByRole('checkbox', { name });
  const query = (page) => new URL(page.url()).searchParams.get('q') ?? '';
  const found = (page, n) => page.getByText(new RegExp(`^${n} assets?$`)).waitFor();

  await flow('search: filters write the query, and the query presses the filters', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    await value(page, /^Approved\s*1$/).click();
    await found(page, 1);
    equal(query(page), `${word} status:approved`, 'query');
    equal(await box(page).inputValue(), `${word} status:approved`, 'the box');
    // Counts leave out what was asked of their own field: drafts can still be added.
    await value(page, /^Draft\s*5$/).click();
    await found(page, 6);
    equal(query(page), `${word} status:approved,draft`, 'two values');
    // Typing does the same to the filters.
    await box(page).fill(`${word} status:draft`);
    await found(page, 5);
    await until('only drafts are pressed', async () => (await value(page, /^Draft/).getAttribute('aria-checked')) === 'true' && (await value(page, /^Approved/).getAttribute('aria-checked')) === 'false');
    // The chip takes the piece out of the text.
    await page.getByRole('button', { name: 'Remove the filter Status: Draft' }).click();
    await found(page, 6);
    equal(query(page), word, 'without the filter');
    // Or shows where it is written.
    await value(page, /^Approved/).click();
    await page.getByTitle('Edit in the search: Status: Approved').click();
    equal(await box(page).evaluate((b) => b.value.slice(b.selectionStart, b.selectionEnd)), 'status:approved', 'selected text');
    await page.goBack();
    await found(page, 6);
  });

  await flow('search: the tree of tags, the months, all by keyboard', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    await cells(page).first().focus();
    await page.keyboard.press('f');
    await until('the filters have the focus', () => page.evaluate(() => document.activeElement?.closest('aside') !== null));
    const tags = filters(page).getByRole('region', { name: 'Tags' });
    await tags.getByRole('checkbox', { name: new RegExp(`^${word}\\s*6$`) }).waitFor();
    await tags.getByRole('button', { name: `Below ${word}` }).press('Enter');
    await tags.getByRole('checkbox', { name: /^north\s*3$/ }).press('Space');
    await found(page, 3);
    equal(query(page), `${word} tag:${word}/north`, 'a branch');
    await tags.getByRole('checkbox', { name: /^north/ }).press('Space');
    await found(page, 6);

    await filters(page).getByRole('button', { name: 'Taken' }).press('Enter');
    const from = filters(page).getByRole('slider', { name: 'Taken: From' });
    await from.focus();
    equal(await from.getAttribute('aria-valuetext'), 'Jan 2024', 'the first month');
    for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowRight');
    await found(page, 4);
    equal(query(page), `${word} taken:2024-03..2025-02`, 'a period');
    await page.getByRole('button', { name: 'Any time' }).click();
    await found(page, 6);
    await accessible(page, 'the filters');
    await page.keyboard.press('Escape');
  });

  await flow('search: a mistake is shown at its place and mended; what was found stays', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    await found(page, 6);
    await box(page).fill(`${word} status:aproved`);
    const alert = page.getByRole('alert');
    equal(await alert.locator('mark').innerText(), 'aproved', 'the marked place');
    equal(await cells(page).count(), 6, 'cells still there');
    await accessible(page, 'a mistake in the query');
    await alert.getByRole('button', { name: 'Show me in the search' }).click();
    equal(await box(page).evaluate((b) => b.value.slice(b.selectionStart, b.selectionEnd)), 'aproved', 'selected text');
    await alert.getByRole('button', { name: 'Write approved' }).click();
    await found(page, 1);
    equal(await page.getByRole('alert').count(), 0, 'errors left');
  });

  await flow('search: a typing error is forgiven, and said', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}+lamtern`);
    await page.getByText('Nothing matches exactly.').waitFor();
    await page.getByRole('button', { name: `${word} lantern` }).click();
    await until('the right spelling is in the query', () => query(page) === `${word} lantern`);
    await page.getByText('Nothing matches exactly.').waitFor({ state: 'detached' });
  });

  await flow('search: suggestions by keyboard', async (v) => {
    const { page } = v;
    const all = await prepared(v);
    await library(page);
    await page.keyboard.press('/');
    await page.keyboard.type('sta');
    const list = page.getByRole('listbox', { name: 'Suggestions' });
    await list.getByRole('option', { name: /^status:/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    const chosen = () => box(page).evaluate((b) => document.getElementById(b.getAttribute('aria-activedescendant') ?? '')?.innerText.split('\n')[0]);
    equal(await chosen(), 'status:', 'the option under the keys');
    await page.keyboard.press('Enter');
    await list.getByRole('option', { name: /^status:draft/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until('the filter is in the query', () => query(page) === 'status:draft');
    await page.keyboard.type(` ada ${word.slice(0, -1)}`);
    const ada = list.getByRole('option', { name: new RegExp(`^Ada ${word}`) });
    await ada.waitFor();
    await accessible(page, 'the suggestions');
    await ada.click();
    await until('the creator is asked for', () => query(page) === `status:draft creator:"Ada ${word}"`);
    await found(page, 2);
    await box(page).fill(`${word} lanter`);
    await list.getByRole('option', { name: new RegExp(`^${word} lantern 4`) }).click();
    await until('the asset is open', () => page.url().includes(all[4].id));
  });

  await flow('search: the guide is the documentation, and its examples can be tried', async (v) => {
    const { page } = v;
    await library(page);
    await page.getByRole('button', { name: 'How to search' }).click();
    const dialog = page.getByRole('dialog', { name: 'How to search' });
    await dialog.getByText('When it was taken, by the camera\'s clock').waitFor();
    await accessible(page, 'the guide');
    await dialog.getByRole('button', { name: 'missing:alt,caption type:image' }).click();
    await until('the example is searched', () => query(page) === 'missing:alt,caption type:image');
    await box(page).fill('');
    await until('everything is shown', () => query(page) === '');
    await box(page).press('?');
    await dialog.waitFor();
  });

  await flow('search: on a small screen the filters stand before the pictures', { viewport: { width: 390, height: 844 }, locale: 'fr', colorScheme: 'dark' }, async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    await page.getByRole('button', { name: 'Afficher les filtres' }).click();
    const panel = page.getByRole('complementary', { name: 'Filtres' });
    await panel.getByRole('checkbox', { name: /^Brouillon\s*5$/ }).click();
    await accessible(page, 'the filters on a small screen');
    await panel.getByRole('button', { name: 'Afficher 5 médias' }).click();
    await panel.waitFor({ state: 'detached' });
    ok(await cells(page).first().isVisible(), 'the pictures are there');
    await page.getByRole('button', { name: 'Retirer le filtre Statut : Brouillon' }).waitFor();
  });

  await flow('search: all of a query is one job, edited, undone after a reload', async (v) => {
    const { page, api } = v;
    const all = await prepared(v);
    await library(page, `?q=${word}+lantern`);
    await found(page, 6);
    const writes = [];
    page.on('request', (r) => r.method() !== 'GET' && writes.push(new URL(r.url()).pathname));
    await cells(page).first().focus();
    await page.keyboard.press('Control+a');
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByText('All 6 selected').waitFor();
    await bar.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('link', { name: 'CSV' }).click();
    const file = await (await download).createReadStream();
    let csv = '';
    for await (const part of file) csv += part;
    equal(csv.split('\n').filter((line) => line.includes(word)).length, 6, 'lines of the export');
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog', { name: /^Edit: 6 assets/ });
    await dialog.getByText(`${word}/north`).waitFor();
    await accessible(page, 'the bulk editor');
    await dialog.getByRole('button', { name: `Remove ${word}/north` }).click();
    await dialog.getByLabel('Tags for: 6 assets selected').fill('lit, night');
    await dialog.getByLabel('Creator').fill(`Bo ${word}`);
    await dialog.getByRole('button', { name: 'Change 6 assets' }).click();
    const job = page.getByRole('region', { name: /^Changing Creator/ });
    await job.getByText('6 of 6').waitFor();
    equal(writes, ['/api/assets/bulk'], 'writes sent');
    await until('all are changed', async () => (await api('GET', `/api/assets?q=${encodeURIComponent(`${word} creator:"Bo ${word}" tag:lit tag:night -tag:${word}/north`)}`)).total === 6);
    await accessible(page, 'a job that can be undone');
    await page.reload();
    await job.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('region', { name: /^Undoing/ }).getByText('6 of 6').waitFor();
    await until('all are as before', async () => (await api('GET', `/api/assets/${all[1].id}`)).tags.join() === `${word}/north`);
  });

  await flow('search: what a job leaves alone is named, with the reason', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}+lantern`);
    await found(page, 6);
    await cells(page).first().focus();
    await page.keyboard.press('Control+a');
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByRole('button', { name: 'Submit for review' }).click();
    const job = page.getByRole('region', { name: 'Submitting for review' }).first();
    await job.getByText('1 failed', { exact: true }).waitFor(); // what is approved cannot be submitted
    await job.getByRole('button', { name: 'Why?' }).click();
    const dialog = page.getByRole('dialog', { name: 'Not done: Submitting for review' });
    await dialog.getByRole('link', { name: `${word} lantern 0` }).waitFor();
    await accessible(page, 'what a job left alone');
    await page.keyboard.press('Escape');
    await job.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('region', { name: /^Undoing/ }).getByText('5 of 5').waitFor();
  });
}
