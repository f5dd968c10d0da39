import { admin, base, equal, flow, ok, run, until } from '../harness.mjs';

export default async function () {
  await flow('sign in: a wrong password is explained, the right one opens the library', { signIn: null }, async ({ page }) => {
    await page.goto('/people?x=1');
    equal(await page.getByLabel('Password').getAttribute('autocomplete'), 'current-password', 'for password managers');
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').fill('not the password at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('not right').waitFor();
    ok(await page.getByRole('alert').locator('code').innerText(), 'the request id is shown');
    await page.getByLabel('Password').fill(admin.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'People', exact: true }).waitFor();
    ok(page.url().endsWith('/people?x=1'), 'the address survived the sign-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail').waitFor();
    await page.reload();
    await page.getByLabel('E-mail').waitFor();
  });

  await flow('sign in: too many tries are told how long to wait', { signIn: null }, async ({ page, context }) => {
    const email = `${run}-nobody@example.com`;
    // All but the last by the API, on an account of their own, so that the server's real limit is what answers.
    await until('the account is limited', async () => (await context.request.post(base + '/api/login', { data: { email, password: 'not this one' } })).status() === 429, 30_000);
    await page.goto('/');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill('whatever it is');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Too many tries').waitFor();
    await page.getByRole('alert').getByText(/Try again in [\d,]+ /).waitFor();
  });

  await flow('account: a person changes the own password', async ({ page, api, context }) => {
    const email = `${run}-self@example.com`;
    const { password } = await api('POST', '/api/users', { email, name: 'Self Service', role: 'viewer' });
    await context.clearCookies();
    await api('POST', '/api/login', { email, password });
    await page.goto('/account');
    await page.getByLabel('Current password').fill(password);
    await page.getByLabel('New password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed.').waitFor();
    await context.clearCookies();
    await api('POST', '/api/login', { email, password: 'correct horse battery' });
  });

  await flow('language: the portal speaks French', { locale: 'fr-CA' }, async ({ page }) => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Téléverser' }).waitFor();
    equal(await page.locator('html').getAttribute('lang'), 'fr', 'lang');
    await page.goto('/account');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Preferences', exact: true }).waitFor();
    equal(await page.locator('html').getAttribute('lang'), 'en', 'lang after the change');
  });
}
