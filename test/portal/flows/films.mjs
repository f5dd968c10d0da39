// Videos: the clip under the pointer and the focus, the player, what is under way, the preset's form.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, base, cells, equal, flow, library, ok, run, until } from '../harness.mjs';

/** A file as ffmpeg makes it. */
function made(name, args) {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-film-'));
  try {
    execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args, join(dir, name)]);
    return readFileSync(join(dir, name));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
/** A film of a test card, new to every server. */
const film = (seconds, hue) => made('film.mp4', ['-f', 'lavfi', '-i', `testsrc2=s=640x360:d=${seconds}:r=25,hue=h=${hue}`, '-f', 'lavfi', '-i', `sine=d=${seconds}`, '-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-metadata', `comment=${run}`, '-shortest']);

export default async function () {
  let id = '';
  const uploaded = async (v) => {
    if (id) return;
    const { asset } = await v.api('POST', '/api/assets', film(4, 90), { 'x-name': 'film.mp4' });
    id = asset.id;
    await v.api('PATCH', `/api/assets/${id}`, { title: { en: `${run} walk` } });
    await until('the films', async () => {
      const r = await v.api('GET', `/api/assets/${id}/renditions`);
      return r.state === 'ready' && !r.films.length && r.items.some((x) => x.format === 'mp4');
    }, 120_000);
  };

  await flow('films: the clip plays under the pointer and the focus, and not where movement is unwelcome', {}, async (v) => {
    const { page } = v;
    await uploaded(v);
    const clip = page.locator('.cell video');
    const asked = [];
    page.on('request', (r) => r.url().includes('/preview/hover') && asked.push(r.url()));
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await library(page, `?q=${run}+type:video`);
    await cells(page).first().hover();
    await cells(page).first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.player video').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.player').waitFor({ state: 'detached' });
    equal(asked, [], 'clips with reduced motion');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await page.mouse.move(5, 5);
    await cells(page).first().hover();
    await until('the clip plays', () => clip.evaluate((x) => x.currentTime > 0.2 && x.muted && !x.paused));
    const r = await clip.boundingBox();
    await page.mouse.move(r.x + r.width * 0.9, r.y + r.height / 2);
    await until('it is wound to where the pointer is', () => clip.evaluate((x) => x.currentTime > x.duration * 0.6));
    await page.mouse.move(5, 5);
    await until('it goes with the pointer', async () => (await clip.count()) === 0);
    await page.getByRole('searchbox').or(page.getByRole('combobox')).first().focus();
    await cells(page).first().focus();
    await until('the focus plays it, too', () => clip.evaluate((x) => x.currentTime > 0.1));
    await accessible(page, 'the library with a video');
  });

  await flow('films: an asset is played by keyboard, and its address copied', {}, async (v) => {
    const { page } = v;
    await uploaded(v);
    await page.goto(`/assets/${id}?tab=files`);
    const player = page.locator('.player video');
    await player.waitFor();
    const facts = page.locator('header .names');
    for (const said of ['0:04', 'H264', '25 fps']) await facts.getByText(said).waitFor();
    ok(await player.evaluate((x) => !!x.poster && x.controls), 'a poster and controls');
    await player.focus();
    await page.keyboard.press('Space');
    await until('the space bar plays it', () => player.evaluate((x) => x.currentTime > 0.2 && x.videoWidth === 640));
    await page.keyboard.press('Space');
    await until('and stops it', () => player.evaluate((x) => x.paused));
    await page.keyboard.press('End');
    await until('it can be wound', () => player.evaluate((x) => x.currentTime > 3));
    const files = page.getByRole('tabpanel');
    await files.getByText('video', { exact: true }).waitFor();
    await files.locator('summary').first().click();
    await files.locator('select').first().selectOption('video/video');
    ok((await files.locator('pre').innerText()).startsWith('<video src="'), 'a snippet to copy');
    await accessible(page, 'a video');
    await page.goto(`/assets/${id}?tab=crops`);
    await page.locator('[data-preset="video-vertical"]').waitFor();
    await page.getByRole('button', { name: /Focal point/ }).first().waitFor();
    await accessible(page, "a video's crops");
  });

  await flow('films: an animation moves under the pointer, and on its page when somebody wants it', {}, async (v) => {
    const { page } = v;
    const { asset } = await v.api('POST', '/api/assets', made('wave.gif', ['-f', 'lavfi', '-i', `testsrc2=s=320x240:d=1:r=5,hue=h=${parseInt(run.slice(3, 5), 16)}`]), { 'x-name': 'wave.gif' });
    await v.api('PATCH', `/api/assets/${asset.id}`, { title: { en: `${run} wave` } });
    await until('the animation', async () => (await v.api('GET', `/api/assets/${asset.id}/renditions`)).items.some((x) => x.preset === 'animation'), 60_000);
    await library(page, `?q=${run}+wave`);
    await page.getByText('Animated').waitFor();
    await cells(page).first().hover();
    const clip = page.locator('.cell img.clip');
    await until('it moves', () => clip.evaluate((x) => x.complete && x.naturalWidth === 320 && x.currentSrc.includes('/preview/animation')));
    await page.goto(`/assets/${asset.id}`);
    const play = page.getByRole('button', { name: 'Play the animation' });
    await play.click();
    await until('it moves here', () => page.locator('.picture img').evaluate((x) => x.complete && x.currentSrc.includes('/preview/animation')));
    await accessible(page, 'an animation');
    await play.click();
    await until('and stands still again', () => page.locator('.picture img').evaluate((x) => x.complete && !x.currentSrc.includes('/preview/animation')));
  });

  await flow('films: a preset of video is made in the form; what it makes is seen on its way, and stopped', {}, async (v) => {
    const { page } = v;
    await uploaded(v);
    await page.goto('/presets?view=new');
    await page.getByRole('radio', { name: 'Video (MP4)' }).check();
    await page.getByLabel('Name').fill('story-' + run.slice(3, 9));
    await page.getByLabel('Seconds at most').fill('3');
    await page.getByLabel('Sound').selectOption('strip');
    await page.getByText('This is a frame of it').waitFor();
    equal(await page.getByLabel('Sharpen').count(), 0, 'what video has no use for');
    await accessible(page, 'a preset of video');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('saved', { exact: false }).first().waitFor();
    const stored = await v.api('GET', `/api/presets/story-${run.slice(3, 9)}`);
    equal([stored.formats[0].format, stored.max_seconds, stored.sound], ['mp4', 3, 'strip'], 'what is stored');
    await v.api('DELETE', `/api/presets/${stored.name}`);

    await v.api('PUT', '/api/presets/slow', { name: 'slow', width: 1920, height: 1080, fit: 'contain', formats: [{ format: 'mp4', quality: 100, effort: 7 }] });
    const { asset } = await v.api('POST', '/api/assets', film(90, 200), { 'x-name': 'long.mp4' });
    await page.goto(`/assets/${asset.id}?tab=files`);
    const list = page.getByRole('list', { name: 'Videos that are not there yet' });
    await list.getByRole('progressbar', { name: /slow/ }).waitFor({ timeout: 60_000 });
    await list.getByRole('button', { name: 'Cancel: slow' }).click();
    await list.getByText('cancelled').waitFor();
    await list.getByRole('button', { name: 'Try again: slow' }).waitFor();
    await v.api('DELETE', '/api/presets/slow');
  });

  await flow('films: a screen plays them, to their end and again', {}, async (v) => {
    await uploaded(v);
    if ((await v.api('GET', `/api/assets/${id}`)).latest.status !== 'approved') await v.api('POST', `/api/assets/${id}/approve`, {});
    const channel = await v.api('POST', '/api/channels', { name: `${run} films`, kind: 'signage', config: { zone: 'UTC' }, rule: { query: '', presets: [], enabled: false } });
    const p = await v.api('POST', '/api/publications', { asset: id, channel: channel.id });
    await until('delivery', async () => (await v.api('GET', `/api/publications/${p.id}`)).state === 'delivered');
    const { url } = await v.api('POST', `/api/channels/${channel.id}/screens`, { name: 'Film' });
    const screen = await v.context.browser().newContext({ baseURL: base });
    const page = await screen.newPage();
    const u = new URL(url);
    await page.goto(u.pathname + u.hash);
    const video = page.locator('#stage video.on');
    await video.waitFor();
    ok(await video.evaluate((x) => x.videoWidth > 0 && x.muted), 'a film with a picture, without sound');
    const first = await video.evaluate((x) => x.src);
    await until('it begins again', async () => (await video.last().evaluate((x) => x.src)) !== first);
    await screen.close();
  });
}
