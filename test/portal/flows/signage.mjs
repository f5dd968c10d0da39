import { accessible, asset, base, equal, flow, ok, run, until } from '../harness.mjs';

async function approved(v, title) {
  const a = await asset(v, title);
  await v.api('PATCH', `/api/assets/${a.id}`, { alt: { en: `a picture of ${title}` } });
  await v.api('POST', `/api/assets/${a.id}/approve`, {});
  return a;
}
const group = (v, name, config) => v.api('POST', '/api/channels', { name: `${run} ${name}`, kind: 'signage', config: { zone: 'Asia/Kathmandu', seconds: 1, ...config }, rule: { query: '', presets: [], enabled: false } });
async function publish(v, a, channel, options) {
  const p = await v.api('POST', '/api/publications', { asset: a.id, channel: channel.id, ...(options && { options }) });
  return await until('delivery', async () => {
    const now = await v.api('GET', `/api/publications/${p.id}`);
    return now.state === 'delivered' && now;
  });
}
/** A device of its own: nobody is signed in there. */
async function device(v, address) {
  const context = await v.context.browser().newContext({ baseURL: base, viewport: { width: 1280, height: 720 }, locale: 'en' });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (e) => v.problems.push('player: ' + e.message));
  page.on('console', (m) => /Content Security Policy|Refused to/.test(m.text()) && v.problems.push('player: ' + m.text()));
  const u = new URL(address);
  return { context, page, open: () => page.goto(u.pathname + u.hash) };
}
const shown = (page, p) => page.locator(`#stage img.on[data-entry="${p.id}"]`);
const order = async (v, channel) => (await v.api('GET', `/api/channels/${channel.id}/playlist`)).items.map((e) => e.publication);
const ready = (page) => page.evaluate(() => navigator.serviceWorker.ready.then((r) => !!r.active));
const kept = (page) => page.evaluate(async () => {
  const out = [];
  for (const name of await caches.keys()) if (name.startsWith('vitrine-files ')) for (const r of await (await caches.open(name)).keys()) out.push(r.url.split('/').pop());
  return out;
});

