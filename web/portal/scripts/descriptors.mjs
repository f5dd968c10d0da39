// Writes src/api/generated/descriptors.ts, the server's tables of event types, formats, search operators and fields,
// when they changed. Without Go, as in the container's build of the portal, the file has to be there already.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (p) => fileURLToPath(new URL('../' + p, import.meta.url));
const file = at('src/api/generated/descriptors.ts');
const made = spawnSync('go', ['run', './tools/descriptors'], {
  cwd: at('../..'),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (made.error?.code === 'ENOENT' && existsSync(file)) process.exit(0);
if (made.error || made.status !== 0) {
  console.error('descriptors: go run ./tools/descriptors failed', made.error ?? '');
  process.exit(1);
}
if (!existsSync(file) || readFileSync(file, 'utf8') !== made.stdout) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, made.stdout);
}
