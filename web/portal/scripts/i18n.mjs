// Compiles messages/*.json into src/i18n/paraglide, when they changed since.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from '@inlang/paraglide-js';

const at = (p) => fileURLToPath(new URL('../' + p, import.meta.url));
const time = (p) => (existsSync(p) ? statSync(p).mtimeMs : 0);
const sources = [
  at('scripts/i18n.mjs'),
  at('project.inlang/settings.json'),
  ...readdirSync(at('messages')).map((f) => at('messages/' + f)),
];
if (time(at('src/i18n/paraglide/runtime.js')) > Math.max(...sources.map(time))) process.exit(0);
process.chdir(at('.'));
await compile({
  project: './project.inlang',
  outdir: './src/i18n/paraglide',
  strategy: ['localStorage', 'preferredLanguage', 'baseLocale'],
  emitTsDeclarations: true,
  isServer: 'false',
});
process.exit(0); // the compiler leaves a watcher open
