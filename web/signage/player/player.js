// The player of a group of screens: reads the group's signed feed, keeps its files once their
// hashes are checked, and shows what is due by the clock at the screens, connected or not.
'use strict';
(() => {
  const group = location.pathname.split('/')[2];
  const base = `/signage/${group}/`;
  const slot = 'vitrine-signage ' + group;
  const cacheName = 'vitrine-files ' + group;
  const french = /^fr\b/i.test(navigator.language || '');
  const say = (en, fr) => (french ? fr : en);
  const byId = (id) => document.getElementById(id);
  const stage = byId('stage'), note = byId('note');
  document.documentElement.lang = french ? 'fr' : 'en';

  const WAIT = 25;          // seconds a feed is waited for
  const REPORT = 30_000;    // milliseconds between reports
  const SOON = 3_000;       // and between two that have news

  let pairing;              // {token, key}
  let etag = '', feed;      // the feed that is valid here
  let files = new Set();    // hashes of the files that are kept
  let current, shownSince;  // the entry that is shown
  let offlineFrom, offlineSpan = {};
  let trouble = '';

  const tell = (title, text) => {
    note.hidden = !title;
    note.replaceChildren(...[title, text].filter(Boolean).map((t) => Object.assign(document.createElement('p'), { textContent: t })));
  };
  const bytes = (base64url) => Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
  const ask = (path, how = {}) => fetch(base + path, { cache: 'no-store', credentials: 'omit', ...how, headers: { Authorization: 'Bearer ' + pairing.token, ...how.headers } });

  // ---- who this screen is

  function read() {
    try {
      return JSON.parse(localStorage.getItem(slot) || 'null');
    } catch {
      return null;
    }
  }
  // A look at the player leaves nothing behind.
  const looking = () => pairing.token.startsWith('preview.');
  const keep = (body, signature) => looking() || localStorage.setItem(slot, JSON.stringify({ pairing, body, signature, etag }));

  function pair() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!given.get('screen')) {
      pairing = read()?.pairing;
      return;
    }
    pairing = { token: given.get('screen'), key: given.get('key') };
    if (looking()) return;
    const known = read();
    if (known?.pairing?.token !== pairing.token) localStorage.setItem(slot, JSON.stringify({ pairing }));
    history.replaceState(null, '', base);
  }

  // ---- the feed

  async function genuine(body, signature) {
    const key = await crypto.subtle.importKey('raw', bytes(pairing.key), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes(signature), body);
  }

  async function take(body, signature) {
    if (!(await genuine(body, signature))) throw new Error('the signature of the feed is wrong');
    const next = JSON.parse(new TextDecoder().decode(body));
    if (next.schema !== 'vitrine.signage/1' || next.group !== group) throw new Error('the feed is not for this screen');
    if (feed && next.issued < feed.issued) throw new Error('the feed is older than the one that is here');
    const news = feed?.version !== next.version;
    feed = next;
    byId('name').textContent = document.title = feed.name;
    stage.className = [feed.fit === 'cover' && 'cover', feed.orientation !== 'landscape' && innerWidth > innerHeight && 'turned', feed.orientation === 'portrait-flipped' && innerWidth > innerHeight && 'flipped'].filter(Boolean).join(' ');
    if (current && !feed.entries.some((e) => e.id === current.id && e.file === current.file)) advance();
    if (news) fetching = fetching.then(gather);
  }

  async function poll() {
    const wait = feed && !offlineFrom ? `?wait=${WAIT}` : '';
    const ctl = new AbortController();
    const timer = setTimeout(() => ctl.abort(), (WAIT + 15) * 1000);
    try {
      const res = await ask('feed.json' + wait, { headers: etag ? { 'If-None-Match': etag } : {}, signal: ctl.signal });
      // Only what the server itself says counts: a proxy's own 404 takes nothing off the screens.
      if ((res.status === 401 || res.status === 404) && (res.headers.get('Content-Type') || '').includes('problem+json')) return await forget(res.status);
      if (res.status !== 304 && !res.ok) throw new Error('the server answered ' + res.status);
      if (res.status === 200) {
        const body = new Uint8Array(await res.arrayBuffer()), signature = res.headers.get('Vitrine-Signature') || '';
        try {
          await take(body, signature);
          etag = res.headers.get('ETag') || '';
          keep(new TextDecoder().decode(body), signature);
          trouble = '';
        } catch (err) {
          trouble = err.message; // this is not being offline: say it, and go on with what is here
          report();
          await pause(10_000);
        }
      }
      if (offlineFrom) {
        offlineSpan = { offline_from: offlineFrom, offline_until: new Date().toISOString() };
        offlineFrom = undefined;
        fetching = fetching.then(gather);
        report();
      }
    } catch {
      offlineFrom ??= new Date().toISOString();
      await pause(3_000);
    } finally {
      clearTimeout(timer);
    }
    return true;
  }
  let wake = () => {};
  const pause = (ms) => new Promise((done) => { wake = done; setTimeout(done, ms); });
  addEventListener('online', () => wake());
  // Another pairing that is opened here changes the fragment only.
  addEventListener('hashchange', () => location.hash.includes('screen=') && location.reload());

  // Taken out of its group: nothing may be left on the screen, or of the files.
  async function forget(status) {
    localStorage.removeItem(slot);
    await caches.delete(cacheName);
    feed = undefined;
    files = new Set();
    advance();
    tell(say('This screen is not paired', 'Cet écran n’est pas associé'),
      status === 404 ? say('Its group is gone.', 'Son groupe n’existe plus.') : say('Add it on the channel’s page, and open the address that page gives.', 'Ajoutez-le sur la page du canal et ouvrez l’adresse qu’elle donne.'));
    return false;
  }

  // ---- the files

  let fetching = Promise.resolve();
  const address = (sha) => base + 'files/' + sha;

  /** Fetches what is missing, in the order of play, and drops what no entry names any more. */
  async function gather() {
    if (!feed) return;
    const cache = await caches.open(cacheName);
    const wanted = new Map(feed.files.map((f) => [f.sha256, f]));
    for (const request of await cache.keys()) {
      const sha = request.url.split('/').pop();
      if (!wanted.has(sha)) await cache.delete(request);
    }
    files = new Set((await cache.keys()).map((r) => r.url.split('/').pop()));
    for (const f of wanted.values()) {
      if (files.has(f.sha256)) continue;
      try {
        const res = await ask(f.url);
        if (!res.ok) throw new Error('the server answered ' + res.status);
        const body = await res.arrayBuffer();
        if (hex(await crypto.subtle.digest('SHA-256', body)) !== f.sha256) {
          trouble = `the bytes of ${f.sha256.slice(0, 12)}… are not those of the manifest`;
          continue;
        }
        await cache.put(address(f.sha256), new Response(body, { headers: { 'Content-Type': f.media_type } }));
        files.add(f.sha256);
      } catch {
        break; // no connection, or an older feed: the next one brings us back
      }
      if (!current) advance();
    }
    if (!current) advance();
    report();
  }

  // ---- what is due

  const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  function wall(at, zone) {
    const p = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at).map((x) => [x.type, x.value]));
    return { date: `${p.year}-${p.month}-${p.day}`, day: days.indexOf(p.weekday.toLowerCase()), time: `${p.hour}:${p.minute}` };
  }
  function within(part, { day, time }) {
    const today = part.days.includes(days[day]), yesterday = part.days.includes(days[(day + 6) % 7]);
    return part.from < part.until ? today && time >= part.from && time < part.until : (today && time >= part.from) || (yesterday && time < part.until);
  }
  function due(e, now, clock) {
    return (!e.not_before || now >= Date.parse(e.not_before)) && (!e.not_after || now < Date.parse(e.not_after)) &&
      (!e.from || clock.date >= e.from) && (!e.until || clock.date <= e.until) &&
      (!e.day_parts.length || e.day_parts.some((p) => within(p, clock)));
  }
  function playable() {
    const now = Date.now();
    if (!feed || now >= Date.parse(feed.not_after)) return [];
    const clock = wall(now, feed.zone);
    return feed.entries.filter((e) => files.has(e.file) && due(e, now, clock));
  }

  // ---- the stage

  let turn = 0, timer = 0;
  const take_down = (el) => { URL.revokeObjectURL(el.src); el.remove(); };

  /** Shows what comes after the present entry, or nothing. */
  async function advance() {
    clearTimeout(timer);
    const mine = ++turn;
    const list = playable();
    const old = [...stage.children];
    if (!list.length) {
      old.forEach(take_down);
      if (current) report();
      current = undefined;
      if (feed) tell(looking() && say('Nothing is due', 'Rien à montrer'), say('Nothing in the playlist is to be shown at this moment.', 'Rien dans la liste n’est à montrer en ce moment.'));
      timer = setTimeout(advance, 1000);
      return;
    }
    const places = current ? feed.entries.findIndex((e) => e.id === current.id) : -1;
    const entry = list.find((e) => feed.entries.indexOf(e) > places && e.id !== current?.id) ?? list[0];
    const again = current && entry.id === current.id && entry.file === current.file && old.length;
    if (!old.some((el) => el.dataset.entry === current?.id && list.some((e) => e.id === current.id && e.file === current.file))) old.splice(0).forEach(take_down); // not for one moment longer
    if (again && old.length && old[0].tagName === 'IMG') {
      timer = setTimeout(advance, entry.seconds * 1000);
      return;
    }
    const response = await (await caches.open(cacheName)).match(address(entry.file));
    if (mine !== turn) return;
    if (!response) { // the browser threw it away: get it again
      files.delete(entry.file);
      fetching = fetching.then(gather);
      timer = setTimeout(advance, 1000);
      return;
    }
    const blob = await response.blob();
    if (mine !== turn) return;
    const film = blob.type.startsWith('video/');
    const el = document.createElement(film ? 'video' : 'img');
    el.dataset.entry = entry.id;
    el.dataset.file = entry.file;
    el.src = URL.createObjectURL(blob);
    try {
      if (film) {
        Object.assign(el, { muted: true, playsInline: true, loop: false });
        el.setAttribute('aria-label', entry.alt || entry.title || '');
        stage.append(el);
        await el.play();
      } else {
        el.alt = entry.alt || entry.title || '';
        await el.decode();
      }
    } catch {
      take_down(el);
      if (mine !== turn) return;
      trouble = `“${entry.title || entry.id}” can't be shown here`;
      current = entry; // go on behind it
      timer = setTimeout(advance, 1000);
      return;
    }
    if (mine !== turn) return take_down(el);
    tell();
    stage.append(el);
    const fresh = current?.id !== entry.id || current?.file !== entry.file;
    current = entry;
    if (fresh) {
      shownSince = new Date().toISOString();
      report();
    }
    requestAnimationFrame(() => el.classList.add('on'));
    setTimeout(() => old.forEach(take_down), 500);
    if (film) el.onended = () => mine === turn && advance();
    else timer = setTimeout(advance, entry.seconds * 1000);
  }
  // Dates, day-parts and rights end while something is shown.
  setInterval(() => current && !playable().some((e) => e.id === current.id) && advance(), 1000);

  // ---- what it says of itself

  let reported = 0, reporting = 0;
  function report() {
    if (!pairing || looking() || reporting) return;
    reporting = setTimeout(async () => {
      reporting = 0;
      reported = Date.now();
      const kept = feed ? feed.files.filter((f) => files.has(f.sha256)).length : 0;
      const body = { feed: feed?.version ?? '', cached: kept, missing: (feed?.files.length ?? 0) - kept, clock: new Date().toISOString(), ...(current && { entry: current.id, file: current.file, since: shownSince }), ...offlineSpan, ...(trouble && { trouble: trouble.slice(0, 500) }) };
      await ask('report', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).catch(() => {}); // said again soon
    }, Math.max(0, reported + SOON - Date.now()));
  }
  setInterval(report, REPORT);

  // ---- start

  async function awake() {
    await navigator.wakeLock?.request('screen').catch(() => {}); // some browsers don't, or not now
  }
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && awake());
  document.addEventListener('click', () => document.documentElement.requestFullscreen?.().catch(() => {}));

  async function start() {
    if (!self.crypto?.subtle || !self.caches) {
      return tell(say('This needs a secure connection', 'Une connexion sécurisée est nécessaire'), say('Open the address with https, or on the server itself.', 'Ouvrez l’adresse en https, ou sur le serveur même.'));
    }
    pair();
    if (!pairing?.key) return forget(401);
    tell(say('One moment', 'Un instant'), say('The playlist is being read.', 'La liste de lecture est lue.'));
    if (!looking()) {
      const before = navigator.serviceWorker?.controller;
      navigator.serviceWorker?.addEventListener('controllerchange', () => before && location.reload()); // a newer player
      navigator.serviceWorker?.register(base + 'sw.js', { scope: base }).then((r) => setInterval(() => r.update().catch(() => {}), 3_600_000), () => {});
      navigator.storage?.persist?.();
    }
    awake();
    const known = looking() ? null : read();
    if (known?.body) {
      files = new Set((await (await caches.open(cacheName)).keys()).map((r) => r.url.split('/').pop()));
      try {
        await take(new TextEncoder().encode(known.body), known.signature);
        etag = known.etag;
      } catch (err) {
        trouble = err.message;
      }
      advance();
    }
    while (await poll());
  }
  start();
})();
