import { accessible, drop, equal, flow, ok, picture, run, until } from '../harness.mjs';

/** The same picture in another size, compressed again. */
async function smaller(page, jpeg, share) {
  const base64 = await page.evaluate(async ([b, k]) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(b), (c) => c.charCodeAt(0))]));
    const c = new OffscreenCanvas(image.width * k, image.height * k);
    c.getContext('2d').drawImage(image, 0, 0, c.width, c.height);
    const bytes = new Uint8Array(await (await c.convertToBlob({ type: 'image/jpeg', quality: 0.8 })).arrayBuffer());
    let s = '';
    for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(s);
  }, [jpeg.toString('base64'), share]);
  return Buffer.from(base64, 'base64');
}

/** Uploads a JPEG under a title and waits until it has been looked at. */
async function looked(v, title, jpeg) {
  const { asset } = await v.api('POST', '/api/assets', jpeg, { 'x-name': `${title.replaceAll(' ', '-')}.jpg` });
  await v.api('PATCH', `/api/assets/${asset.id}`, { title: { en: title } });
  await until('it is looked at', async () => (await v.api('GET', `/api/assets/${asset.id}`)).latest.analysis, 60_000);
  return asset.id;
}

export default async function () {
  await flow('similar: a look-alike is told on the asset page, and settled on the page of near duplicates', async (v) => {
    const { page, api } = v;
    const first = await picture(page, { width: 1000, height: 640 });
    const [large, small, again] = [`${run} alike large`, `${run} alike small`, `${run} alike again`];
    const keep = await looked(v, large, first);
    const other = await looked(v, small, await smaller(page, first, 0.5));

    await page.goto(`/assets/${other}`);
    await page.getByText('Looks like an asset that is here already').waitFor();
    await page.getByRole('link', { name: 'Compare' }).click();
    const alike = page.getByRole('tabpanel').getByRole('link');
    await alike.filter({ hasText: large }).waitFor();
    ok(/9\d\s?%|100\s?%/.test(await alike.filter({ hasText: large }).innerText()), 'the score is shown');
    await page.getByRole('slider', { name: 'Least likeness' }).fill('0.5');
    await alike.filter({ hasText: large }).waitFor();
    await accessible(page, 'the similar tab');

    await page.getByRole('link', { name: 'Near duplicates' }).click();
    const group = page.getByRole('region', { name: large, exact: true });
    await group.getByText(small).waitFor();
    equal(await group.getByRole('radio').first().isChecked(), true, 'the larger one is proposed');
    await accessible(page, 'near duplicates');
    if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/duplicates.png` });
    await group.getByRole('button', { name: /^Keep this one/ }).click();
    await group.waitFor({ state: 'detached' });
    ok((await api('GET', `/api/assets/${other}`)).deleted_at, 'the smaller one is in the bin');
    ok(!(await api('GET', `/api/assets/${keep}`)).deleted_at, 'the larger one stays');
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await group.getByText(small).waitFor();

    // What a person finds distinct is not reported again, whatever comes later.
    await group.getByRole('button', { name: 'These are no duplicates' }).click();
    await group.waitFor({ state: 'detached' });
    await looked(v, again, await smaller(page, first, 0.4));
    await page.reload();
    await group.getByText(again).waitFor();
    equal(await group.getByText(small).count(), 0, 'what was settled');
  });

  await flow('similar: the upload tray tells a look-alike, which is kept or binned there', async (v) => {
    const { page, api } = v;
    const first = await picture(page, { width: 1100, height: 500 });
    const title = `${run} was here`;
    const here = await looked(v, title, first);
    await page.goto('/');
    await page.getByRole('button', { name: 'Upload', exact: true }).waitFor();
    const tray = page.getByRole('region', { name: 'Uploads' });
    await drop(page, [{ name: `${run} again 1.jpg`, buffer: await smaller(page, first, 0.5) }, { name: `${run} again 2.jpg`, buffer: await smaller(page, first, 0.45) }]);
    const row = (n) => tray.getByRole('listitem').filter({ hasText: `${run} again ${n}.jpg` });
    for (const n of [1, 2]) await row(n).getByText(/^Looks like something that is here already, (9\d|100)\s?%:$/).waitFor({ timeout: 60_000 });
    await accessible(page, 'the tray with look-alikes');
    if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/tray.png` });
    await row(1).getByRole('button', { name: 'Keep the new one' }).click();
    await row(1).getByText('Looks like').waitFor({ state: 'detached' });
    const id = (await row(2).getByRole('link', { name: `${run} again 2.jpg` }).getAttribute('href')).split('/').pop();
    await row(2).getByRole('button', { name: 'Bin the new one' }).click();
    await row(2).getByText('In the bin').waitFor();
    ok((await api('GET', `/api/assets/${id}`)).deleted_at, 'the new one is in the bin');
    ok(!(await api('GET', `/api/assets/${here}`)).deleted_at, 'the one that was here stays');
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await row(2).getByText('Uploaded').waitFor();
    ok(!(await api('GET', `/api/assets/${id}`)).deleted_at, 'and is back');
  });
}
