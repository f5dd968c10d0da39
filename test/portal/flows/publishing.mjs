import { board } from '../board.mjs';
import { accessible, asset, equal, flow, ok, run, until } from '../harness.mjs';

// Days far ahead, so that nothing of this is sent: the clocks of Paris change on 28 March 2027.
const paris = '&zone=Europe%2FParis';

async function approved(v, title) {
  const a = await asset(v, title);
  await v.api('PATCH', `/api/assets/${a.id}`, { alt: { en: 'hills under a round sun' } });
  await v.api('POST', `/api/assets/${a.id}/approve`, {});
  return a;
}
const plan = (v, a, channel, at, zone = 'Europe/Paris') => v.api('POST', '/api/publications', { asset: a.id, channel: channel.id, at, zone, caption: `${run} planned` });
const instant = async (v, p) => (await v.api('GET', `/api/publications/${p.id}`)).at;
const card = (page, p, day) => page.locator(`${day ? `[data-day="${day}"] ` : ''}[data-publication="${p.id}"]`);

export default async function () {
  const main = await board();
  const tall = await board({ max: 500, media: { single: true, max_aspect: 0.8 } });
  let first, second;
  const channels = async (v) => {
    first ??= await main.add(v, `${run} board`);
    second ??= await tall.add(v, `${run} tall`);
  };

  await flow('publishing: one text for several channels, with variants, live limits and remedies', async (v) => {
    const { page, api } = v;
    await channels(v);
    const a = await approved(v, `${run} composed`);
    await page.goto(`/assets/${a.id}?tab=places`);
    await page.getByRole('link', { name: 'Publish on…' }).click();
    await page.getByRole('button', { name: first.name }).click();
    await page.getByRole('button', { name: second.name }).click();
    const previews = page.getByRole('region', { name: 'What each channel gets' });
    const tallOne = previews.locator('article').filter({ hasText: second.name });
    await tallOne.getByRole('alert').getByText(/crop/).waitFor(); // 3:2 does not fit, and the remedy says what would
    const send = page.getByRole('button', { name: 'Publish now' });
    ok(await send.isDisabled(), 'what does not fit is not sent');
    await accessible(page, 'the composer with a problem');
    await page.getByRole('button', { name: second.name, exact: true }).click();
    await page.getByLabel('Text', { exact: true }).fill('x'.repeat(61));
    await previews.getByText('61 of 60', { exact: true }).waitFor();
    await previews.getByRole('alert').first().waitFor();
    ok(await send.isDisabled(), 'a text too long is not sent');
    await page.getByRole('button', { name: `Write another text: ${first.name}` }).click();
    await page.getByLabel(`Text for ${first.name}`).fill(`${run} short`);
    await page.getByLabel('First comment', { exact: true }).fill('more in the shop');
    await page.getByLabel(`Without the first comment on ${first.name}`).check();
    await page.getByLabel('Alternative text').fill('a sun over hills');
    await previews.getByRole('alert').first().waitFor({ state: 'detached' });
    await previews.getByText('a sun over hills').waitFor();
    await page.getByLabel('Take it down again').check();
    await page.getByLabel('Last day').fill('2099-12-24');
    await page.getByLabel('Until').fill('18:30');
    await until('it can be sent', () => send.isEnabled());
    await send.click();
    await page.getByRole('heading', { name: 'Proof' }).waitFor({ timeout: 30_000 });
    const id = page.url().split('/').pop();
    const sent = main.posts.get(id);
    equal([sent.text, sent.media.length], [`${run} short`, 1], 'what the channel got');
    equal((await api('GET', `/api/assets/${a.id}/publications`)).items.length, 1, 'planned once');

    const proof = page.getByRole('region', { name: 'Proof' });
    await proof.getByText(sent.media[0].sha256).waitFor();
    ok(main.files.has(sent.media[0].sha256), 'the hash is that of the bytes that arrived');
    await proof.getByText(`post-${id}`).waitFor();
    await proof.getByRole('link', { name: `https://board.example/${id}` }).waitFor();
    await proof.getByText(`${run} short`).waitFor();
    const me = await api('GET', '/api/me');
    await proof.getByText(me.user.name, { exact: true }).waitFor(); // who approved
    const ledger = page.getByRole('region', { name: 'Ledger' });
    for (const state of ['Planned', 'Being sent', 'Live']) await ledger.getByText(state, { exact: true }).first().waitFor();
    ok(/^2099-12-24/.test((await api('GET', `/api/publications/${id}`)).ends), 'when it is taken down');
    await page.getByText(/^Taken down .*2099/).waitFor();
    await page.getByRole('button', { name: 'Take down at …' }).click();
    await page.getByRole('dialog').getByLabel('Take it down again').uncheck();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^Taken down .*2099/).waitFor({ state: 'detached' });
    ok(!(await api('GET', `/api/publications/${id}`)).ends, 'it stays');
    await accessible(page, 'a delivered publication');

    await page.goto(`/assets/${a.id}?tab=places`);
    await page.getByRole('region', { name: 'Out in the world now' }).getByText(first.name).click();
    await page.getByRole('button', { name: 'Recall', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('wrong season');
    await dialog.getByRole('button', { name: 'Recall', exact: true }).click();
    await proof.getByText('taken off the board').waitFor({ timeout: 30_000 });
    await page.getByText('wrong season').first().waitFor();
    equal([main.posts.size, main.recalled], [0, 1], 'it is gone from the board');
  });

  await flow('publishing: a draft is kept from its first word, and a colleague’s correction is not posted over', async (v) => {
    const { page, api } = v;
    await channels(v);
    const a = await approved(v, `${run} drafted`);
    await page.goto(`/compose?asset=${a.id}`);
    await page.getByRole('button', { name: first.name }).click();
    const text = page.getByLabel('Text', { exact: true });
    await text.fill(`${run} first words`);
    await page.getByText('Saved as a draft.').waitFor();
    await page.waitForURL(/draft=dr_/);
    await page.reload();
    await until('what was written is there', async () => (await text.inputValue()) === `${run} first words`);
    const path = `/api/publications/drafts/${new URL(page.url()).searchParams.get('draft')}`;
    const { post } = await api('GET', path);
    await api('PUT', path, { ...post, caption: `${run} corrected` });
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByRole('button', { name: 'Show theirs' }).click();
    await until('the correction is there', async () => (await text.inputValue()) === `${run} corrected`);
    equal((await api('GET', `/api/assets/${a.id}/publications`)).items.length, 0, 'nothing is planned');
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByRole('heading', { name: 'Proof' }).waitFor({ timeout: 30_000 });
    equal(main.posts.get(page.url().split('/').pop().split('?')[0]).text, `${run} corrected`, 'what the channel got');
    equal((await api('GET', path)).state, 'planned', 'the draft');
  });

  await flow('publishing: links carry their tags; a series plans each occurrence', async (v) => {
    const { page, api } = v;
    await channels(v);
    const a = await approved(v, `${run} series`);
    await page.goto(`/compose?asset=${a.id}&channel=${first.id}&day=2027-03-22`);
    await page.getByLabel('Link', { exact: true }).fill('https://shop.example/');
    await page.getByLabel('utm_source').fill('b');
    await page.getByRole('region', { name: 'What each channel gets' }).getByText('https://shop.example/?utm_source=b').first().waitFor();
    await page.getByLabel('Link', { exact: true }).fill('');
    await page.getByLabel('Campaign').fill(`${run} spring`);
    const start = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('As a series').check();
    await page.getByLabel('First day', { exact: true }).fill(start);
    await page.getByLabel('Time', { exact: true }).fill('09:30');
    await page.getByLabel('Time zone').fill('Europe/Paris');
    await page.getByLabel('Unit').selectOption('day');
    await page.getByLabel('Ends').selectOption('count');
    await page.getByRole('spinbutton', { name: 'After so many' }).fill('3');
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByText('The series is planned.').waitFor();
    const { items } = await api('GET', `/api/assets/${a.id}/publications`);
    equal(items.length, 3, 'occurrences');
    await until('three cards', async () => (await page.locator('[data-publication]').count()) >= 3);
    await page.getByLabel('Campaign').selectOption({ label: `${run} spring` });
    await page.getByRole('button', { name: 'Hold the campaign' }).click();
    await card(page, items[0]).getByText('Its campaign is held').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await card(page, items[0]).getByText('Its campaign is held').waitFor({ state: 'detached' });
  });

  await flow('calendar: the same post in all views; dragging keeps the time, also into the day the clocks change', async (v) => {
    const { page } = v;
    await channels(v);
    const a = await approved(v, `${run} dragged`);
    const p = await plan(v, a, first, '2027-03-27T10:00');
    equal(await instant(v, p), '2027-03-27T09:00:00Z', 'planned in winter time');
    for (const view of ['month', 'week', 'list']) {
      await page.goto(`/calendar?view=${view}&day=2027-03-24${paris}`);
      await card(page, p, '2027-03-27').waitFor();
      equal(await card(page, p).count(), 1, `in the ${view} once`);
      await page.waitForLoadState('networkidle');
      await accessible(page, `the calendar, ${view}`);
    }
    await page.goto(`/calendar?view=month&day=2027-03-24${paris}`);
    await page.getByText('UTC+1 → UTC+2').waitFor();
    await page.locator('[data-day="2027-03-28"]').getByText('The clocks change').waitFor();
    await card(page, p).dragTo(page.locator('[data-day="2027-03-28"]'));
    await page.getByText(/^Moved to/).waitFor();
    await card(page, p, '2027-03-28').waitFor();
    equal(await instant(v, p), '2027-03-28T08:00:00Z', 'ten o’clock in summer time');
    await page.getByRole('button', { name: 'Undo Ctrl Z' }).click();
    await card(page, p, '2027-03-27').waitFor();
    equal(await instant(v, p), '2027-03-27T09:00:00Z', 'after Undo');

    await page.goto(`/calendar?view=week&day=2027-03-24${paris}`);
    await card(page, p).getByRole('button', { name: /^Move to/ }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await accessible(page, 'Move to…');
    await dialog.getByLabel('Day').fill('2027-03-25');
    await dialog.getByLabel('Time').fill('16:45');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await card(page, p, '2027-03-25').waitFor();
    equal(await instant(v, p), '2027-03-25T15:45:00Z', 'moved by the keyboard');

    const near = await plan(v, a, first, '2027-03-25T16:47');
    await card(page, near).getByText('Too close to another').waitFor(); // it came by the stream of events
    await card(page, p).getByText('Too close to another').waitFor();
    await page.keyboard.press('m');
    await page.waitForURL(/view=month/);
  });

  await flow('calendar: a browser at UTC+5:45 shows and keeps the zone’s own days', { timezoneId: 'Asia/Kathmandu' }, async (v) => {
    const { page } = v;
    await channels(v);
    const a = await approved(v, `${run} far`);
    const p = await plan(v, a, first, '2027-04-10T20:15:30');
    await page.goto(`/calendar?view=month&day=2027-04-10${paris}`);
    await card(page, p, '2027-04-10').waitFor();
    await page.goto('/calendar?view=month&day=2027-04-10&zone=Asia%2FKathmandu');
    await card(page, p, '2027-04-11').getByText('12:00').waitFor(); // 18:15:30 UTC
    await page.getByText('UTC+5:45').waitFor();
    await card(page, p).dragTo(page.locator('[data-day="2027-04-13"]'));
    await card(page, p, '2027-04-13').waitFor();
    await until('the instant', async () => (await instant(v, p)) === '2027-04-12T18:15:30Z');
  });

  await flow('calendar: what failed waits in the rail, and goes out on the second try', async (v) => {
    const { page, api } = v;
    await channels(v);
    const a = await approved(v, `${run} refused`);
    main.refuse = 'the board is full';
    const p = await api('POST', '/api/publications', { asset: a.id, channel: first.id, caption: 'x' });
    await page.goto('/calendar');
    const rail = page.getByRole('complementary', { name: 'Needs attention' });
    const again = rail.getByRole('button', { name: `Try again: ${run} refused` });
    await again.waitFor({ timeout: 30_000 });
    await rail.getByText('the board is full').waitFor();
    main.refuse = '';
    await again.click();
    await again.waitFor({ state: 'detached', timeout: 30_000 });
    await until('it is delivered', async () => (await api('GET', `/api/publications/${p.id}`)).state === 'delivered');
    ok(main.posts.has(p.id), 'it is on the board');
    await page.goto(`/publications/${p.id}`);
    await page.getByRole('region', { name: 'Ledger' }).getByText('Failed', { exact: true }).waitFor();
  });

  await flow('channels: passing trouble is not a broken account; slots and the policy for what came late', async (v) => {
    const { page, api } = v;
    await channels(v);
    await page.goto('/channels');
    const row = page.getByRole('listitem').filter({ hasText: first.name });
    const test = row.getByRole('button', { name: `Test: ${first.name}` });
    main.broken = 502;
    await test.click();
    await row.getByText('Degraded').waitFor();
    equal((await api('GET', `/api/channels/${first.id}`)).health, 'degraded', 'after a 502');
    main.broken = 401;
    await test.click();
    await row.getByText('Reconnect', { exact: true }).waitFor();
    await row.getByText('401 Unauthorized (disconnected)').first().waitFor();
    main.broken = 0;
    await test.click();
    await row.getByText('Healthy').waitFor();

    // Whoever comes back from an account's service without a connection is told so here, once.
    await page.goto('/api/oauth/callback?state=old&error=access_denied');
    await page.waitForURL('**/channels');
    const told = page.getByText('was not started');
    await told.first().waitFor();
    await page.reload();
    await row.waitFor();
    equal(await told.count(), 0, 'it is not said again');

    await row.getByRole('button', { name: `Edit: ${first.name}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Tue', exact: true }).click();
    await dialog.getByRole('button', { name: 'Fri', exact: true }).click();
    await dialog.getByLabel('Time', { exact: true }).fill('08:20');
    await dialog.getByRole('button', { name: 'Add slots' }).click();
    await dialog.getByLabel('What missed its time').selectOption('ask');
    await accessible(page, 'a channel’s settings');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Slots a week: 2.').waitFor();
    const { schedule } = await api('GET', `/api/channels/${first.id}`);
    equal([schedule.slots, schedule.catch_up], [[{ day: 'tue', at: '08:20' }, { day: 'fri', at: '08:20' }], 'ask'], 'the schedule');

    const a = await approved(v, `${run} queued`);
    await page.goto(`/compose?asset=${a.id}&channel=${first.id}`);
    await page.getByLabel('Next free slot').check();
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByRole('heading', { name: 'Ledger' }).waitFor();
    const [p] = (await api('GET', `/api/assets/${a.id}/publications`)).items;
    const { items: slots } = await api('GET', `/api/channels/${first.id}/slots`);
    ok(slots.some((s) => s.at === p.at && !s.free), 'it took a slot');
    await page.goto('/channels');
    await row.getByRole('button', { name: `Pause: ${first.name}` }).click();
    await row.getByText('Paused').waitFor();
    await page.goto(`/calendar?view=list&day=${p.at.slice(0, 10)}&zone=UTC`);
    await card(page, p).getByText('The channel is paused').waitFor();
    await api('POST', `/api/channels/${first.id}/resume`);
  });

  main.close();
  tall.close();
}