export default async function () {
  await flow('signage: a screen shows what is published, goes on and starts without a connection, drops what is recalled, and reports', async (v) => {
    const { page, api } = v;
    const [a, b] = [await approved(v, `${run} boots`), await approved(v, `${run} coats`)];
    const channel = await group(v, 'windows');
    await page.goto('/channels');
    await page.getByRole('link', { name: `Playlist and screens: ${channel.name}` }).click();
    await page.getByText('Nothing is played yet').waitFor();
    await accessible(page, 'a group without anything');
    const first = await publish(v, a, channel);
    await page.getByRole('button', { name: 'Add a screen' }).click();
    await page.getByLabel('Name').fill('Left window');
    await page.getByRole('dialog').getByRole('button', { name: 'Add a screen' }).click();
    const address = await page.locator('[data-secret]').textContent();
    await accessible(page, 'the address of a screen');
    await page.getByRole('dialog').getByRole('button').last().click();
    const row = page.locator('[data-screen]');
    await row.getByText('Never heard of').waitFor();

    const screen = await device(v, address);
    await screen.open();
    await shown(screen.page, first).waitFor();
    ok(await shown(screen.page, first).evaluate((i) => i.naturalWidth > 0), 'real pixels are shown');
    equal(new URL(screen.page.url()).hash, '', 'the token does not stay in the address');
    equal(await shown(screen.page, first).getAttribute('data-file'), first.receipt.media[0].sha256, 'the bytes that were approved');
    await ready(screen.page);
    await accessible(screen.page, 'the player');

    await row.getByText('Showing', { exact: true }).waitFor();
    await row.getByRole('link', { name: `${run} boots` }).waitFor();
    await row.getByText(first.receipt.media[0].sha256.slice(0, 12)).waitFor();
    await accessible(page, 'a group with a screen');

    // Without a connection it goes on, and starts anew.
    await screen.context.setOffline(true);
    await screen.page.reload();
    await shown(screen.page, first).waitFor();
    ok(await shown(screen.page, first).evaluate((i) => i.naturalWidth > 0), 'real pixels without a connection');
    await screen.context.setOffline(false);
    await row.getByText('without a connection from').waitFor({ timeout: 30_000 });

    // What is new comes at once; what is recalled goes at once, with its file.
    const second = await publish(v, b, channel);
    await shown(screen.page, second).waitFor();
    equal((await kept(screen.page)).length, 2, 'both files are kept');
    await page.getByRole('button', { name: `Recall: ${run} boots` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Recall', exact: true }).click();
    await screen.page.locator(`#stage [data-entry="${first.id}"]`).waitFor({ state: 'detached' });
    await until('its file is gone', async () => JSON.stringify(await kept(screen.page)) === JSON.stringify([second.receipt.media[0].sha256]));
    await page.getByRole('list', { name: 'Playlist' }).getByText(`${run} boots`).waitFor({ state: 'detached' });
    equal((await api('GET', `/api/publications/${first.id}`)).receipt.gone.answer, 'removed from the playlist', 'the proof');

    // Who is taken out of the group shows nothing, and keeps nothing.
    await row.getByRole('button', { name: 'Remove: Left window' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await screen.page.getByText('This screen is not paired').waitFor({ timeout: 40_000 });
    equal(await kept(screen.page), [], 'nothing is kept');
    equal(await screen.page.locator('#stage > *').count(), 0, 'nothing is shown');
    await accessible(screen.page, 'a player without a pairing');

    // The same device, added again; a proxy's own 404 takes nothing off it.
    const again = await api('POST', `/api/channels/${channel.id}/screens`, { name: 'Left window' });
    const u = new URL(again.url);
    await screen.page.goto(u.pathname + u.hash);
    await shown(screen.page, second).waitFor();
    let refused = 0;
    await screen.context.route('**/feed.json*', (r) => { refused++; return r.fulfill({ status: 404, contentType: 'text/html', body: 'no such host' }); });
    await publish(v, await approved(v, `${run} hats`), channel); // ends the wait that is under way
    await until('the proxy refuses', () => refused > 1);
    // The answer to the wait that was under way has brought the second entry, so that the two take turns.
    await shown(screen.page, second).waitFor();
    ok((await kept(screen.page)).length > 0, 'what a proxy says changes nothing');
    await screen.context.close();
  });

  await flow('signage: dates, day-parts, rights and the end of the feed by the clock at the screens, without a connection', async (v) => {
    const channel = await group(v, 'days', { offline_hours: 2160 });
    // Wall-clock times in Kathmandu, UTC+5:45 all year, on days to come.
    const days = (n) => new Date(Date.now() + n * 86_400_000);
    const monday = days(14 - ((days(0).getUTCDay() + 6) % 7)).toISOString().slice(0, 10);
    const plus = (n) => new Date(Date.parse(monday) + n * 86_400_000).toISOString().slice(0, 10);
    const at = (day, time) => new Date(Date.parse(`${day}T${time}:00Z`) - 345 * 60_000);
    const [a, b, c, d] = [await approved(v, `${run} breakfast`), await approved(v, `${run} night`), await approved(v, `${run} week`), await approved(v, `${run} licensed`)];
    await v.api('PATCH', `/api/assets/${d.id}`, { rights: { until: plus(9) } });
    const morning = await publish(v, a, channel, { day_parts: 'mon-fri 08:00-12:00', order: 1 });
    const night = await publish(v, b, channel, { day_parts: 'fri 22:00-02:00', order: 2 });
    const week = await publish(v, c, channel, { from: plus(7), until: plus(8), order: 3 });
    const licensed = await publish(v, d, channel, { from: plus(9), order: 4 });
    const { url } = await v.api('POST', `/api/channels/${channel.id}/screens`, { name: 'Clock' });
    const screen = await device(v, url);
    await screen.page.clock.setFixedTime(at(monday, '08:00'));
    await screen.open();
    await shown(screen.page, morning).waitFor();
    await until('all files are kept', async () => (await kept(screen.page)).length === 4);
    await ready(screen.page);
    await screen.context.setOffline(true);
    const only = async (when, p, what) => {
      await screen.page.clock.setFixedTime(when);
      if (p) await shown(screen.page, p).waitFor();
      await until(what, async () => (await screen.page.locator('#stage > *').evaluateAll((l) => l.map((x) => x.dataset.entry).join())) === (p?.id ?? ''));
    };
    await only(at(monday, '12:00'), undefined, 'nothing at noon');
    await only(at(plus(4), '22:00'), night, 'Friday night');
    await only(at(plus(5), '01:59'), night, 'it goes on after midnight');
    await only(at(plus(5), '02:00'), undefined, 'and ends at two');
    await only(at(plus(7), '00:00'), week, 'the first day begins by the date at the screens');
    await screen.page.reload();
    await only(at(plus(8), '23:59'), week, 'the last day is whole, and a restart changes nothing');
    await only(at(plus(9), '00:00'), licensed, 'the next day is another entry’s');
    await only(at(plus(11), '07:00'), undefined, 'rights end on the screen itself');
    await only(at(plus(11), '09:00'), morning, 'the others go on');
    await only(new Date(Date.now() + 2162 * 3_600_000), undefined, 'the feed itself ends');
    await screen.context.close();
  });

  await flow('signage: the order by keyboard and by drag, with Undo; options when composing and later', async (v) => {
    const { page } = v;
    const channel = await group(v, 'order', { seconds: 30 });
    const titles = ['one', 'two', 'three'];
    const pubs = [];
    for (const t of titles) pubs.push((await publish(v, await approved(v, `${run} ${t}`), channel)).id);
    const [one, two, three] = pubs;
    equal(await order(v, channel), [one, two, three], 'what is new comes last');
    await page.goto(`/channels/${channel.id}`);
    const list = page.getByRole('list', { name: 'Playlist' });
    await list.getByRole('button', { name: `Move down: ${run} one` }).press('Enter');
    await until('moved by keyboard', async () => JSON.stringify(await order(v, channel)) === JSON.stringify([two, one, three]));
    await list.locator(`[data-entry="${three}"]`).dragTo(list.locator(`[data-entry="${two}"]`), { targetPosition: { x: 200, y: 5 } });
    await until('moved by drag', async () => JSON.stringify(await order(v, channel)) === JSON.stringify([three, two, one]));
    await page.keyboard.press('Control+z');
    await until('put back', async () => JSON.stringify(await order(v, channel)) === JSON.stringify([two, one, three]));
    const ledger = (await v.api('GET', `/api/publications/${three}`)).steps.filter((s) => s.state === 'delivered').length;
    ok(ledger >= 3, `each move is in the ledger: ${ledger} deliveries`);

    await list.getByRole('button', { name: `Options: ${run} two` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Day-parts').fill('someday');
    await accessible(page, 'the options of an entry');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText(/time of the week/).waitFor();
    await dialog.getByLabel('Day-parts').fill('mon-sun 00:00-24:00');
    await dialog.getByLabel('Seconds').fill('4');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await list.getByText('4 s · mon-sun 00:00-24:00').waitFor();

    const a = await approved(v, `${run} four`);
    await page.goto(`/compose?asset=${a.id}&channel=${channel.id}`);
    const options = page.getByRole('group', { name: `Options on ${channel.name}` });
    await options.getByLabel('Day-parts').fill('mon-fri 8-12');
    await page.getByRole('alert').getByText(/time of the week/).waitFor();
    ok(await page.getByRole('button', { name: 'Publish now' }).isDisabled(), 'what the screens can’t read is not sent');
    await options.getByLabel('Day-parts').fill('mon-fri 08:00-12:00');
    await options.getByLabel('Place').fill('-5');
    await page.getByRole('alert').first().waitFor({ state: 'detached' });
    await accessible(page, 'the composer with options');
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByRole('heading', { name: 'Proof' }).waitFor({ timeout: 30_000 });
    const items = (await v.api('GET', `/api/channels/${channel.id}/playlist`)).items;
    equal([items[0].asset, items[0].showing.day_parts], [a.id, 'mon-fri 08:00-12:00'], 'it is the first, in the mornings');

    // A person sees what the screens see, without pairing anything.
    const popup = page.context().waitForEvent('page');
    await page.goto(`/channels/${channel.id}`);
    await page.getByRole('button', { name: 'See what they show' }).click();
    const look = await popup;
    await look.locator('#stage img.on').waitFor();
    equal((await v.api('GET', `/api/channels/${channel.id}/screens`)).items, [], 'a look is no screen');
    await look.close();
  });
}
