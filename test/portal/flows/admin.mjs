import { accessible, asset, base, equal, flow, ok, run, until } from '../harness.mjs';

export default async function () {
  await flow('people: a person is added, changed, disabled; a viewer is kept out by page and by API', async ({ page, api, context }) => {
    const email = `${run}-eve@example.com`;
    await page.goto('/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(`Eve ${run}`);
    await dialog.getByLabel('E-mail').fill(email);
    await dialog.getByLabel('Role').selectOption('viewer');
    await dialog.getByRole('button', { name: 'Add a person' }).click();
    const password = await page.locator('[data-secret]').innerText();
    ok(password.length >= 12, 'a one-time password is shown');
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByLabel(`Role of Eve ${run}`).selectOption('editor');
    await page.getByText(`Eve ${run}: Editor`).waitFor();
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await until('the role is back', async () => (await page.getByLabel(`Role of Eve ${run}`).inputValue()) === 'viewer');

    await context.clearCookies();
    await api('POST', '/api/login', { email, password });
    await page.goto('/');
    await page.getByRole('link', { name: 'Library', exact: true }).waitFor();
    equal(await page.getByRole('link', { name: 'People' }).count(), 0, 'a viewer sees no administration');
    equal(await page.getByRole('button', { name: 'Upload' }).count(), 0, 'a viewer cannot upload');
    await page.goto('/people');
    await page.getByRole('alert').getByText('Your role does not allow this.').waitFor();
    equal((await context.request.get(base + '/api/users')).status(), 403, 'the API says the same');

    await context.clearCookies();
    await api('POST', '/api/login', { email: process.env.VITRINE_EMAIL, password: process.env.VITRINE_PASSWORD });
    await page.goto('/people');
    await page.getByRole('button', { name: `Disable: Eve ${run}` }).click();
    await page.getByRole('button', { name: `Enable: Eve ${run}` }).waitFor();
    const refused = await context.request.post(base + '/api/login', { data: { email, password } });
    ok(!refused.ok(), 'a disabled person cannot sign in');
  });

  await flow('tokens: the secret is shown once, works, and stops when revoked', async ({ page }) => {
    await page.goto('/tokens');
    await page.getByRole('button', { name: 'New token' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(`${run} shop`);
    await dialog.getByRole('button', { name: 'New token' }).click();
    const secret = await page.locator('[data-secret]').innerText();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').first().waitFor();
    equal(await page.evaluate(() => navigator.clipboard.readText()), secret, 'the clipboard');
    await page.getByRole('button', { name: 'I have kept it' }).click();
    const use = async () => (await fetch(base + '/api/me', { headers: { Authorization: 'Bearer ' + secret } })).status;
    equal(await use(), 200, 'the token works');
    await page.reload();
    await page.getByText(`${run} shop`).waitFor();
    equal(await page.getByText(secret).count(), 0, 'the secret is not shown again');
    await page.getByRole('button', { name: `Revoke: ${run} shop` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('no longer works').waitFor();
    equal(await use(), 401, 'after revoking');
  });

  await flow('collections: made, filled, opened as a filter, renamed, deleted', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} collected`);
    await page.goto('/collections');
    await page.getByRole('button', { name: 'New collection' }).first().click();
    await page.getByRole('dialog').getByLabel('Name').fill(`${run} season`);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('treeitem', { name: `${run} season` }).waitFor();
    await page.goto(`/assets/${a.id}`);
    await page.getByRole('tabpanel').getByLabel('Add to collection').selectOption({ label: `${run} season` });
    await until('the asset is in it', async () => (await api('GET', `/api/assets/${a.id}`)).collections.length === 1);
    await page.goto('/collections');
    await page.getByRole('treeitem', { name: `${run} season` }).click();
    await page.getByRole('heading', { name: `${run} season` }).waitFor();
    await page.getByText('1 asset', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Show in the library' }).click();
    await page.getByText('1 asset', { exact: true }).first().waitFor();
    await page.goBack();
    await page.getByRole('treeitem', { name: `${run} season` }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(`${run} spring`);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `${run} spring` }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('its assets are still in the library').waitFor();
    equal((await api('GET', `/api/assets/${a.id}`)).collections, [], 'the asset stays, in no collection');
    await page.getByRole('button', { name: 'Deleted collections' }).click();
    await page.getByRole('dialog').getByRole('button', { name: `Restore: ${run} spring` }).click();
    await page.getByRole('heading', { name: `${run} spring` }).waitFor();
    equal((await api('GET', `/api/assets/${a.id}`)).collections.length, 1, 'the asset is in it again');
  });

  await flow('collections: what a smart one has or hasn’t in any case is shown and given up', async (v) => {
    const { page, api } = v;
    const a = await asset(v, `${run} excepted`);
    const smart = await api('POST', '/api/collections', { name: `${run} found`, query: `id:${a.id}` });
    const count = async () => (await api('GET', `/api/collections/${smart.id}`)).count;
    await until('the query finds it', async () => (await count()) === 1);
    await page.goto(`/collections?collection=${smart.id}`);
    await page.getByRole('button', { name: `Take ${run} excepted out` }).click();
    await until('it is out', async () => (await count()) === 0);
    await page.getByText('Never in it, whatever the query finds (1)').click();
    await accessible(page, 'the exceptions of a smart collection');
    await page.getByRole('button', { name: `Let the query decide: ${run} excepted` }).click();
    await until('the query decides', async () => (await count()) === 1);
    await page.getByText('Never in it, whatever the query finds (1)').waitFor({ state: 'detached' });
  });

  await flow('channels: a folder is connected, tested, published to and recalled from', async (v) => {
    const { page, api } = v;
    await page.goto('/channels');
    await page.getByRole('button', { name: 'Add a channel' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(`${run} site`);
    await dialog.getByLabel('Folder', { exact: true }).fill(run); // below the server's own publishing folder
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: `Test: ${run} site` }).click();
    await page.getByText('It works.').waitFor();
    const a = await asset(v, `${run} published`);
    await api('POST', `/api/assets/${a.id}/approve`, {});
    await page.goto(`/assets/${a.id}?tab=places`);
    await page.getByRole('link', { name: 'Publish on…' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `${run} site`, exact: true }).click();
    const send = page.getByRole('button', { name: 'Publish now' });
    await until('the post can be sent', () => send.isEnabled());
    equal((await api('GET', `/api/assets/${a.id}/publications`)).items, [], 'nothing goes out before the button is pressed');
    await send.click();
    await page.getByText('Live', { exact: true }).first().waitFor({ timeout: 30_000 });
    await page.goto(`/assets/${a.id}?tab=places`);
    await page.getByRole('button', { name: 'Recall', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Recall', exact: true }).click();
    await page.getByText('Recalled', { exact: true }).waitFor({ timeout: 30_000 });
    await page.goto('/channels');
    await page.getByRole('button', { name: `Pause: ${run} site` }).click();
    await page.getByText('Paused').waitFor();
  });

  await flow('webhooks: the secret is shown once; a test is delivered or its failure told', async ({ page }) => {
    await page.goto('/webhooks');
    await page.getByRole('button', { name: 'Add a webhook' }).first().click();
    const dialog = page.getByRole('dialog');
    const url = `https://hooks.invalid/${run}`; // a name that never resolves: nothing leaves the machine
    await dialog.getByLabel('Address').fill(url);
    await dialog.getByLabel('Event types').fill('asset.approved');
    await dialog.getByRole('button', { name: 'Add a webhook' }).click();
    ok((await page.locator('[data-secret]').innerText()).startsWith('whsec_'), 'a Standard Webhooks secret');
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('button', { name: `Test: ${url}` }).click();
    await page.getByText('A test event is on its way.').waitFor();
    await page.getByRole('button', { name: `Deliveries: ${url}` }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: `Disable: ${url}` }).click();
    await page.getByRole('button', { name: `Enable: ${url}` }).waitFor();
    await page.getByRole('button', { name: `Delete ${url}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText(url).waitFor({ state: 'detached' });
  });

  await flow('system: jobs, followers and tools are told', async ({ page }) => {
    await page.goto('/system');
    await page.getByRole('region', { name: 'Followers of the log' }).getByText('search').waitFor();
    await page.getByRole('region', { name: 'Jobs', exact: true }).waitFor();
  });
}
