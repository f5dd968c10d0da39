// What every flow needs: a real Chromium, a signed-in page, pictures that nobody uploaded before, and axe.
import { readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { randomBytes } from 'node:crypto';

const portal = createRequire(new URL('../../web/portal/package.json', import.meta.url));
const { chromium } = portal('playwright-core');
const axe = readFileSync(portal.resolve('axe-core/axe.min.js'), 'utf8');

const need = (name) => {
  const v = process.env[name];
  if (!v) {
    console.error(`${name} is not set: give VITRINE_URL, VITRINE_EMAIL and VITRINE_PASSWORD of a running server's administrator`);
    process.exit(2);
  }
  return v;
};
export const base = need('VITRINE_URL').replace(/\/+$/, '');
export const admin = { email: need('VITRINE_EMAIL'), password: need('VITRINE_PASSWORD') };
const shots = process.env.VITRINE_SHOTS ?? join(tmpdir(), 'vitrine-portal-failures');

// A word nobody used before keeps the flows apart on a server that already holds assets.
export const run = 'run' + randomBytes(4).toString('hex');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const tally = { passed: 0, failed: 0 };
const wanted = process.argv.slice(2);

export function ok(condition, what) {
  if (!condition) throw new Error(what);
}
export function equal(got, want, what) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}
/** Polls until the function's answer is truthy, and returns it. */
export async function until(what, ask, timeout = 20_000) {
  const end = Date.now() + timeout;
  for (let last; ; ) {
    try {
      const v = await ask();
      if (v) return v;
      last = v;
    } catch (e) {
      last = e;
    }
    if (Date.now() > end) throw new Error(`${what}: still not after ${timeout / 1000} s (${last?.message ?? last})`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

let seed = 0;
/** A JPEG (or other) drawn for this call: a gradient, a few shapes and the run's word, so that its bytes are new. */
export async function picture(page, { width = 900, height = 600, type = 'image/jpeg' } = {}) {
  const base64 = await page.evaluate(async ([w, h, t, n, word]) => {
    const c = new OffscreenCanvas(w, h), g = c.getContext('2d');
    const hue = (n * 67) % 360;
    const sky = g.createLinearGradient(0, 0, 0, h);
    sky.addColorStop(0, `hsl(${hue} 45% 82%)`);
    sky.addColorStop(1, `hsl(${hue + 40} 45% 45%)`);
    g.fillStyle = sky;
    g.fillRect(0, 0, w, h);
    g.fillStyle = `hsl(${hue} 80% 92%)`;
    g.beginPath();
    g.arc(w * (0.2 + (n % 7) / 10), h * 0.35, h * 0.13, 0, 7);
    g.fill();
    g.fillStyle = `hsl(${hue + 60} 35% 28%)`;
    g.beginPath();
    g.moveTo(0, h);
    for (let i = 0; i <= 6; i++) g.lineTo((w * i) / 6, h * (0.58 + ((n * 13 + i * 29) % 23) / 60));
    g.lineTo(w, h);
    g.fill();
    g.font = `${h / 16}px sans-serif`;
    g.fillText(`${word} ${n}`, w * 0.04, h * 0.96);
    const bytes = new Uint8Array(await (await c.convertToBlob({ type: t, quality: 0.9 })).arrayBuffer());
    let s = '';
    for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(s);
  }, [width, height, type, ++seed, run]);
  return Buffer.from(base64, 'base64');
}

/** A browser of its own, signed in unless told otherwise. Page errors and refused content count as failures. */
async function visit({ locale = 'en', colorScheme = 'light', viewport = { width: 1440, height: 900 }, timezoneId, signIn = admin } = {}) {
  const context = await browser.newContext({ baseURL: base, locale, colorScheme, viewport, timezoneId });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = [];
  page.on('pageerror', (e) => problems.push('page error: ' + e.message));
  page.on('console', (m) => /Content Security Policy|Refused to/.test(m.text()) && problems.push(m.text()));
  if (signIn) await api(context, 'POST', '/api/login', signIn);
  return { context, page, problems, api: (method, path, data, headers) => api(context, method, path, data, headers) };
}

/** Calls the API as the context's person; throws on a refusal. */
async function api(context, method, path, data, headers = {}) {
  const res = await context.request.fetch(base + path, { method, headers, ...(data instanceof Buffer ? { multipart: { file: { name: headers['x-name'] ?? 'picture.jpg', mimeType: 'image/jpeg', buffer: data } } } : data !== undefined && { data }) });
  const text = await res.text();
  if (!res.ok()) throw new Error(`${method} ${path}: ${res.status()} ${text.slice(0, 200)}`);
  return text && res.headers()['content-type']?.includes('json') ? JSON.parse(text) : undefined;
}

/** Uploads a fresh picture through the API and waits for its renditions. */
export async function asset(v, title, how = {}) {
  const { asset: a } = await v.api('POST', '/api/assets', await picture(v.page, how), { 'x-name': `${title.replaceAll(' ', '-')}.jpg` });
  await v.api('PATCH', `/api/assets/${a.id}`, { title: { en: title } });
  return await until('renditions of ' + title, async () => {
    const now = await v.api('GET', `/api/assets/${a.id}`);
    return now.latest.renditions === 'ready' && now;
  }, 60_000);
}

export const cells = (page) => page.locator('[role=option]');
/** Opens the library on a query and waits for its cells. */
export async function library(page, query = '') {
  await page.goto('/' + query);
  await cells(page).first().waitFor();
}

/** Drops files on the page as a person's drag would. */
export async function drop(page, files) {
  const data = await page.evaluateHandle((list) => {
    const t = new DataTransfer();
    for (const f of list) t.items.add(new File([Uint8Array.from(atob(f.base64), (c) => c.charCodeAt(0))], f.name, { type: f.type, lastModified: 1_750_000_000_000 }));
    return t;
  }, files.map((f) => ({ name: f.name, type: f.type ?? 'image/jpeg', base64: f.buffer.toString('base64') })));
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
}

/** WCAG 2.2 A and AA by axe: throws with every violation it finds. */
export async function accessible(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))).then(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))));
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations.map((x) => `${x.id} (${x.nodes.slice(0, 3).map((n) => n.target.join(' ') + ': ' + (n.any[0]?.message ?? '')).join('; ')})`)));
    ok(!found.length, `axe on ${where}, ${colorScheme}: ${found.join(' | ')}`);
  }
}

/** Runs one flow in a browser of its own and counts it. */
export async function flow(name, how, act) {
  if (typeof how === 'function') [how, act] = [{}, how];
  if (wanted.length && !wanted.some((w) => name.includes(w))) return;
  const began = Date.now();
  const v = await visit(how);
  try {
    await act(v);
    ok(!v.problems.length, v.problems.join(' | '));
    tally.passed++;
    console.log(`ok   ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (e) {
    tally.failed++;
    mkdirSync(shots, { recursive: true });
    const file = join(shots, name.replace(/\W+/g, '-') + '.png');
    await v.page.screenshot({ path: file }).catch(() => {});
    console.log(`FAIL ${name}\n     ${String(e.message ?? e).split('\n').slice(0, 12).join('\n     ')}${v.problems.length ? '\n     ' + v.problems.join('\n     ') : ''}\n     seen: ${file}`);
  }
  await v.context.close();
}

export async function finish() {
  await browser.close();
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed || !tally.passed ? 1 : 0);
}
