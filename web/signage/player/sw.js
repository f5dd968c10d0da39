// Keeps the player's own page, so that a screen that starts without a connection has it.
// What is shown is kept by the page itself, once its hash has been checked.
'use strict';
const VERSION = '{{version}}';
const base = new URL('./', self.location).pathname;
const ours = 'vitrine-shell ' + base;
const shell = ['./', 'player.js', 'player.css'];

self.addEventListener('install', (e) => {
  e.waitUntil((async () => {
    const cache = await caches.open(ours + VERSION);
    await cache.addAll(shell.map((name) => new Request(name, { cache: 'reload' })));
    await self.skipWaiting();
  })());
});
self.addEventListener('activate', (e) => {
  e.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(ours) && name !== ours + VERSION) await caches.delete(name);
    await self.clients.claim();
  })());
});
self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || !shell.some((name) => new URL(name, self.location).pathname === url.pathname)) return;
  e.respondWith((async () => (await (await caches.open(ours + VERSION)).match(url.pathname)) ?? fetch(e.request))());
});
