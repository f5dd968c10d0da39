import { accessible, asset, equal, flow, ok, run, until } from '../harness.mjs';

export default async function () {
  await flow('presets: one is made with a live preview, in the form and as YAML, and renditions follow', async (v) => {
    const { page, api } = v;
    const name = `p-${run}`;
    const a = await asset(v, `${run} tried`);
    await page.goto(`/presets?view=new&asset=${a.id}`);
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByRole('status').getByText('900 × 600').waitFor();
    await page.getByLabel(/^Name/).fill(name);
    await page.getByLabel('Width (px)').fill('300');
    await page.getByLabel('Height (px)').fill('300');
    await preview.getByRole('status').getByText('300 × 300').waitFor();
    await until('the picture is square', () => preview.locator('img').evaluate((i) => i.naturalWidth === 300 && i.naturalHeight === 300));
    await page.getByRole('button', { name: 'YAML' }).click();
    const yaml = page.getByLabel('YAML', { exact: true });
    const text = await yaml.inputValue();
    ok(text.includes(`name: ${name}`) && text.includes('width: 300'), `the text: ${text}`);
    await yaml.fill(text.replace('width: 300', 'width: [300'));
    await page.getByText(/^Line \d+ can’t be read\./).waitFor();
    ok(await page.getByRole('button', { name: 'Save' }).isDisabled(), 'a broken text is not saved');
    await yaml.fill(text.replace('width: 300', 'width: 240') + 'max_bytes: 1000\n');
    await preview.locator('.note.warn').first().waitFor();
    await yaml.fill(text.replace('width: 300', 'width: 240'));
    await preview.getByRole('status').getByText('240 × 300').waitFor();
    await accessible(page, 'the editor of a preset');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`Preset ${name} is saved.`).waitFor();
    equal((await api('GET', `/api/presets/${name}`)).width, 240, 'stored');
    await page.getByText(`After a change of ${name}`).first().waitFor();
    await until('the asset has it', async () => (await api('GET', `/api/assets/${a.id}/renditions`)).items.some((r) => r.preset === name && r.width === 240), 60_000);
    await until('the run is done', async () => (await api('GET', '/api/renditions/runs')).items.find((r) => r.presets.includes(name)).state === 'done', 60_000);
    await page.getByText('Done', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Form' }).click();
    await page.getByLabel('Width (px)').fill('20000');
    await page.getByLabel('Width (px)').fill('200');
    await preview.getByRole('status').getByText('200 × 300').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(`Preset ${name} is deleted.`).waitFor();
    await page.getByRole('heading', { name: 'Presets', level: 1 }).waitFor();
    await until('it is gone', async () => !(await api('GET', '/api/presets')).items.some((p) => p.name === name));
  });

  await flow('presets: a ready-made one is turned on and off again; a run is stopped', async (v) => {
    const { page, api } = v;
    await page.goto('/presets');
    const first = page.getByRole('button', { name: /^Turn on: / }).first();
    const name = (await first.getAttribute('aria-label')).replace('Turn on: ', '');
    await first.click();
    await until('it is in the library', async () => (await api('GET', '/api/presets')).items.some((p) => p.name === name));
    await accessible(page, 'the list of presets');
    await page.keyboard.press('Control+z');
    await until('it is out again', async () => !(await api('GET', '/api/presets')).items.some((p) => p.name === name));

    // A preset that is slow to make, of pictures enough that its run can be stopped on the way.
    for (let i = 0; i < 6; i++) await asset(v, `${run} slow ${i}`, { width: 2400, height: 1800 });
    const slow = `slow-${run}`;
    await api('PUT', `/api/presets/${slow}`, { name: slow, width: 2300, height: 0, fit: 'contain', formats: [{ format: 'avif', quality: 90, effort: 9 }, { format: 'webp', quality: 95, effort: 6 }], dpr: [2, 3] });
    const line = page.getByRole('listitem').filter({ hasText: `After a change of ${slow}` }).first();
    await line.getByRole('button', { name: 'Stop' }).click();
    await line.getByText('Stopped').waitFor();
    const ended = (await api('GET', '/api/renditions/runs')).items.find((r) => r.presets.includes(slow));
    ok(ended.state === 'cancelled' && ended.done < ended.total, `it ended on the way: ${JSON.stringify(ended)}`);
    await api('DELETE', `/api/presets/${slow}`);
  });
}
