// Fails when the built portal is over its weight, gzipped: first-route JS ≤ 90 KB, a lazy route ≤ 60 KB, and the styles
// that any one route loads, with those of the first, ≤ 20 KB.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const weight = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024;

/** Everything a chunk needs before it runs: itself and its static imports. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}
const entry = Object.keys(manifest).find((k) => manifest[k].isEntry);
const start = closure(entry);
// The library is the first screen, so what it loads lazily at once counts as the first route.
const first = new Set(start);
for (const key of Object.keys(manifest)) if (/library\/Library\.svelte$/.test(key)) closure(key, first);

const sum = (keys) => [...keys].reduce((n, k) => n + weight(manifest[k].file), 0);
const stylesOf = (keys) => new Set([...keys].flatMap((k) => manifest[k].css ?? []));
const css = (keys) => [...stylesOf(keys)].reduce((n, f) => n + weight(f), 0);
const rows = [['first route JS', sum(first), 90]];
let heaviest = ['first route', css(first)];
for (const key of Object.keys(manifest)) {
  if (!manifest[key].isDynamicEntry || first.has(key)) continue;
  const name = key.replace(/^.*\//, '');
  rows.push([name, sum([...closure(key)].filter((k) => !first.has(k))), 60]);
  const styles = css([...first, ...closure(key)]);
  if (styles > heaviest[1]) heaviest = [name, styles];
}
rows.push([`CSS (${heaviest[0]})`, heaviest[1], 20]);
let over = 0;
for (const [name, kb, limit] of rows) {
  if (kb > limit) over++;
  console.log(`${kb > limit ? 'OVER ' : 'ok   '} ${name.padEnd(28)} ${kb.toFixed(1).padStart(6)} KB of ${limit}`);
}
process.exit(over ? 1 : 0);
