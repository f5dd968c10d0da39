import { accessible, asset, cells, equal, flow, library, ok, run, until } from '../harness.mjs';

// Searches that are kept, the library's own fields, and the facets that show more than a list.
export default async function () {
  const word = run + 'find';
  const box = (page) => page.getByLabel('Search assets');
  const filters = (page) => page.getByRole('complementary', { name: 'Filters' });
  const section = (page, name) => filters(page).getByRole('region', { name, exact: true });
  const query = (page) => new URL(page.url()).searchParams.get('q') ?? '';
  const found = (page, n) => page.getByText(new RegExp(`^${n} assets?$`)).waitFor();
  const unfold = async (page, name) => {
    const button = section(page, name).getByRole('button', { name }).first();
    if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
  };
  const places = [{ lat: 48.85, lon: 2.35 }, { lat: 48.86, lon: 2.29 }, { lat: 45.76, lon: 4.84 }, { lat: -33.87, lon: 151.2 }];
  let made;
  const prepared = (v) => (made ??= (async () => {
    const out = [];
    for (let n = 0; n < 4; n++) {
      const a = await asset(v, `${word} chair ${n}`);
      await v.api('PATCH', `/api/assets/${a.id}`, { place: places[n], tags: [`${word}t/${n < 3 ? 'indoor/sofa' : 'outdoor'}`] });
      out.push(a);
    }
    await until('all are found', async () => (await v.api('GET', `/api/assets?q=${word}+is:placed`)).total === 4);
    return out;
  })());

  await flow('search: one is saved, tells of new matches, and comes back in the box', async (v) => {
    const { page, api } = v;
    await prepared(v);
    await library(page);
    await box(page).fill(`${word} chair`);
    await box(page).press('Enter');
    await found(page, 4);
    await page.getByRole('button', { name: 'Save search' }).click();
    const dialog = page.getByRole('dialog', { name: 'Saved searches' });
    await dialog.getByLabel('Name of the search').fill(`Chairs ${word}`);
    await dialog.getByLabel('Tell me of new assets that match').check();
    await dialog.getByLabel('Share with everybody in the library').check();
    await dialog.getByRole('button', { name: 'Save search' }).click();
    const row = dialog.getByRole('listitem', { name: `Chairs ${word}` });
    await row.waitFor();
    await accessible(page, 'saved searches');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: `Chairs ${word}` }).waitFor(); // the search shown goes by its name now
    const saved = (await api('GET', '/api/searches')).items.find((s) => s.name === `Chairs ${word}`);
    ok(saved.alert && saved.shared && saved.query === `${word} chair`, JSON.stringify(saved));

    await library(page);
    const fresh = await asset(v, `${word} chair fresh`);
    await page.getByText(`1 new asset matches “Chairs ${word}”.`).waitFor();
    await box(page).click();
    const list = page.getByRole('listbox', { name: 'Suggestions' });
    await list.getByRole('option', { name: new RegExp(`^Chairs ${word}.*1 new`) }).waitFor();
    await accessible(page, 'the searches the box begins with');
    await list.getByRole('option', { name: new RegExp(`^Chairs ${word}`) }).click();
    await found(page, 5);
    await api('DELETE', `/api/assets/${fresh.id}`);
    await found(page, 4);

    // What was used last is offered too, by keyboard.
    await box(page).fill('');
    await box(page).fill(`${word} orientation:landscape`);
    await box(page).press('Enter');
    await page.reload();
    await cells(page).first().waitFor();
    await box(page).fill('');
    await until('everything is shown', () => query(page) === '');
    await box(page).blur();
    await page.keyboard.press('/');
    await list.getByRole('option', { name: new RegExp(`^${word} orientation:landscape`) }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until('the last search is back', () => query(page) === `${word} orientation:landscape`);
  });

  await flow('search: a saved one is renamed, deleted, and brought back', async (v) => {
    const { page, api } = v;
    await prepared(v);
    await api('POST', '/api/searches', { name: `Sofas ${word}`, query: `${word} tag:${word}t/indoor`, sort: 'title' });
    await library(page);
    await page.getByRole('button', { name: 'Saved searches' }).click();
    const dialog = page.getByRole('dialog', { name: 'Saved searches' });
    await dialog.getByLabel(`Name of Sofas ${word}`).fill(`Couches ${word}`);
    await dialog.getByLabel(`Name of Sofas ${word}`).press('Tab');
    await dialog.getByRole('button', { name: `Delete Couches ${word}` }).click();
    await until('it is gone', async () => !(await api('GET', '/api/searches')).items.some((s) => s.name.endsWith(`es ${word}`) && s.sort));
    await dialog.getByRole('listitem').filter({ hasText: `“Couches ${word}” is deleted.` }).getByRole('button', { name: 'Undo' }).click();
    await dialog.getByRole('listitem', { name: `Couches ${word}` }).getByTitle('Search this').click();
    await found(page, 3);
    equal(new URL(page.url()).searchParams.get('sort'), 'title', 'the order that was saved with it');
  });

  await flow('search: synonyms are taught, count at once, and come back with Undo', async (v) => {
    const { page, api } = v;
    const all = await prepared(v);
    const other = `sofa${word}`;
    await page.goto('/synonyms');
    await page.getByRole('button', { name: 'Add synonyms' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add synonyms' });
    await dialog.getByLabel('Words that mean the same').fill(word);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText('there are not two different words').waitFor();
    await dialog.getByLabel('Words that mean the same').fill(`${other}, ${word}`);
    await dialog.getByText(`These words find ${all.length} assets together.`).waitFor();
    await accessible(page, 'new synonyms');
    await dialog.getByLabel('Words that mean the same').press('Enter');
    const row = page.getByRole('listitem', { name: `${other}, ${word}` });
    await row.waitFor();
    await accessible(page, 'the synonyms');
    const total = async (n) => until(`${n} found`, async () => (await api('GET', `/api/assets?q=${other}`)).total === n);
    await total(all.length);
    await row.getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit synonyms' });
    await edit.getByLabel('One way only').check();
    await edit.getByLabel('Who searches for').fill(word);
    await edit.getByLabel('also finds').fill(other);
    await edit.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem', { name: word, exact: true }).waitFor();
    await total(0);
    await page.getByRole('listitem', { name: word, exact: true }).getByRole('button', { name: `Remove ${word}` }).click();
    await until('the line is gone', async () => !(await api('GET', '/api/synonyms')).lines.some((l) => l.includes(other)));
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await until('the line is back', async () => (await api('GET', '/api/synonyms')).lines.includes(`${word} => ${other}`));
  });

  await flow('search: a field of the library is made, filled in, found by, sorted by', async (v) => {
    const { page, api } = v;
    const all = await prepared(v);
    await page.goto('/fields');
    const add = async (label, type, choices) => {
      await page.getByRole('button', { name: 'Add a field' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a field' });
      await dialog.getByLabel('Label (English)').fill(label);
      await dialog.getByLabel('Type').selectOption({ label: type });
      if (choices) await dialog.getByLabel('Choices').fill(choices);
      if (choices) await accessible(page, 'a new field');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('listitem', { name: label }).waitFor();
    };
    const season = `Season ${word}`, price = `Price ${word}`;
    await add(season, 'Choice', 'spring\nsummer');
    await add(price, 'Number');
    await accessible(page, 'the fields');
    await page.getByRole('button', { name: `Move ${price} up` }).click();
    await until('the order is kept', async () => (await api('GET', '/api/fields')).items.findIndex((f) => f.key === `price_${word}`) < (await api('GET', '/api/fields')).items.findIndex((f) => f.key === `season_${word}`));
    await page.goto(`/assets/${all[0].id}`);
    const own = page.getByRole('region', { name: 'Metadata fields' });
    await own.getByLabel(season).selectOption('summer');
    await own.getByLabel(price).fill('0');
    await own.getByLabel(price).press('Tab');
    await until('both are kept', async () => {
      const { custom = {} } = await api('GET', `/api/assets/${all[0].id}`);
      return custom[`season_${word}`] === 'summer' && custom[`price_${word}`] === 0;
    });
    await accessible(page, "an asset's own fields");
    await api('PATCH', `/api/assets/${all[1].id}`, { custom: { [`season_${word}`]: 'spring', [`price_${word}`]: 12.5 } });
    await until('both are found', async () => (await api('GET', `/api/assets?q=${word}+has:title+price_${word}:0..20`)).total === 2);
    await library(page, `?q=${word}`);
    await unfold(page, season);
    await section(page, season).getByRole('checkbox', { name: /^summer\s*1$/ }).click();
    await found(page, 1);
    equal(query(page), `${word} season_${word}:summer`, 'query');
    await section(page, season).getByRole('checkbox', { name: /^summer/ }).click();
    await unfold(page, price);
    await section(page, price).getByLabel(`${price}: From`).fill('10');
    await section(page, price).getByLabel(`${price}: From`).press('Tab');
    await found(page, 1);
    equal(query(page), `${word} price_${word}:10..`, 'an open range');
    await page.getByRole('button', { name: `Remove the filter ${price}` }).click();
    await page.getByLabel('Sort').selectOption(`-price_${word}`);
    await until('the dearest comes first', async () => (await cells(page).first().getAttribute('aria-label'))?.includes('chair 1') || (await cells(page).first().innerText()).includes('chair 1'));
    // Removed by its button, and back by Undo with what the assets hold.
    await page.goto('/fields');
    await page.getByRole('button', { name: `Remove ${season}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText(`“${season}” is removed.`).waitFor();
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await page.getByRole('listitem', { name: season }).waitFor();
  });

  await flow('search: tags are read level by level', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    const tags = section(page, 'Tags');
    await tags.getByRole('checkbox', { name: new RegExp(`^${word}t\\s*4$`) }).waitFor();
    equal(await tags.getByRole('checkbox').count(), 1, 'topmost tags');
    await tags.getByRole('button', { name: `Below ${word}t` }).click();
    await tags.getByRole('button', { name: 'Below indoor' }).click();
    equal(await tags.getByRole('button', { name: 'Below outdoor' }).count(), 0, 'arrows where nothing is below');
    await tags.getByRole('checkbox', { name: /^sofa\s*3$/ }).click();
    await found(page, 3);
    equal(query(page), `${word} tag:${word}t/indoor/sofa`, 'query');
    await page.reload(); // what is chosen is shown where it hangs
    await tags.getByRole('checkbox', { name: /^sofa\s*3$/, checked: true }).waitFor();
  });

  await flow('search: a map tells where, and narrows the search', async (v) => {
    const { page } = v;
    await prepared(v);
    await library(page, `?q=${word}`);
    await unfold(page, 'Place');
    const map = section(page, 'Place');
    await map.getByRole('button', { name: /^3 assets near 4[78]/ }).waitFor();
    await accessible(page, 'the map');
    await map.getByRole('button', { name: /^3 assets near/ }).press('Enter');
    await found(page, 3);
    ok(query(page).startsWith(`${word} area:`), query(page));
    await map.getByRole('button', { name: /^2 assets near 48/ }).waitFor(); // nearer, so told apart
    await map.getByRole('button', { name: /^1 asset near 45/ }).click();
    await found(page, 1);
    await page.getByRole('button', { name: 'Anywhere' }).click();
    await found(page, 4);
    equal(query(page), word, 'query');
  });

  await flow('search: colours as swatches', async (v) => {
    const { page, api } = v;
    await prepared(v);
    await until('colours are counted', async () => (await api('GET', `/api/assets?q=${word}&facets=color`)).facets.color?.length > 0, 60_000);
    const { facets } = await api('GET', `/api/assets?q=${word}&facets=color`);
    const { value, count } = facets.color[0];
    await library(page, `?q=${word}`);
    await unfold(page, 'Colour');
    const swatch = section(page, 'Colour').getByRole('checkbox').first();
    await swatch.waitFor();
    await accessible(page, 'the swatches');
    await swatch.click();
    await found(page, count);
    equal(query(page), `${word} color:${value}`, 'query');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Another colour').fill('#ff0000');
    await page.getByRole('button', { name: 'Find this colour' }).click();
    await until('the colour is asked for', () => query(page) === 'color:#ff0000');
    ok(!(await page.getByRole('alert').count()), 'the server reads it');
  });
}
